"""Staff of the installation and of operators: who may sign in to the panels."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from smarty_core.errors import Conflict, InvalidValue, NotFound
from smarty_core.storage.database import Database
from smarty_core.storage.models import Client, User
from smarty_core.storage.vault import Vault
from smarty_core.values import is_email

SAFE_PASSWORD: Final = 8
"""Characters below which a password can be guessed; shorter ones of old scripts are taken all the same."""
LONGEST_PASSWORD: Final = 1024
_NAME: Final = re.compile(r"[\w.@+-]{1,150}")


class Users:
    """Makes users and changes their passwords."""

    def __init__(self, *, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def create(
        self,
        username: str,
        password: str,
        *,
        email: str = "",
        client_id: int | None = None,
        is_admin: bool = False,
        is_superuser: bool = False,
        is_monitoring: bool = False,
    ) -> int:
        """Add a user; his id. Raises `Conflict` for a name that is taken, `NotFound` for an operator that is not
        there, `InvalidValue` for a name or password that will not do."""
        if not _NAME.fullmatch(username):
            raise InvalidValue("username: 1 to 150 letters, digits and .@+-_")
        if email and not is_email(email):
            raise InvalidValue("email: not an address")
        user = User(
            username=username,
            password_hash=self._vault.staff_hash(_usable(password)),
            email=email,
            client_id=client_id,
            is_admin=is_admin,
            is_superuser=is_superuser,
            is_monitoring=is_monitoring,
        )
        try:
            with self._database.write() as session:
                if client_id is not None and session.get(Client, client_id) is None:
                    raise NotFound(f"there is no operator {client_id}")
                session.add(user)
                session.flush()
                return user.id
        except IntegrityError as exc:
            raise Conflict(
                f"the username {username!r} is taken; create_user --reset_password=True changes its password"
            ) from exc

    def reset_password(self, username: str, password: str) -> None:
        """Give a user another password; nothing else of him changes. Raises `NotFound`, `InvalidValue`."""
        hashed = self._vault.staff_hash(_usable(password))
        with self._database.write() as session:
            user = session.scalar(select(User).where(User.username == username))
            if user is None:
                raise NotFound(f"there is no user {username!r}")
            user.password_hash = hashed


def _usable(password: str) -> str:
    if not 1 <= len(password) <= LONGEST_PASSWORD:
        raise InvalidValue(f"password: 1 to {LONGEST_PASSWORD} characters")
    try:
        password.encode()
    except UnicodeEncodeError:  # bytes of a command line in another encoding; from None, as the error quotes them
        raise InvalidValue("password: not UTF-8") from None
    return password
