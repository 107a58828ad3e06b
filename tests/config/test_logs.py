"""The program's log: one JSON object a line, with nothing secret in it, and nothing of what libraries chatter."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.logs import logged

SECRET = "s3cret-canary"
OTHERS = ("apprise", "httpx", "httpcore.connection", "urllib3.connectionpool")


class Home:
    """A home's log, and the lines in it."""

    def __init__(self, folder: Path) -> None:
        self.file, self.directory = folder / "duban.log", folder / "directory.yaml"
        self.directory.write_text('- {addresses: ["mailtos://u:${PASS}@h.cn/?to=a@b.cn"]}', encoding="utf-8")

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    found = Home(tmp_path)
    with logged(found.file, found.directory, {"PASS": SECRET}):
        yield found


def test_nothing_said_makes_no_file(home: Home) -> None:
    assert not home.file.exists()


def test_a_line_is_an_object_with_its_fields(home: Home) -> None:
    fields = {"attempt": 2, "channel": "smtp", "outcome": "retry", "code": "450", "ms": 12, "action": "x"}
    extra = {"message_id": 7, **fields, "other": 1}
    logging.getLogger("duban.delivery").warning("not taken: %s", "later", extra=extra)
    (line,) = home.lines
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "WARNING", "logger": "duban.delivery", "said": "not taken: later", "message": 7, **fields,
    }  # fmt: skip


def test_a_secret_is_struck_out_of_words_fields_and_tracebacks(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError(f"535 {SECRET} at https://h.cn/hook/{SECRET}")
    except ValueError:
        logging.getLogger("duban.senders").exception("as %s", SECRET, extra={"code": f"535 {SECRET}"})
    (line,) = home.lines
    assert (line["said"], line["code"]) == ("as ***", "535 ***")
    assert line["error"].splitlines()[0] == "Traceback (most recent call last):"
    assert line["error"].endswith("ValueError: 535 *** at https://h.cn/***")
    assert SECRET not in home.file.read_text(encoding="utf-8")
    assert SECRET not in caplog.text, "nor do the handlers above ours see it"


@pytest.mark.parametrize("name", OTHERS)
def test_libraries_say_nothing_below_a_warning_and_nothing_to_others(
    home: Home, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger(name).info("POST https://h.cn/hook/%s", SECRET)
        assert not home.file.exists()
        logging.getLogger(name).warning("retrying https://h.cn/hook/%s", SECRET)
    (line,) = home.lines
    assert line["said"] == "retrying https://h.cn/***"
    assert SECRET not in caplog.text
    assert not logging.getLogger(name.partition(".")[0]).propagate


def test_once_the_home_is_closed_nothing_more_is_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path)
    with logged(home.file, home.directory, {}):
        pass
    logging.getLogger("httpx").warning("https://h.cn/hook/%s", SECRET)
    assert not home.file.exists()
    assert SECRET not in capfd.readouterr().err
