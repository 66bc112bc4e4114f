"""`drill` as an operator runs it."""

from __future__ import annotations

import json
from pathlib import Path

from smarty_core.storage.database import Database
from smarty_core.storage.models import Channel, DataCenter, StreamService, Tariff
from smarty_core.testing.installation import LIVE_MASK
from smarty_core.testing.subscribers import SubscriberWorld
from tests.cli.processes import manage


def test_the_outcome_as_text_as_json_and_as_exit_code(sqlite_database: Database, tmp_path: Path) -> None:
    world = SubscriberWorld(sqlite_database)
    operator = world.operator("one")
    tariff = world.tariff(operator)
    center = DataCenter(client_id=operator.id, name="North")
    world.add(center, DataCenter(client_id=operator.id, name="South"))
    with sqlite_database.write() as session:
        service = StreamService(client_id=operator.id, name="n1", mask=LIVE_MASK, data_center_id=center.id)
        channel = Channel(client_id=operator.id, name="News", url_prefix="news", services=[service])
        held = session.get_one(Tariff, tariff.id)
        held.channels.append(channel)
        held.services.append(service)
    world.subscriber(operator, tariffs=[tariff])
    url = sqlite_database.engine.url.render_as_string(hide_password=False)
    (tmp_path / "settings.py").write_text(f"SECRET_KEY = 'a key that is long enough'\nDATABASE_URL = {url!r}\n")

    code, said, complained = manage(tmp_path, "drill", "north", "--settings=settings.py")
    assert (code, complained) == (1, "")
    assert said.splitlines() == [
        f"data centre North ({center.id}) of one (operator {operator.id}): 1 stream services with channels, 1 of them "
        "work",
        "  viewers:                  1 accounts, 0 devices online",
        "  left without any channel: 1 accounts, 0 devices online",
        "  left without some:        1 accounts, 0 devices online",
        "  channels nobody else would play, 1 worst of 1:",
        f"    News ({channel.id}): 1 accounts, 0 devices online",
    ]
    code, said, _ = manage(tmp_path, "drill", "South", "--json", "--settings=settings.py")
    (row,) = json.loads(said)
    assert (code, row["harmless"], row["center"]["name"], row["lost"]) == (0, True, "South", [])
    code, said, complained = manage(tmp_path, "drill", "West", "--settings=settings.py")
    assert (code, said, complained) == (2, "", "there is no data centre 'West'; known: North, South\n")
