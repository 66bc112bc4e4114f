"""Runs a settings file: Python assignments over the product's defaults.

The file sees a package `settings` made of its own folder. `from settings.base import *` (or `from .base import *`)
brings the file `base.py` beside it, or the product's own defaults when there is none.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from smarty_core.config.names import nearest
from smarty_core.errors import ConfigError

PACKAGE: Final = "settings"
LARGEST: Final = 1_048_576

_running = threading.RLock()
"""One file at a time: while it runs, `sys.modules` holds its package."""


def find_file(name: str) -> Path:
    """The file behind `settings.prod` (from the current folder, then as Python finds modules) or behind a path.

    Raises `ConfigError` with the files that are there instead.
    """
    if "/" in name or name.endswith(".py"):
        path = Path(name)
        if path.is_file():
            return path
        raise ConfigError(f"there is no settings file {name}{_hint(path.parent, path.stem)}")
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        raise ConfigError(f"{name!r} is neither a settings module like settings.prod nor a file like settings/prod.py")
    for folder in (Path.cwd(), *(Path(entry) for entry in sys.path if entry)):
        path = folder.joinpath(*parts).with_suffix(".py")
        if path.is_file():
            return path
    beside = Path.cwd().joinpath(*parts[:-1])
    wanted = Path(*parts).with_suffix(".py")
    raise ConfigError(f"there is no settings file {wanted} in {Path.cwd()}{_hint(beside, parts[-1])}")


def run_file(path: Path, base: Mapping[str, Any]) -> dict[str, Any]:
    """The upper-case names the file leaves behind, `base` included. Raises `ConfigError` where it fails."""
    with _running, _package(path.parent.resolve(), base):
        namespace = dict(base)
        namespace.update(__name__=f"{PACKAGE}.{path.stem}", __package__=PACKAGE, __file__=str(path))
        _execute(path, namespace)
    return {name: value for name, value in namespace.items() if name.isupper() and not name.startswith("_")}


@contextlib.contextmanager
def _package(folder: Path, base: Mapping[str, Any]) -> Iterator[None]:
    """Puts the folder's package in place, and everything back as it was."""
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == PACKAGE}
    path, wrote_bytecode, here = list(sys.path), sys.dont_write_bytecode, str(Path.cwd())
    package = ModuleType(PACKAGE)
    package.__path__ = [str(folder)]
    package.__spec__ = importlib.machinery.ModuleSpec(PACKAGE, None, is_package=True)
    sys.modules[PACKAGE] = package
    sys.dont_write_bytecode = True
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        _add_base(package, folder / "base.py", base)
        yield
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]
        sys.modules.update(kept)
        sys.path[:] = path
        sys.dont_write_bytecode = wrote_bytecode


def _add_base(package: ModuleType, path: Path, base: Mapping[str, Any]) -> None:
    module = ModuleType(f"{PACKAGE}.base", "The product's settings.")
    module.__package__ = PACKAGE
    module.__dict__.update(base)
    package.base = module  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    if path.is_file():
        module.__file__ = str(path)
        _execute(path, module.__dict__)


def _execute(path: Path, namespace: dict[str, Any]) -> None:
    try:
        source = path.read_bytes()
        if len(source) > LARGEST:
            raise ConfigError(f"{path}: a settings file has {LARGEST} bytes at most")
        exec(compile(source, str(path), "exec", dont_inherit=True), namespace)  # noqa: S102
    except ConfigError:
        raise
    except SyntaxError as exc:
        raise ConfigError(f"{path}, line {exc.lineno}: {exc.msg}") from exc
    except Exception as exc:
        lines = [frame.lineno for frame in traceback.extract_tb(exc.__traceback__) if frame.filename == str(path)]
        where = f"{path}, line {lines[-1]}" if lines else str(path)
        raise ConfigError(f"{where}: {_told(exc, namespace)}") from exc


def _told(exc: Exception, namespace: Mapping[str, Any]) -> str:
    """What went wrong, without values: any of them may be a secret."""
    if isinstance(exc, NameError) and exc.name:
        close = nearest(exc.name, (name for name in namespace if name.isupper()))
        return f"the name {exc.name!r} is not known" + (f"; did you mean {close!r}?" if close else "")
    if isinstance(exc, (ImportError, KeyError, OSError)):
        return f"{type(exc).__name__}: {exc}"
    return type(exc).__name__


def _hint(folder: Path, stem: str) -> str:
    found = sorted(file.stem for file in folder.glob("*.py") if file.stem not in ("__init__", "base"))
    close = nearest(stem, found)
    if close:
        return f"; did you mean {folder / close}.py?"
    return f"; there are {', '.join(found)}" if found else ""
