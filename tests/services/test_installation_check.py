"""What `check` finds out about servers, drivers and services outside."""

from __future__ import annotations

import importlib.metadata
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr
from stevedore.extension import Extension

from smarty_core.app import System, build_system
from smarty_core.config import Settings, load_settings
from smarty_core.contracts.driver import DriverSettings, Probe
from smarty_core.contracts.sms_backend import Receipt, Sms, SmsBackend
from smarty_core.errors import ConfigError, ProviderUnavailable
from smarty_core.plugins.discovery import Discovery, Injected
from smarty_core.services.configured_instances import ConfiguredInstances
from smarty_core.services.installation_check import Finding, check_cache, check_database, check_plugins
from smarty_core.services.installed_apps import missing_apps
from smarty_core.services.plugin_uses import uses_in_database
from smarty_core.storage.database import Database
from smarty_core.storage.models import Client, EpgSource, PluginAttribute, PluginInstance, StreamService


class ProviderSettings(DriverSettings):
    login: str
    password: SecretStr


class Provider(SmsBackend[ProviderSettings]):
    """Its probe answers what the login says."""

    Settings: ClassVar[type[DriverSettings]] = ProviderSettings
    legacy_names: ClassVar[tuple[str, ...]] = ("sms.backends.provider.ProviderBackend",)
    probed: ClassVar[list[str]] = []

    def send(self, sms: Sms) -> Receipt:
        raise AssertionError("a check sends nothing")

    def probe(self) -> Probe:
        self.probed.append(self.settings.password.get_secret_value())
        if self.settings.login == "away":
            raise ProviderUnavailable("no route to the provider")
        if self.settings.login == "mad":
            return None  # type: ignore[return-value]
        refused = self.settings.login == "refused"
        return Probe(not refused, "refused_credentials" if refused else "", "code 2" if refused else "")


@pytest.fixture
def discovery() -> Discovery:
    found = {}
    for namespace, name, target in (
        ("smarty.sms_backend", "provider", f"{__name__}:Provider"),
        ("smarty.geo_locator", "static", "smarty_core.builtin.static_locator:StaticLocator"),
        ("smarty.epg_parser", "dummy_source", "smarty_core.builtin.dummy_source:DummySource"),
        ("smarty.stream_router", "mask", "smarty_core.builtin.mask_router:MaskRouter"),
    ):
        point = importlib.metadata.EntryPoint(name, target, namespace)
        plugin = Provider if name == "provider" else point.load()
        extension = Extension(name, point, plugin, None)  # type: ignore[arg-type]
        found[namespace] = [Injected(extension, f"smarty-{name}", "1")]
    return Discovery(environ={}, injected=found)


@pytest.fixture
def system(sqlite_database: Database, discovery: Discovery, request: pytest.FixtureRequest) -> Iterator[System]:
    url = sqlite_database.urls.master.render_as_string(hide_password=False)
    built = build_system(
        Settings.for_tests(DATABASE_URL=url, **getattr(request, "param", {})), role="test", discovery=discovery
    )
    yield built
    built.stop()


def plugins(system: System, *, live: bool = False) -> list[Finding]:
    parts = {"settings": system.settings, "database": system.database, "registry": system.registry}
    return list(check_plugins(system.hooks, ConfiguredInstances(vault=system.vault, **parts), live=live))


def told(findings: list[Finding], verdict: str = "problem") -> list[str]:
    return [finding.text for finding in findings if finding.verdict == verdict]


def current(_database: Database) -> None:
    """A database of this release."""


def closed_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_database_that_answers_is_in_order(database_url: str) -> None:
    settings = Settings.for_tests(DATABASE_URL=database_url)

    findings = list(check_database(settings, current))

    assert {finding.verdict for finding in findings} == {"ok"}
    assert "answers" in findings[0].text


def test_an_outdated_database_is_told_with_every_line(sqlite_database: Database) -> None:
    def outdated(database: Database) -> None:
        raise ConfigError("first", "second")

    settings = Settings.for_tests(DATABASE_URL=str(sqlite_database.urls.master))

    assert told(list(check_database(settings, outdated))) == ["first", "second"]


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_servers_that_are_away_are_told_without_their_passwords(engine: str) -> None:
    entry = {"ENGINE": f"x.{engine}", "NAME": "n", "USER": "u", "PASSWORD": "geheim", "HOST": "127.0.0.1"}
    settings = Settings.for_tests(
        DATABASES={"default": {**entry, "PORT": closed_port()}, "slave": {**entry, "PORT": closed_port()}},
        REPLICATED_DATABASE_SLAVES=["slave"],
    )

    problems = told(list(check_database(settings, current)))

    assert len(problems) == 2
    assert "read replica" in problems[1]
    assert "geheim" not in "".join(problems)


def test_a_redis_that_answers_and_one_that_does_not(redis_url: str) -> None:
    here = Settings.for_tests(CACHE_URL=redis_url).cache
    away = Settings.for_tests(CACHE_URL=f"redis://:geheim@127.0.0.1:{closed_port()}/1").cache
    nodes = Settings.for_tests(CACHE_URL=f"redis+cluster://127.0.0.1:{closed_port()}").cache

    assert check_cache(here).verdict == "ok"
    assert [check_cache(address).verdict for address in (away, nodes)] == ["problem", "problem"]
    assert "geheim" not in check_cache(away).text
    assert check_cache(Settings.for_tests().cache) == Finding("cache", "ok", "kept in the process")


def test_an_installation_on_postgresql_and_redis_is_in_order_and_shares_its_cache(
    postgresql_database: Database, redis_url: str, tmp_path: Path, discovery: Discovery
) -> None:
    (tmp_path / "database").write_text(postgresql_database.urls.master.render_as_string(hide_password=False))
    settings = load_settings(
        None,
        environ={
            "SMARTY_DATABASE_URL": f"file:{tmp_path}/database",
            "SMARTY_CACHE_URL": redis_url,
            "SMARTY_SECRET_KEY": "a key that is long enough",
            "SMARTY_VAR_FOLDER": str(tmp_path / "var"),
        },
    )
    hosts = [build_system(settings, role="test", discovery=discovery) for _ in range(2)]
    try:
        found = [*check_database(settings, current), check_cache(settings.cache), *plugins(hosts[0])]
        hosts[0].cache.set("check", "seen", timeout=60)
        shared = hosts[1].cache.get("check")
    finally:
        for host in hosts:
            host.stop()

    assert {finding.verdict for finding in found} == {"ok"}
    assert found[0].text.startswith("postgresql")
    assert shared == "seen"


def test_nothing_configured_is_in_order(system: System) -> None:
    assert plugins(system, live=True) == [Finding("plugins", "ok", "no driver is configured")]


def test_broken_instances_are_told_wherever_they_are_configured(system: System) -> None:
    with system.database.write() as session:
        client = Client(name="Operator", domain_prefix="operator", uid="u", api_key="k")
        session.add(client)
        session.flush()
        session.add_all(
            [
                EpgSource(name="Guide", parser="dummy_source", attributes={"chanels": 3}),
                EpgSource(name="Switched off", parser="no_such_parser", enabled=False),
                StreamService(client_id=client.id, name="Streams", router="flussonic", mask="http://x/"),
                StreamService(client_id=client.id, name="Good", router="mask", mask="http://x/$prefix"),
                PluginInstance(
                    client_id=client.id,
                    capability="sms_backend",
                    driver="provider",
                    name="mine",
                    attributes=[PluginAttribute(key="login", value="x")],
                ),
            ]
        )

    findings = plugins(system)
    problems = told(findings)

    assert len(problems) == 3
    assert "EPG source 1 Guide (epg_parser dummy_source)" in problems[0]
    assert "did you mean" in problems[0]
    assert "stream service 1 Streams" in problems[1]
    assert "pip install smarty-flussonic" in problems[1]
    assert "instance 1 mine (sms_backend provider)" in problems[2]
    assert "this setting is required" in problems[2]
    assert told(findings, "ok") == ["stream service 2 Good (stream_router mask)"]


def test_settings_of_a_chosen_driver_are_bound_before_the_start(
    sqlite_database: Database, discovery: Discovery
) -> None:
    settings = Settings.for_tests(
        DATABASE_URL=sqlite_database.urls.master.render_as_string(hide_password=False),
        SMS_BACKEND="sms.backends.provider.ProviderBackend",
    )
    with pytest.raises(ConfigError) as caught:
        build_system(settings, role="test", discovery=discovery)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["PROVIDER_LOGIN", "PROVIDER_PASSWORD"]


def chosen(login: str) -> dict[str, Any]:
    return {"SMS_BACKEND": "provider", "PROVIDER_LOGIN": login, "PROVIDER_PASSWORD": "geheim"}


@pytest.mark.parametrize(
    ("system", "said"),
    [
        (chosen("good"), ""),
        (chosen("refused"), "the credentials are refused: code 2"),
        (chosen("away"), "no route to the provider"),
        (chosen("mad"), "no answer that can be read"),
    ],
    indirect=["system"],
)
def test_services_outside_are_asked_only_when_that_is_wanted(system: System, said: str) -> None:
    Provider.probed.clear()

    assert told(plugins(system)) == []
    assert Provider.probed == []
    problems = told(plugins(system, live=True))

    assert Provider.probed == ["geheim"]
    assert len(problems) == (1 if said else 0)
    assert all(said in problem and "geheim" not in problem for problem in problems)


def test_modules_that_are_plugins_here_name_the_command_that_installs_them(discovery: Discovery) -> None:
    apps = ["viewstats", "provider", "megogo", "cinema_start", "raven.contrib.django.raven_compat"]

    assert [line.rpartition(": ")[2] for line in missing_apps(Settings.for_tests(INSTALLED_APPS=apps), discovery)] == [
        "pip install smarty-megogo",
        "pip install smarty-cinema-start",
    ]


def test_locators_that_operators_chose_by_name_are_looked_at_too(system: System) -> None:
    with system.database.write() as session:
        for name, locator in (("first", "static"), ("second", "nowhere"), ("third", "mine"), ("fourth", "")):
            client = Client(name=name, domain_prefix=name, api_key="k", geo_locator=locator)
            session.add(client)
            session.flush()
            if locator == "mine":
                session.add(PluginInstance(client_id=client.id, capability="geo_locator", driver="static", name="mine"))
    found = plugins(system)
    assert [text.partition(" (")[0] for text in told(found, "ok")] == [
        "instance 1 mine",
        "geo locator of operator 1 first",
    ]
    (problem,) = told(found)
    assert problem.startswith("geo locator of operator 2 second (geo_locator nowhere)")
    assert "pip install smarty-geo-nowhere" in problem
    assert uses_in_database(system.database)["geo_locator", "nowhere"] == ["operator 2 second"]
