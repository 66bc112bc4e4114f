"""The page of the reference that says what a plugin may use: made from `Host` and the Protocols behind it.

`python -m smarty_core.cli.public_api` writes it again; a test fails while it is stale.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from smarty_core.api.host import Host
from smarty_core.hookspecs.reference import objects_of, signature

PAGE: Final = Path("docs/reference/public-api.md")

_HEAD: Final = """<!-- Made by `python -m smarty_core.cli.public_api`; edit the docstrings instead. -->

# What a plugin may use

A plugin imports these packages of the core, in its tests also `smarty_core.testing`, and nothing else; never another
plugin. What is in them keeps its meaning within a major version.

| package | what it is for |
|---|---|
| `smarty_core.contracts` | base classes and dataclasses of [drivers](contracts.md) |
| `smarty_core.hookspecs` | `hookimpl`, and the [hooks](hooks.md) there are |
| `smarty_core.errors` | what a driver may raise |
| `smarty_core.values` | money, ids, windows of time, secrets |
| `smarty_core.config` | types of settings |
| `smarty_core.http` | outgoing HTTP with limits |
| `smarty_core.api` | the types of `host`, below |

Every driver and every hook is given a `host`. It is the only way to the running server.
"""


def public_api_page() -> str:
    """The text of `public-api.md`."""
    lines = [_HEAD, f"{inspect.getdoc(Host)}", ""]
    for name, kind in facades().items():
        lines += _facade(name, kind)
    return "\n".join(lines).rstrip("\n") + "\n"


def facades() -> dict[str, type[Any]]:
    """Field of `Host` -> the Protocol behind it."""
    hints = typing.get_type_hints(Host)
    return {field.name: hints[field.name] for field in dataclasses.fields(Host)}


def _facade(name: str, kind: type[Any]) -> Iterator[str]:
    yield f"## `host.{name}`"
    yield ""
    if kind is str:
        yield "Name of the plugin: prefix of its tables, cache keys, jobs and routes."
        yield ""
        return
    yield inspect.getdoc(kind) or ""
    yield ""
    for method, function in vars(kind).items():
        if method.startswith("_"):
            continue
        if isinstance(function, property):
            yield f"`{method}`: {inspect.getdoc(function)}"
            yield ""
        elif inspect.isfunction(function):
            yield f"```python\n{_call(signature(method, function))}\n```"
            yield ""
            yield inspect.getdoc(function) or ""
            yield ""
    yield from _objects(inspect.getmodule(kind), kind)


def _call(written: str) -> str:
    """A signature as a caller reads it."""
    return written.replace("(self, ", "(", 1).replace("(self)", "()", 1)


def _objects(module: ModuleType | None, kind: type[Any]) -> Iterator[str]:
    """The small objects a facade takes and gives, at the first facade of their module."""
    if module is not None and kind is next(one for one in facades().values() if inspect.getmodule(one) is module):
        yield from objects_of(module)


if __name__ == "__main__":
    page = Path(sys.argv[1]) / PAGE.name if len(sys.argv) > 1 else PAGE
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(public_api_page(), encoding="utf-8")
