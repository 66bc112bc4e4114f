"""Positions, stream tokens and messages as rows, on every database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from smarty_core.storage.database import Database
from smarty_core.storage.models import Account, AccountChannel, ContentPosition, DeviceCommand, Message
from smarty_core.storage.repositories import messages as message_rows
from smarty_core.storage.repositories import positions as position_rows
from smarty_core.storage.repositories import tokens as token_rows
from smarty_core.storage.repositories.tokens import Grant, StoredToken
from smarty_core.values import MAX_ID

from .rows import NOW, Ids, operator


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


def position(ids: Ids, **changed: Any) -> dict[str, Any]:
    return {
        "client_id": ids.client, "account_id": ids.account, "content_type": "archive", "content_id": 7, "asset_id": 0,
        "position": 60, "duration": 3600, "is_viewed": False, "updated_at": NOW, **changed,
    }  # fmt: skip


def save(database: Database, values: dict[str, Any]) -> None:
    with database.write() as session:
        position_rows.save_position(session, values)


def stored(database: Database, ids: Ids) -> list[tuple[int, int, int]]:
    with database.read() as session:
        found = position_rows.positions(session, ids.client, ids.account)
        return sorted((row.content_id, row.asset_id, row.position) for row in found)


def test_a_position_is_replaced_by_a_later_one_only(database: Database) -> None:
    ids = operator(database, "one")
    save(database, position(ids))
    save(database, position(ids, position=120, updated_at=minutes(1)))
    save(database, position(ids, position=5, updated_at=minutes(-1)))
    assert stored(database, ids) == [(7, 0, 120)]
    save(database, position(ids, position=130, updated_at=minutes(1)))
    assert stored(database, ids) == [(7, 0, 130)]  # the same moment: the last word counts


def test_positions_of_assets_contents_and_accounts_are_kept_apart(database: Database) -> None:
    one, two = operator(database, "one"), operator(database, "two")
    save(database, position(one))
    save(database, position(one, asset_id=3, position=1))
    save(database, position(one, content_id=MAX_ID, position=2))
    save(database, position(one, content_type="video", position=3))
    save(database, position(two, position=4))
    assert stored(database, one) == [(7, 0, 3), (7, 0, 60), (7, 3, 1), (MAX_ID, 0, 2)]
    assert stored(database, two) == [(7, 0, 4)]
    with database.write() as session:
        position_rows.delete_positions(session, one.client, one.account, "archive", 7, 3)
        position_rows.delete_positions(session, two.client, one.account, "archive", 7, None)  # not his operator
    assert (7, 3, 1) not in stored(database, one)
    assert len(stored(database, one)) == 3
    with database.write() as session:
        position_rows.delete_positions(session, one.client, one.account, "archive", 7, None)
    assert stored(database, one) == [(7, 0, 3), (MAX_ID, 0, 2)]


def test_the_position_of_an_account_that_is_gone_is_passed_over(database: Database) -> None:
    ids = operator(database, "one")
    with database.write() as session:
        position_rows.save_position(session, position(ids, account_id=10**9))
        position_rows.save_watched(session, ids.client, 10**9, ids.channel, NOW)
        position_rows.save_watched(session, ids.client, ids.account, 10**9, NOW)
        position_rows.save_last_channel(session, ids.client, ids.account, 10**9)
        position_rows.save_position(session, position(ids))  # the transaction goes on
    assert stored(database, ids) == [(7, 0, 60)]


def test_positions_saved_at_once_end_as_one_row_with_the_latest(database: Database) -> None:
    ids = operator(database, "one")

    def work(number: int) -> None:
        save(database, position(ids, position=number, updated_at=minutes(number)))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, [3, 9, 1, 7, 11, 5]))
    assert stored(database, ids) == [(7, 0, 11)]


def test_old_positions_go_in_batches(database: Database) -> None:
    ids = operator(database, "one")
    for number in range(5):
        save(database, position(ids, content_id=number + 1, updated_at=minutes(number)))
    save(database, position(ids, content_id=99, content_type="video"))
    counts = []
    for _ in range(3):
        with database.write() as session:
            counts.append(position_rows.delete_old(session, "archive", minutes(3), 2))
    assert counts == [2, 1, 0]
    assert [content for content, _, _ in stored(database, ids)] == [4, 5, 99]


def test_the_channels_watched_last_are_kept_with_the_account(database: Database) -> None:
    ids, other = operator(database, "one"), operator(database, "two")
    with database.write() as session:
        before = session.get_one(Account, ids.account).updated_at
        position_rows.save_watched(session, ids.client, ids.account, ids.channel, NOW)
        position_rows.save_watched(session, ids.client, ids.account, ids.channel, minutes(5))
        position_rows.save_last_channel(session, ids.client, ids.account, ids.channel)
        position_rows.save_last_channel(session, other.client, ids.account, other.channel)  # not his operator
    with database.read() as session:
        (row,) = session.scalars(select(AccountChannel))
        assert (row.account_id, row.channel_id, row.last_watched_at) == (ids.account, ids.channel, minutes(5))
        assert (row.is_favorited, row.is_hidden, row.position) == (False, False, None)
        account = session.get_one(Account, ids.account)
        assert account.last_channel_id == ids.channel
        assert account.updated_at == before  # watching is no change of the account


def test_watching_keeps_what_the_subscriber_chose_for_the_channel(database: Database) -> None:
    ids = operator(database, "one")
    with database.write() as session:
        session.add(
            AccountChannel(
                client_id=ids.client, account_id=ids.account, channel_id=ids.channel, is_favorited=True, position=3
            )
        )
    with database.write() as session:
        position_rows.save_watched(session, ids.client, ids.account, ids.channel, NOW)
    with database.read() as session:
        (row,) = session.scalars(select(AccountChannel))
        assert (row.is_favorited, row.position, row.last_watched_at) == (True, 3, NOW)


def grant(ids: Ids, **changed: Any) -> Grant:
    values: dict[str, Any] = {
        "client_id": ids.client, "account_id": ids.account, "session_id": ids.session, "stream_service_id": ids.service,
        "content_type": "channel", "content_id": MAX_ID, "names": ("first", "ch/1"), "ip": "2001:db8::1",
        "check_ip": True, "max_sessions": 2, "issued_at": NOW, **changed,
    }  # fmt: skip
    return Grant(**values)


def store(database: Database, until: datetime, **grants: Grant) -> None:
    """Move the ends of these tokens, named by their hashes."""
    with database.write() as session:
        token_rows.store_ends(session, {name: (one, until, minutes(180)) for name, one in grants.items()})


def test_a_stored_token_is_found_by_its_hash_with_all_it_grants(database: Database) -> None:
    ids = operator(database, "one")
    nobodys = grant(ids, account_id=0, session_id=0, names=())
    store(database, minutes(60), t=grant(ids), T=nobodys)
    with database.read() as session:
        assert token_rows.find(session, "t") == StoredToken(grant(ids), minutes(60), minutes(180))
        assert token_rows.find(session, "T") == StoredToken(nobodys, minutes(60), minutes(180))
        assert token_rows.find(session, "unknown") is None


def test_a_token_is_prolonged_and_never_shortened(database: Database) -> None:
    ids = operator(database, "one")
    store(database, minutes(60), t=grant(ids), other=grant(ids))
    store(database, minutes(90), t=grant(ids))
    store(database, minutes(70), t=grant(ids), new=grant(ids))
    with database.read() as session:
        ends = {name: token_rows.find(session, name) for name in ("t", "other", "new")}
    assert {name: row.expires_at for name, row in ends.items() if row} == {
        "t": minutes(90), "other": minutes(60), "new": minutes(70),
    }  # fmt: skip


def test_expired_tokens_go_in_batches(database: Database) -> None:
    ids = operator(database, "one")
    for number in range(5):
        store(database, minutes(number), **{f"t{number}": grant(ids)})
    counts = []
    for _ in range(3):
        with database.write() as session:
            counts.append(token_rows.remove_expired(session, minutes(3), limit=3))
    assert counts == [3, 1, 0]
    with database.read() as session:
        assert [name for name in ("t3", "t4") if token_rows.find(session, name)] == ["t4"]


def test_tokens_go_with_the_session_they_were_given_in_and_none_is_stored_after_it(database: Database) -> None:
    from smarty_core.storage.models import Session

    ids = operator(database, "one")
    store(database, minutes(60), t=grant(ids), without=grant(ids, session_id=0))
    with database.write() as session:
        session.delete(session.get_one(Session, ids.session))
    store(database, minutes(60), late=grant(ids), later=grant(ids, session_id=0))
    with database.read() as session:
        found = {name for name in ("t", "without", "late", "later") if token_rows.find(session, name)}
        assert found == {"without", "later"}
        held = token_rows.are_held(
            session, [grant(ids), grant(ids, session_id=0), grant(ids, session_id=0, account_id=0)]
        )
        assert held == {grant(ids, session_id=0), grant(ids, session_id=0, account_id=0)}


def message(ids: Ids, uuid: str, **changed: Any) -> Message:
    values = {"subject": "s", "text": "t", "created_at": NOW, **changed}
    return Message(client_id=ids.client, account_id=ids.account, uuid=uuid, **values)


def test_messages_are_those_of_the_account_and_not_over(database: Database) -> None:
    one, two = operator(database, "one"), operator(database, "two")
    with database.write() as session:
        session.add_all([
            message(one, "old", created_at=minutes(-9), was_read=True), message(one, "new", created_at=minutes(-1)),
            message(one, "twin", created_at=minutes(-1)), message(one, "over", expires_at=NOW),
            message(one, "still", created_at=minutes(-5), expires_at=minutes(1)), message(two, "foreign"),
        ])  # fmt: skip
    with database.read() as session:
        shown = message_rows.messages_of(session, one.client, one.account, NOW)
        assert [row.uuid for row in shown] == ["twin", "new", "still", "old"]
        everything = message_rows.messages_of(session, one.client, one.account, None)
        assert {row.uuid for row in everything} == {"old", "new", "twin", "over", "still"}
        assert message_rows.messages_of(session, two.client, one.account, NOW) == []
        unread = message_rows.unread_of(session, one.client, one.account)
        assert [row.uuid for row in unread] == ["still", "new", "twin", "over"]


def test_a_message_is_opened_only_by_its_account_and_exact_uuid(database: Database) -> None:
    one, two = operator(database, "one"), operator(database, "two")
    with database.write() as session:
        session.add(message(one, "abc"))
    with database.read() as session:
        assert message_rows.message(session, one.client, one.account, "abc") is not None
        for client, account, uuid in (
            (two.client, one.account, "abc"),
            (one.client, two.account, "abc"),
            (one.client, one.account, "ABC"),
            (one.client, one.account, "%"),
        ):
            assert message_rows.message(session, client, account, uuid) is None


def test_old_messages_are_the_aged_and_the_expired(database: Database) -> None:
    ids = operator(database, "one")
    with database.write() as session:
        session.add_all([
            message(ids, "aged", created_at=minutes(-100)), message(ids, "expired", expires_at=NOW),
            message(ids, "fresh"), message(ids, "waiting", expires_at=minutes(1)),
        ])  # fmt: skip
    with database.read() as session:
        old = message_rows.old_messages(session, minutes(-60), NOW, 10)
        assert [row.uuid for row in old] == ["aged", "expired"]
        assert len(message_rows.old_messages(session, minutes(-60), NOW, 1)) == 1


def test_commands_wait_in_order_until_taken(database: Database) -> None:
    one, two = operator(database, "one"), operator(database, "two")
    with database.write() as session:
        for kind in (2, 3):
            session.add(DeviceCommand(client_id=one.client, account_id=one.account, type=kind))
        session.add(DeviceCommand(client_id=one.client, account_id=one.account, type=4, taken_at=NOW))
        session.add(DeviceCommand(client_id=two.client, account_id=two.account, type=5))
    with database.read() as session:
        assert [row.type for row in message_rows.waiting_commands(session, one.account)] == [2, 3]


def test_a_position_row_holds_everything_it_was_given(database: Database) -> None:
    ids = operator(database, "one")
    save(database, position(ids, is_viewed=True, asset_id=5))
    with database.read() as session:
        (row,) = session.scalars(select(ContentPosition))
        assert {name: getattr(row, name) for name in position(ids)} == position(ids, is_viewed=True, asset_id=5)
