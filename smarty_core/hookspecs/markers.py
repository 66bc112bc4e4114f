"""How hooks are declared: three disciplines, told apart by the name, each with its facts as data."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, Literal, TypeVar

import pluggy

from smarty_core.contracts.events import Event

PROJECT: Final = "smarty"

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)
"""Marks a plugin's implementation: `@hookimpl` above a function of the hook's name."""

Discipline = Literal["notify", "collect", "decide"]
Fails = Literal["open", "closed", "disables"]
F = TypeVar("F", bound=Callable[..., Any])

_FACTS = "smarty_hook"


@dataclass(frozen=True, slots=True)
class HookInfo:
    """What the dispatcher has to know of a hook.

    `fails`: `open` = an exception is logged and work goes on; `closed` = an exception denies; `disables` = an exception
    at start switches the plugin off. `event` is the class of the `event` argument of a notification, to read it back
    from the outbox.
    """

    name: str
    discipline: Discipline
    durable: bool
    area: str
    fails: Fails
    arguments: tuple[str, ...]
    event: type[Event] | None
    doc: str


def notify(*, durable: bool = False) -> Callable[[F], F]:
    """A hook in the past tense: every plugin is told. A durable one goes through the outbox."""
    return lambda function: _mark(function, "notify", "open", durable=durable)


def collect(function: F) -> F:
    """A `register_*` hook: asked once at start, all answers are put together."""
    return _mark(function, "collect", "disables")


def decide(fails: Literal["open", "closed"]) -> Callable[[F], F]:
    """A `choose_*` or `authorize_*` hook: the first answer that is not None wins."""
    return lambda function: _mark(function, "decide", fails)


def _mark(function: F, discipline: Discipline, fails: Fails, *, durable: bool = False) -> F:
    setattr(function, _FACTS, (discipline, fails, durable))
    marked: F = hookspec(firstresult=discipline == "decide")(function)
    return marked


def hooks_of(modules: Iterable[ModuleType]) -> dict[str, HookInfo]:
    """All hooks declared in `modules`, by name, in the order they are written."""
    found: dict[str, HookInfo] = {}
    for module in modules:
        for name, function in vars(module).items():
            facts = getattr(function, _FACTS, None)
            if facts is None:
                continue
            discipline, fails, durable = facts
            arguments = tuple(inspect.signature(function).parameters)
            # `Host` is of a package above this one: specifications name it for the type checker only.
            event = typing.get_type_hints(function, localns={"Host": object}).get("event")
            found[name] = HookInfo(
                name=name,
                discipline=discipline,
                durable=durable,
                area=module.__name__.rpartition(".")[2],
                fails=fails,
                arguments=arguments,
                event=event if isinstance(event, type) and issubclass(event, Event) else None,
                doc=inspect.getdoc(function) or "",
            )
    return found
