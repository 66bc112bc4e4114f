"""Log files: the documented line, who writes where, levels, rotation, and that no secret ever reaches a file."""

from __future__ import annotations

import errno
import io
import logging
import os
import re
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from smarty_core.config import Settings, log_flood
from smarty_core.config.derived import LOG_NAMES
from smarty_core.config.log_line import timestamp
from smarty_core.config.logs import LOGS, configure_logging
from smarty_core.errors import ConfigError
from smarty_core.events import log_event
from smarty_core.values import Secret

pytestmark = pytest.mark.usefixtures("logs")

LINE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d\d "
    r"\d\d:\d\d:\d\d[+-]\d{4} \d{4} (DEBUG|INFO|WARNING|ERROR|CRITICAL) \w+:\d+ [\w<>]+\[\d+\.[^\]]+\] .+"
)


def to_files(folder: Path, **overrides: Any) -> None:
    configure_logging(Settings.for_tests(**{"LOG_FOLDER": str(folder), **overrides}), stream=False)


def lines(folder: Path, log: str) -> list[str]:
    return (folder / f"{log}.log").read_text(encoding="utf-8").splitlines()


def test_a_moment_is_written_as_documented() -> None:
    from zoneinfo import ZoneInfo

    assert timestamp(1490340155, ZoneInfo("Europe/Moscow")) == "Fri Mar 24 10:22:35+0300 2017"


def test_a_line_has_the_documented_form(tmp_path: Path) -> None:
    to_files(tmp_path, TIME_ZONE="Asia/Almaty")

    log_event(logging.getLogger("smarty_portal"), logging.INFO, "PORTAL_EVENT", ip="127.0.0.1", args=["foo", 1])

    (line,) = lines(tmp_path, "smarty_portal")
    assert LINE.fullmatch(line)
    assert re.search(rf" \d\d:\d\d:\d\d\+0[56]00 \d{{4}} INFO test_logs:\d+ {sys._getframe().f_code.co_name}\[", line)
    assert f"[{os.getpid()}.MainThread] PORTAL_EVENT ip='127.0.0.1' args=['foo', 1]" in line


def test_every_log_has_a_file_of_its_own(tmp_path: Path) -> None:
    to_files(tmp_path)

    for log in LOGS:
        logging.getLogger(log).info("from %s", log)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"smarty_{name}.log" for name in LOG_NAMES)
    for log in LOGS:
        assert [line.rpartition(" ")[2] for line in lines(tmp_path, log)] == [log]


def test_a_named_file_is_used_for_its_log(tmp_path: Path) -> None:
    to_files(tmp_path / "all", SMARTY_EPG_LOG_FILE=str(tmp_path / "deep" / "guide.log"))

    logging.getLogger("smarty_epg").info("here")

    assert "here" in (tmp_path / "deep" / "guide.log").read_text()
    assert not (tmp_path / "all" / "smarty_epg.log").exists()


def test_in_a_server_logs_without_a_file_go_to_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Settings.for_tests(SMARTY_EPG_LOG_FILE=str(tmp_path / "epg.log")), stream=True)

    logging.getLogger("smarty_epg").info("to the file")
    logging.getLogger("smarty_cache").info("to the terminal")

    out = capsys.readouterr().out.splitlines()
    assert [line.partition("] ")[2] for line in out] == ["to the terminal"]
    assert "to the file" in (tmp_path / "epg.log").read_text()


def test_levels_are_set_by_handler_and_by_logger(tmp_path: Path) -> None:
    logging_setting = {
        "handlers": {"smarty_epg_handler": {"level": "DEBUG"}, "smarty_cache_handler": {"level": "ERROR"}},
        "loggers": {"smarty_sms": {"level": "WARNING"}},
    }
    to_files(tmp_path, LOGGING=logging_setting)

    for log in ("smarty_epg", "smarty_cache", "smarty_sms", "smarty_ads"):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
            log_event(logging.getLogger(log), level, "SAID")

    counts = {log: len(lines(tmp_path, log)) for log in ("smarty_epg", "smarty_cache", "smarty_sms", "smarty_ads")}
    assert counts == {"smarty_epg": 4, "smarty_cache": 1, "smarty_sms": 2, "smarty_ads": 3}


def test_a_log_may_be_switched_off_or_sent_elsewhere_as_well(tmp_path: Path) -> None:
    logging_setting = {
        "handlers": {
            "smarty_cache_handler": {"class": "logging.NullHandler"},
            "second": {"class": "logging.FileHandler", "filename": str(tmp_path / "second"), "level": "WARNING"},
        },
        "loggers": {"smarty_sms": {"handlers": ["smarty_sms_handler", "second"]}},
    }
    to_files(tmp_path, LOGGING=logging_setting)

    logging.getLogger("smarty_cache").error("nowhere")
    logging.getLogger("smarty_sms").info("once")
    logging.getLogger("smarty_sms").error("twice")

    assert not (tmp_path / "smarty_cache.log").exists()
    assert len(lines(tmp_path, "smarty_sms")) == 2
    (line,) = (tmp_path / "second").read_text().splitlines()
    assert LINE.fullmatch(line)


def test_wrong_levels_handlers_owners_and_files_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    logging_setting = {
        "handlers": {
            "smarty_epg_handler": {"level": "DEBGU"},
            "smarty_egp_handler": {"level": "DEBUG"},
            "far": {"class": "no.such.Handler"},
        },
        "loggers": {"smarty_sms": {"handlers": ["far"]}},
    }
    with pytest.raises(ConfigError) as caught:
        to_files(tmp_path, LOGGING=logging_setting, SMARTY_ADS_LOG_FILE=str(tmp_path / "file" / "ads.log"),
                 LOG_FILE_OWNER_USER="nobody-of-this-name")  # fmt: skip

    told = "\n".join(caught.value.problems)
    assert "LOGGING['handlers']['smarty_epg_handler']['level']: no such level; did you mean 'DEBUG'?" in told
    assert "did you mean 'smarty_epg_handler'?" in told
    assert "LOGGING['handlers']['far']: it cannot be made" in told
    assert "SMARTY_ADS_LOG_FILE" in told
    assert "LOG_FILE_OWNER_USER: there is no user 'nobody-of-this-name'" in told
    assert len(caught.value.problems) == 5
    with pytest.raises(ConfigError, match=r"SMARTY_ADS_LOG_FILE: .* cannot be written"):
        to_files(tmp_path, SMARTY_ADS_LOG_FILE=str(tmp_path))


def test_a_rotated_file_is_begun_anew(tmp_path: Path) -> None:
    to_files(tmp_path)
    log = logging.getLogger("smarty_epg")
    log.info("before")

    (tmp_path / "smarty_epg.log").rename(tmp_path / "smarty_epg.log.1")
    log.info("after")

    assert "before" in (tmp_path / "smarty_epg.log.1").read_text()
    assert [line.rpartition(" ")[2] for line in lines(tmp_path, "smarty_epg")] == ["after"]


def test_a_folder_that_vanishes_is_made_again_and_one_that_cannot_be_made_stops_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "log"
    to_files(folder)
    log = logging.getLogger("smarty_epg")

    shutil.rmtree(folder)
    log.info("again")
    assert len(lines(folder, "smarty_epg")) == 1

    shutil.rmtree(folder)
    folder.write_text("a file in its place")
    log.info("into the void")
    assert "cannot be written: Not a directory; lines lost so far: 1" in capsys.readouterr().err


def test_nobody_can_write_a_line_of_his_own(tmp_path: Path) -> None:
    to_files(tmp_path)
    evil = "x\nFri Mar 24 10:22:35+0300 2017 INFO forged\r\x1b[2J\u2028end"

    log_event(logging.getLogger("smarty_portal"), logging.INFO, "PORTAL_EVENT", event_description=evil)
    logging.getLogger("smarty_portal").info("plainly %s", evil)

    raw = (tmp_path / "smarty_portal.log").read_bytes()
    assert raw.count(b"\n") == 2
    assert b"\r" not in raw
    assert b"\x1b" not in raw
    assert all(LINE.fullmatch(line) for line in raw.decode().splitlines())
    assert "\\nFri Mar 24" in raw.decode()


def test_a_failure_is_one_line_with_its_stack_and_in_the_main_log_with_plain_variables(tmp_path: Path) -> None:
    to_files(tmp_path)

    def fail(abonement: str, password: str, key: Secret) -> None:
        thing = object()
        raise ValueError(f"cannot {abonement}\nat all {thing is None}")

    for log in ("smarty_main", "smarty_epg"):
        try:
            fail("serve", "geheim", Secret("geheim"))
        except ValueError:
            log_event(logging.getLogger(log), logging.ERROR, "REQUEST_FAILED", url="/x", exc_info=True)

    (main,), (other,) = lines(tmp_path, "smarty_main"), lines(tmp_path, "smarty_epg")
    assert "REQUEST_FAILED url='/x' stacktrace='Traceback" in main
    assert "ValueError: cannot serve\\nat all" in main
    assert "locals={'abonement': 'serve', 'password': '***', 'key': '***', 'thing': '<object>'}" in main
    assert "stacktrace=" in other
    assert "locals=" not in other


def test_what_other_libraries_say_goes_to_the_main_log_and_ours_is_not_written_twice(tmp_path: Path) -> None:
    to_files(tmp_path)

    logging.getLogger("uvicorn.error").warning("a library warns")
    logging.getLogger("uvicorn.error").info("a library chats")
    logging.getLogger("smarty_epg").warning("ours")
    logging.getLogger("smarty_plugins.megogo").warning("of a plugin")

    assert [line.partition("] ")[2] for line in lines(tmp_path, "smarty_main")] == ["a library warns"]
    assert len(lines(tmp_path, "smarty_epg")) == 1
    assert [line.partition("] ")[2] for line in lines(tmp_path, "smarty_plugins")] == ["of a plugin"]


def test_notices_of_the_settings_are_written_once(tmp_path: Path) -> None:
    settings = Settings.of(
        {"SECRET_KEY": "x" * 20, "LOG_FOLDER": str(tmp_path)}, notices=("settings without effect: MAIN_MENU",)
    )
    configure_logging(settings, stream=False)

    (line,) = lines(tmp_path, "smarty_main")
    assert "WARNING" in line
    assert line.endswith("settings without effect: MAIN_MENU")


def test_configuring_again_replaces_what_was_there(tmp_path: Path) -> None:
    to_files(tmp_path / "one")
    to_files(tmp_path / "two")

    logging.getLogger("smarty_epg").info("now")

    assert list((tmp_path / "one").iterdir()) == []
    assert len(lines(tmp_path / "two", "smarty_epg")) == 1


def test_a_name_that_is_no_text_does_not_stop_the_log(tmp_path: Path) -> None:
    to_files(tmp_path)

    logging.getLogger("smarty_epg").info("half a pair \ud800")

    assert len(lines(tmp_path, "smarty_epg")) == 1


def test_no_secret_reaches_any_log(tmp_path: Path) -> None:
    """Secrets in every place they really occur in, then a search through all files for any of them."""
    words = [f"geheim{number}" for number in range(1, 14)]
    secret = iter(words)
    to_files(tmp_path, SECRET_KEY=next(secret), SMSC_PASSWORD=next(secret),
             LOGGING={"handlers": {f"{log}_handler": {"level": "DEBUG"} for log in LOGS}})  # fmt: skip
    accounts, main = logging.getLogger("smarty_accounts"), logging.getLogger("smarty_main")

    params = {"abonement": "101", "password": next(secret), "authkey": next(secret), "nested": [{"pin": next(secret)}]}
    log_event(accounts, logging.INFO, "LOGIN_SUCCESS", params=params, key=Secret(next(secret)))
    log_event(accounts, logging.INFO, "CONTENT_REQUEST_SUCCESS", url=f"http://h/c/?authkey={next(secret)}&x=1")
    log_event(main, logging.ERROR, "FAILED", database=f"postgresql://smarty:{next(secret)}@db/smarty")
    main.warning("fetching http://user:%s@host/guide.xml?token=%s", next(secret), next(secret))

    def fail(password: str, nested: dict[str, str], address: str) -> None:
        raise ConnectionError(f"{address} refused {bool(password and nested)}")

    try:
        fail(next(secret), {"api_key": next(secret)}, f"http://h/?api_key={next(secret)}")
    except ConnectionError:
        log_event(main, logging.ERROR, "REQUEST_FAILED", exc_info=True)

    assert next(secret, None) is None, "every word was used"
    written = "".join(path.read_text() for path in tmp_path.iterdir())
    assert written.count("***") >= 10
    assert [word for word in words if word in written] == []
    assert "abonement" in written


def test_standard_output_is_found_when_the_log_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    configure_logging(Settings.for_tests(), stream=True)

    logging.getLogger("smarty_epg").info("told")

    assert out.getvalue().endswith("told\n")


def test_what_fails_again_and_again_is_told_a_few_times_and_then_how_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(log_flood, "time", SimpleNamespace(monotonic=lambda: now))
    to_files(tmp_path)

    def fail(kind: type[Exception]) -> None:
        try:
            raise kind("no")
        except Exception:
            log_event(logging.getLogger("smarty_main"), logging.ERROR, "FAILED", exc_info=True)
        log_event(logging.getLogger("smarty_accounts"), logging.WARNING, "LOGIN_ERROR", reason="x")

    for _ in range(log_flood.LINES + 15):
        fail(ValueError)
    fail(KeyError)
    told = lines(tmp_path, "smarty_main")
    assert len(told) == log_flood.LINES + 1
    assert "KeyError" in told[-1], "another failure at the same place is another thing"
    assert len(lines(tmp_path, "smarty_accounts")) == log_flood.LINES + 16, "events of business are all written"

    now += log_flood.SPAN_SECONDS
    fail(ValueError)
    note, line = lines(tmp_path, "smarty_main")[-2:]
    assert "15 more lines of test_logs:" in note
    assert LINE.fullmatch(note)
    assert "FAILED" in line
    assert "ValueError" in line


def test_the_same_stack_is_not_written_for_ever(tmp_path: Path) -> None:
    to_files(tmp_path)
    for _ in range(log_flood.LINES + 1):
        try:
            raise ValueError("no")
        except ValueError:
            log_event(logging.getLogger("smarty_accounts"), logging.WARNING, "LOGIN_ERROR", exc_info=True)
    told = lines(tmp_path, "smarty_accounts")
    assert ["Traceback" in line for line in told] == [True] * log_flood.LINES + [False]
    assert "stacktrace='left out" in told[-1]


def test_a_full_disk_stops_nobody_and_is_told_when_there_is_space_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "epg.log"
    path.symlink_to("/dev/full")
    to_files(tmp_path, SMARTY_EPG_LOG_FILE=str(path))
    log = logging.getLogger("smarty_epg")
    for _ in range(50):
        log.info("lost")
    (complaint,) = capsys.readouterr().err.splitlines()
    assert complaint == f"the log file {path} cannot be written: No space left on device; lines lost so far: 1"
    path.unlink()
    log.info("here again")
    note, line = path.read_text().splitlines()
    assert note.endswith("could not be written before this one: 50")
    assert line.endswith("here again")


def test_a_line_that_fits_only_in_part_does_not_spoil_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    to_files(tmp_path)
    log, space = logging.getLogger("smarty_epg"), 40
    write = os.write

    def short(number: int, data: bytes) -> int:
        nonlocal space
        if space == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = write(number, data[:space])
        space -= written
        return written

    with monkeypatch.context() as full:
        full.setattr(os, "write", short)
        log.info("too long for what is left")
    log.info("whole")
    torn, note, line = lines(tmp_path, "smarty_epg")
    assert len(torn) == 40
    assert note.endswith("before this one: 1")
    assert LINE.fullmatch(line)
    assert "No space left" in capsys.readouterr().err
