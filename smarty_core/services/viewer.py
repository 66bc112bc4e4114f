"""A logged-in device, as every service knows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from smarty_core.storage.repositories.tariffs import Holding

_ACCOUNT, _CUSTOMER, _CLIENT, _CHANNELS, _POSITIONS = range(5)
_DEPENDS_ON: Final = {
    "messages": _ACCOUNT,
    "commands": _ACCOUNT,
    "channels": _CHANNELS,
    "positions": _POSITIONS,
}

Version = Callable[[str], int]
"""The present version of a tag, from memory (`TagVersions.version`)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was read together with a session, good while the tags it depends on stay where they were.

    `lacks`: what the account has no rows of, see `repositories.sessions.SessionCard`.
    """

    holdings: tuple[Holding, ...]
    lacks: frozenset[str]
    tags: tuple[str, ...]
    versions: tuple[int, ...]
    list_key: str = ""
    """Under this key the cache keeps which list of channels the session was told about last."""
    list_mark: str = ""
    """What it said there when the session was read; empty when it said nothing, or was not asked."""

    def whose_session(self, version: Version) -> bool:
        """Whether session, account, customer and operator are as they were."""
        return self.versions[:_CHANNELS] == tuple([version(tag) for tag in self.tags[:_CHANNELS]])


@dataclass(frozen=True, slots=True)
class Viewer:
    """A logged-in device and what its account says. `country_id`, `city_id`: 0 = unknown place."""

    session_id: int
    client_id: int
    account_id: int
    customer_id: int
    abonement: str
    device_id: int | None = None
    device: str = ""
    """System name of the device type it logged in as."""
    device_uid: str = ""
    basic: bool = True
    ip: str = ""
    model: str = ""
    profile_id: int | None = None
    country_id: int = 0
    city_id: int = 0
    active: bool = True
    status_reason: str = ""
    data_center_id: int | None = None
    use_timeshift: bool = False
    timeshift_offset: int = 0
    """Hours; counts only with `use_timeshift`."""
    template_id: int | None = None
    last_seen_at: datetime | None = None
    known: Known | None = field(default=None, compare=False, repr=False)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of account, customer and operator, of the account's settings of channels and of its positions."""
        account = f"account:{self.account_id}"
        return (
            account,
            f"customer:{self.customer_id}",
            f"client:{self.client_id}",
            f"{account}:channels",
            f"{account}:positions",
        )

    def lacks(self, what: str, version: Version) -> bool:
        """Whether it is certain, without a query, that the account has nothing of this kind."""
        known, place = self.known, _DEPENDS_ON[what]
        return known is not None and what in known.lacks and version(known.tags[place]) == known.versions[place]

    def holdings(self, version: Version) -> tuple[Holding, ...] | None:
        """The tariffs the account holds, if they are known without a query."""
        known = self.known
        if known is None or any(version(known.tags[at]) != known.versions[at] for at in (_ACCOUNT, _CUSTOMER)):
            return None
        return known.holdings
