"""Which video server plays: the order of choice, as one pure function.

`choose(wish, content, around)` gives the services to try, best first, `explain` also why every other one is out. The
rules, in order:

1. A channel under technical works is not played at all.
2. A direct address of the content wins over all services, also when it is a multicast one that the device does not
   take.
3. Left are the services of the content that are also in one of the viewer's tariffs, enabled, available, not excluded
   by the device, not under technical works, not full, and of a type that can do what is wished (live: `live`,
   `multicast`; film: `vod`; archive: `pvr` with a record that reaches back far enough).
4. Unicast before multicast.
5. Services of the account's data centre before all others.
6. The one whose broadcast shift is nearest to the account's; of two equally near the smaller shift.
7. For the archive: memory before SSD before hard disk.
8. The least loaded one, then the operator's own order, then the oldest.
9. The content's multicast address is the last resort, and only live.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from smarty_core.services.archive import kept_days
from smarty_core.services.multicast import is_multicast
from smarty_core.services.service_load import LoadOf, load_of
from smarty_core.services.works import NO_WORKS, Works
from smarty_core.storage.repositories.streams import ContentFacts, ServiceFacts

STORAGE_ORDER: Final = {"memory": 0, "ssd": 1, "hdd": 2}
LIVE_TYPES: Final = ("live", "multicast")
FILM_TYPES: Final = ("vod",)
ARCHIVE_TYPES: Final = ("pvr",)

Kind = Literal["direct", "service", "multicast", "none"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a viewer wants and may have. `service_ids`: stream services of his tariffs. `shift_hours`: how much later
    his account watches. `archive_days` is how old the wished programme is by the guide, None = no record is needed."""

    service_ids: frozenset[int]
    excluded: frozenset[int] = frozenset()
    data_center_id: int | None = None
    shift_hours: int = 0
    archive_days: float | None = None
    archive: bool = False
    multicast: bool = True
    """Whether the device takes multicast addresses."""


@dataclass(frozen=True, slots=True)
class Around:
    """What counts at this moment besides the wish and the content: technical works, and how busy services are."""

    works: Works = NO_WORKS
    load: LoadOf = load_of


CALM: Final = Around()
"""No works, and loads as they were when the services were read."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one service and why."""

    service_id: int
    name: str
    taken: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome. `services` holds the candidates, best first: if making an address with one fails, take the next.

    `multicast`: the content's multicast address may be given when no service makes one. `works`: technical works on
    the content itself forbid everything.
    """

    kind: Kind
    services: tuple[ServiceFacts, ...] = ()
    multicast: bool = False
    works: bool = False
    verdicts: tuple[Verdict, ...] = field(default=())

    @property
    def service(self) -> ServiceFacts | None:
        return self.services[0] if self.services else None


NOTHING: Final = Choice("none")
DIRECT: Final = Choice("direct")
MULTICAST: Final = Choice("multicast", multicast=True)
UNDER_WORKS: Final = Choice("none", works=True)


def choose(wish: Wish, content: ContentFacts, around: Around = CALM) -> Choice:
    """The services to try for `content`, best first."""
    if around.works.channel_ids and _under_works(content, around.works):
        return UNDER_WORKS
    if content.uri and not wish.archive:
        return DIRECT if wish.multicast or not is_multicast(content.uri) else NOTHING
    candidates = [service for service in content.services if not _obstacle(service, wish, content, around)]
    if candidates:
        if len(candidates) > 1:
            candidates.sort(key=lambda service: _rank(service, wish, around))
        return Choice("service", tuple(candidates), multicast=_last_resort(wish, content))
    return MULTICAST if _last_resort(wish, content) else NOTHING


def explain(wish: Wish, content: ContentFacts, around: Around = CALM) -> Choice:
    """The same with the reason for each service: the candidates, best first, then all that are out."""
    choice = choose(wish, content, around)
    everywhere = ""
    if choice.works:
        everywhere = f"technical works on the {content.kind}"
    elif content.uri and not wish.archive:
        everywhere = f"the {content.kind} has a direct address"
        if choice.kind == "none":
            everywhere += " that is multicast, and the device takes none"
    if everywhere:
        return replace(choice, verdicts=tuple(_out(service, everywhere) for service in content.services))
    refused = [(service, _obstacle(service, wish, content, around)) for service in content.services]
    verdicts = tuple(
        Verdict(service.id, service.name, place == 0, _place(service, wish, around, place))
        for place, service in enumerate(choice.services)
    ) + tuple(_out(service, why) for service, why in refused if why)
    return replace(choice, verdicts=verdicts)


def _under_works(content: ContentFacts, works: Works) -> bool:
    """Whether works forbid the content: a channel, or a film made of a channel's archive."""
    if content.kind == "channel":
        return content.id in works.channel_ids
    return content.recorded is not None and content.recorded.channel_id in works.channel_ids


def _last_resort(wish: Wish, content: ContentFacts) -> bool:
    return bool(content.multicast_uri) and wish.multicast and not wish.archive


def _obstacle(service: ServiceFacts, wish: Wish, content: ContentFacts, around: Around) -> str:
    """Why a service cannot be used; empty when it can."""
    if service.type not in _types(wish, content):
        what = "the archive" if wish.archive else "films" if content.kind == "video" else "live"
        return f"a service of type {service.type} does not play {what}"
    if service.id not in wish.service_ids:
        return "in none of the viewer's tariffs"
    if not service.enabled:
        return "switched off, or its data centre is"
    if not service.available:
        return "not available: its checks fail"
    if service.id in wish.excluded:
        return "excluded by the device"
    if service.id in around.works.service_ids:
        return "under technical works"
    if wish.archive and wish.archive_days is not None:
        age = wish.archive_days - service.shift_hours / 24
        if age <= 0:
            return f"broadcasts it {service.shift_hours} h after the guide: not yet"
        if age > archive_depth(content, service):
            return f"keeps records for {archive_depth(content, service)} days only"
    if service.type == "multicast" and not _last_resort(wish, content):
        return f"the {content.kind} has no multicast address" if wish.multicast else "the device takes no multicast"
    if service.max_sessions and (load := around.load(service)).full:
        return f"full: {load.sessions} of {service.max_sessions} viewers"
    return ""


def _types(wish: Wish, content: ContentFacts) -> tuple[str, ...]:
    """Types of services that can do what is wished."""
    if wish.archive:
        return ARCHIVE_TYPES
    return FILM_TYPES if content.kind == "video" else LIVE_TYPES


def archive_depth(content: ContentFacts, service: ServiceFacts) -> int:
    """Days a service keeps of a content."""
    return kept_days(content.recording_days, service.recording_days)


def _rank(service: ServiceFacts, wish: Wish, around: Around) -> tuple[object, ...]:
    return (
        service.type == "multicast",
        wish.data_center_id is not None and service.data_center_id != wish.data_center_id,
        abs(service.shift_hours - wish.shift_hours),
        service.shift_hours,
        STORAGE_ORDER.get(service.storage_class.lower(), len(STORAGE_ORDER)) if wish.archive else 0,
        around.load(service).share,
        service.sort,
        service.id,
    )


def _place(service: ServiceFacts, wish: Wish, around: Around, place: int) -> str:
    facts = ["multicast"] if service.type == "multicast" else []
    if wish.data_center_id is not None:
        same = service.data_center_id == wish.data_center_id
        facts.append("in the account's data centre" if same else "in another data centre")
    facts.append(f"shift {service.shift_hours} h for {wish.shift_hours} h")
    if wish.archive:
        facts.append(f"storage {service.storage_class}")
    load = around.load(service)
    room = f" of {service.max_sessions}" if service.max_sessions else ""
    facts.append(f"load {load.share:.3g}, {load.sessions}{room} viewers")
    return f"{'chosen' if place == 0 else f'number {place + 1}'}: {', '.join(facts)}"


def _out(service: ServiceFacts, why: str) -> Verdict:
    return Verdict(service.id, service.name, False, why)
