"""Login: prove who it is, see whether he may, make room, open a session.

The proof only reads; admission is one transaction (see `login_admission`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from smarty_core.contracts.events import LoginError, LoginSuccess, SessionOpened
from smarty_core.errors import StorageError
from smarty_core.events import log_event
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.device_settings import DeviceSettings
from smarty_core.services.entitlements import Entitlements
from smarty_core.services.geo import Places
from smarty_core.services.login_admission import Admissions, Entrant, LoggedIn
from smarty_core.services.login_attempts import LoginAttempts
from smarty_core.services.login_proof import LoginProof, Proven
from smarty_core.services.login_refusal import LoginRefusal, LoginRefused
from smarty_core.services.operators import Operator
from smarty_core.services.play_devices import PlayDevices
from smarty_core.services.registration import DeviceClaim, new_device_uid
from smarty_core.services.sessions import Sessions
from smarty_core.storage.database import Database
from smarty_core.storage.vault import Vault

if TYPE_CHECKING:
    from smarty_core.config import Settings
    from smarty_core.storage.cache import Cache

__all__ = ["LoggedIn", "Login", "LoginAttempt"]

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
        self._places = places
        self._play_devices = play_devices
        self._hooks = hooks
        self._attempts = LoginAttempts(cache=cache, settings=settings)
        self._proof = LoginProof(database=database, vault=vault, device_settings=device_settings)
        self._admissions = Admissions(
            database=database,
            vault=vault,
            settings=settings,
            sessions=sessions,
            entitlements=entitlements,
            play_devices=play_devices,
            device_settings=device_settings,
            hooks=hooks,
        )

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
            done = self._admissions.admit(self._entrant(operator, proven, attempt, now))
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

    def _entrant(self, operator: Operator, proven: Proven, attempt: LoginAttempt, now: datetime) -> Entrant:
        claim = DeviceClaim(
            attempt.device,
            attempt.device_uid or new_device_uid(),
            attempt.device_serial[:128],
            attempt.brand_name[:128],
            attempt.device_model[:128],
        )
        kind = self._play_devices.find(attempt.device) if attempt.device else None
        place = self._places.locate(attempt.ip, operator)
        return Entrant(operator, proven, attempt, claim, kind, (place.country_id, place.city_id), now)

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
