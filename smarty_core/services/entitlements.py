"""What a viewer may watch now.

The answer depends on few things, and thousands of viewers share them: `Entitlement.key` is what rendered answers are
kept by. Rules:

- A viewer holds the tariffs of his customer and of his account that are valid now and switched on.
- An active account uses those that are not marked "for inactive accounts", an inactive one only the marked ones.
- A tariff that is limited to countries and cities counts only where the country or the city matches.
- Device limits are the largest over the held tariffs; see `DeviceLimits`.
- Technical works change no right; they are told here because answers change when they begin and end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from smarty_core.services.remembered import Remembered
from smarty_core.services.sessions import Viewer
from smarty_core.services.works import NO_WORKS, Works, WorksCalendars
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import tariffs as rows

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

ENDLESS = timedelta(days=1)
"""An entitlement that nothing is going to end is looked at again after this time."""

Holding = rows.Holding
TariffFacts = rows.TariffFacts


@dataclass(frozen=True, slots=True)
class DeviceLimits:
    """How many devices an account may use at once; None = no limit, 0 = this kind is forbidden.

    `basic`: bound basic devices that have a session; `additional`: online sessions of additional devices.
    """

    basic: int | None = None
    additional: int | None = None
    ip_restriction: bool = False


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What one viewer may watch, until `valid_until` at the latest (the next instant anything in it changes)."""

    client_id: int
    tariff_ids: tuple[int, ...]
    """Effective tariffs, ascending."""
    held_tariff_ids: tuple[int, ...]
    """Tariffs connected now, ascending, also those without effect here."""
    channel_ids: frozenset[int]
    service_ids: frozenset[int]
    place: tuple[int, int]
    """Country and city; (0, 0) when none of the held tariffs is limited to places."""
    lang: int
    device_format: str
    multicast: bool
    timeshift_offset: int
    """Hours; 0 without timeshift."""
    data_center_id: int
    """The preferred data centre, where it decides about addresses in lists; else 0."""
    inactive: bool
    """The account is inactive and sees only the set for inactive accounts."""
    valid_until: datetime
    works: Works = NO_WORKS
    """What technical works of the operator block now."""

    @property
    def key(self) -> tuple[object, ...]:
        """Equal keys mean equal answers."""
        return (
            self.client_id,
            self.tariff_ids,
            self.place,
            self.device_format,
            self.multicast,
            self.lang,
            self.timeshift_offset,
            self.data_center_id,
            self.inactive,
            self.works.ids,
        )

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags that every answer made from this entitlement depends on."""
        return (f"client:{self.client_id}:tariffs", f"client:{self.client_id}:channels", f"client:{self.client_id}")


class Entitlements:
    """Works out entitlements from objects in memory; SQL is asked only after a change."""

    def __init__(self, *, database: Database, cache: Cache) -> None:
        self._database = database
        self.works = WorksCalendars(database=database, cache=cache)
        versions = cache.tag_versions.vector
        self._version = cache.tag_versions.version
        self._tariffs: Remembered[rows.OperatorTariffs] = Remembered(versions, limit=1000)
        self._holdings: Remembered[tuple[Holding, ...]] = Remembered(versions, limit=200_000)
        self._content: Remembered[tuple[frozenset[int], frozenset[int]]] = Remembered(versions, limit=20_000)
        self._at_once: Remembered[int] = Remembered(versions, limit=20_000)

    def for_viewer(
        self, viewer: Viewer, *, lang: int, device_format: str, now: datetime, multicast: bool = True
    ) -> Entitlement:
        """The entitlement of a viewer at `now`. `multicast`: whether the device takes multicast addresses."""
        operator = self.tariffs(viewer.client_id)
        holdings = viewer.holdings(self._version)
        if holdings is None:
            holdings = self.holdings(viewer.client_id, viewer.account_id, viewer.customer_id)
        held = valid_now(operator, holdings, now)
        effective = [
            tariff
            for tariff in held
            if tariff.for_inactive != viewer.active and allowed_at(tariff, viewer.country_id, viewer.city_id)
        ]
        ids = tuple(tariff.id for tariff in effective)
        channels, services = self._content_of(viewer.client_id, ids, effective)
        limited = any(not tariff.everywhere for tariff in held)
        calendar = self.works.of(viewer.client_id, now)
        until = next_change(operator, holdings, now)
        return Entitlement(
            client_id=viewer.client_id,
            tariff_ids=ids,
            held_tariff_ids=tuple(tariff.id for tariff in held),
            channel_ids=channels,
            service_ids=services,
            place=(viewer.country_id, viewer.city_id) if limited else (0, 0),
            lang=lang,
            device_format=device_format,
            multicast=multicast,
            timeshift_offset=viewer.timeshift_offset if viewer.use_timeshift else 0,
            data_center_id=(viewer.data_center_id or 0) if operator.static_addresses else 0,
            inactive=not viewer.active,
            valid_until=min(until, calendar.next_change(now) or until),
            works=calendar.at(now),
        )

    def tariffs(self, client_id: int) -> rows.OperatorTariffs:
        """All tariffs of an operator that are switched on."""
        tags = (f"client:{client_id}:tariffs", f"client:{client_id}:channels")

        def build() -> rows.OperatorTariffs:
            with self._database.read() as session:
                return rows.operator_tariffs(session, client_id)

        return self._tariffs.get(client_id, tags=tags, build=build)

    def holdings(self, client_id: int, account_id: int, customer_id: int) -> tuple[Holding, ...]:
        """The tariffs an account holds, its own and its customer's, at any time."""
        tags = (f"account:{account_id}", f"customer:{customer_id}")

        def build() -> tuple[Holding, ...]:
            with self._database.read() as session:
                return rows.holdings(session, client_id, account_id, customer_id)

        return self._holdings.get((client_id, account_id, customer_id), tags=tags, build=build)

    def limits(self, tariffs: Iterable[TariffFacts]) -> DeviceLimits:
        """The device limits of someone who holds these tariffs."""
        return device_limits(tariffs)

    def streams_at_once(self, entitlement: Entitlement) -> int:
        """How many devices of the account may play at the same moment, of both kinds together; 0 = no limit."""

        def build() -> int:
            by_id = self.tariffs(entitlement.client_id).by_id
            limits = device_limits(by_id[number] for number in entitlement.held_tariff_ids if number in by_id)
            return (limits.basic or 0) + (limits.additional or 0)

        key = (entitlement.client_id, entitlement.held_tariff_ids)
        return self._at_once.get(key, tags=(f"client:{entitlement.client_id}:tariffs",), build=build)

    def _content_of(
        self, client_id: int, ids: tuple[int, ...], tariffs: Sequence[TariffFacts]
    ) -> tuple[frozenset[int], frozenset[int]]:
        def build() -> tuple[frozenset[int], frozenset[int]]:
            channels = frozenset().union(*(tariff.channels for tariff in tariffs if tariff.for_channel_list))
            return channels, frozenset().union(*(tariff.services for tariff in tariffs))

        tags = (f"client:{client_id}:tariffs", f"client:{client_id}:channels")
        return self._content.get((client_id, ids), tags=tags, build=build)


def valid_now(operator: rows.OperatorTariffs, holdings: Iterable[Holding], now: datetime) -> list[TariffFacts]:
    """The tariffs behind the holdings that are valid at `now`, each once, by id."""
    ids = {
        holding.tariff_id
        for holding in holdings
        if (holding.valid_from is None or holding.valid_from <= now)
        and (holding.valid_until is None or now < holding.valid_until)
    }
    return [operator.by_id[tariff_id] for tariff_id in sorted(ids) if tariff_id in operator.by_id]


def allowed_at(tariff: TariffFacts, country_id: int, city_id: int) -> bool:
    """Whether a tariff counts at a place. No lists at all = nowhere; an unknown place (0) is in no list."""
    if tariff.everywhere:
        return True
    return (country_id != 0 and country_id in tariff.countries) or (city_id != 0 and city_id in tariff.cities)


def next_change(operator: rows.OperatorTariffs, holdings: Iterable[Holding], now: datetime) -> datetime:
    """The next instant at which a held tariff begins or ends."""
    moments = (
        moment
        for holding in holdings
        if holding.tariff_id in operator.by_id
        for moment in (holding.valid_from, holding.valid_until)
        if moment is not None and moment > now
    )
    return min(moments, default=now + ENDLESS)


def device_limits(tariffs: Iterable[TariffFacts]) -> DeviceLimits:
    """Each limit is the largest of the tariffs'. Where none of them names any limit there is none; where one kind of
    device has a limit and the other has not, the other kind is forbidden."""
    basic = additional = 0
    restricted = False
    for tariff in tariffs:
        basic = max(basic, tariff.basic_sessions)
        additional = max(additional, tariff.sessions)
        restricted = restricted or tariff.ip_restriction
    if basic == 0 and additional == 0:
        return DeviceLimits(None, None, ip_restriction=restricted)
    return DeviceLimits(basic, additional, ip_restriction=restricted)
