"""duban timelimit: texts from arguments or standard input, one object or one line a text, in order; needs no home."""

import json
import subprocess
import sys
from pathlib import Path

ANCHOR = ("--anchor", "2023-03-25")
KEYS = ["text", "kind", "due_on", "flags", "confirm", "reason", "rule", "matched", "span", "milestones", "steps"]


def timelimit(tmp_path: Path, *arguments: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """The command as a process of its own, in a folder where there is no home."""
    command = (sys.executable, "-m", "duban", "timelimit", *arguments)
    return subprocess.run(command, cwd=tmp_path, input=given, capture_output=True, check=False)


def objects(done: "subprocess.CompletedProcess[bytes]") -> list[dict[str, object]]:
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]


def test_texts_on_the_command_line_are_read_in_their_order(tmp_path: Path) -> None:
    texts = ("4月底前制定方案，6月底前完成", "长期坚持", "会后7日内")
    dated, sustained, unresolved = objects(timelimit(tmp_path, *texts, *ANCHOR, "--json"))
    assert list(dated) == KEYS
    assert dated == {
        "text": "4月底前制定方案，6月底前完成", "kind": "date", "due_on": "2023-06-30",
        "flags": ["several", "year_inferred"], "confirm": True, "reason": "写有多个不同的时限，请核对。",
        "rule": "month_end", "matched": "6月底前", "span": [9, 13], "milestones": ["2023-04-30"],
        "steps": ["制定方案"],
    }  # fmt: skip
    assert (sustained["kind"], sustained["due_on"], sustained["confirm"]) == ("sustained", None, False)
    assert (unresolved["kind"], unresolved["due_on"], unresolved["flags"]) == ("unresolved", None, ["unknown_start"])


def test_standard_input_is_read_a_line_a_text_and_no_line_is_lost(tmp_path: Path) -> None:
    given = "\ufeff6月底前\r\n\n立行立改\u2028长期坚持\n".encode() + b"\xff\xfe\n" + "每季度末".encode()
    found = objects(timelimit(tmp_path, *ANCHOR, "--json", given=given))
    assert [one["text"] for one in found] == ["6月底前", "", "立行立改\u2028长期坚持", "\ufffd\ufffd", "每季度末"]
    assert [one["due_on"] for one in found] == ["2023-06-30", None, None, None, "2023-03-31"]
    assert objects(timelimit(tmp_path, *ANCHOR, "--json")) == []


def test_people_get_a_line_a_text_that_says_why_to_look(tmp_path: Path) -> None:
    done = timelimit(tmp_path, "7月前", "", "立行立改", *ANCHOR)
    assert done.stdout.decode().splitlines() == [
        "7月前  固定日期  2023-06-30  须核对：“7月前”可有不同理解，暂按2023年6月30日，请核对。",
        "（空）  无法确定  无日期  须核对：完成时限为空，请填写具体日期。",
        "立行立改  立行立改  无日期",
    ]


def test_it_needs_an_anchor_and_makes_no_home(tmp_path: Path) -> None:
    done = timelimit(tmp_path, "6月底前")
    assert (done.returncode, done.stdout) == (2, b"")
    assert "--anchor" in done.stderr.decode()
    assert list(tmp_path.iterdir()) == []
