"""What a script may do, and what it gives."""

from __future__ import annotations

import ast
import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from smarty_script_router import workers
from smarty_script_router.variables import VARIABLES, variables
from smarty_script_router.wire import Garbled
from smarty_script_router.workers import ScriptFailed, Worker, _checked

from smarty_core.contracts.stream_router import PlayRequest, StreamUrl
from smarty_core.errors import ConfigError, ProviderProtocolError, ProviderUnavailable

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
LIVE = PlayRequest(content_type="channel", content_id="7", prefix="news1", token="t0ken", account_id=1001, now=NOW,
                   abonement="1001", device="mag_250", device_uid="00:1A:79:00:00:01", ip="2001:db8::7")  # fmt: skip

EDGES = """
def edge_for(dc):
    edges = {7: [{'host': '198.51.100.10', 'port': 8080, 'secret': 'aa11'},
                 {'host': '198.51.100.11', 'port': 8080, 'secret': 'aa11'}]}
    if dc not in edges:
        return 0
    return random.choice(edges[dc])

uri = 'http://198.51.100.1:8000/%s/index.m3u8' % prefix
edge = edge_for(adid)
if edge:
    uri = 'http://%s:%d/%s/%s' % (edge['host'], edge['port'], edge['secret'], uri.replace('http://', ''))
"""
"""The shape of scripts in the field: a function, a list of dictionaries, `%`, names given again at top level."""


def test_a_script_of_the_usual_shape_runs_unchanged(run: Any) -> None:
    plain = "http://198.51.100.1:8000/news1/index.m3u8"
    assert run(EDGES, prefix="news1", adid=None) == plain
    assert run(EDGES, prefix="news1", adid=8) == plain
    chosen = {run(EDGES, prefix="news1", adid=7) for _ in range(60)}
    assert chosen == {f"http://198.51.100.{n}:8080/aa11/198.51.100.1:8000/news1/index.m3u8" for n in (10, 11)}


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("uri = 'http://h/{}/{p}'.format(1, p='x')", "http://h/1/x"),
        ("uri = 'http://{0[host]}:{0[port]}/'.format({'host': 'h', 'port': 80})", "http://h:80/"),
        ("uri = 'http://h/{0:>4}/{1!r}'.format('a', 'b')", "http://h/   a/'b'"),
        ("uri = 'http://h/' + str.format('{}', 5)", "http://h/5"),
        ("uri = f'http://h/{1 + 1:03d}'", "http://h/002"),
        ("uri = 'http://h/%(a)s/%(b)05.1f' % {'a': 'x', 'b': 2.5}", "http://h/x/002.5"),
        ("uri = 'http://h/'\nuri += 'x'\nn = 3\nn *= 2\nuri += str(n)", "http://h/x6"),
        ("d = {'n': 1}\nd['n'] += 4\nd['m'] = 2\ndel d['m']\nuri = 'http://h/%s' % d", "http://h/{'n': 5}"),
        ("a = [[0], [1]]\na[1][0] -= 3\na[0][:] = [9]\nuri = 'http://h/%s' % a", "http://h/[[9], [-2]]"),
        ("uri = 'http://h/' + ','.join(x.upper() for x in ['b', 'a'] if x)", "http://h/B,A"),
        ("uri = 'http://h/%s' % {k: v for k, v in [(1, 2)]}", "http://h/{1: 2}"),
        ("uri = 'http://h/%s' % sorted([3, 1, 2], key=lambda x: -x)", "http://h/[3, 2, 1]"),
        ("a, (b, *c) = 1, (2, 3, 4)\nuri = 'http://h/%s' % [a, b, c]", "http://h/[1, 2, [3, 4]]"),
        ("def f(*a, **k):\n    return len(a) + len(k)\nuri = 'http://h/%d' % f(*[1, 2], **{'x': 1})", "http://h/3"),
        ("def g():\n    yield 'a'\n    yield 'b'\nuri = 'http://h/' + ''.join(g())", "http://h/ab"),
        ("n = 0\ndef up():\n    global n\n    n += 1\nup()\nup()\nuri = 'http://h/%d' % n", "http://h/2"),
        ("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    uri = 'http://h/%s' % e.args[0]",
         "http://h/division by zero"),
        ("i = 0\nwhile True:\n    i += 1\n    if i > 4: break\nuri = 'http://h/%d' % i", "http://h/5"),
        ("print('hello', prefix)\nuri = 'http://h/' + printed", "http://h/"),
        ("uri = 'http://h/' + str(b'abc'[1:2], 'ascii') + 'привет'.encode('cp1251').hex()", "http://h/beff0e8e2e5f2"),
        ("import random as r\nr.seed(5)\na = r.random()\nr.seed(5)\nuri = 'http://h/%s' % (a == r.random())",
         "http://h/True"),
        ("from datetime import datetime, timezone as tz\n"
         "uri = 'http://h/' + datetime.fromtimestamp(0, tz.utc).strftime('%Y')", "http://h/1970"),
        ("import datetime\nuri = 'http://h/%s' % datetime.datetime.strptime('2020', '%Y').year", "http://h/2020"),
        ("import time\nuri = 'http://h/%d' % time.gmtime(86400).tm_mday", "http://h/2"),
        ("import time\nuri = 'http://h/%d' % time.strptime('2020', '%Y').tm_year", "http://h/2020"),
        ("import urllib.parse\nuri = 'http://h/?' + urllib.parse.urlencode({'a': 'b c'})", "http://h/?a=b+c"),
        ("from urllib.parse import quote as q\nuri = 'http://h/' + q('a/ b', safe='')", "http://h/a%2F%20b"),
        ("import urllib.parse as p\nuri = 'http://h/' + p.quote('é')", "http://h/%C3%A9"),
    ],
)  # fmt: skip
def test_ordinary_python_works(run: Any, source: str, left: str) -> None:
    assert run(source, prefix="news1") == left


def test_signed_links_can_be_made(run: Any) -> None:
    source = """
import hashlib, hmac, base64
def md5link(text):
    return base64.urlsafe_b64encode(hashlib.md5(text.encode()).digest()).decode().rstrip('=')
mac = hmac.new(b'k', prefix.encode(), hashlib.sha256).hexdigest()
uri = 'http://h/%s?md5=%s&mac=%s' % (prefix, md5link(prefix + ' k'), mac)
"""
    link = base64.urlsafe_b64encode(hashlib.md5(b"news1 k").digest()).decode().rstrip("=")
    mac = hmac.new(b"k", b"news1", "sha256").hexdigest()
    assert run(source, prefix="news1") == f"http://h/news1?md5={link}&mac={mac}"


def test_nothing_is_kept_from_one_run_to_the_next(run: Any) -> None:
    first = "import hashlib\nkept = [1]\nlen = kept\nrandom.seed(1)\nuri = 'http://h/%s' % random.random()"
    assert run(first) == run(first)
    source = """
try:
    kept
    uri = 'http://kept/'
except NameError:
    kept = 1
    uri = 'http://gone/%d' % len('ab')
"""
    assert [run(source), run(source)] == ["http://gone/2", "http://gone/2"]
    draws = {run("uri = 'http://h/%s' % random.random()") for _ in range(3)}
    assert len(draws) == 3, "what one run seeds is no other's"


def test_every_variable_has_its_documented_value(router: Any) -> None:
    names = sorted(VARIABLES - {"multicast_uri"})
    source = f"import urllib.parse\nuri = 'http://h/?' + urllib.parse.quote(repr([{', '.join(names)}]), safe='')"

    def given(request: PlayRequest) -> dict[str, Any]:
        return dict(zip(names, ast.literal_eval(unquote(router(source).issue(request).uri[10:])), strict=True))

    assert given(LIVE) == {
        "abonement": "1001", "account_id": 1001, "adid": None, "audio_pid": "", "cid": "7", "content_type": "channel",
        "device": "mag_250", "device_uid": "00:1A:79:00:00:01", "duration": None, "ip": "2001:db8::7",
        "prefix": "news1", "service": 3, "shift": 0, "start": None, "stop": None, "text_pid": "", "timeshift": False,
        "token": "t0ken", "utc": 1_700_000_000, "video_pid": "",
    }  # fmt: skip
    begin = NOW - timedelta(hours=2)
    past = PlayRequest(content_type="program", content_id="7", prefix="news 1/../x", start=begin, now=NOW,
                       stop=begin + timedelta(minutes=50), data_center_id=7, shift_hours=2)  # fmt: skip
    found = given(past)
    assert (found["start"], found["stop"], found["duration"]) == (1_699_992_800, 1_699_995_800, 3000)
    assert (found["adid"], found["shift"], found["prefix"]) == (7, 2, "news%201/x")
    on_air = given(replace(past, stop=None, timeshift=True))
    assert (on_air["stop"], on_air["duration"], on_air["timeshift"]) == (None, 7200, True)


def test_a_multicast_address_can_be_passed_on(router: Any) -> None:
    request = PlayRequest(content_type="channel", content_id="7", prefix="", multicast_uri="udp://@239.1.1.1:1234")
    assert router("uri = multicast_uri").issue(request) == StreamUrl("udp://@239.1.1.1:1234")


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("\n\nuri = (\n", r"line 3: '\(' was never closed"),
        ("uri = 'http://h/'\nreturn uri", "line 2: 'return' outside function"),
        ("print 'x'\nuri = 1", "line 1: Missing parentheses"),
        ("uri = 'http://h/%s' % prefx", "line 1: unknown name 'prefx'"),
        ("import os\nuri = 'http://h/'", "line 1: scripts cannot import 'os'; there are random, hashlib"),
        ("from . import x\nuri = 'http://h/'", r"line 1: scripts cannot import '\.'"),
        ("x = 1\nuri = x.__class__", 'line 2: "__class__" is an invalid attribute name'),
        ("class A: pass\nuri = 'http://h/'", "line 1: Classes are not allowed"),
        ("url = 'http://h/'", "the script never gives uri a value"),
        ("uri = 'http://h/\0'", "holds a sign that Python does not read|null bytes"),
        ("uri = " + "(" * 150 + "1" + ")" * 150 + "\nuri = " + "-" * 5000 + "1", "nested too deeply|too many nested"),
    ],
)
def test_a_script_that_cannot_run_is_a_mistake_in_the_settings(router: Any, source: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=f"main: script: .*({problem})"):
        router(source)


def test_all_mistakes_are_told_at_once(router: Any) -> None:
    with pytest.raises(ConfigError) as refused:
        router("import os\nclass A: pass\nx = y._z\n")
    lines = [problem.removeprefix("main: script: ").partition(":")[0] for problem in refused.value.problems]
    assert lines == ["the script never gives uri a value", "line 1", "line 2", "line 3", "line 3"]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("uri = None", "uri was left empty"),
        ("uri = ''", "uri was left empty"),
        ("if adid:\n    uri = 'http://h/'", "uri was left empty"),
        ("uri = 5", "uri is no text but int"),
        ("uri = b'http://h/'", "uri is no text but bytes"),
        ("uri = 'http://h/'\nn = 0\nuri += 1 / n", "line 3: ZeroDivisionError: division by zero"),
        ("def f(d):\n    return d['secret-key']\nuri = f({})", "line 2: KeyError$"),
        ("raise ValueError('secret')\nuri = ''", "line 1: ValueError$"),
        ("uri = 'http://h/'.foo", "line 1: AttributeError: 'str' has no 'foo' for scripts"),
        ("raise BaseException\nuri = ''", "line 1: BaseException$"),
        ("uri = 'file:///etc/passwd'", "no complete address of http, https, udp, rtp, rtsp"),
        ("uri = 'javascript:alert(1)'", "no complete address"),
        ("uri = '//h/x'", "no complete address"),
        ("uri = 'http:///x'", "no complete address"),
        ("uri = 'http://h:99999/x'", "no complete address"),
        ("uri = 'http://h/a b'", r"must be written as %XX"),
        ("uri = 'http://h/\\r\\nX: y'", r"must be written as %XX"),
        ("uri = 'http://h/\\ud800'", r"must be written as %XX"),
        ("uri = 'http://h/ж'", r"must be written as %XX"),
        ("uri = 'http://h/' + 'x' * 2040", "more than 2048 characters"),
        ("uri = 'http://h/' + 'x' * 200000", "uri is too long"),
    ],
)
def test_what_is_no_address_is_refused_with_its_line(router: Any, source: str, error: str) -> None:
    with pytest.raises(ProviderProtocolError, match=error):
        router(source).issue(LIVE)


def test_secrets_of_a_failing_script_stay_out_of_the_message(router: Any, host: Any) -> None:
    made = router("edges = {'a': 1}\nuri = edges['s3cr3t' + token]")
    with pytest.raises(ProviderProtocolError) as failed:
        made.issue(LIVE)
    assert "s3cr3t" not in str(failed.value)
    assert "s3cr3t" not in str(host.log.lines)


def test_a_failing_service_is_logged_once_a_minute_with_its_line(router: Any, host: Any) -> None:
    made, other = router("uri = 'x'\nuri += 1"), router("\nuri = 1 / 0", name="other")
    for seconds in (0, 1, 58, 1, 1):
        host.clock.move(seconds=seconds)
        for one in (made, other):
            with pytest.raises(ProviderProtocolError):
                one.issue(LIVE)
    told = [(context["service"], context["line"]) for _, event, context in host.log.lines if event == "SCRIPT_FAILED"]
    assert told == [("main", 2), ("other", 2)] * 2


def test_a_loop_costs_its_deadline_and_names_its_line(router: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "GRACE_SECONDS", 10.0)  # a busy machine lets the process tell its line late
    made = router(
        "uri = 'http://h/'\ntry:\n    while True:\n        pass\nexcept BaseException:\n    pass", deadline_ms=50
    )
    with pytest.raises(ProviderUnavailable, match=r"main: script: line [34]: it did not end within 50 ms"):
        made.issue(LIVE)
    assert router("uri = 'http://h/ok'").issue(LIVE).uri == "http://h/ok", "the next script has a process again"


def test_variables_are_what_the_request_says_and_nothing_more() -> None:
    assert frozenset(variables(LIVE, 3)) == VARIABLES


def test_an_unknown_answer_of_a_process_is_no_address(worker: Worker) -> None:
    for answer in ({}, {"uri": 5}, {"failed": "x"}, {"failed": [1]}, {"overrun": "1"}, {"problems": [["1", "x"]]}):
        with pytest.raises(Garbled):
            _checked(answer)
    with pytest.raises(ScriptFailed):
        worker.run("uri = 1", dict.fromkeys(VARIABLES), 5.0)
