"""Login: prove who it is, see whether he may, make room, open a session.

The proof reads only. What follows is one transaction with the account's row locked: two logins of one account never
both take the last place, and a refused login changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session as SqlSession

from smarty_core.contracts.events import LoginError, LoginSuccess, SessionOpened
from smarty_core.errors import InvalidValue, StorageError
from smarty_core.events import log_event
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.account_events import tell_activated, tell_changed
from smarty_core.services.device_settings import DeviceSettings
from smarty_core.services.entitlements import DeviceLimits, Entitlements, device_limits, valid_now
from smarty_core.services.geo import Places
from smarty_core.services.login_attempts import LoginAttempts
from smarty_core.services.login_proof import LoginProof, Proven
from smarty_core.services.login_refusal import LoginRefusal, LoginRefused
from smarty_core.services.operators import Operator
from smarty_core.services.play_devices import DeviceType, PlayDevices
from smarty_core.services.registration import DeviceClaim, Registration, new_device_uid
from smarty_core.services.session_limits import GroupLimits, Newcomer, Room, make_room
from smarty_core.services.sessions import NewSession, Sessions
from smarty_core.services.subnets import address_bytes
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, Customer, Session
from smarty_core.storage.repositories import accounts as rows
from smarty_core.storage.repositories import devices as device_rows
from smarty_core.storage.repositories import tariffs as tariff_rows
from smarty_core.storage.vault import Vault
from smarty_core.values import parse_id

if TYPE_CHECKING:
    from smarty_core.config import Settings
    from smarty_core.storage.cache import Cache

OTHER_GROUP = 3
WOKEN_FIELDS = ("active", "status_reason", "activation_date", "deactivation_date")
"""What the first login of an account that waits for it changes."""
MULTI_LOGIN, BASIC_DEVICE, ADDITIONAL_DEVICE = "multi-login", "basic device", "additional device"

_log = logging.getLogger("smarty_accounts")


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """What a device sent. `params` is the whole of it, for the log."""

    ip: str
    abonement: str = ""
    phone_number: str = ""
    password: str = ""
    device: str = ""
    device_uid: str = ""
    device_serial: str = ""
    device_model: str = ""
    brand_name: str = ""
    app_build_version: str = ""
    profile_id: int | None = None
    reset_block_status_reason: bool = False
    try_login_by_phone: bool = False
    device_id_for_unbinding: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session was opened. `template` is empty when neither account nor device type has one."""

    authkey: str
    session_id: int
    account_id: int
    customer_id: int
    abonement: str
    device_uid: str
    firstname: str
    lastname: str
    meta: Mapping[str, Any]
    customer_ext_id: str
    currency: str
    contract_number: str
    status_reason: str
    parent_code: str
    last_channel_id: int | None
    template_id: int | None
    template: str
    use_timeshift: bool
    data_center_id: int | None
    activation_days_left: int
    login_type: str
    login_method: str


class Login:
    """The login use case."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        cache: Cache,
        settings: Settings,
        sessions: Sessions,
        entitlements: Entitlements,
        places: Places,
        play_devices: PlayDevices,
        device_settings: DeviceSettings,
        hooks: Hooks,
    ) -> None:
        self._database = database
        self._vault = vault
        self._settings = settings
        self._sessions = sessions
        self._entitlements = entitlements
        self._places = places
        self._play_devices = play_devices
        self._device_settings = device_settings
        self._hooks = hooks
        self._attempts = LoginAttempts(cache=cache, settings=settings)
        self._proof = LoginProof(database=database, vault=vault, device_settings=device_settings)
        self._registration = Registration(hooks=hooks)

    def login(self, operator: Operator, attempt: LoginAttempt, now: datetime) -> LoggedIn:
        """Open a session for `attempt`. Raises `LoginRefused`, which is logged already."""
        name = attempt.abonement or attempt.phone_number
        try:
            self._attempts.check(operator.id, name, attempt.ip)
            try:
                proven = self._proof.prove(operator.id, attempt)
            except LoginRefused as exc:
                if exc.refusal is LoginRefusal.NO_ACCOUNT:
                    self._attempts.failed(operator.id, name, attempt.ip)
                raise
            done = self._admit(operator, proven, attempt, now)
        except LoginRefused as exc:
            self.refused(operator.id, exc.refusal, attempt)
            raise
        except (StorageError, SQLAlchemyError) as exc:
            self.refused(operator.id, LoginRefusal.NO_SESSION, attempt, stacktrace=True)
            raise LoginRefused(LoginRefusal.NO_SESSION) from exc
        self._tell(operator, done, attempt)
        return done

    def refused(
        self, client_id: int, refusal: LoginRefusal, attempt: LoginAttempt, *, stacktrace: bool = False
    ) -> None:
        """Write down a refused login and tell the plugins. `client_id` 0 = the operator is not proven."""
        log_event(
            _log, logging.WARNING, "LOGIN_ERROR", reason=refusal.reason, params=attempt.params, exc_info=stacktrace
        )
        event = LoginError(client_id, refusal.reason, attempt.abonement, attempt.device, attempt.device_uid, attempt.ip)
        self._hooks.notify("login_error", event=event)

    def _admit(self, operator: Operator, proven: Proven, attempt: LoginAttempt, now: datetime) -> LoggedIn:
        kind = self._play_devices.find(attempt.device) if attempt.device else None
        claim = DeviceClaim(
            attempt.device,
            attempt.device_uid or new_device_uid(),
            attempt.device_serial[:128],
            attempt.brand_name[:128],
            attempt.device_model[:128],
        )
        place = self._places.locate(attempt.ip, operator)
        for again in (True, False):
            try:
                with self._database.write() as session:
                    return self._open(
                        session, operator, proven, attempt, claim, kind, now, (place.country_id, place.city_id)
                    )
            except IntegrityError:
                # The same device came in by another way at the same moment; now it is known.
                if not again:
                    raise
        raise AssertionError("unreachable")

    def _open(
        self,
        session: SqlSession,
        operator: Operator,
        proven: Proven,
        attempt: LoginAttempt,
        claim: DeviceClaim,
        kind: DeviceType | None,
        now: datetime,
        place: tuple[int, int],
    ) -> LoggedIn:
        account = rows.locked(session, operator.id, proven.account_id)
        customer = session.get(Customer, account.customer_id) if account is not None else None
        if account is None or customer is None:
            raise LoginRefused(LoginRefusal.NO_ACCOUNT)
        self._check_address(session, account, attempt.ip)
        group = kind.group if kind else OTHER_GROUP
        if account.allowed_device_groups and group not in account.allowed_device_groups:
            raise LoginRefused(LoginRefusal.DEVICE_GROUP)
        today = now.astimezone(operator.zone(self._settings.TIME_ZONE)).date()
        self._wake(session, account, attempt, today)
        limits = self._limits(session, account, now)
        known = self._registration.find(session, account, claim)
        kind_id = kind.id if kind else (known.play_device_id if known else None)
        setting = self._device_settings.find(operator.id, kind_id) if kind_id is not None else None
        basic = setting is not None and setting.basic
        multiple = account.allow_multiple_login and self._settings.TVMIDDLEWARE_MULTILOGIN_ENABLED
        current = device_rows.sessions_of(session, account.id)
        if multiple:
            same = (row for row in current if row.device_uid == claim.device_uid and row.ip == attempt.ip)
            room = Room(tuple(same), ())
        else:
            newcomer = Newcomer(
                known.id if known else None, claim.device_uid, basic, group, attempt.ip, _unbinding(attempt)
            )
            room = make_room(
                newcomer,
                sessions=current,
                devices=device_rows.devices_of(session, account.id),
                limits=limits,
                groups=GroupLimits(_group_limits(self._settings), self._group_of),
                online_since=self._sessions.online_since(now),
            )
        self._clear(session, account, room, current)
        device = self._registration.bind(session, account, claim, kind, known)
        new = NewSession(
            client_id=operator.id,
            account_id=account.id,
            device_id=device.id if device else None,
            device=kind.system_name if kind else attempt.device[:64],
            device_uid=claim.device_uid,
            basic=basic,
            ip=attempt.ip,
            model=claim.model,
            app_build_version=attempt.app_build_version[:64],
            profile_id=attempt.profile_id,
            country_id=place[0],
            city_id=place[1],
        )
        authkey, session_id = self._sessions.create(new, session=session, now=now)
        login_type = MULTI_LOGIN if multiple else BASIC_DEVICE if basic else ADDITIONAL_DEVICE
        return LoggedIn(
            authkey=authkey,
            session_id=session_id,
            account_id=account.id,
            customer_id=customer.id,
            abonement=account.abonement,
            device_uid=claim.device_uid,
            firstname=customer.firstname,
            lastname=customer.lastname,
            meta=customer.meta or {},
            customer_ext_id=customer.ext_id,
            currency=customer.currency or operator.currency,
            contract_number=customer.contract_number,
            status_reason=account.status_reason,
            parent_code=self._vault.decrypt(account.parent_code),
            last_channel_id=account.last_channel_id,
            template_id=account.template_id,
            template=setting.template if setting else "",
            use_timeshift=account.use_timeshift,
            data_center_id=account.data_center_id,
            activation_days_left=_days_left(account, today),
            login_type=login_type,
            login_method=proven.method,
        )

    def _check_address(self, session: SqlSession, account: Account, ip: str) -> None:
        networks = rows.subnets(session, account.id)
        if not networks:
            return
        address = address_bytes(ip)
        if address is None or not any(low <= address <= high for low, high in networks):
            raise LoginRefused(LoginRefusal.SUBNET)

    def _wake(self, session: SqlSession, account: Account, attempt: LoginAttempt, today: date) -> None:
        """Activation at the first login, and the end of a block its owner asked for."""
        period = account.auto_activation_period or 0
        if not account.active and period > 0 and account.activation_date is None:
            account.active = True
            account.status_reason = "ACTIVE"
            account.activation_date = today
            account.deactivation_date = today + timedelta(days=period)
            tell_activated(session, self._hooks, account, attempt.params)
            tell_changed(session, self._hooks, account, WOKEN_FIELDS)
        if attempt.reset_block_status_reason and account.status_reason == "BLOCK":
            account.status_reason = "ACTIVE"
            tell_changed(session, self._hooks, account, ["status_reason"])

    def _limits(self, session: SqlSession, account: Account, now: datetime) -> DeviceLimits:
        """The limits of the tariffs in force. Raises when there is no tariff to watch by."""
        operator = self._entitlements.tariffs(account.client_id)
        holdings = tariff_rows.holdings(session, account.client_id, account.id, account.customer_id)
        held = [tariff for tariff in valid_now(operator, holdings, now) if tariff.for_inactive != account.active]
        if not held:
            raise LoginRefused(LoginRefusal.NO_TARIFF if account.active else LoginRefusal.INACTIVE)
        return device_limits(held)

    def _clear(self, session: SqlSession, account: Account, room: Room, current: list[Session]) -> None:
        self._sessions.end(session, room.replaced, reason="removed")
        self._sessions.end(session, room.pushed_out, reason="pushed_out")
        if room.unbound is not None:
            ended = [row for row in current if row.device_id == room.unbound.id]
            self._sessions.end(session, ended, reason="removed")
            self._registration.unbind(session, account, room.unbound.id, room.unbound.device_uid)

    def _group_of(self, device: str) -> int:
        kind = self._play_devices.find(device) if device else None
        return kind.group if kind else OTHER_GROUP

    def _tell(self, operator: Operator, done: LoggedIn, attempt: LoginAttempt) -> None:
        log_event(
            _log,
            logging.INFO,
            "LOGIN_SUCCESS",
            login_type=done.login_type,
            login_method=done.login_method,
            params=attempt.params,
        )
        event = LoginSuccess(
            operator.id,
            done.account_id,
            done.login_type,
            done.login_method,
            attempt.device,
            done.device_uid,
            attempt.ip,
        )
        self._hooks.notify("login_success", event=event)
        opened = SessionOpened(operator.id, done.account_id, done.session_id, done.device_uid, attempt.ip)
        self._hooks.notify("session_opened", event=opened)


def _unbinding(attempt: LoginAttempt) -> int | None:
    if not attempt.device_id_for_unbinding:
        return None
    try:
        return parse_id(attempt.device_id_for_unbinding, "device_id_for_unbinding")
    except InvalidValue as exc:
        raise LoginRefused(LoginRefusal.BAD_UNBINDING) from exc


def _group_limits(settings: Settings) -> dict[int, int]:
    return {int(group): int(largest) for group, largest in settings.LOGIN_SESSIONS_PER_DEVICE_GROUP.items()}


def _days_left(account: Account, today: date) -> int:
    """Days until the deactivation date, counted from today or from an activation still to come; 0 without a date."""
    if account.deactivation_date is None:
        return 0
    return max(0, (account.deactivation_date - max(today, account.activation_date or today)).days)
