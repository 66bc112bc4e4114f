"""What a subscriber sets for himself: PIN, favourites, locks, order, timeshift, data centre, interface template.

Each call is checked whole before anything is written: a refused one changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session as SqlSession

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.account_events import tell_changed
from smarty_core.services.remembered import Remembered
from smarty_core.services.sessions import Viewer
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Account, AccountChannel, Channel, Customer, DataCenter, PlayDeviceTemplate
from smarty_core.storage.repositories import accounts as rows
from smarty_core.storage.vault import Vault

if TYPE_CHECKING:
    from smarty_core.storage.cache import Cache

MAX_PIN = 16
MAX_TIMESHIFT_HOURS = 24
MAIN_PROFILE = 1


@dataclass(frozen=True, slots=True)
class ChannelChange:
    """New flags of one channel; None = as it was."""

    channel_id: int
    favourite: bool | None = None
    hidden: bool | None = None
    locked: bool | None = None


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What SettingsSave may change; None = as it was. `order`: channels in the subscriber's order, with flags."""

    parent_code: str | None = None
    use_timeshift: bool | None = None
    timeshift_offset: int | None = None
    data_center_id: int | None = None
    """-1 or 0 = no preference."""
    channels: tuple[ChannelChange, ...] = ()
    order: tuple[ChannelChange, ...] | None = None


@dataclass(frozen=True, slots=True)
class ChannelFlags:
    """Ids of the channels an account marked."""

    favourite: tuple[int, ...]
    hidden: tuple[int, ...]
    locked: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A viewer's profile; every account has the main one."""

    profile_id: int
    profile_name: str
    name: str


@dataclass(frozen=True, slots=True)
class DataCenterFacts:
    id: int
    name: str
    location: str


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """An interface template; `path` is its system name."""

    id: int
    path: str


class AccountSettings:
    """Settings of accounts. Changes bump `account:<id>`, those of channels `account:<id>:channels` as well."""

    def __init__(self, *, database: Database, cache: Cache, vault: Vault, hooks: Hooks) -> None:
        self._database = database
        self._vault = vault
        self._hooks = hooks
        versions = cache.tag_versions.vector
        self._centers: Remembered[tuple[DataCenterFacts, ...]] = Remembered(versions, limit=10_000)
        self._templates: Remembered[tuple[TemplateFacts, ...]] = Remembered(versions, limit=1)

    def save(self, viewer: Viewer, change: SettingsChange) -> None:
        """Apply a set of changes together. Raises `InvalidValue` or `NotFound`."""
        if change.parent_code is not None and not 0 < len(change.parent_code) <= MAX_PIN:
            raise InvalidValue(f"parent_code: 1 to {MAX_PIN} characters")
        if change.timeshift_offset is not None and abs(change.timeshift_offset) > MAX_TIMESHIFT_HOURS:
            raise InvalidValue("preferred_timeshift_offset: out of range")
        with self._database.write() as session:
            account = self._account(session, viewer)
            changed = []
            if change.parent_code is not None:
                account.parent_code = self._vault.encrypt(change.parent_code)
                changed.append("parent_code")
            if change.use_timeshift is not None and account.use_timeshift != change.use_timeshift:
                account.use_timeshift = change.use_timeshift
                changed.append("use_timeshift")
            if change.timeshift_offset is not None and account.timeshift_offset != change.timeshift_offset:
                account.timeshift_offset = change.timeshift_offset
                changed.append("timeshift_offset")
            if change.data_center_id is not None:
                account.data_center_id = self._data_center(session, viewer, change.data_center_id)
                changed.append("data_center_id")
            if change.order is not None:
                self._arrange(session, viewer, change.order)
            if change.channels:
                self._change_channels(session, viewer, change.channels)
            tell_changed(session, self._hooks, account, changed)

    def sort(self, viewer: Viewer, channel_ids: Sequence[int]) -> None:
        """Keep these channels in this order. Raises `InvalidValue` for a double, `NotFound` for no channel of ours."""
        with self._database.write() as session:
            self._account(session, viewer)
            self._arrange(session, viewer, [ChannelChange(channel_id) for channel_id in channel_ids])

    def update_channels(self, viewer: Viewer, changes: Sequence[ChannelChange]) -> None:
        """Set flags of channels. Raises `InvalidValue` or `NotFound`."""
        with self._database.write() as session:
            self._account(session, viewer)
            self._change_channels(session, viewer, changes)

    def channel_flags(self, viewer: Viewer) -> ChannelFlags:
        """The channels an account marked, by id."""
        with self._database.read() as session:
            found = rows.channel_settings(session, viewer.account_id)
        return ChannelFlags(
            tuple(row.channel_id for row in found if row.is_favorited),
            tuple(row.channel_id for row in found if row.is_hidden),
            tuple(row.channel_id for row in found if row.is_parent_control),
        )

    def choose_template(self, viewer: Viewer, *, template_id: int | None, system_name: str) -> None:
        """Choose the interface template; the id wins. Raises `NotFound`."""
        found = self.template(template_id=template_id, system_name=system_name)
        if found is None:
            raise NotFound("no such template")
        with self._database.write() as session:
            account = self._account(session, viewer)
            if account.template_id != found.id:
                account.template_id = found.id
                tell_changed(session, self._hooks, account, ["template_id"])

    def template(self, *, template_id: int | None, system_name: str = "") -> TemplateFacts | None:
        """A template by id or, without one, by system name."""

        def build() -> tuple[TemplateFacts, ...]:
            with self._database.read() as session:
                query = select(PlayDeviceTemplate.id, PlayDeviceTemplate.path)
                return tuple(TemplateFacts(*row) for row in session.execute(query))

        for known in self._templates.get("templates", tags=("playdevices",), build=build):
            if known.id == template_id if template_id is not None else known.path == system_name:
                return known
        return None

    def profiles(self, viewer: Viewer) -> list[Profile]:
        """The profiles of an account: the main one, named after the subscriber."""
        with self._database.read() as session:
            name = session.scalar(
                select(Customer.firstname).where(
                    Customer.id == viewer.customer_id, Customer.client_id == viewer.client_id
                )
            )
        return [Profile(MAIN_PROFILE, "main", name or viewer.abonement)]

    def data_centers(self, client_id: int) -> tuple[DataCenterFacts, ...]:
        """The data centres a subscriber may choose from."""

        def build() -> tuple[DataCenterFacts, ...]:
            with self._database.read() as session:
                found = rows.data_centers(session, client_id)
                return tuple(DataCenterFacts(row.id, row.name, row.location) for row in found)

        return self._centers.get(client_id, tags=(f"client:{client_id}:channels",), build=build)

    def _account(self, session: SqlSession, viewer: Viewer) -> Account:
        account = rows.locked(session, viewer.client_id, viewer.account_id)
        if account is None:
            raise NotFound("no such account")
        return account

    def _data_center(self, session: SqlSession, viewer: Viewer, center_id: int) -> int | None:
        if center_id in (-1, 0):
            return None
        query = select(DataCenter.id).where(
            DataCenter.id == center_id, DataCenter.client_id == viewer.client_id, DataCenter.enabled
        )
        if session.scalar(query) is None:
            raise NotFound("no such data centre")
        return center_id

    def _arrange(self, session: SqlSession, viewer: Viewer, order: Sequence[ChannelChange]) -> None:
        """Channels in `order` get places from 1 on; all others lose theirs and so stand behind, in general order."""
        found = self._channel_rows(session, viewer, order)
        for row in rows.channel_settings(session, viewer.account_id):
            row.position = None
        for place, change in enumerate(order, 1):
            _apply(found[change.channel_id], change)
            found[change.channel_id].position = place

    def _change_channels(self, session: SqlSession, viewer: Viewer, changes: Sequence[ChannelChange]) -> None:
        found = self._channel_rows(session, viewer, changes)
        for change in changes:
            _apply(found[change.channel_id], change)

    def _channel_rows(
        self, session: SqlSession, viewer: Viewer, changes: Sequence[ChannelChange]
    ) -> dict[int, AccountChannel]:
        """The account's rows of these channels, made where they are missing."""
        wanted = [change.channel_id for change in changes]
        if len(set(wanted)) != len(wanted):
            raise InvalidValue("a channel is named twice")
        known = set(session.scalars(select(Channel.id).where(Channel.client_id == viewer.client_id)))
        if not known.issuperset(wanted):
            raise NotFound("no such channel")
        found = {row.channel_id: row for row in rows.channel_settings(session, viewer.account_id)}
        for channel_id in wanted:
            if channel_id not in found:
                found[channel_id] = AccountChannel(
                    client_id=viewer.client_id,
                    account_id=viewer.account_id,
                    channel_id=channel_id,
                    is_favorited=False,
                    is_hidden=False,
                )
                session.add(found[channel_id])
        bump(session, f"account:{viewer.account_id}", f"account:{viewer.account_id}:channels")
        return found


def merged(changes: Iterable[ChannelChange]) -> tuple[ChannelChange, ...]:
    """One change per channel out of several; the later one wins where both say something."""
    found: dict[int, ChannelChange] = {}
    for change in changes:
        before = found.get(change.channel_id, ChannelChange(change.channel_id))
        found[change.channel_id] = replace(
            before,
            favourite=before.favourite if change.favourite is None else change.favourite,
            hidden=before.hidden if change.hidden is None else change.hidden,
            locked=before.locked if change.locked is None else change.locked,
        )
    return tuple(found.values())


def _apply(row: AccountChannel, change: ChannelChange) -> None:
    if change.favourite is not None:
        row.is_favorited = change.favourite
    if change.hidden is not None:
        row.is_hidden = change.hidden
    if change.locked is not None:
        row.is_parent_control = change.locked
