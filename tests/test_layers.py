"""The rules of docs/architecture.md about who may import what, held over every module of the repository."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = ROOT / "smarty_core"
PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))

RANKS = {
    "errors": 0,
    "values": 1,
    "contracts": 2, "events": 2,
    "hookspecs": 3, "config": 3, "api": 3,
    "http": 4, "plugins": 4, "storage": 4, "builtin": 4,
    "services": 5,
    "web": 6,
    "app": 7,
    "cli": 8, "testing": 8,
    "__main__": 9,
}  # fmt: skip

FOR_PLUGINS = {"contracts", "hookspecs", "errors", "values", "config", "http", "api"}

ONLY_FOR_TYPES = {
    # Drivers and hooks are handed the `Host`, methods of the web the `System` they work with.
    ("contracts", "smarty_core.api.host", "Host"),
    ("hookspecs", "smarty_core.api.host", "Host"),
    ("web", "smarty_core.app", "System"),
}
"""Upward, and only for the type checker: the one name of what is handed down from above."""

JOINING = {"services/periodic.py", "services/plugin_facades.py"}
"""Services that go over a finished system as a whole; they name `System` for the type checker as well."""

BORDERS = {
    "pluggy": {"hookspecs", "plugins"},
    "stevedore": {"plugins"},
    "requests": {"http"},
    "urllib3": {"http"},
    "redis": {"storage", "testing"},
    "sqlalchemy": {"storage", "services", "api", "plugins", "testing"},
    "starlette": {"web", "plugins", "contracts", "cli", "testing"},
    "uvicorn": {"cli"},
    "typer": {"cli"},
}
"""Libraries that only some packages know (`http` outside: plugins bring their own)."""


@dataclass(frozen=True)
class Import:
    """`from module import name` (name "" for `import module`) at a line; `typing`: under `if TYPE_CHECKING`."""

    module: str
    name: str
    line: int
    typing: bool


def imports(path: Path, package: str) -> Iterator[Import]:
    """Everything `path` imports, wherever in the file; `package` resolves relative imports."""

    def walk(node: ast.AST, typing: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, "", node.lineno, typing) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = ".".join(parents[: len(parents) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield from (Import(module, alias.name, node.lineno, typing) for alias in node.names)
        elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for child in node.body:
                yield from walk(child, True)
            for child in node.orelse:
                yield from walk(child, typing)
        else:
            for child in ast.iter_child_nodes(node):
                yield from walk(child, typing)

    yield from walk(ast.parse(path.read_text("utf-8")), False)


def modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def package_of(path: Path) -> str:
    """The dotted package that relative imports of a core module count from."""
    return ".".join(path.relative_to(ROOT).parent.parts)


def part_of(module: str, name: str = "") -> str:
    """`services` of `smarty_core.services.login`; of `from smarty_core import values` it is `values`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else name


def upward(path: Path, package: str, own: str) -> Iterator[str]:
    """What breaks the ranks in one module that belongs to `own`."""
    for found in imports(path, package):
        if found.module.split(".")[0] != "smarty_core":
            continue
        target = part_of(found.module, found.name)
        if target in ("", "__version__", own):
            continue
        if target not in RANKS:
            yield f"{path}:{found.line}: {target} has no rank"
        elif RANKS[target] >= RANKS[own]:
            if found.typing and may_be_named(path, own, found):
                continue
            yield f"{path}:{found.line}: {own} (rank {RANKS[own]}) imports {target} (rank {RANKS[target]})"


def may_be_named(path: Path, own: str, found: Import) -> bool:
    if path.is_relative_to(CORE) and str(path.relative_to(CORE)) in JOINING:
        return (found.module, found.name) == ("smarty_core.app", "System")
    return (own, found.module, found.name) in ONLY_FOR_TYPES


def own_part(path: Path) -> str:
    return path.relative_to(CORE).parts[0].removesuffix(".py")


def test_every_package_has_a_rank() -> None:
    found = {own_part(path) for path in modules(CORE)} - {"__init__"}
    assert found == set(RANKS)


def test_a_module_imports_its_own_package_and_lower_ranks_only() -> None:
    wrong = [line for path in modules(CORE) if own_part(path) in RANKS
             for line in upward(path, package_of(path), own_part(path))]  # fmt: skip
    assert wrong == []


def test_the_architecture_page_names_the_same_ranks() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    told = {}
    for rank, names in re.findall(r"^\| (\d) \| ([^|]+) \|", page, re.MULTILINE):
        for name in re.findall(r"`(\w+)`", names):
            told[name] = int(rank)
    assert told == {name: rank for name, rank in RANKS.items() if name != "__main__"}
    sentence = re.search(r"A plugin imports ([^.]+?), in its tests", page)
    assert sentence is not None
    assert set(re.findall(r"`(\w+)`", sentence[1])) == FOR_PLUGINS


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_imports_only_what_is_public(plugin: Path) -> None:
    assert modules(plugin / "src")
    (package,) = [path.name for path in (plugin / "src").iterdir() if (path / "__init__.py").exists()]
    others = {name for other in PLUGINS if other != plugin for name in packages(other)}
    for path in modules(plugin / "src"):
        for found in imports(path, ".".join(path.relative_to(plugin / "src").parent.parts)):
            top = found.module.split(".")[0]
            assert top not in others, f"{path}:{found.line}: a plugin imports another plugin"
            assert not top.startswith("smarty_") or top in ("smarty_core", package), f"{path}:{found.line}"
            if top == "smarty_core":
                assert part_of(found.module, found.name) in FOR_PLUGINS, f"{path}:{found.line}: {found.module}"


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_a_plugins_tests_import_the_kit_and_itself(plugin: Path) -> None:
    others = {name for other in PLUGINS if other != plugin for name in packages(other)}
    for path in modules(plugin / "tests") if (plugin / "tests").exists() else []:
        for found in imports(path, ""):
            top = found.module.split(".")[0]
            assert top not in others, f"{path}:{found.line}: a plugin's test imports another plugin"
            if top == "smarty_core":
                part = part_of(found.module, found.name)
                assert part in FOR_PLUGINS | {"testing", "events", "plugins"}, f"{path}:{found.line}: {found.module}"


def packages(plugin: Path) -> list[str]:
    return [path.name for path in (plugin / "src").iterdir() if path.is_dir()]


def test_the_core_imports_no_plugin() -> None:
    named = {name for plugin in PLUGINS for name in packages(plugin)}
    assert named
    for path in modules(CORE):
        for found in imports(path, package_of(path)):
            assert found.module.split(".")[0] not in named, f"{path}:{found.line}"


def providers() -> set[str]:
    """Names of outside services: of the plugins there are, and of those the design names."""
    named = {"megogo", "payture", "smsc", "mobipace", "wowza", "nimble", "astra", "irdeto", "fortebank", "tvzavr",
             "hydra", "teleguide", "epgservice", "maxmind", "ip2location", "ipgeobase", "microimpuls"}  # fmt: skip
    for plugin in PLUGINS:
        project = tomllib.loads((plugin / "pyproject.toml").read_text("utf-8"))["project"]
        for namespace, points in project.get("entry-points", {}).items():
            if namespace != "smarty.epg_parser":  # these name a format, not a company
                named.update(points)
    return named - {"sample_video"}


KNOWING = {
    "plugins/known.py",  # which distribution to install, for an error message
    "services/setup/sample.py",  # the sample operator's video servers are rows like any other's
    "services/installed_apps.py",  # applications of old settings files, by their documented names
}


def test_nobody_outside_plugins_knows_a_provider() -> None:
    """No identifier holds a provider's name, and no text in the code is one (`if driver == "payture"`)."""
    names = providers()
    assert "flussonic" in names
    word = re.compile(rf"(?i)(?<![a-z])({'|'.join(sorted(names))})(?![a-z])")
    wrong = []
    for path in modules(CORE):
        where = str(path.relative_to(CORE))
        if where in KNOWING or where.startswith("config/"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant):
                if isinstance(node.value, str) and node.value.lower() in names:
                    wrong.append(f"{where}:{node.lineno}: {node.value!r}")
                continue
            for text in identifiers(node):
                if word.search(text.replace("_", " ")):
                    wrong.append(f"{where}:{getattr(node, 'lineno', 0)}: {text}")
    assert wrong == []


def identifiers(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.arg, ast.keyword)) and node.arg:
        yield node.arg
    elif isinstance(node, ast.alias):
        yield node.asname or node.name


@pytest.mark.parametrize("library", BORDERS)
def test_a_library_is_known_where_it_belongs(library: str) -> None:
    for path in modules(CORE):
        for found in imports(path, package_of(path)):
            if found.module.split(".")[0] == library:
                assert own_part(path) in BORDERS[library], f"{path}:{found.line} imports {library}"


def test_no_module_is_a_drawer() -> None:
    """Names say what a module is about; a module is split before it has 400 lines."""
    for path in [*modules(CORE), *(module for plugin in PLUGINS for module in modules(plugin / "src"))]:
        assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}, path
        if "migrations" not in path.parts:
            assert len(path.read_text("utf-8").splitlines()) <= 400, path


def test_the_rules_notice_what_breaks_them(tmp_path: Path) -> None:
    module = tmp_path / "bad.py"
    module.write_text(
        "from typing import TYPE_CHECKING\nfrom smarty_core.web.method import Method\n"
        "import smarty_core.plugins.hooks\nfrom smarty_core import app\nfrom ..services import login\n"
        "if TYPE_CHECKING:\n    from smarty_core.cli import main\n    from smarty_core.app import System\n"
        "def late():\n    from smarty_core.nowhere import x\n    from smarty_core.errors import NotFound\n"
    )
    lines = [line.rpartition(":")[0].rpartition(":")[2] for line in upward(module, "smarty_core.storage", "storage")]
    assert lines == ["2", "3", "4", "5", "7", "8", "10"]
    assert [line.rpartition(": ")[2] for line in upward(module, "smarty_core.web", "web")] == [
        "web (rank 6) imports app (rank 7)", "web (rank 6) imports cli (rank 8)", "nowhere has no rank",
    ]  # fmt: skip
