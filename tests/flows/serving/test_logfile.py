"""Logs are appended to, and begun anew where they have grown large."""

from pathlib import Path

from flows.serving.logfile import MOST_BYTES, appending, begin_anew_if_large


def test_a_log_is_appended_to(tmp_path: Path) -> None:
    file = tmp_path / "prefect" / "runs.log"
    for line in ("one\n", "two\n"):
        with appending(file) as log:
            log.write(line)
    assert file.read_text() == "one\ntwo\n"


def test_a_large_log_is_begun_anew_and_kept_once(tmp_path: Path) -> None:
    file = tmp_path / "runs.log"
    for old in ("first", "second"):
        file.write_text(old.ljust(MOST_BYTES + 1))
        with appending(file) as log:
            log.write("new\n")
        assert file.read_text() == "new\n"
        assert (tmp_path / "runs.log.old").read_text().startswith(old)


def test_whoever_has_a_log_open_goes_on_writing_at_its_new_end(tmp_path: Path) -> None:
    file = tmp_path / "server.log"
    with appending(file) as log:
        log.write("old".ljust(MOST_BYTES) + "\n")
        begin_anew_if_large(file)
        log.write("new\n")
        begin_anew_if_large(file)
    assert file.read_text() == "new\n"
    assert file.with_name("server.log.old").read_text().startswith("old")


def test_a_log_that_is_not_there_is_no_trouble(tmp_path: Path) -> None:
    begin_anew_if_large(tmp_path / "server.log")
    assert list(tmp_path.iterdir()) == []
