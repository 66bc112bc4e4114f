"""What a portal is told before anyone logs in, and how loaded the host is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from smarty_core.errors import ConfigError, InvalidValue, NotFound
from smarty_core.services import health as health_module
from smarty_core.services.health import HealthService, used_memory_percent
from smarty_core.services.portal import MENUS
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import ClientPlayDevice, PlayDeviceTemplate
from smarty_core.testing.subscribers import SubscriberWorld


@pytest.fixture
def world(sqlite_database: Database) -> SubscriberWorld:
    return SubscriberWorld(sqlite_database)


def change(world: SubscriberWorld, client_id: int, device: str, **columns: Any) -> None:
    with world.database.write() as session:
        rows = session.scalars(select(ClientPlayDevice).where(ClientPlayDevice.client_id == client_id))
        (row,) = [row for row in rows if row.play_device.system_name == device]
        for name, value in columns.items():
            setattr(row, name, value)
        bump(session, f"client:{client_id}")


def test_a_device_type_is_known_by_the_longest_prefix_of_its_name(world: SubscriberWorld) -> None:
    operator = world.operator()
    change(world, operator.id, "mag", login_text="for mags")
    for device in ("mag", "mag_250", "mag250x"):
        assert world.portal.settings_for(operator, device, 0).login_text == "for mags"
    assert world.portal.settings_for(operator, "tvip", 0).login_text == ""


def test_a_type_that_is_missing_unknown_or_off_is_refused(world: SubscriberWorld) -> None:
    operator = world.operator()
    with pytest.raises(InvalidValue):
        world.portal.settings_for(operator, "", 0)
    for device in ("nonsense", "ma", "samsung", "\0"):
        with pytest.raises(NotFound):
            world.portal.settings_for(operator, device, 0)
    change(world, operator.id, "mag", enabled=False)
    with pytest.raises(NotFound):
        world.portal.settings_for(operator, "mag", 0)


def test_a_section_is_shown_when_both_the_device_and_the_operator_have_it(world: SubscriberWorld) -> None:
    operator = world.operator(permissions=["tv", "radio"])
    menus = world.portal.settings_for(operator, "mag", 0).menus
    assert set(menus) == set(MENUS)
    assert {name for name, shown in menus.items() if not shown} == {"archive", "videocatalog", "games"}
    change(world, operator.id, "mag", visible_menus=["tvchannels", "archive", "exit"])
    menus = world.portal.settings_for(operator, "mag", 0).menus
    assert {name for name, shown in menus.items() if shown} == {"tvchannels", "exit"}


def test_settings_of_the_device_stand_over_those_of_the_operator(world: SubscriberWorld) -> None:
    operator = world.operator(
        logo_url="general.png",
        portal_config={"a": 1, "b": 2},
        redirect_url="http://x.example/",
        uid="u",
        subscription_model=True,
    )
    plain = world.portal.settings_for(operator, "mag", 0)
    assert (plain.logo_url, dict(plain.portal_config)) == ("general.png", {"a": 1, "b": 2})
    assert (plain.redirect_url, plain.client_uid, plain.subscription_model) == ("http://x.example/", "u", True)
    with world.database.read() as session:
        template = session.scalars(select(PlayDeviceTemplate).limit(1)).one()
    change(world, operator.id, "mag", logo_url="own.png", portal_config={"b": 3}, template_id=template.id,
           auth_mode="password", standby_timer=5)  # fmt: skip
    own = world.portal.settings_for(operator, "mag", 0)
    assert (own.logo_url, dict(own.portal_config), own.template) == ("own.png", {"a": 1, "b": 3}, template.path)
    assert (own.auth_mode, own.standby_timer) == ("password", 5)
    change(world, operator.id, "mag", auth_mode="nonsense")
    assert world.portal.settings_for(operator, "mag", 0).auth_mode == ""


def test_the_telephone_prefixes_come_in_the_language(world: SubscriberWorld) -> None:
    operator = world.operator()
    answers = [world.portal.settings_for(operator, "mag", lang) for lang in (0, 1)]
    names = [{code.region_code: code.country_name for code in answer.phone_codes} for answer in answers]
    assert names[0].keys() == names[1].keys()
    assert names[0]["RU"] != names[1]["RU"]
    assert {code.country_code for code in answers[0].phone_codes if code.region_code == "RU"} == {"7"}


MEMINFO = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    250 kB\nHugePages_Total:       0\n"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with load 2 and three quarters of its memory used."""
    path = tmp_path / "meminfo"
    path.write_text(MEMINFO)
    monkeypatch.setattr(health_module, "used_memory_percent", lambda _path: used_memory_percent(path))
    monkeypatch.setattr("os.getloadavg", lambda: (2.0, 9.0, 9.0))
    return path


def health(database: Database, **settings: Any) -> HealthService:
    return HealthService(settings=SubscriberWorld(database, **settings).settings, database=database)


def test_usage_is_the_smaller_share_of_load_and_memory(sqlite_database: Database, host: Path) -> None:
    found = health(sqlite_database, MAX_LA=4, MAX_USED_MEM=90).check(databases=False)
    assert (found.usage, found.alive, found.connection_errors) == (0.5, True, ())
    found = health(sqlite_database, MAX_LA=1, MAX_USED_MEM=50).check(databases=True)
    assert (found.usage, found.alive) == (1.5, False)
    found = health(sqlite_database, MAX_LA=2, MAX_USED_MEM=75).check(databases=True)
    assert (found.usage, found.alive) == (1.0, False)


def test_a_database_that_is_away_makes_the_server_not_alive_when_asked_for(
    sqlite_database: Database, host: Path, tmp_path: Path
) -> None:
    given = {"MAX_LA": 4, "MAX_USED_MEM": 90, "RESERVED_SERVER_ADDRESSES": ["http://b.example"]}
    away = Database(f"sqlite:///{tmp_path / 'gone' / 'smarty.sqlite'}")
    service = HealthService(settings=SubscriberWorld(sqlite_database, **given).settings, database=away)
    assert service.check(databases=False).alive
    found = service.check(databases=True)
    assert (found.alive, found.connection_errors, found.reserved_servers) == (
        False, ("master: the database does not answer",), ("http://b.example",),
    )  # fmt: skip
    away.close()


@pytest.mark.parametrize("wrong", [{"MAX_LA": None}, {"MAX_LA": 0}, {"MAX_USED_MEM": -1}])
def test_limits_that_are_missing_or_wrong_are_a_configuration_error(
    sqlite_database: Database, host: Path, wrong: dict[str, Any]
) -> None:
    service = health(sqlite_database)
    object.__setattr__(service, "_settings", _Limits(**{"MAX_LA": 4, "MAX_USED_MEM": 90, **wrong}))
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        service.check(databases=False)


class _Limits:
    RESERVED_SERVER_ADDRESSES = ()

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


def test_this_host_tells_its_memory() -> None:
    assert 0 < used_memory_percent() < 100
