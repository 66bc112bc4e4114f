"""Drivers by name, their settings, and one object per configured instance."""

from __future__ import annotations

import dataclasses
import threading
import time
from typing import Any

import pytest

from smarty_core.contracts import CONTRACTS
from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import ConfigError, DriverBroken, DriverNotFound
from smarty_core.plugins.discovery import Injected
from smarty_core.plugins.registry import DriverRegistry

from .samples import Abstract, FalsyLocator, InlineLocator, Locator, extension, injected, registry

GEO = "geo_locator"


def locators(**drivers: object) -> dict[str, list[Injected]]:
    return injected("smarty.geo_locator", **drivers)


def one(driver: object) -> DriverRegistry:
    return registry(locators(folder=driver))


def test_a_driver_that_is_not_installed_says_what_to_install() -> None:
    with pytest.raises(DriverNotFound, match="pip install smarty-geo-maxmind"):
        one(Locator).driver_class(GEO, "maxmind")
    with pytest.raises(DriverNotFound, match="pip install smarty-epg-xmltv"):
        one(Locator).driver_class("epg_parser", "xmltv_common")
    with pytest.raises(DriverNotFound, match="pip install smarty-payture"):
        one(Locator).driver_class("payment_gateway", "payture")


def test_the_nearest_installed_name_is_suggested() -> None:
    with pytest.raises(DriverNotFound, match="did you mean 'folder'"):
        one(Locator).driver_class(GEO, "foldr")
    with pytest.raises(DriverNotFound, match="did you mean 'geo_locator'"):
        one(Locator).names("geo_locater")


def test_a_name_of_the_original_product_is_understood() -> None:
    found = one(Locator)
    assert found.driver_class(GEO, "geo.backends.folder.FolderBackend") is Locator
    assert found.canonical(GEO, "geo.backends.folder.FolderBackend") == "folder"
    assert found.instance(GEO, "geo.backends.folder.FolderBackend", "1", {"folder": "/x"}) is found.instance(
        GEO, "folder", "1", {"folder": "/x"}
    )


def test_an_unknown_old_name_is_not_found_although_another_driver_is_broken() -> None:
    found = registry(locators(folder=Locator, bad=object))
    assert found.canonical(GEO, "geo.backends.folder.FolderBackend") == "folder"
    with pytest.raises(DriverNotFound, match="pip install smarty-geo-smscru"):
        found.canonical(GEO, "sms.backends.smscru.SMSCBackend")


@pytest.mark.parametrize("wrong", [object, str, "not a class", Abstract, None.__class__])
def test_a_class_that_is_not_of_the_contract_is_broken(wrong: object) -> None:
    with pytest.raises(DriverBroken, match="not a subclass of GeoLocator"):
        one(wrong).driver_class(GEO, "folder")


def test_a_class_that_lacks_a_method_is_broken_and_says_which() -> None:
    found = registry(injected("smarty.sms_backend", half=Abstract))
    with pytest.raises(DriverBroken, match="does not implement send"):
        found.driver_class("sms_backend", "half")


def contracts(number: int) -> Any:
    return {**CONTRACTS, GEO: dataclasses.replace(CONTRACTS[GEO], number=number)}


@pytest.mark.parametrize(("core", "driver", "said"), [(3, 3, ""), (3, 2, "written for contract 2")])
def test_this_and_the_last_contract_number_are_served(
    core: int, driver: int, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    kind = type("Numbered", (Locator,), {"contract": driver})
    assert registry(locators(folder=kind), contracts=contracts(core)).driver_class(GEO, "folder") is kind
    assert said in caplog.text
    assert bool(said) == bool(caplog.records)


@pytest.mark.parametrize(("core", "driver"), [(3, 1), (3, 4)])
def test_other_contract_numbers_are_broken(core: int, driver: int) -> None:
    kind = type("Numbered", (Locator,), {"contract": driver})
    with pytest.raises(DriverBroken, match=f"contract {driver}.*serves {core} and {core - 1}"):
        registry(locators(folder=kind), contracts=contracts(core)).driver_class(GEO, "folder")


def test_every_mistake_in_settings_is_reported_with_its_path() -> None:
    with pytest.raises(ConfigError) as caught:
        one(Locator).make(GEO, "folder", "main", {"foldr": "/x", "retries": "many"}, "GEO_LOCATORS[0]")
    assert caught.value.problems == (
        "GEO_LOCATORS[0].folder: this setting is required",
        "GEO_LOCATORS[0].retries: Input should be a valid integer, unable to parse string as an integer",
        "GEO_LOCATORS[0].foldr: unknown setting; did you mean 'GEO_LOCATORS[0].folder'?",
    )


def test_a_prefix_gives_names_as_they_stand_in_the_settings_file() -> None:
    with pytest.raises(ConfigError) as caught:
        one(Locator).make(GEO, "folder", "main", {"foldr": "/x"}, "FOLDER_GEO_")
    assert "FOLDER_GEO_FOLDR: unknown setting; did you mean 'FOLDER_GEO_FOLDER'?" in caught.value.problems


def test_a_secret_never_stands_in_a_message(caplog: pytest.LogCaptureFixture) -> None:
    raw = {"folder": "/x", "password": "abc", "retries": "hunter2", "passwrd": "s3cret"}
    with pytest.raises(DriverBroken) as caught:
        one(Locator).instance(GEO, "folder", "1", raw)
    for secret in ("abc", "hunter2", "s3cret"):
        assert secret not in str(caught.value)
        assert secret not in caplog.text
    assert "password: the value is not valid" in str(caught.value)


def test_rows_of_text_become_typed_values() -> None:
    raw = {"folder": "[not json", "languages": '["ru", "en"]', "retries": "5"}
    driver = one(Locator).make(GEO, "folder", "main", raw, "x")
    assert driver.settings.languages == ("ru", "en")
    assert (driver.settings.retries, driver.settings.folder) == (5, "[not json")


@pytest.mark.parametrize("kind", [Locator, InlineLocator])
def test_a_constructor_that_fails_is_broken_not_fatal(kind: type[Locator]) -> None:
    class Failing(kind):  # type: ignore[misc, valid-type]
        def __init__(self, *_args: Any) -> None:
            raise OSError("no such file")

    with pytest.raises(DriverBroken, match="OSError: no such file"):
        one(Failing).make(GEO, "folder", "main", {"folder": "/x"}, "x")


def test_a_constructor_that_hangs_is_given_up() -> None:
    release = threading.Event()

    class Hanging(Locator):
        deadline = 0.2

        def __init__(self, *_args: Any) -> None:
            release.wait()

    begun = time.monotonic()
    with pytest.raises(DriverBroken, match="took too long"):
        one(Hanging).make(GEO, "folder", "main", {"folder": "/x"}, "x")
    assert time.monotonic() - begun < 5
    release.set()


def test_a_driver_that_is_false_in_a_condition_is_still_the_driver() -> None:
    found = one(FalsyLocator)
    driver = found.instance(GEO, "folder", "1", {"folder": "/x"})
    assert isinstance(driver.driver, FalsyLocator)
    assert driver.call("locate", "x") == Place("RU")
    assert found.instance(GEO, "folder", "1", {"folder": "/x"}) is driver


def test_equal_settings_give_the_same_object_and_changed_ones_another() -> None:
    found = one(InlineLocator)
    first = found.instance(GEO, "folder", "7", {"folder": "/x"})
    assert found.instance(GEO, "folder", "7", {**{"folder": "/x"}}) is first
    other = found.instance(GEO, "folder", "8", {"folder": "/x"})
    assert other is not first
    second = found.instance(GEO, "folder", "7", {"folder": "/y"})
    assert second.driver.settings.folder == "/y"
    assert (first.driver.closed, other.driver.closed, second.driver.closed) == (1, 0, 0)  # type: ignore[attr-defined]


def test_settings_changed_in_place_by_the_caller_are_noticed() -> None:
    found, raw = one(InlineLocator), {"folder": "/x", "languages": ["ru"]}
    first = found.instance(GEO, "folder", "7", raw)
    raw["languages"].append("en")  # type: ignore[attr-defined]
    assert found.instance(GEO, "folder", "7", raw) is not first


def test_an_instance_that_gets_another_driver_lets_go_of_the_old_one() -> None:
    found = registry(locators(folder=InlineLocator, other=Locator))
    first = found.instance(GEO, "folder", "7", {"folder": "/x"})
    found.instance(GEO, "other", "7", {"folder": "/x"})
    assert first.driver.closed == 1  # type: ignore[attr-defined]
    assert [state.driver for state in found.instances()] == ["other"]


def test_wrong_settings_break_the_instance_until_they_change() -> None:
    made = []

    class Counting(InlineLocator):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            made.append(1)
            if self.settings.folder == "/bad":
                raise OSError("no")

    found = one(Counting)
    for _ in range(3):
        with pytest.raises(DriverBroken, match="OSError"):
            found.instance(GEO, "folder", "7", {"folder": "/bad"})
    assert len(made) == 1
    assert "OSError" in found.instances()[0].problem
    assert found.instance(GEO, "folder", "7", {"folder": "/good"}).call("locate", "x") == Place("RU")
    assert found.instances()[0].problem == ""


def test_many_threads_asking_at_once_get_one_object() -> None:
    found, got = one(Locator), []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        got.append(found.instance(GEO, "folder", "7", {"folder": "/x"}))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len(set(got)) == 1


def test_a_chain_goes_on_without_its_broken_link_but_not_without_a_missing_one() -> None:
    found = registry(locators(folder=Locator, bad=object, zone=InlineLocator))
    assert found.chain(GEO, ["zone", "bad", "folder"]) == [("zone", InlineLocator), ("folder", Locator)]
    with pytest.raises(DriverNotFound):
        found.chain(GEO, ["zone", "missing"])


def test_closing_closes_everything_and_waits_for_no_hanging_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smarty_core.plugins.registry.CLOSE_SECONDS", 0.3)
    release = threading.Event()

    class Hanging(Locator):
        def close(self) -> None:
            release.wait()

    found = registry(locators(folder=Locator, hanging=Hanging))
    good = found.instance(GEO, "folder", "1", {"folder": "/x"})
    found.instance(GEO, "hanging", "2", {"folder": "/x"})
    begun = time.monotonic()
    found.close()
    assert time.monotonic() - begun < 5
    assert good.driver.closed == 1  # type: ignore[attr-defined]
    release.set()


def test_two_distributions_with_one_driver_name_break_that_name_only() -> None:
    found = locators(zone=InlineLocator)
    found["smarty.geo_locator"] += [
        Injected(extension("twice", Locator), "smarty-a"),
        Injected(extension("twice", InlineLocator), "smarty-b"),
    ]
    drivers = registry(found)
    with pytest.raises(DriverBroken, match="smarty-a and smarty-b"):
        drivers.driver_class(GEO, "twice")
    assert drivers.driver_class(GEO, "zone") is InlineLocator
