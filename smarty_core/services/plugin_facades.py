"""The use cases that plugins reach through their `Host`, put together from the services of one system.

A facade translates between the ids and small objects of `smarty_core.api` and the services; the rules are in the
services. Every object is looked up under the operator that the caller names.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypedDict

from smarty_core.api import accounts as api_accounts
from smarty_core.api import catalogue as api_catalogue
from smarty_core.api import ledger as api_ledger
from smarty_core.api import messages as api_messages
from smarty_core.api import places as api_places
from smarty_core.api import playback as api_playback
from smarty_core.api.accounts import Session
from smarty_core.contracts.sms_backend import Receipt
from smarty_core.contracts.stream_router import StreamUrl
from smarty_core.errors import InvalidValue, Refused
from smarty_core.services.account_tariffs import AccountTariffs
from smarty_core.services.accounts import Accounts
from smarty_core.services.entitlements import Entitlements
from smarty_core.services.geo_directory import PlaceDirectory
from smarty_core.services.ledger import NoLedger
from smarty_core.services.login import Login, LoginAttempt
from smarty_core.services.messages import Messages
from smarty_core.services.operators import Operators
from smarty_core.services.playback import Playback, Played
from smarty_core.services.sessions import Sessions, Viewer
from smarty_core.services.sms import SmsSender

if TYPE_CHECKING:
    from smarty_core.app import System

SESSION_ENDED: Final = "session_ended"
LOGIN_LIMITS: Final = {"abonement": 32, "password": 128, "device": 64, "device_uid": 128, "ip": 45}
"""Longest values, as the Login method of the device API takes them."""


class Facades(TypedDict):
    """The use cases of `Host`, by their names there."""

    accounts: api_accounts.Accounts
    catalogue: api_catalogue.Catalogue
    guide: api_catalogue.Guide
    entitlements: api_catalogue.Entitlements
    playback: api_playback.Playback
    ledger: api_ledger.Ledger
    messages: api_messages.Messages
    places: api_places.Places


def facades(system: System) -> Facades:
    """Everything `PluginHosts.provide` takes."""
    database, hooks, clock = system.database, system.hooks, system.clock
    sms = SmsSender(settings=system.settings, registry=system.registry, operators=system.operators, hooks=hooks)
    viewers = Viewers(system.sessions)
    accounts = AccountsFacade(
        accounts=Accounts(database=database, hooks=hooks, clock=clock),
        tariffs=AccountTariffs(database=database, hooks=hooks, clock=clock),
        sessions=system.sessions,
        login=system.login,
        operators=system.operators,
        clock=clock,
    )
    return Facades(
        accounts=accounts,
        catalogue=system.catalogue,
        guide=system.guide,
        entitlements=EntitlementsFacade(system.entitlements, viewers, clock),
        playback=PlaybackFacade(system.playback, viewers, system.operators, clock),
        ledger=NoLedger(),
        messages=MessagesFacade(system.messages, sms),
        places=PlaceDirectory(database=database, settings=system.settings),
    )


class Viewers:
    """From the session a plugin holds to the viewer as he is now."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def of(self, session: Session) -> Viewer:
        """Raises `Refused` (`session_ended`) when the session is over, or never was one of this operator."""
        viewer = self._sessions.by_id(session.id, session.client_id)
        if viewer is None or viewer.account_id != session.account_id:
            raise Refused(SESSION_ENDED, "the session has ended")
        return viewer


class AccountsFacade:
    """`host.accounts`."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        tariffs: AccountTariffs,
        sessions: Sessions,
        login: Login,
        operators: Operators,
        clock: Callable[[], datetime],
    ) -> None:
        self.get = accounts.get
        self.find = accounts.find
        self.set_active = accounts.set_active
        self._tariffs = tariffs
        self._sessions = sessions
        self._login = login
        self._operators = operators
        self._clock = clock

    def session(self, authkey: str, client_id: int) -> Session | None:
        viewer = self._sessions.find(authkey, client_id)
        return _session(viewer) if viewer is not None else None

    def login(
        self,
        client_id: int,
        *,
        abonement: str,
        password: str = "",
        device: str = "",
        device_uid: str = "",
        ip: str = "",
    ) -> str:
        sent = {"abonement": abonement, "password": password, "device": device, "device_uid": device_uid, "ip": ip}
        for name, value in sent.items():
            if len(value) > LOGIN_LIMITS[name] or "\0" in value:
                raise InvalidValue(f"{name}: at most {LOGIN_LIMITS[name]} characters")
        params = {"client_id": client_id, **{name: value for name, value in sent.items() if value}}
        attempt = LoginAttempt(
            ip=ip, abonement=abonement, password=password, device=device, device_uid=device_uid, params=params
        )
        return self._login.login(self._operators.by_id(client_id), attempt, self._clock()).authkey

    def logout(self, authkey: str, client_id: int) -> None:
        self._sessions.delete(authkey, client_id)

    def assign_tariffs(self, client_id: int, account_id: int, tariffs_ids: tuple[int, ...]) -> None:
        self._tariffs.assign(client_id, account_id, tariffs_ids)

    def remove_tariffs(self, client_id: int, account_id: int, tariffs_ids: tuple[int, ...]) -> None:
        self._tariffs.remove(client_id, account_id, tariffs_ids)


class EntitlementsFacade:
    """`host.entitlements`."""

    def __init__(self, entitlements: Entitlements, viewers: Viewers, clock: Callable[[], datetime]) -> None:
        self._entitlements = entitlements
        self._viewers = viewers
        self._clock = clock

    def channel_ids(self, session: Session) -> frozenset[int]:
        viewer = self._viewers.of(session)
        found = self._entitlements.for_viewer(viewer, lang=0, device_format="json", now=self._clock())
        return found.channel_ids


class PlaybackFacade:
    """`host.playback`."""

    def __init__(
        self, playback: Playback, viewers: Viewers, operators: Operators, clock: Callable[[], datetime]
    ) -> None:
        self._playback = playback
        self._viewers = viewers
        self._operators = operators
        self._clock = clock

    def channel_url(self, session: Session, channel_id: int) -> StreamUrl:
        viewer, operator = self._viewers.of(session), self._operators.by_id(session.client_id)
        return _address(
            self._playback.channel_url(
                viewer,
                operator,
                channel_id,
                ip=session.ip or viewer.ip,
                device=session.device or viewer.device,
                now=self._clock(),
            )
        )

    def archive_url(self, session: Session, channel_id: int, *, begin: datetime, end: datetime | None) -> StreamUrl:
        viewer, operator = self._viewers.of(session), self._operators.by_id(session.client_id)
        return _address(
            self._playback.window_url(
                viewer,
                operator,
                channel_id,
                begin=begin,
                end=end,
                ip=session.ip or viewer.ip,
                device=session.device or viewer.device,
                now=self._clock(),
            )
        )


class MessagesFacade:
    """`host.messages`."""

    def __init__(self, messages: Messages, sms: SmsSender) -> None:
        self._messages = messages
        self._sms = sms

    def send(self, client_id: int, account_id: int, *, subject: str, text: str, until: datetime | None = None) -> int:
        return self._messages.leave(client_id, account_id, subject, text, expires_at=until).id

    def send_sms(self, client_id: int, phone: str, text: str) -> Receipt:
        return self._sms.send(client_id, phone, text)


def _session(viewer: Viewer) -> Session:
    return Session(
        client_id=viewer.client_id,
        account_id=viewer.account_id,
        customer_id=viewer.customer_id,
        device=viewer.device,
        device_uid=viewer.device_uid,
        ip=viewer.ip,
        id=viewer.session_id,
    )


def _address(played: Played) -> StreamUrl:
    return StreamUrl(played.uri, played.preview_mask)
