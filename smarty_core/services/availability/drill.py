"""What would happen if a data centre failed now: who would be left without a service, and who takes over.

Viewers who would be sent to the same services are taken together; each group is asked of the same rules that devices
are answered by (`routing.choose`), once as it is and once with all services of the data centre gone. Only live channels
are asked about. Nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from smarty_core.errors import NotFound
from smarty_core.services.content import Contents
from smarty_core.services.entitlements import Entitlements, valid_now
from smarty_core.services.routing import Around, Wish, choose
from smarty_core.services.viewer import Viewer
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import drill as rows
from smarty_core.storage.repositories.drill import ActiveAccount, Center
from smarty_core.storage.repositories.streams import ContentFacts, ServiceFacts
from smarty_core.storage.repositories.tariffs import Holding

MULTICAST: Final = "multicast"
"""The name of what takes over when it is no service but the channel's multicast address."""


@dataclass(slots=True)
class Viewers:
    """Active accounts, and devices of theirs that are online."""

    accounts: int = 0
    online: int = 0

    def add(self, other: Viewers) -> None:
        self.accounts += other.accounts
        self.online += other.online


@dataclass(frozen=True, slots=True)
class Lost:
    """A channel that some viewers can play now and could not play then."""

    channel_id: int
    name: str
    viewers: Viewers


@dataclass(slots=True)
class Heir:
    """A service (`service_id` 0: the multicast addresses) that would get viewers of the data centre.

    `expected`: online devices more than now, if all channels a viewer has are watched alike. `room`: how many more it
    may have, None = no limit.
    """

    service_id: int
    name: str
    data_center_id: int | None = None
    room: int | None = None
    channels: int = 0
    expected: float = 0.0

    @property
    def short_by(self) -> float:
        """Viewers it would have no room for."""
        return 0.0 if self.room is None else max(0.0, self.expected - self.room)


@dataclass(slots=True)
class Drill:
    """The outcome for one data centre. `services` are those in it, `working` those of them that are chosen now."""

    center: Center
    services: int = 0
    working: int = 0
    viewers: Viewers = field(default_factory=Viewers)
    without_any: Viewers = field(default_factory=Viewers)
    """Viewers who can play something now and could play nothing then."""
    without_some: Viewers = field(default_factory=Viewers)
    """Viewers who would lose at least one channel, those without any among them."""
    lost: list[Lost] = field(default_factory=list)
    """The worst first."""
    heirs: list[Heir] = field(default_factory=list)
    """Those with the most to take over first."""

    @property
    def short_by(self) -> float:
        return sum(heir.short_by for heir in self.heirs)

    @property
    def harmless(self) -> bool:
        """Whether everybody would go on watching everything."""
        return not self.without_some.accounts and self.short_by < 1


@dataclass(frozen=True, slots=True)
class Kind:
    """What viewers have in common who are sent to the same services."""

    tariff_ids: tuple[int, ...]
    country_id: int
    city_id: int
    data_center_id: int | None
    shift_hours: int


@dataclass(slots=True)
class Group:
    """Viewers of one kind, and one of them who is asked for all."""

    example: ActiveAccount
    viewers: Viewers = field(default_factory=Viewers)


class Drills:
    """Holds drills. `online_since`: the moment from which on a device seen counts as online (`Sessions`)."""

    def __init__(
        self,
        *,
        database: Database,
        entitlements: Entitlements,
        contents: Contents,
        online_since: Callable[[datetime], datetime],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._entitlements = entitlements
        self._contents = contents
        self._online_since = online_since
        self._clock = clock

    def hold(self, center: str, client_id: int | None = None) -> list[Drill]:
        """A drill for each data centre of this name (or id), of one operator or of all.

        Raises `NotFound`, with the names there are, when there is none; `StorageError`.
        """
        with self._database.read_master() as session:
            known = rows.centers(session, client_id)
        named = [one for one in known if one.name.casefold() == center.strip().casefold()]
        chosen = named or [one for one in known if str(one.id) == center.strip()]
        if not chosen:
            names = ", ".join(dict.fromkeys(one.name for one in known))
            raise NotFound(f"there is no data centre {center!r}; known: {names or 'none'}")
        return [self._hold(one) for one in chosen]

    def _hold(self, center: Center) -> Drill:
        now = self._clock()
        with self._database.read_master() as session:
            groups = self._groups(
                center.client_id,
                rows.active_accounts(session, center.client_id, self._online_since(now)),
                *rows.all_holdings(session, center.client_id),
                now,
            )
            names = rows.channel_names(session, center.client_id)
        channels = {
            number: facts for number in names if (facts := self._contents.find(center.client_id, "channel", number))
        }
        count = _Count(center, names, channels)
        around = Around(self._entitlements.works.of(center.client_id, now).at(now))
        for kind, group in groups.items():
            self._ask(count, kind, group, around, now)
        return count.outcome()

    def _groups(
        self,
        client_id: int,
        accounts: Iterable[ActiveAccount],
        own: Mapping[int, tuple[Holding, ...]],
        shared: Mapping[int, tuple[Holding, ...]],
        now: datetime,
    ) -> dict[Kind, Group]:
        operator = self._entitlements.tariffs(client_id)
        groups: dict[Kind, Group] = {}
        for account in accounts:
            held = valid_now(operator, own.get(account.id, ()) + shared.get(account.customer_id, ()), now)
            placed = any(not tariff.everywhere for tariff in held)
            kind = Kind(
                tuple(tariff.id for tariff in held),
                account.country_id if placed else 0,
                account.city_id if placed else 0,
                account.data_center_id,
                account.shift_hours,
            )
            group = groups.setdefault(kind, Group(account))
            group.viewers.add(Viewers(1, account.online))
        return groups

    def _ask(self, count: _Count, kind: Kind, group: Group, around: Around, now: datetime) -> None:
        example = group.example
        viewer = Viewer(
            session_id=0, client_id=count.center.client_id, account_id=example.id, customer_id=example.customer_id,
            abonement="", country_id=kind.country_id, city_id=kind.city_id, data_center_id=kind.data_center_id,
        )  # fmt: skip
        entitled = self._entitlements.for_viewer(viewer, lang=0, device_format="json", now=now)
        wish = Wish(entitled.service_ids, data_center_id=kind.data_center_id, shift_hours=kind.shift_hours)
        count.add(group.viewers, entitled.channel_ids, wish, around)


class _Count:
    """Adds up one drill."""

    def __init__(self, center: Center, names: Mapping[int, str], channels: Mapping[int, ContentFacts]) -> None:
        self.center = center
        self._names = names
        self._channels = channels
        self._without = {number: _without(facts, center.id) for number, facts in channels.items()}
        self._drill = Drill(center)
        self._lost: defaultdict[int, Viewers] = defaultdict(Viewers)
        self._heirs: dict[int, Heir] = {}
        self._inherited: defaultdict[int, set[int]] = defaultdict(set)

    def add(self, viewers: Viewers, channel_ids: Iterable[int], wish: Wish, around: Around) -> None:
        """Count viewers who may all watch these channels by the same wish."""
        self._drill.viewers.add(viewers)
        playable = lost = 0
        moved: defaultdict[int, int] = defaultdict(int)
        for number in channel_ids:
            facts = self._channels.get(number)
            before = choose(wish, facts, around) if facts is not None else None
            if facts is None or before is None or before.kind == "none":
                continue
            playable += 1
            if before.service is None or before.service.data_center_id != self.center.id:
                continue
            after = choose(wish, self._without[number], around)
            if after.kind == "none":
                lost += 1
                self._lost[number].add(viewers)
                continue
            heir = self._heir(after.service)
            moved[heir.service_id] += 1
            self._inherited[heir.service_id].add(number)
        for service_id, channels in moved.items():
            self._heirs[service_id].expected += viewers.online * channels / playable
        if lost:
            self._drill.without_some.add(viewers)
        if lost and lost == playable:
            self._drill.without_any.add(viewers)

    def outcome(self) -> Drill:
        inside = {one.id: one for facts in self._channels.values() for one in facts.services if self._is_inside(one)}
        drill = self._drill
        drill.services = len(inside)
        drill.working = sum(one.enabled and one.available for one in inside.values())
        lost = [Lost(number, self._names[number], viewers) for number, viewers in self._lost.items()]
        drill.lost = sorted(lost, key=lambda one: (-one.viewers.online, -one.viewers.accounts, one.channel_id))
        for service_id, heir in self._heirs.items():
            heir.channels = len(self._inherited[service_id])
        drill.heirs = sorted(self._heirs.values(), key=lambda one: (-one.expected, -one.channels, one.service_id))
        return drill

    def _is_inside(self, service: ServiceFacts) -> bool:
        return service.data_center_id == self.center.id

    def _heir(self, service: ServiceFacts | None) -> Heir:
        if service is None:
            return self._heirs.setdefault(0, Heir(0, MULTICAST))
        room = max(0, service.max_sessions - service.session_count) if service.max_sessions else None
        return self._heirs.setdefault(service.id, Heir(service.id, service.name, service.data_center_id, room))


def _without(content: ContentFacts, center_id: int) -> ContentFacts:
    """The content as it were if all services of a data centre were down."""
    services = tuple(
        replace(one, available=False) if one.data_center_id == center_id else one for one in content.services
    )
    return replace(content, services=services)
