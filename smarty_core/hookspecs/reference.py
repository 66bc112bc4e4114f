"""The pages of the reference that are made from code: hooks and contracts.

`python -m smarty_core.hookspecs.reference docs/reference` writes them again; a test fails while they are stale.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from smarty_core.contracts import CONTRACTS, Contract
from smarty_core.contracts import events as event_module
from smarty_core.contracts.events import Event
from smarty_core.hookspecs import AREAS, HOOKS
from smarty_core.hookspecs.markers import hooks_of

_GENERATED = "<!-- Made by `python -m smarty_core.hookspecs.reference docs/reference`; edit the docstrings instead. -->"

_HOOKS_HEAD = """# Hooks

A hook is how the core tells, or asks, every plugin at once. A plugin implements one by writing a function of the same
name in the module that its `smarty.hooks` entry point names:

```python
from smarty_core.hookspecs import hookimpl

@hookimpl
def account_created(host, event):
    host.log.info("WELCOME", account_id=event.account_id)
```

Leave out arguments you do not need. `host` is the plugin's own [`Host`](public-api.md). The name tells the discipline:

- **past tense**: the core *tells* you what happened. What you return is ignored.
- **`register_...`**: the core *asks everybody* at start and puts the answers together.
- **`choose_...`, `authorize_...`**: the core asks one plugin after the other, and the first answer that is not
  `None` *decides*.

The core's own hooks come first, then the plugins by name. A misspelt hook, or one with an argument that does not exist,
disables the plugin, and `smarty_manage plugins` says why. Write `@hookimpl(optionalhook=True)` for a hook that only a
later core has.
"""

_CONTRACTS_HEAD = """# Contracts

A driver does one job the configuration names: it parses a guide, sends an SMS, takes a payment. It is a class derived
from the contract's base class, found by its entry-point name in the contract's namespace, and made once per configured
instance as `Driver(name, settings, host)`. `settings` is an object of the driver's `Settings` model, `host` its
[`Host`](public-api.md).

Every contract has a number; a driver states the one it was written for in `contract`. The core uses drivers of its own
number and, with a warning, of the one before. Optional abilities are declared in `supports`; calling one that is not
declared raises `NotSupported`. `inline` in `supports` promises that every method is pure and instant, so it is called
in the event loop; all others run in threads of the plugin's own, with `deadline` seconds per call. Methods that work in
the background (they ask an outside service while nobody waits for a picture) have threads apart from the others,
in `inline` drivers too.

Drivers raise the errors of `smarty_core.errors`: `ProviderUnavailable` (later may work), `ProviderRefused` (it will
not), `ProviderProtocolError` (an answer nobody can read), `NotFound`, `NotSupported`, `ConfigError` while being made.
"""


def hooks_page() -> str:
    """The text of `hooks.md`."""
    return "\n".join([_GENERATED, "", _HOOKS_HEAD, *_hooks(), *_events()]).rstrip("\n") + "\n"


def contracts_page() -> str:
    """The text of `contracts.md`."""
    lines = [_GENERATED, "", _CONTRACTS_HEAD]
    for contract in CONTRACTS.values():
        lines += _contract(contract)
    return "\n".join(lines).rstrip("\n") + "\n"


def signature(name: str, function: Any) -> str:
    """`name(host: Host, event: AccountCreated) -> None`, as written in the specification."""
    text = re.sub(r"(: |-> )'([^']+)'", r"\1\2", str(inspect.signature(function)))
    return name + re.sub(r"\bsmarty_core(\.\w+)+\.", "", text)


def _hooks() -> Iterator[str]:
    for area in AREAS:
        yield f"## {area.__name__.rpartition('.')[2].capitalize()}"
        yield ""
        yield f"{inspect.getdoc(area)}"
        yield ""
        for name in hooks_of([area]):
            info = HOOKS[name]
            facts: list[str] = [info.discipline]
            if info.durable:
                facts.append("durable")
            facts.append({"open": "fails open", "closed": "fails closed", "disables": "a failure disables"}[info.fails])
            yield f"### `{name}`"
            yield ""
            yield f"```python\n{signature(name, getattr(area, name))}\n```"
            yield ""
            yield f"*{', '.join(facts)}*"
            yield ""
            yield info.doc
            yield ""


def _events() -> Iterator[str]:
    yield "## Event objects"
    yield ""
    yield "Frozen dataclasses of `smarty_core.contracts.events`. All have `client_id`, the operator (0 = all of them)."
    yield ""
    yield "| event | fields |"
    yield "|---|---|"
    for kind in vars(event_module).values():
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event:
            fields = ", ".join(f"`{field.name}`" for field in dataclasses.fields(kind) if field.name != "client_id")
            yield f"| `{kind.__name__}` | {fields} |"
    yield ""


def _contract(contract: Contract) -> Iterator[str]:
    module = importlib.import_module(f"smarty_core.contracts.{contract.capability}")
    base = contract.base
    yield f"## `smarty.{contract.capability}`"
    yield ""
    yield f"Class `{module.__name__}.{base.__name__}`, contract number {contract.number}, {base.deadline:g} s per call."
    yield ""
    yield inspect.getdoc(base) or ""
    yield ""
    if base.abilities:
        yield "| ability | methods |"
        yield "|---|---|"
        for ability, methods in base.abilities.items():
            yield f"| `{ability}` | {', '.join(f'`{method}`' for method in methods) or 'as described'} |"
        yield ""
    for name, method in vars(base).items():
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        need = "required" if name in base.__abstractmethods__ else "optional"
        yield f"### `{name}` ({need})"
        yield ""
        yield f"```python\n{signature(name, method)}\n```"
        yield ""
        yield inspect.getdoc(method) or ""
        yield ""
    yield from objects_of(module)


def objects_of(module: ModuleType) -> Iterator[str]:
    """The dataclasses of a module with their fields."""
    kinds = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__ and dataclasses.is_dataclass(kind)
    ]
    for kind in kinds:
        own_doc = (kind.__doc__ or "").strip()
        yield f"**`{kind.__name__}`**" + (
            "" if own_doc.startswith(f"{kind.__name__}(") else f": {inspect.getdoc(kind)}"
        )
        yield ""
        yield "Fields: " + ", ".join(f"`{field.name}: {field.type}`" for field in dataclasses.fields(kind)) + "."
        yield ""


def write(folder: Path) -> None:
    """Write both pages into `folder`."""
    (folder / "hooks.md").write_text(hooks_page(), "utf-8")
    (folder / "contracts.md").write_text(contracts_page(), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
