"""EPG parser `dummy_source`: a plausible guide made up on the spot, for trying things out without a source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO, ClassVar, Final
from urllib.parse import parse_qs, quote, urlsplit

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.epg_parser import (
    Complaint,
    EpgDocument,
    EpgParser,
    EpgRequest,
    RawChannel,
    RawProgramme,
)
from smarty_core.contracts.fields import setting
from smarty_core.errors import ConfigError, ProviderProtocolError

_SCHEME: Final = "data:application/json,"
_MAX_DAYS: Final = 31
_SHOWS: Final = (
    (20, "Новости", "News", "News"),
    (40, "Утреннее шоу", "Morning show", "Entertainment"),
    (90, "Художественный фильм", "Feature film", "Film"),
    (30, "Мультфильмы", "Cartoons", "Children"),
    (60, "Документальный фильм", "Documentary", "Documentary"),
    (120, "Футбол. Матч тура", "Football. Match of the day", "Sport"),
    (45, "Сериал", "Serial", "Serial"),
    (15, "Погода", "Weather", "News"),
)


class DummySettings(DriverSettings):
    """How many channels are made up when the import does not say which it wants."""

    channels: int = setting(5, en="Number of channels", ru="Число каналов", ge=1, le=1000)


class DummySource(EpgParser[DummySettings]):
    """Every channel repeats a day of eight kinds of show, each channel starting at another point of it.

    The mask may be empty or `dummy://?channels=N`. The same request always gives the same programmes.
    """

    Settings: ClassVar[type[DriverSettings]] = DummySettings

    def documents(self, request: EpgRequest) -> Iterator[EpgDocument]:
        count = self.settings.channels
        if request.url_mask:
            parts = urlsplit(request.url_mask)
            if parts.scheme != "dummy":
                raise ConfigError(f"{self.name}: the mask of dummy_source is empty or dummy://?channels=N")
            given = parse_qs(parts.query).get("channels", [str(count)])[-1]
            if not given.isascii() or not given.isdigit() or not 1 <= int(given[:5]) <= 1000:
                raise ConfigError(f"{self.name}: channels in the mask is a number from 1 to 1000")
            count = int(given)
        begin = request.begin.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        days = min(_MAX_DAYS, max(1, -(-(request.end - begin) // timedelta(days=1))))
        for channel in request.channels or tuple(f"dummy{number}" for number in range(1, count + 1)):
            plan = {"channel": channel, "begin": begin.isoformat(), "days": days}
            yield EpgDocument(_SCHEME + quote(json.dumps(plan)), channel=channel)

    def parse(
        self, stream: IO[bytes], document: EpgDocument, complain: Complaint
    ) -> Iterator[RawChannel | RawProgramme]:
        try:
            plan = json.loads(stream.read(65_536))
            channel, days = str(plan["channel"]), min(_MAX_DAYS, int(plan["days"]))
            moment = datetime.fromisoformat(plan["begin"])
            end = moment + timedelta(days=days)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as exc:
            raise ProviderProtocolError(f"{self.name}: not a plan of dummy_source") from exc
        yield RawChannel(channel, {"": channel, "ru": f"Канал {channel}", "en": f"Channel {channel}"})
        turn = sum(channel.encode()) % len(_SHOWS)
        while moment < end:
            minutes, russian, english, category = _SHOWS[turn % len(_SHOWS)]
            stop = moment + timedelta(minutes=minutes)
            yield RawProgramme(
                channel,
                moment,
                stop,
                titles={"ru": russian, "en": english},
                descriptions={"ru": f"{russian} на канале {channel}.", "en": f"{english} on {channel}."},
                categories=(category,),
            )
            moment, turn = stop, turn + 1
