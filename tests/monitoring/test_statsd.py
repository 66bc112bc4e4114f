"""statsd: a receiver as strict as the real one gets the documented figures; one that is away costs nothing."""

from __future__ import annotations

import itertools
import logging
import re
import socket
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarty_core.services.monitoring import statsd
from smarty_core.services.monitoring.statsd import LARGEST_DATAGRAM, SAMPLES, Statsd, datagrams
from smarty_core.testing.servers import free_port
from tests.web.device.world import World

LINE = re.compile(
    r"(?P<name>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*):(?P<value>\d+(?:\.\d+)?)\|(?P<kind>c|ms)(?:\|@(?P<rate>0\.\d+))?"
)


class Receiver:
    """A statsd server: checks every line by the grammar and adds up what it is told."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])
        self.counts: defaultdict[str, float] = defaultdict(float)
        self.times: defaultdict[str, list[float]] = defaultdict(list)
        self.timed: defaultdict[str, float] = defaultdict(float)
        self.datagrams = 0

    def until(self, enough: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not enough():
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            self.take(self.socket.recv(65_536))

    def take(self, packet: bytes) -> None:
        self.datagrams += 1
        assert 0 < len(packet) <= LARGEST_DATAGRAM
        for line in packet.decode("ascii").split("\n"):
            found = LINE.fullmatch(line)
            assert found, line
            number, share = float(found["value"]), float(found["rate"] or 1)
            if found["kind"] == "c":
                assert found["rate"] is None
                self.counts[found["name"]] += number
            else:
                self.times[found["name"]].append(number)
                self.timed[found["name"]] += 1 / share


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.socket.close()


def test_the_documented_figures_of_each_method_arrive(watched: Callable[..., World], receiver: Receiver) -> None:
    world = watched(STATSD_HOST="127.0.0.1", STATSD_PORT=str(receiver.port), STATSD_PREFIX="smarty.prod")
    world.app  # noqa: B018 - what is switched on is put together with the application
    world.system.start(scheduler=False)
    who = world.login(world.alpha)
    for _ in range(5):
        world.get("/channel/list/", **who)
    world.request("GET", "/no/such/page")
    receiver.until(lambda: receiver.counts["smarty.prod.api.channel_list.requests"] == 5)
    receiver.until(lambda: receiver.counts["smarty.prod.api.login.requests"] == 1)
    receiver.until(lambda: len(receiver.times["smarty.prod.api.channel_list.time"]) == 5)
    receiver.until(lambda: receiver.counts["smarty.prod.api.login.sql_count"] > 3)
    receiver.until(lambda: len(receiver.times["smarty.prod.api.login.sql_time"]) == 1)
    took = receiver.times["smarty.prod.api.login.time"][0]
    assert 0 < receiver.times["smarty.prod.api.login.sql_time"][0] < took < 60_000
    assert world.request("GET", "/metrics").status_code == 404, "only what was asked for"
    assert {name.split(".")[3] for name in receiver.counts} == {"login", "channel_list"}


def test_the_documented_middleware_switches_it_on(watched: Callable[..., World], receiver: Receiver) -> None:
    classes = ["core.middleware.StatsMiddleware"]
    world = watched(MIDDLEWARE_CLASSES=classes, STATSD_PORT=receiver.port)
    world.app  # noqa: B018
    world.system.start(scheduler=False)
    world.get("/account/status/", client_id=1)
    world.close()  # what is left is sent at the end
    receiver.until(lambda: receiver.counts["api.account_status.requests"] == 1)


def test_of_many_answers_a_sample_with_its_share_is_sent(receiver: Receiver) -> None:
    sender = Statsd("127.0.0.1", receiver.port, "")
    for number in range(10_000):
        sender.answered("ChannelList", "/channel/list/", "0", number / 1000, missed=False)
        sender.queried("ChannelList", "/channel/list/", 2, 0.001)
    sender.start()
    sender.stop()
    receiver.until(lambda: receiver.counts["api.channel_list.sql_count"] == 20_000 and
                   receiver.timed["api.channel_list.sql_time"] > 9_900)  # fmt: skip
    assert receiver.counts["api.channel_list.requests"] == 10_000
    times = receiver.times["api.channel_list.time"]
    assert SAMPLES // 2 <= len(times) <= SAMPLES
    assert receiver.timed["api.channel_list.time"] == pytest.approx(10_000, rel=0.01)
    assert 2_000 < sum(times) / len(times) < 8_000, "not only the first ones"
    assert receiver.datagrams < 6, "many lines share a datagram"


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_names_never_break_a_line(prefix: str, path: str) -> None:
    sender = Statsd("127.0.0.1", 1, prefix)
    sender.answered("X", f"/x{path}x/", "0", 0.5, missed=False)
    packets = list(datagrams(sender._lines(sender._methods)))
    for line in b"\n".join(packets).split(b"\n"):
        name, _, rest = line.decode("ascii").partition(":")
        assert re.fullmatch(r"[A-Za-z0-9_.-]+", name)
        assert rest in ("1|c", "500.000|ms")


@settings(deadline=None)
@given(st.lists(st.integers(1, LARGEST_DATAGRAM + 2), max_size=60))
def test_datagrams_are_full_but_never_too_large_and_lose_nothing(sizes: list[int]) -> None:
    lines = [chr(97 + number % 26) * size for number, size in enumerate(sizes)]
    packets = list(datagrams(lines))
    assert all(0 < len(packet) <= LARGEST_DATAGRAM for packet in packets)
    told = [line for packet in packets for line in packet.decode().split("\n")]
    assert told == [line for line in lines if len(line) <= LARGEST_DATAGRAM]
    for one, other in itertools.pairwise(packets):
        assert len(one) + 1 + len(other.split(b"\n")[0]) > LARGEST_DATAGRAM


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid", "not a name", "ü" * 70, ""])
def test_a_server_that_is_away_is_said_once_and_keeps_nothing(
    host: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statsd, "SEND_SECONDS", 0.005)
    monkeypatch.setattr(statsd, "RETRY_SECONDS", 0.02)
    sender = Statsd(host, free_port(), "smarty")
    sent = []
    monkeypatch.setattr(sender, "_send", lambda packets, send=sender._send: sent.append(send(packets)))

    def load(rounds: int) -> None:
        for number in range(rounds):
            sender.answered("M", f"/method/{number % 30}/", "0", 0.01, missed=False)
            sender.queried("M", f"/method/{number % 30}/", 3, 0.002)

    def rounds(number: int) -> None:
        end, deadline = len(sent) + number, time.monotonic() + 30
        while len(sent) < end:
            load(100)
            time.sleep(0.001)  # the sender needs the interpreter as well
            assert time.monotonic() < deadline

    with caplog.at_level(logging.WARNING, "smarty_main"):
        sender.start()
        rounds(10)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        rounds(15)
        sender.stop()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
    assert grown < 400_000
    if host:
        (said,) = [record for record in caplog.records if record.name == "smarty_main"]
        assert "do not reach statsd" in said.getMessage()


def test_while_sending_hangs_what_is_gathered_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Statsd("127.0.0.1", 1, "smarty")
    tracemalloc.start()
    for number in range(60_000):
        sender.answered("M", f"/method/{number % 5_000}/", "0", 0.01, missed=False)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert size < 8_000_000
    begun = time.monotonic()
    sender.answered("M", "/method/1/", "0", 0.01, missed=False)
    assert time.monotonic() - begun < 1
