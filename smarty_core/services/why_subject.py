"""Whom and what `why` is about: an account and a channel, as support people name them."""

from __future__ import annotations

from sqlalchemy.orm import Session as SqlSession

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.storage.models import Account, Channel
from smarty_core.storage.repositories import support as rows
from smarty_core.values import parse_id

ID, ABONEMENT = "id:", "abonement:"


def find_account(session: SqlSession, text: str, client_id: int | None) -> Account:
    """The account with this id or abonement; `id:5` and `abonement:5` say which of them is meant.

    Raises `NotFound` when there is none, or several.
    """
    account_id, abonement = _number(text), text or None
    if text.startswith(ID):
        account_id, abonement = _number(text.removeprefix(ID)), None
    elif text.startswith(ABONEMENT):
        account_id, abonement = None, text.removeprefix(ABONEMENT)
    found = rows.accounts_named(session, account_id=account_id, abonement=abonement, client_id=client_id)
    if len(found) == 1:
        return found[0]
    if not found:
        of = "" if client_id is None else f" of operator {client_id}"
        raise NotFound(f"there is no account{of} with the id or abonement {text!r}")
    named = "; ".join(
        f"id:{account.id} (abonement {account.abonement}) of --client_id={account.client_id}" for account in found
    )
    raise NotFound(f"{text!r} means several accounts: {named}; say which")


def find_channel(session: SqlSession, text: str, client_id: int) -> Channel:
    """The operator's channel with this id, else with this name in any language. Raises `NotFound`."""
    known = rows.channels_of(session, client_id)
    number = _number(text.removeprefix(ID))
    for channel in known:
        if channel.id == number:
            return channel
    wanted = text.casefold().strip()
    found = [channel for channel in known if wanted in _names(channel)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(f"operator {client_id} has no channel with the id or name {text!r}")
    raise NotFound(f"{text!r} means several channels: {', '.join(f'id:{one.id}' for one in found)}; say which")


def _names(channel: Channel) -> set[str]:
    names = (channel.name, *(getattr(channel, f"name_lang{number}") for number in range(1, 6)))
    return {name.casefold() for name in names if name}


def _number(text: str) -> int | None:
    try:
        return parse_id(text)
    except InvalidValue:
        return None
