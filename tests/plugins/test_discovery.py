"""What is found, what is refused, and that no import of a plugin can hurt."""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import itertools
import sys
import time
import types
from typing import Any

import pytest
from stevedore.extension import Extension

from smarty_core.errors import DriverBroken, DriverNotFound
from smarty_core.plugins.discovery import Discovery, Injected, plugin_of

from .samples import InlineLocator, Locator, extension, injected

GEO = "smarty.geo_locator"
_numbers = itertools.count()


def from_code(name: str, code: str, monkeypatch: pytest.MonkeyPatch) -> Extension[Any]:
    """An entry point whose module runs `code` when it is imported."""

    module_name = f"broken_{name}_{next(_numbers)}"

    class Finder:
        @staticmethod
        def find_spec(wanted: str, _path: object = None, _target: object = None) -> Any:
            if wanted != module_name:
                return None
            return importlib.machinery.ModuleSpec(wanted, Finder)  # type: ignore[arg-type]

        @staticmethod
        def create_module(spec: Any) -> types.ModuleType:
            return types.ModuleType(spec.name)

        @staticmethod
        def exec_module(module: types.ModuleType) -> None:
            exec(code, module.__dict__)

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    return extension(name, None, target=f"{module_name}:Thing")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import no_such_module_anywhere", "ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
        ("assert False, 'not on this platform'", "AssertionError: not on this platform"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("1 / 0", "ZeroDivisionError"),
        ("Other = 1", "AttributeError"),
    ],
)
def test_whatever_an_import_raises_makes_only_that_plugin_broken(
    code: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = from_code("bad", code, monkeypatch)
    discovery = Discovery(environ={}, injected={GEO: [Injected(broken), Injected(extension("good", Locator))]})
    with pytest.raises(DriverBroken, match="import failed") as caught:
        discovery.load(GEO, "bad")
    assert said in str(caught.value)
    assert discovery.load(GEO, "good") is Locator


def test_an_import_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = from_code("slow", "import threading; threading.Event().wait()", monkeypatch)
    discovery = Discovery(environ={}, injected={GEO: [Injected(hanging)]}, import_deadline=0.2)
    begun = time.monotonic()
    with pytest.raises(DriverBroken, match="did not finish"):
        discovery.load(GEO, "slow")
    assert time.monotonic() - begun < 5


def test_a_failed_import_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys; sys.smarty_test_count = getattr(sys, 'smarty_test_count', 0) + 1; raise ImportError('x')"
    monkeypatch.setattr(sys, "smarty_test_count", 0, raising=False)
    discovery = Discovery(environ={}, injected={GEO: [Injected(from_code("bad", code, monkeypatch))]})
    for _ in range(3):
        with pytest.raises(DriverBroken):
            discovery.load(GEO, "bad")
    assert sys.smarty_test_count == 1  # type: ignore[attr-defined]


def test_one_name_from_two_distributions_is_refused_naming_both() -> None:
    both = [Injected(extension("x", Locator), "smarty-one"), Injected(extension("x", InlineLocator), "smarty-two")]
    discovery = Discovery(environ={}, injected={GEO: [*both, Injected(extension("y", Locator), "smarty-y")]})
    with pytest.raises(DriverBroken, match=r"provided by smarty-one and smarty-two"):
        discovery.load(GEO, "x")
    assert discovery.load(GEO, "y") is Locator


def test_disabling_one_of_two_providers_settles_the_conflict() -> None:
    both = [Injected(extension("x", Locator), "smarty-one"), Injected(extension("x", InlineLocator), "smarty-two")]
    discovery = Discovery(environ={"SMARTY_DISABLE_PLUGINS": "smarty-two"}, injected={GEO: both})
    assert discovery.load(GEO, "x") is Locator


@pytest.mark.parametrize("word", ["static", "geo_static", "smarty-geo-static"])
def test_a_plugin_is_disabled_by_any_of_its_names(word: str) -> None:
    found = {GEO: [Injected(extension("static", Locator), "smarty-geo-static")]}
    discovery = Discovery(environ={"SMARTY_DISABLE_PLUGINS": f"other, {word}"}, injected=found)
    with pytest.raises(DriverNotFound, match="disabled"):
        discovery.load(GEO, "static")


def test_the_cores_own_entry_points_come_first() -> None:
    found = injected(GEO, alpha=Locator, beta=Locator)
    found[GEO].append(Injected(extension("zulu", Locator), "smarty-core"))
    names = [provider.name for provider in Discovery(environ={}, injected=found).providers(GEO)]
    assert names == ["zulu", "alpha", "beta"]


def test_installed_entry_points_are_known_with_their_distribution() -> None:
    """stevedore's cached entry points do not know who brought them; ours do."""
    discovery = Discovery(environ={})
    (found,) = [p for p in discovery.providers("console_scripts") if p.name == "pluggy" or p.name == "alembic"]
    assert found.distribution == "alembic"
    assert found.version == importlib.metadata.version("alembic")
    assert callable(discovery.load("console_scripts", "alembic"))


def test_short_names_of_plugins() -> None:
    assert plugin_of("smarty-epg-xmltv") == "epg_xmltv"
    assert plugin_of("Smarty.Core") == "core"
