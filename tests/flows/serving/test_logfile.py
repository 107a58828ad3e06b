"""Logs are appended to, and begun anew where they have grown large."""

from pathlib import Path

from flows.serving.logfile import MOST_BYTES, appending


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
