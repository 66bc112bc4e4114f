"""Admission: who has proven himself gets a session, if his account has room for one.

Everything happens in one transaction with the accounts' rows locked: two logins of one account never both take the last
place. Logins that wait at the same moment share that transaction: what they need is read together, each is decided by
itself, and what was decided is written together. A refused login changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session as SqlSession

from smarty_core.errors import InvalidValue, SmartyError, StorageError
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.account_events import tell_activated, tell_changed
from smarty_core.services.device_settings import DeviceSetting, DeviceSettings
from smarty_core.services.entitlements import DeviceLimits, Entitlements, device_limits, valid_now
from smarty_core.services.login_proof import Proven
from smarty_core.services.login_refusal import LoginRefusal, LoginRefused
from smarty_core.services.login_together import Together
from smarty_core.services.operators import Operator
from smarty_core.services.play_devices import DeviceType, PlayDevices
from smarty_core.services.registration import DeviceClaim, Registration
from smarty_core.services.session_limits import GroupLimits, Newcomer, Room, make_room
from smarty_core.services.sessions import NewSession, Sessions
from smarty_core.services.subnets import address_bytes
from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, Customer, Device
from smarty_core.storage.repositories import logins as rows
from smarty_core.storage.repositories.logins import LoginFacts
from smarty_core.storage.vault import Vault
from smarty_core.values import parse_id

if TYPE_CHECKING:
    from smarty_core.config import Settings
    from smarty_core.services.login import LoginAttempt

OTHER_GROUP = 3
WOKEN_FIELDS = ("active", "status_reason", "activation_date", "deactivation_date")
"""What the first login of an account that waits for it changes."""
MULTI_LOGIN, BASIC_DEVICE, ADDITIONAL_DEVICE = "multi-login", "basic device", "additional device"


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


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who has proven himself and wants in. `place`: country and city of his address, 0 = unknown."""

    operator: Operator
    proven: Proven
    attempt: LoginAttempt
    claim: DeviceClaim
    kind: DeviceType | None
    place: tuple[int, int]
    now: datetime


@dataclass(frozen=True, slots=True)
class _Decided:
    """He may come in, and this is to be done for it."""

    entrant: Entrant
    account: Account
    customer: Customer
    known: Device | None
    setting: DeviceSetting | None
    basic: bool
    multiple: bool
    wakes: bool
    unblocks: bool
    today: date
    parent_code: str
    room: Room


_Outcome: TypeAlias = LoggedIn | Exception


class Admissions:
    """Opens sessions for those who may have one. Safe between threads."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        settings: Settings,
        sessions: Sessions,
        entitlements: Entitlements,
        play_devices: PlayDevices,
        device_settings: DeviceSettings,
        hooks: Hooks,
    ) -> None:
        self._database = database
        self._vault = vault
        self._settings = settings
        self._sessions = sessions
        self._entitlements = entitlements
        self._play_devices = play_devices
        self._device_settings = device_settings
        self._hooks = hooks
        self._registration = Registration(hooks=hooks)
        self._together: Together[Entrant, LoggedIn] = Together(self._admit_all)

    def admit(self, entrant: Entrant) -> LoggedIn:
        """Open his session. Raises `LoginRefused`, and what the database raises."""
        return self._together.do(entrant)

    def _admit_all(self, entrants: Sequence[Entrant]) -> list[_Outcome]:
        outcomes: dict[int, _Outcome] = {}
        while len(outcomes) < len(entrants):
            together = _apart([place for place in range(len(entrants)) if place not in outcomes], entrants)
            try:
                outcomes.update(zip(together, self._open_all([entrants[place] for place in together]), strict=True))
            except IntegrityError:
                # A device came in by another way at the same moment; now it is known. Only its own login may fail.
                outcomes.update((place, self._open_alone(entrants[place])) for place in together)
            except (StorageError, SQLAlchemyError) as failure:
                outcomes.update((place, failure) for place in together)
        return [outcomes[place] for place in range(len(entrants))]

    def _open_alone(self, entrant: Entrant) -> _Outcome:
        try:
            return self._open_all([entrant])[0]
        except (StorageError, SQLAlchemyError) as failure:
            return failure

    def _open_all(self, entrants: Sequence[Entrant]) -> list[_Outcome]:
        """All of one operator, each of another account and with another device."""
        operator = entrants[0].operator
        with self._database.write() as session:
            facts = rows.facts(
                session,
                operator.id,
                [entrant.proven.account_id for entrant in entrants],
                [entrant.claim.device_uid for entrant in entrants],
            )
            verdicts: list[_Decided | SmartyError] = []
            for entrant in entrants:
                try:
                    verdicts.append(self._decide(entrant, facts))
                except SmartyError as failure:  # a refusal, or a secret of this one that cannot be read
                    verdicts.append(failure)
            decided = [verdict for verdict in verdicts if isinstance(verdict, _Decided)]
            opened = iter(self._carry_out(session, decided, facts))
            return [next(opened) if isinstance(verdict, _Decided) else verdict for verdict in verdicts]

    def _decide(self, entrant: Entrant, facts: LoginFacts) -> _Decided:
        """Whether he may come in; changes nothing. Raises `LoginRefused`."""
        operator, attempt, claim = entrant.operator, entrant.attempt, entrant.claim
        account = facts.accounts.get(entrant.proven.account_id)
        customer = facts.customers.get(account.customer_id) if account is not None else None
        if account is None or customer is None:
            raise LoginRefused(LoginRefusal.NO_ACCOUNT)
        _check_address(facts.subnets[account.id], attempt.ip)
        group = entrant.kind.group if entrant.kind else OTHER_GROUP
        if account.allowed_device_groups and group not in account.allowed_device_groups:
            raise LoginRefused(LoginRefusal.DEVICE_GROUP)
        wakes = not account.active and (account.auto_activation_period or 0) > 0 and account.activation_date is None
        limits = self._limits(account, facts, entrant.now, active=account.active or wakes)
        known = self._registration.own(facts.by_uid.get(claim.device_uid), account, claim)
        kind_id = entrant.kind.id if entrant.kind else (known.play_device_id if known else None)
        setting = self._device_settings.find(operator.id, kind_id) if kind_id is not None else None
        basic = setting is not None and setting.basic
        multiple = account.allow_multiple_login and self._settings.TVMIDDLEWARE_MULTILOGIN_ENABLED
        current = facts.sessions[account.id]
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
                devices=facts.devices[account.id],
                limits=limits,
                groups=GroupLimits(_group_limits(self._settings), self._group_of),
                online_since=self._sessions.online_since(entrant.now),
            )
        status = "ACTIVE" if wakes else account.status_reason
        return _Decided(
            entrant,
            account,
            customer,
            known,
            setting,
            basic,
            multiple,
            wakes,
            attempt.reset_block_status_reason and status == "BLOCK",
            entrant.now.astimezone(operator.zone(self._settings.TIME_ZONE)).date(),
            self._vault.decrypt(account.parent_code),
            room,
        )

    def _limits(self, account: Account, facts: LoginFacts, now: datetime, *, active: bool) -> DeviceLimits:
        """The limits of the tariffs in force. Raises when there is no tariff to watch by."""
        operator = self._entitlements.tariffs(account.client_id)
        held = [
            tariff for tariff in valid_now(operator, facts.holdings[account.id], now) if tariff.for_inactive != active
        ]
        if not held:
            raise LoginRefused(LoginRefusal.NO_TARIFF if active else LoginRefusal.INACTIVE)
        return device_limits(held)

    def _carry_out(self, session: SqlSession, decided: Sequence[_Decided], facts: LoginFacts) -> list[LoggedIn]:
        for each in decided:
            self._wake(session, each)
        self._sessions.end(session, [row for each in decided for row in each.room.replaced], reason="removed")
        self._sessions.end(session, [row for each in decided for row in each.room.pushed_out], reason="pushed_out")
        new = []
        for each in decided:
            entrant, account, unbound = each.entrant, each.account, each.room.unbound
            if unbound is not None:
                ended = [row for row in facts.sessions[account.id] if row.device_id == unbound.id]
                self._sessions.end(session, ended, reason="removed")
                self._registration.unbind(session, account, unbound.id, unbound.device_uid)
            device = self._registration.bind(session, account, entrant.claim, entrant.kind, each.known)
            new.append(_session_of(each, device))
        if not new:
            return []
        now = max(each.entrant.now for each in decided)
        opened = self._sessions.create_all(new, session=session, now=now)
        return [self._logged_in(each, *key) for each, key in zip(decided, opened, strict=True)]

    def _wake(self, session: SqlSession, decided: _Decided) -> None:
        """Activation at the first login, and the end of a block its owner asked for."""
        account = decided.account
        if decided.wakes:
            account.active = True
            account.status_reason = "ACTIVE"
            account.activation_date = decided.today
            account.deactivation_date = decided.today + timedelta(days=account.auto_activation_period or 0)
            tell_activated(session, self._hooks, account, decided.entrant.attempt.params)
            tell_changed(session, self._hooks, account, WOKEN_FIELDS)
        if decided.unblocks:
            account.status_reason = "ACTIVE"
            tell_changed(session, self._hooks, account, ["status_reason"])

    def _group_of(self, device: str) -> int:
        kind = self._play_devices.find(device) if device else None
        return kind.group if kind else OTHER_GROUP

    def _logged_in(self, decided: _Decided, authkey: str, session_id: int) -> LoggedIn:
        account, customer, setting = decided.account, decided.customer, decided.setting
        return LoggedIn(
            authkey=authkey,
            session_id=session_id,
            account_id=account.id,
            customer_id=customer.id,
            abonement=account.abonement,
            device_uid=decided.entrant.claim.device_uid,
            firstname=customer.firstname,
            lastname=customer.lastname,
            meta=customer.meta or {},
            customer_ext_id=customer.ext_id,
            currency=customer.currency or decided.entrant.operator.currency,
            contract_number=customer.contract_number,
            status_reason=account.status_reason,
            parent_code=decided.parent_code,
            last_channel_id=account.last_channel_id,
            template_id=account.template_id,
            template=setting.template if setting else "",
            use_timeshift=account.use_timeshift,
            data_center_id=account.data_center_id,
            activation_days_left=_days_left(account, decided.today),
            login_type=MULTI_LOGIN if decided.multiple else BASIC_DEVICE if decided.basic else ADDITIONAL_DEVICE,
            login_method=decided.entrant.proven.method,
        )


def _apart(places: Sequence[int], entrants: Sequence[Entrant]) -> list[int]:
    """Those of `places` that can be decided at once: one operator, no account and no device twice."""
    client_id = entrants[places[0]].operator.id
    accounts: set[int] = set()
    uids: set[str] = set()
    found = []
    for place in places:
        entrant = entrants[place]
        account_id, uid = entrant.proven.account_id, entrant.claim.device_uid
        if entrant.operator.id == client_id and account_id not in accounts and uid not in uids:
            accounts.add(account_id)
            uids.add(uid)
            found.append(place)
    return found


def _session_of(decided: _Decided, device: Device | None) -> NewSession:
    entrant = decided.entrant
    return NewSession(
        client_id=entrant.operator.id,
        account_id=decided.account.id,
        device_id=device.id if device else None,
        device=entrant.kind.system_name if entrant.kind else entrant.attempt.device[:64],
        device_uid=entrant.claim.device_uid,
        basic=decided.basic,
        ip=entrant.attempt.ip,
        model=entrant.claim.model,
        app_build_version=entrant.attempt.app_build_version[:64],
        profile_id=entrant.attempt.profile_id,
        country_id=entrant.place[0],
        city_id=entrant.place[1],
    )


def _check_address(networks: Sequence[tuple[bytes, bytes]], ip: str) -> None:
    if not networks:
        return
    address = address_bytes(ip)
    if address is None or not any(low <= address <= high for low, high in networks):
        raise LoginRefused(LoginRefusal.SUBNET)


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
