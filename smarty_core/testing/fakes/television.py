"""Fakes around television: guide, places, streams, applications."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import IO, Any, ClassVar
from urllib.parse import quote

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.epg_parser import Complaint, EpgDocument, EpgParser, EpgRequest, RawChannel, RawProgramme
from smarty_core.contracts.geo_locator import GeoLocator, Place
from smarty_core.contracts.hbbtv_provider import HbbtvApplication, HbbtvProvider, HbbtvRequest
from smarty_core.contracts.stream_router import (
    PlayRequest,
    Recording,
    RecordState,
    RecordTask,
    ServiceHealth,
    StreamRouter,
    StreamUrl,
    TokenFacts,
)
from smarty_core.errors import ConfigError, NotSupported, ProviderProtocolError, ProviderRefused
from smarty_core.testing.fakes.faulty import Faulty


class FakeEpgParser(Faulty, EpgParser[DriverSettings]):
    """Reads one JSON object per line: `{"channel": ..., "name": ...}` or `{"channel", "start", "stop", "title"}`.

    The mask is the address of the only document. The last line is `end`; without it the document is cut.
    """

    def documents(self, request: EpgRequest) -> Iterator[EpgDocument]:
        if "://" not in request.url_mask:
            raise ConfigError(f"{self.name}: the mask is an address")
        yield EpgDocument(request.url_mask)

    def parse(
        self, stream: IO[bytes], document: EpgDocument, complain: Complaint
    ) -> Iterator[RawChannel | RawProgramme]:
        self._trouble()
        for line in stream:
            if line.strip() == b"end":
                return
            try:
                yield _read(json.loads(line))
            except (ValueError, KeyError, TypeError) as exc:
                raise ProviderProtocolError(f"{self.name}: not a line of the guide") from exc
        raise ProviderProtocolError(f"{self.name}: the document ends too early")


def _read(item: dict[str, Any]) -> RawChannel | RawProgramme:
    if "start" not in item:
        return RawChannel(item["channel"], {"": item["name"]})
    start, stop = datetime.fromisoformat(item["start"]), datetime.fromisoformat(item["stop"])
    return RawProgramme(item["channel"], start, stop, titles={"": item["title"]})


class FakeGeoLocator(Faulty, GeoLocator[DriverSettings]):
    """Knows the addresses put into `places`."""

    supports: ClassVar[frozenset[str]] = frozenset({"inline"})

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.places: dict[str, Place] = {}

    def locate(self, address: IPv4Address | IPv6Address) -> Place | None:
        self._trouble()
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return self.places.get(str(address))


class FakeStreamRouter(Faulty, StreamRouter[DriverSettings]):
    """Addresses of `video.example`; remembers what was asked. Set `health` and the states in `recorded` as you like."""

    supports: ClassVar[frozenset[str]] = frozenset({"inline", "token", "archive", "health", "record"})

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.asked: list[PlayRequest] = []
        self.health: ServiceHealth | None = ServiceHealth(alive=True, load=0.25, session_count=3)
        self.tasks: dict[str, RecordTask] = {}
        self.recorded: dict[str, RecordState] = {}

    def issue(self, request: PlayRequest) -> StreamUrl:
        self._trouble()
        if request.content_type == "camera":
            raise NotSupported(f"{self.name}: no cameras here")
        self.asked.append(request)
        window = "live"
        if request.start is not None:
            stop = "now" if request.stop is None else str(int(request.stop.timestamp()))
            window = f"{'shift' if request.timeshift else 'archive'}-{int(request.start.timestamp())}-{stop}"
        name = quote(request.prefix, safe="").replace("..", "%2E%2E")
        return StreamUrl(f"http://video.example/{name}/{window}.m3u8?token={quote(request.token, safe='')}")

    def check_headers(self, facts: TokenFacts) -> dict[str, str]:
        return {"X-AuthDuration": str(facts.auth_duration)}

    def is_alive(self, deadline: float) -> ServiceHealth | None:
        self._trouble()
        return self.health

    def record(self, task: RecordTask) -> str:
        self._trouble()
        if task.stop <= task.start:
            raise ProviderRefused(f"{self.name}: the end is before the beginning")
        self.tasks[f"fake-{task.id}"] = task
        self.recorded.setdefault(f"fake-{task.id}", "planned")
        return f"fake-{task.id}"

    def cancel_record(self, task: RecordTask) -> None:
        self._trouble()
        self.tasks.pop(f"fake-{task.id}", None)
        self.recorded.pop(f"fake-{task.id}", None)

    def recordings(self) -> Sequence[Recording]:
        self._trouble()
        return [Recording(name, state) for name, state in self.recorded.items()]


class FakeHbbtvProvider(Faulty, HbbtvProvider[DriverSettings]):
    """An application for channels with a key."""

    supports: ClassVar[frozenset[str]] = frozenset({"inline"})

    def application(self, request: HbbtvRequest) -> HbbtvApplication | None:
        self._trouble()
        if not request.channel_key:
            return None
        channel, uid = quote(request.channel_key, safe=""), quote(request.device_uid, safe="")
        return HbbtvApplication("fake", f"https://hbb.example/app?channel={channel}&uid={uid}")
