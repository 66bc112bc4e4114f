"""A whole run of benchmarks: what they told is in one table, and one that fails is a line in it."""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from benchmarks import __main__ as whole
from benchmarks import running
from benchmarks.page import MEANINGS, page
from benchmarks.result import RESULTS_FILE, Result
from benchmarks.running import BENCHMARKS, run, write_file
from benchmarks.table import markdown, plain, show

GOOD = Result("quick thing", "100/s", "90/s", "0.90", ">= 0.60", met=True)
BAD = Result("slow thing", "100/s", "9/s", "0.09", ">= 0.60", met=False)
TOLD = Result("a figure", "", "12 MB", "", "-", met=True)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that a test writes into its folder."""
    places = [str(tmp_path), os.getcwd(), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(places))
    return "made_up_benchmark"


def write(folder: Path, body: str) -> None:
    begin = "from benchmarks.result import Result, tell\n"
    (folder / "made_up_benchmark.py").write_text(begin + body)


def test_what_a_benchmark_told_is_kept(module: str, tmp_path: Path) -> None:
    write(tmp_path, f"tell({GOOD!r})\ntell({BAD!r})\n")
    assert run(module, 30) == [GOOD, BAD]
    assert RESULTS_FILE not in os.environ


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f"tell({GOOD!r})\nraise SystemExit(3)\n", "failed: exit code 3"),
        ("1 / 0\n", "failed: exit code 1"),
        ("", "failed: told nothing"),
    ],
)
def test_a_benchmark_that_fails_is_a_line_that_is_not_met(module: str, tmp_path: Path, body: str, said: str) -> None:
    write(tmp_path, body)
    *before, last = run(module, 30)
    assert (last.job, last.ours, last.met) == (module, said, False)
    assert before == ([GOOD] if "tell" in body else [])


def test_a_benchmark_without_end_is_given_up_with_all_it_started(module: str, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    write(
        tmp_path,
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal, time; "
        "signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(60)'])\n"
        f"open({str(pid)!r}, 'w').write(str(child.pid))\n"
        f"tell({GOOD!r})\n"
        "time.sleep(60)\n",
    )
    results = run(module, 3)
    assert [result.ours for result in results] == ["90/s", "failed: not ready after 3 s"]
    deadline = time.monotonic() + 10
    while _runs(int(pid.read_text())):
        assert time.monotonic() < deadline, "what it started lives on"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_the_table_is_plain_text_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show([GOOD, BAD, TOLD])
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["job", "floor", "ours", "ratio", "goal", "met"]
    assert lines == [
        "quick thing  100/s   90/s   0.90  >= 0.60  yes",
        "slow thing   100/s    9/s   0.09  >= 0.60  NO",
        "a figure         -  12 MB      -  -        -",
    ]
    assert "\x1b" not in plain([GOOD])


def test_markdown_keeps_its_columns() -> None:
    odd = Result("a | b", "", "1", "", "", met=False)
    lines = markdown([odd]).splitlines()
    assert lines[0] == "| job | floor | ours | ratio | goal | met |"
    assert lines[2] == "| a \\| b | - | 1 | - | - | NO |"


def test_the_page_says_what_is_missed_and_explains_every_benchmark() -> None:
    text = page([GOOD, BAD], date(2026, 11, 25))
    assert "Measured on 25 November 2026. Not met: slow thing." in text
    assert "| quick thing | 100/s | 90/s | 0.90 | >= 0.60 | yes |" in text
    assert MEANINGS.keys() == BENCHMARKS.keys()
    assert "Every goal is met." in page([GOOD], date(2026, 11, 25))


def test_a_page_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_file(path, "half\ud800")
    assert path.read_text() == "before"
    write_file(path, "after")
    assert [file.name for file in tmp_path.iterdir()] == ["page.md"]
    assert path.read_text() == "after"


@pytest.mark.parametrize(("results", "code"), [([GOOD, TOLD], 0), ([GOOD, BAD], 1)])
def test_the_exit_code_says_whether_all_goals_are_met(
    results: list[Result], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(whole, "run_all", lambda names: asked.extend(names) or results)
    monkeypatch.setattr(sys, "argv", ["benchmarks", "hot_path", "--write", str(tmp_path / "page.md")])
    assert whole.main() == code
    assert asked == ["hot_path"]
    assert "quick thing" in (tmp_path / "page.md").read_text()


def test_a_benchmark_that_is_not_there_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BENCHMARKS", {"no_such_thing": 1})
    assert running.run_all(["no_such_thing"]) == []
