"""Subscribers, as plugins see and change them: `host.accounts`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from smarty_core.contracts.subscriber import Subscriber


@dataclass(frozen=True, slots=True)
class Account:
    """An account as stored. `subscriber` carries its ids and contact data.

    `tariffs_ids` are the tariffs it holds now by itself; those of its customer come in addition.
    """

    subscriber: Subscriber
    active: bool
    status_reason: str = ""
    tariffs_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """A proven viewer. `client_id` is his operator, `id` tells his sessions apart. Made by `Accounts.session`."""

    client_id: int
    account_id: int
    customer_id: int | None
    device: str
    device_uid: str
    ip: str
    id: int = 0


class Accounts(Protocol):
    """Use cases around accounts. An unknown id, or one of another operator, raises `NotFound`."""

    def session(self, authkey: str, client_id: int) -> Session | None:
        """The viewer behind an authkey, None when it is unknown or outdated."""

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
        """Log in and return the authkey, with all rules and limits of Login. Raises `Refused` with the reason,
        `InvalidValue` for what is longer than Login takes."""

    def logout(self, authkey: str, client_id: int) -> None:
        """End a session. An unknown authkey is ended already."""

    def get(self, client_id: int, account_id: int) -> Account:
        """One account."""

    def find(self, client_id: int, *, abonement: str = "", ext_id: str = "") -> Account:
        """The account with this abonement or ext_id."""

    def set_active(self, client_id: int, account_id: int, active: bool, *, reason: str = "") -> None:
        """Switch an account on or off, with the events that belong to it."""

    def assign_tariffs(self, client_id: int, account_id: int, tariffs_ids: tuple[int, ...]) -> None:
        """Give tariffs to an account; those it has already stay as they are."""

    def remove_tariffs(self, client_id: int, account_id: int, tariffs_ids: tuple[int, ...]) -> None:
        """Take tariffs from an account; those it does not have are ignored."""
