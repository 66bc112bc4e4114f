"""The documentation is complete and true: everything an outsider meets is on a page, and the pages are current."""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from pydantic.fields import FieldInfo

from smarty_core.cli.public_api import facades, public_api_page
from smarty_core.cli.reference import commands, commands_page
from smarty_core.config.derived import LOG_NAMES
from smarty_core.config.reference import settings_page
from smarty_core.config.settings import SECTIONS
from smarty_core.contracts import CONTRACTS
from smarty_core.contracts.driver import Driver, DriverSettings
from smarty_core.hookspecs import HOOKS
from smarty_core.hookspecs.reference import contracts_page, hooks_page
from smarty_core.web.reference import api_page
from smarty_core.web.surfaces import api_routes

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *(plugin / "README.md" for plugin in PLUGINS)]

GENERATED = {
    "settings.md": settings_page,
    "hooks.md": hooks_page,
    "contracts.md": contracts_page,
    "commands.md": commands_page,
    "api.md": api_page,
    "public-api.md": public_api_page,
}


def reference(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_is_current(name: str) -> None:
    assert reference(name) == GENERATED[name](), "run `make docs`"


def test_make_docs_renews_every_generated_page() -> None:
    recipe = (ROOT / "Makefile").read_text("utf-8")
    for name in GENERATED:
        (module,) = re.findall(r"Made by `python -m ([\w.]+)", reference(name))
        assert f"-m {module}" in recipe, module


def test_every_hook_and_contract_is_described() -> None:
    page = reference("hooks.md")
    for name in HOOKS:
        assert f"### `{name}`" in page
    page = reference("contracts.md")
    for capability in CONTRACTS:
        assert f"## `smarty.{capability}`" in page


def test_every_setting_is_described() -> None:
    page = reference("settings.md")
    for section in SECTIONS:
        for name in section.model_fields:
            assert re.search(rf"\b{name}\b", page), name


def test_every_command_and_option_is_described() -> None:
    found = commands()
    assert {"migrate", "serve", "epg_import", "flushall", "plugins"} <= set(found)
    parts = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", reference("commands.md"), re.MULTILINE | re.DOTALL))
    for name, command in found.items():
        assert command.help, f"{name} does not say what it does"
        for param in command.params:
            assert param.help or param.name == "help", f"{name}: {param.name} does not say what it is"
            for option in param.opts if param.param_type_name == "option" and "--help" not in param.opts else ():
                assert f"`{option}`" in parts[name], f"{name} {option}"


def test_every_api_method_with_all_its_codes_is_described() -> None:
    page = reference("api.md")
    parts = re.findall(r"^### (\w+)\n\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
    known = {(name, text.split("`")[1]): text for name, text in parts}
    routes = list(api_routes())
    assert len(known) == len(routes)
    for endpoint in routes:
        method = endpoint.method
        text = known[method.name, f"{method.verb} {endpoint.path}"]
        for code, meaning in method.codes.items():
            assert f"| {code} | {meaning}" in text, f"{method.name}: {code}"
        for item in (*endpoint.params, *endpoint.answer):
            assert f"| `{item.name}` |" in text, f"{method.name}: {item.name}"
        for code, meaning in endpoint.surface.codes.items():
            assert f"{code} {meaning}" in page


def test_everything_a_host_offers_is_described() -> None:
    page = reference("public-api.md")
    for name, kind in facades().items():
        assert f"## `host.{name}`" in page
        if kind is str:
            continue
        for method in (method for method in vars(kind) if not method.startswith("_")):
            assert re.search(rf"^`?{method}\b", page, re.MULTILINE), f"host.{name}.{method}"


@dataclass(frozen=True)
class Raised:
    """An event as the code writes it; `keys` are those named in the call, `open`: more may come from a variable."""

    name: str
    keys: frozenset[str]
    open: bool
    where: str


EVENT = re.compile(r"[A-Z]{2,}(_[A-Z]+)+$")
WRITERS = {"log_event", "info", "warning", "error", "debug", "exception", "_after", "_pair"}
"""Functions that write an event named in their arguments; `_after` and `_pair` are those of modules that write many."""


def raised() -> Iterator[Raised]:
    """Every log event in the code of the core and of the plugins."""
    files = [*(ROOT / "smarty_core").rglob("*.py"), *(ROOT / "plugins").glob("*/src/**/*.py")]
    for path in sorted(path for path in files if "testing" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if function not in WRITERS:
                continue
            for argument in node.args:
                if isinstance(argument, ast.Constant) and EVENT.match(str(argument.value)):
                    names = {keyword.arg for keyword in node.keywords}
                    keys = frozenset(name for name in names if name and name not in ("exc_info", "stacklevel"))
                    more = None in names or function == "_pair"
                    yield Raised(str(argument.value), keys, more, f"{path.relative_to(ROOT)}:{node.lineno}")


def described_events() -> dict[str, set[str]]:
    rows = re.findall(r"^\| ([A-Z_]+) \| [A-Z]+ \| ([^|]*) \|", reference("log-events.md"), re.MULTILINE)
    return {name: {key.strip() for key in keys.split(",") if key.strip()} for name, keys in rows}


def test_every_log_event_is_described_with_its_exact_keys() -> None:
    described, found = described_events(), list(raised())
    assert {"LOGIN_SUCCESS", "EPG_REMOVED", "OBJECT_CACHED"} <= {event.name for event in found}
    for event in found:
        assert event.name in described, f"{event.where}: {event.name}"
        if event.open:
            assert event.keys <= described[event.name], f"{event.where}: {event.name}"
        else:
            assert event.keys == described[event.name], f"{event.where}: {event.name}"


def test_no_log_event_is_described_that_nobody_writes() -> None:
    assert set(described_events()) == {event.name for event in raised()}


def test_described_logs_exist() -> None:
    named = re.findall(r"^## smarty_(\w+)$", reference("log-events.md"), re.MULTILINE)
    assert named
    assert set(named) <= set(LOG_NAMES)


LINK = re.compile(r"(?<!\!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")


def anchors(text: str) -> set[str]:
    """What headings can be jumped to, as the usual viewers make it from their words."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for link in (left or right for left, right in LINK.findall(text)):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = unquote(link).partition("#")
        path = (page.parent / target) if target else page
        assert path.exists(), f"{page.relative_to(ROOT)} links to {link}"
        if anchor and path.suffix == ".md":
            assert anchor in anchors(path.read_text("utf-8")), f"{page.relative_to(ROOT)} links to {link}"


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    reached, left = {index}, [index, ROOT / "README.md"]
    while left:
        page = left.pop()
        for link in (first or second for first, second in LINK.findall(page.read_text("utf-8"))):
            path = (page.parent / link.partition("#")[0]).resolve()
            if path.suffix == ".md" and path.exists() and path not in reached:
                reached.add(path)
                left.append(path)
    assert set((ROOT / "docs").rglob("*.md")) <= reached


def project(folder: Path) -> dict[str, object]:
    found: dict[str, object] = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def test_every_dependency_has_a_reason() -> None:
    page = (ROOT / "docs" / "decisions" / "dependencies.md").read_text("utf-8")
    reasons = dict(re.findall(r"^\| ([\w-]+) \| (.+) \|$", page, re.MULTILINE))
    reasons.pop("distribution")
    facts = project(ROOT)
    written = [*facts["dependencies"], *(d for group in facts["optional-dependencies"].values() for d in group)]  # type: ignore[attr-defined,misc]
    names = {re.split(r"[\[<>=;! ]", dependency)[0] for dependency in written}
    assert set(reasons) == names


def settings_models(plugin: Path) -> list[type[DriverSettings]]:
    """Settings models of the drivers a plugin declares."""
    found = []
    for namespace, points in project(plugin).get("entry-points", {}).items():  # type: ignore[attr-defined]
        if namespace == "smarty.hooks":
            continue
        for target in points.values():
            module, _, name = target.partition(":")
            driver = getattr(importlib.import_module(module), name)
            assert issubclass(driver, Driver)
            found.append(driver.Settings)
    return found


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_a_plugins_readme_lists_exactly_its_settings(plugin: Path) -> None:
    readme = (plugin / "README.md").read_text("utf-8")
    fields: dict[str, FieldInfo] = {}
    for model in settings_models(plugin):
        fields.update(model.model_fields)
    tables = re.findall(r"^\| setting \|.*\n\|[-|]+\n((?:\|.*\n)*)", readme, re.MULTILINE)
    listed = re.findall(r"^\| `(\w+)` \|", "".join(tables), re.MULTILINE)
    assert set(listed) == set(fields)
    assert (plugin / "CHANGELOG.md").read_text("utf-8").strip()


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_has_an_entry_point_and_inherits_the_suite_of_each_capability(plugin: Path) -> None:
    points = project(plugin).get("entry-points", {})
    assert points
    capabilities = {namespace.removeprefix("smarty.") for namespace in points} - {"hooks"}  # type: ignore[attr-defined]
    assert capabilities <= set(CONTRACTS)
    tests = "".join(path.read_text("utf-8") for path in sorted((plugin / "tests").rglob("test_*.py")))
    assert tests, "a plugin without tests"
    for capability in capabilities:
        module = importlib.import_module(f"smarty_core.testing.suite.{capability}")
        suites = [name for name in vars(module) if name.endswith("Suite")]
        inherited = re.findall(r"^class Test\w+\(([^)]*)\)", tests, re.MULTILINE)
        assert any(name in bases for bases in inherited for name in suites), f"no suite of {capability} is inherited"


def test_no_page_speaks_of_where_it_was_written() -> None:
    for page in PAGES:
        text = page.read_text("utf-8")
        for word in ("/work/", "/tmp/", "/home/"):
            assert word not in text, f"{page.relative_to(ROOT)}: {word}"
