"""Who is it? The ways a device may prove which account it belongs to.

In this order, by what was sent: abonement (with a password, or alone where the account allows it), phone number with
password, device UID, and at last the caller's address. Codes by SMS or call are not offered here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session as SqlSession

from smarty_core.services.device_settings import DeviceSettings
from smarty_core.services.login_refusal import LoginRefusal, LoginRefused
from smarty_core.services.login_together import Together
from smarty_core.services.subnets import address_bytes
from smarty_core.storage.database import Database
from smarty_core.storage.repositories import accounts as rows
from smarty_core.storage.repositories import logins as login_rows
from smarty_core.storage.repositories.logins import Credentials
from smarty_core.storage.vault import Vault

if TYPE_CHECKING:
    from smarty_core.services.login import LoginAttempt

BY_PASSWORD: Final = "abonement and password"  # noqa: S105 - a word of the log
BY_ABONEMENT: Final = "abonement only"
BY_PHONE: Final = "phone number and password"
BY_DEVICE: Final = "device UID only"
BY_ADDRESS: Final = "IP only"

_PHONE = re.compile(r"\+?\d{5,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proven:
    """The account a device belongs to, and how that was shown (`login_method` of the log)."""

    account_id: int
    method: str


class LoginProof:
    """Finds the account behind credentials. Only reads."""

    def __init__(self, *, database: Database, vault: Vault, device_settings: DeviceSettings) -> None:
        self._database = database
        self._vault = vault
        self._device_settings = device_settings
        self._credentials: Together[tuple[int, str], Credentials | None] = Together(self._read_credentials)

    def prove(self, client_id: int, attempt: LoginAttempt) -> Proven:
        """Raises `LoginRefused`: NO_ACCOUNT, BAD_PHONE or AMBIGUOUS_IP."""
        if attempt.abonement:
            return self._by_abonement(client_id, attempt)
        with self._database.read() as session:
            if attempt.phone_number or attempt.try_login_by_phone:
                return self._by_phone(session, client_id, attempt)
            return self._by_device(session, client_id, attempt) or self._by_address(session, client_id, attempt.ip)

    def _by_abonement(self, client_id: int, attempt: LoginAttempt) -> Proven:
        found = self._credentials.do((client_id, attempt.abonement))
        stored = found.password if found is not None else None
        if attempt.password:
            if self._knows_password(stored, client_id, attempt.abonement, attempt.password) and found is not None:
                return Proven(found.account_id, BY_PASSWORD)
        elif found is not None and found.without_password:
            return Proven(found.account_id, BY_ABONEMENT)
        raise LoginRefused(LoginRefusal.NO_ACCOUNT)

    def _read_credentials(self, wanted: Sequence[tuple[int, str]]) -> list[Credentials | None]:
        found: dict[tuple[int, str], Credentials] = {}
        with self._database.read() as session:
            for client_id in {client_id for client_id, _ in wanted}:
                names = {abonement for owner, abonement in wanted if owner == client_id}
                for abonement, credentials in login_rows.credentials(session, client_id, names).items():
                    found[client_id, abonement] = credentials
        return [found.get(each) for each in wanted]

    def _by_phone(self, session: SqlSession, client_id: int, attempt: LoginAttempt) -> Proven:
        number = re.sub(r"[\s()-]", "", attempt.phone_number)
        if not _PHONE.fullmatch(number):
            raise LoginRefused(LoginRefusal.BAD_PHONE)
        digits = number.lstrip("+")
        if attempt.password:
            for account in rows.by_mobile_phone(session, client_id, [digits, f"+{digits}"]):
                if self._knows_password(account.password, client_id, account.abonement, attempt.password):
                    return Proven(account.id, BY_PHONE)
        raise LoginRefused(LoginRefusal.NO_ACCOUNT)

    def _by_device(self, session: SqlSession, client_id: int, attempt: LoginAttempt) -> Proven | None:
        found = rows.by_device_uid(session, client_id, attempt.device_uid) if attempt.device_uid else None
        if found is None or not found[0].allow_login_by_device_uid:
            return None
        setting = self._device_settings.find(client_id, found[1].play_device_id)
        if setting is None or not setting.available_for_uid:
            return None
        return Proven(found[0].id, BY_DEVICE)

    def _by_address(self, session: SqlSession, client_id: int, ip: str) -> Proven:
        address = address_bytes(ip)
        found = rows.by_address(session, client_id, address) if address is not None else []
        if len(found) > 1:
            raise LoginRefused(LoginRefusal.AMBIGUOUS_IP)
        if not found:
            raise LoginRefused(LoginRefusal.NO_ACCOUNT)
        return Proven(found[0].id, BY_ADDRESS)

    def _knows_password(self, stored: str | None, client_id: int, abonement: str, password: str) -> bool:
        """Takes as long for an account that does not exist (None) as for one that does."""
        matches = self._vault.code_matches(f"{client_id}:{abonement}", password, "0" * 64 if stored is None else stored)
        return matches and stored is not None
