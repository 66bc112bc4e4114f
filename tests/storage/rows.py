"""The smallest rows that other rows need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from smarty_core.storage.database import Database
from smarty_core.storage.models import (
    Account,
    Channel,
    Client,
    Customer,
    PlayDevice,
    Session,
    StreamService,
)

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Ids:
    """One operator's rows."""

    client: int
    customer: int
    account: int
    channel: int
    service: int
    session: int
    play_device: int


def operator(database: Database, name: str) -> Ids:
    """An operator with one subscriber, channel, video server, device type and session."""
    with database.write() as session:
        client = Client(name=name, domain_prefix=name, api_key="")
        session.add(client)
        session.flush()
        own = {"client_id": client.id}
        customer = Customer(**own)
        channel, service = Channel(**own, name="channel"), StreamService(**own, name="server")
        kind = PlayDevice(name=name, system_name=name)
        session.add_all([customer, channel, service, kind])
        session.flush()
        account = Account(**own, customer_id=customer.id, abonement="1001")
        session.add(account)
        session.flush()
        login = Session(**own, account_id=account.id, authkey_hash=name, last_seen_at=NOW)
        session.add(login)
        session.flush()
        return Ids(client.id, customer.id, account.id, channel.id, service.id, login.id, kind.id)
