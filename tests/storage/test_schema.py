"""What the schema itself promises: ids are never used twice, keys are unique, an operator's rows go with him."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import BigInteger, delete, func, inspect, select
from sqlalchemy.exc import IntegrityError

from smarty_core.storage.base import Base
from smarty_core.storage.database import Database
from smarty_core.storage.models import (
    Account,
    AccountChannel,
    AccountTariff,
    Channel,
    ChannelSort,
    ChannelSortItem,
    Client,
    ClientPlayDevice,
    ContentPosition,
    Country,
    Customer,
    CustomerTariff,
    Device,
    EpgCategory,
    EpgChannel,
    EpgSource,
    Message,
    PluginInstance,
    Programme,
    Session,
    StreamToken,
    Tariff,
    User,
)
from smarty_core.storage.types import UtcDateTime

from .rows import NOW, Ids, operator

SHARED = {
    "country", "city", "play_device", "play_device_template", "epg_source", "epg_channel_source",
    "epg_premiere_source", "epg_channel", "epg_programme", "epg_category", "epg_genre", "epg_source_category_map",
    "epg_source_genre_map", "epg_day", "epg_channel_category", "tag_version", "command_lock", "job_run",
    "outbox_event", "client", "user",
}  # fmt: skip
"""Tables whose rows belong to no operator, or to one only by choice (staff)."""

PARTS = {
    "channel_sort_item": "channel_sort", "channel_category": "channel", "channel_stream_service": "channel",
    "tariff_channel": "tariff", "tariff_stream_service": "tariff", "tariff_country": "tariff",
    "tariff_city": "tariff", "tariff_video": "tariff", "tariff_radio": "tariff", "tariff_camera": "tariff",
    "video_stream_service": "video", "radio_stream_service": "radio", "camera_stream_service": "camera",
    "account_camera": "account", "maintenance_channel": "maintenance", "maintenance_stream_service": "maintenance",
    "trigger_address_group": "stream_trigger", "plugin_attribute": "plugin_instance", "user_right": "user",
}  # fmt: skip
"""Tables whose rows are parts of a row that names the operator."""


def test_every_other_table_names_its_operator() -> None:
    for name, table in Base.metadata.tables.items():
        if name in SHARED or name in PARTS:
            continue
        assert "client_id" in table.c, name
        assert not table.c.client_id.nullable, name
        assert {key.target_fullname for key in table.c.client_id.foreign_keys} == {"client.id"}, name
    for name, whole in PARTS.items():
        targets = {key.column.table.name for key in Base.metadata.tables[name].foreign_keys}
        assert whole in targets, name
    assert SHARED | set(PARTS) <= set(Base.metadata.tables)


def test_ids_and_references_are_bigint_and_times_are_utc() -> None:
    for name, table in Base.metadata.tables.items():
        for column in table.c:
            if column.name == "id" or (column.name.endswith("_id") and column.foreign_keys):
                assert isinstance(column.type, BigInteger), f"{name}.{column.name}"
            if column.name.endswith("_at") or column.name in ("start", "stop"):
                assert isinstance(column.type, UtcDateTime), f"{name}.{column.name}"


def test_the_database_has_the_tables_and_indexes_of_the_models(database: Database) -> None:
    found = inspect(database.engine)
    for name, table in Base.metadata.tables.items():
        assert {column["name"] for column in found.get_columns(name)} == {column.name for column in table.c}
        declared = {index.name for index in table.indexes}
        assert declared <= {index["name"] for index in found.get_indexes(name)}


@pytest.mark.parametrize("model", [Client, Channel, Programme, Account, Message])
def test_the_id_of_a_deleted_row_is_not_used_again(database: Database, model: type[Any]) -> None:
    ids = operator(database, "one")
    with database.write() as session:
        guide = EpgChannel(name="guide")
        session.add(guide)
        session.flush()
        guide_id = guide.id

    def new(number: int) -> Any:
        return {
            Client: lambda: Client(name="x", domain_prefix=f"x{number}", api_key=""),
            Channel: lambda: Channel(client_id=ids.client, name="x"),
            Programme: lambda: Programme(epg_channel_id=guide_id, start=NOW, stop=NOW, name="x"),
            Account: lambda: Account(client_id=ids.client, customer_id=ids.customer, abonement=f"x{number}"),
            Message: lambda: Message(
                client_id=ids.client, account_id=ids.account, uuid=f"{number}", subject="", text=""
            ),
        }[model]()

    used: set[int] = set()
    for number in range(3):
        with database.write() as session:
            row = new(number)
            session.add(row)
            session.flush()
            assert row.id not in used
            assert row.id > max(used, default=0)
            used.add(row.id)
            session.delete(row)


TWINS: dict[str, Callable[[Ids], Any]] = {
    "domain prefix of an operator": lambda ids: Client(name="x", domain_prefix="one", api_key=""),
    "abonement": lambda ids: Account(client_id=ids.client, customer_id=ids.customer, abonement="1001"),
    "authkey": lambda ids: Session(client_id=ids.client, account_id=ids.account, authkey_hash="one"),
    "device uid": lambda ids: Device(
        client_id=ids.client, account_id=ids.account, play_device_id=ids.play_device, device_uid="u"
    ),
    "device type of an operator": lambda ids: ClientPlayDevice(client_id=ids.client, play_device_id=ids.play_device),
    "position": lambda ids: ContentPosition(
        client_id=ids.client, account_id=ids.account, content_type="archive", content_id=1, asset_id=0, updated_at=NOW
    ),
    "channel of an account": lambda ids: AccountChannel(
        client_id=ids.client, account_id=ids.account, channel_id=ids.channel
    ),
    "message uuid": lambda ids: Message(
        client_id=ids.client, account_id=ids.account, uuid="u", subject="", text=""
    ),
    "user name": lambda ids: User(username="admin", password_hash=""),
    "country code": lambda ids: Country(code="RU", name="Russia"),
    "guide source": lambda ids: EpgSource(name="source", parser="x"),
    "guide category": lambda ids: EpgCategory(system_name="news", name="News"),
    "plugin instance": lambda ids: PluginInstance(client_id=ids.client, capability="cas", driver="x", name="main"),
    "token": lambda ids: StreamToken(
        token_hash="t", client_id=ids.client, stream_service_id=ids.service, content_type="live", content_id=1,
        content_name="", issued_at=NOW, expires_at=NOW, max_expires_at=NOW,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TWINS)
def test_a_second_one_is_refused(database: Database, what: str) -> None:
    ids = operator(database, "one")
    make = TWINS[what]
    if what not in ("domain prefix of an operator", "abonement", "authkey"):  # the operator has these already
        with database.write() as session:
            session.add(make(ids))
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(make(ids))


def test_a_programme_has_one_start_per_channel_and_a_tariff_one_holding(database: Database) -> None:
    ids = operator(database, "one")
    with database.write() as session:
        guide, tariff = EpgChannel(name="guide"), Tariff(client_id=ids.client, name="basic")
        order = ChannelSort(client_id=ids.client, name="order")
        session.add_all([guide, tariff, order])
        session.flush()
        guide_id, tariff_id, order_id = guide.id, tariff.id, order.id

    def rows() -> list[Any]:
        return [
            Programme(epg_channel_id=guide_id, start=NOW, stop=NOW, name="x"),
            CustomerTariff(client_id=ids.client, customer_id=ids.customer, tariff_id=tariff_id),
            AccountTariff(client_id=ids.client, account_id=ids.account, tariff_id=tariff_id),
            ChannelSortItem(channel_sort_id=order_id, channel_id=ids.channel, position=1),
        ]

    with database.write() as session:
        session.add_all(rows())
    for number in range(4):
        with pytest.raises(IntegrityError), database.write() as session:
            session.add(rows()[number])


def test_two_operators_may_use_the_same_names(database: Database) -> None:
    one, two = operator(database, "one"), operator(database, "two")
    with database.write() as session:
        for ids in (one, two):
            device = {"account_id": ids.account, "play_device_id": ids.play_device, "device_uid": "same"}
            session.add(Device(client_id=ids.client, **device))
            session.add(PluginInstance(client_id=ids.client, capability="cas", driver="x", name="main"))
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Device)) == 2


def test_all_rows_of_an_operator_go_with_him_and_nobody_elses(database: Database) -> None:
    one, two = operator(database, "one"), operator(database, "two")
    with database.write() as session:
        for ids in (one, two):
            session.add(AccountChannel(client_id=ids.client, account_id=ids.account, channel_id=ids.channel))
        session.execute(delete(Client).where(Client.id == one.client))
    with database.read() as session:
        for model in (Client, Customer, Account, Channel, Session, AccountChannel):
            owner = model.id if model is Client else model.client_id  # type: ignore[attr-defined]
            assert list(session.scalars(select(owner))) == [two.client], model


def test_what_is_referred_to_must_exist(database: Database) -> None:
    ids = operator(database, "one")
    for row in (
        Session(client_id=ids.client, account_id=10**9, authkey_hash="x"),
        Account(client_id=10**9, customer_id=ids.customer, abonement="x"),
        ContentPosition(
            client_id=ids.client, account_id=10**9, content_type="x", content_id=1, asset_id=0, updated_at=NOW
        ),
    ):
        with pytest.raises(IntegrityError), database.write() as session:
            session.add(row)
