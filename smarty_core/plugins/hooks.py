"""Hooks: what the core tells, and asks, all plugins.

- `notify` tells what has happened. Nobody waits: each plugin has a queue of its own and is told in order, by one of
  its own threads, with a deadline. (The few lifecycle hooks wait for every plugin.)
- `collect` asks everybody at start-up; a plugin that fails is disabled, with the reason.
- `decide` asks one plugin after the other until one answers. A failing `authorize_*` refuses, a failing `choose_*`
  is passed over.

The core's own hooks come first, then the plugins by name. A hook nobody implements costs one dictionary look-up.
"""

from __future__ import annotations

import inspect
import logging
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

import pluggy

from smarty_core.config.names import nearest
from smarty_core.contracts.events import Event
from smarty_core.errors import DriverBroken, DriverNotFound, Refused, SmartyError
from smarty_core.hookspecs import AREAS, HOOKS, PROJECT, HookInfo
from smarty_core.plugins.courier import Courier
from smarty_core.plugins.discovery import CORE, HOOKS_NAMESPACE, Discovery, describe
from smarty_core.plugins.isolation import plugin_log, threads_of
from smarty_core.plugins.threads import Breaker, Overdue, Stuck

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from smarty_core.api.host import Host

DEADLINES: Final = MappingProxyType({"notify": 10.0, "decide": 2.0, "collect": 30.0})
"""Seconds one plugin may take for one call, by discipline."""

LIFECYCLE_DEADLINE: Final = 5.0
PLUGIN_FAILED: Final = "plugin_failed"
"""Reason of the `Refused` raised when a veto cannot be asked."""

log = logging.getLogger("smarty_plugins")


class PutDurable(Protocol):
    """Writes one event for one plugin in the caller's transaction (the outbox)."""

    def __call__(
        self, session: Session, *, plugin: str, hook: str, payload: Mapping[str, Any], order_key: str
    ) -> None: ...


class HookFailed(SmartyError):
    """A plugin did not take an event: the reason, for the outbox."""


class HookPaused(HookFailed):
    """The plugin was not even asked: it failed too often a moment ago."""


@dataclass(frozen=True, slots=True)
class _Listener:
    plugin: str
    call: Callable[..., Any]


class Hooks:
    """The hook modules of all plugins, loaded one by one. Safe to share between threads."""

    def __init__(
        self,
        discovery: Discovery | None = None,
        *,
        host_factory: Callable[[str], Host] | None = None,
        put_durable: PutDurable | None = None,
    ) -> None:
        self.discovery: Final = discovery or Discovery()
        self._host_factory = host_factory
        self._put_durable = put_durable
        self.problems: Final[dict[str, str]] = {}
        """Why a plugin's hooks are not in use, by plugin name."""
        self._manager = _manager()
        self._listeners: dict[str, tuple[_Listener, ...]] = {}
        self._breakers: dict[str, Breaker] = {}
        self._couriers: dict[str, Courier] = {}
        self._load()

    def use(self, *, host_factory: Callable[[str], Host] | None = None, put_durable: PutDurable | None = None) -> None:
        """Hand over what is built after the hooks are loaded."""
        self._host_factory = host_factory or self._host_factory
        self._put_durable = put_durable or self._put_durable

    def plugins(self) -> tuple[str, ...]:
        """Names of the plugins whose hooks are in use, in calling order."""
        names = [name for name, _ in self._manager.list_name_plugin()]
        return tuple(sorted(names, key=_calling_order))

    def module(self, plugin: str) -> Any:
        """The hook module of a plugin that is in use."""
        return self._manager.get_plugin(plugin)

    def is_used(self, hook: str) -> bool:
        """Whether any plugin implements `hook`."""
        return bool(self._of(hook))

    def implementers(self, hook: str) -> tuple[str, ...]:
        """Names of the plugins that implement `hook`, in calling order."""
        return tuple(listener.plugin for listener in self._of(hook))

    def hooks_of(self, plugin: str) -> tuple[str, ...]:
        """Names of the hooks that a plugin implements."""
        return tuple(sorted(hook for hook in HOOKS if plugin in self.implementers(hook)))

    def notify(self, hook: str, **event: Any) -> None:
        """Tell everybody who listens. Returns at once and never raises for what a plugin does."""
        listeners = self._of(hook)
        if not listeners:
            return
        info = HOOKS[hook]
        for listener in listeners:
            arguments = self._arguments(info, listener.plugin, event)
            if _waits(info):
                self._attempt(listener, info, arguments)
            else:
                self._courier(listener.plugin).send(partial(self._attempt, listener, info, arguments))

    def notify_durable(self, session: Session, hook: str, *, event: Event, order_key: str = "") -> None:
        """Write the event for everybody who listens, in the caller's transaction; the outbox tells them later.

        Events of one `order_key` reach a plugin in the order they were written; without one, in any order.
        """
        listeners = self._of(hook)
        if not listeners:
            return
        if self._put_durable is None:
            raise RuntimeError("durable hooks need an outbox")
        payload = event.to_payload()
        for listener in listeners:
            self._put_durable(session, plugin=listener.plugin, hook=hook, payload=payload, order_key=order_key)

    def deliver(self, plugin: str, hook: str, payload: Mapping[str, Any]) -> None:
        """Tell one plugin one stored event and wait for it. Raises `HookFailed` with the reason."""
        listener = next((known for known in self._of(hook) if known.plugin == plugin), None)
        if listener is None:
            raise HookFailed(f"plugin {plugin} does not implement {hook} (any more)")
        info = HOOKS[hook]
        if info.event is None:
            raise HookFailed(f"{hook} is not a hook for events")
        try:
            event = info.event.from_payload(payload)
        except SmartyError as failure:
            raise HookFailed(f"the stored event cannot be read: {failure}") from failure
        try:
            self._run(listener, info, self._arguments(info, plugin, {"event": event}))
        except HookFailed:
            raise
        except SmartyError as failure:
            raise HookFailed(describe(failure)) from failure

    def collect(self, hook: str, **question: Any) -> list[tuple[str, Any]]:
        """What each plugin answers, `None` left out. A plugin that fails is disabled from then on."""
        answers = []
        info = HOOKS[hook]
        for listener in self._of(hook):
            try:
                answer = self._run(listener, info, self._arguments(info, listener.plugin, question))
            except SmartyError as failure:
                self.disable(listener.plugin, f"{hook} failed: {failure}")
                continue
            if answer is not None:
                answers.append((listener.plugin, answer))
        return answers

    def decide(self, hook: str, **question: Any) -> Any:
        """The first answer that is not `None`, or `None`.

        When a plugin fails in an `authorize_*` hook, `Refused` with reason `plugin_failed` is raised; in a
        `choose_*` hook the next one is asked.
        """
        listeners = self._of(hook)
        if not listeners:
            return None
        info = HOOKS[hook]
        for listener in listeners:
            try:
                answer = self._run(listener, info, self._arguments(info, listener.plugin, question))
            except SmartyError as failure:
                if info.fails == "closed" and isinstance(failure, Refused):
                    raise
                if info.fails == "closed":
                    raise Refused(PLUGIN_FAILED, f"plugin {listener.plugin} could not be asked: {failure}") from failure
                continue
            if answer is not None:
                return answer
        return None

    def disable(self, plugin: str, reason: str) -> None:
        """Take a plugin's hooks out of use; the rest goes on."""
        log.error("the hooks of plugin %s are not in use: %s", plugin, reason)
        self.problems[plugin] = reason
        if self._manager.has_plugin(plugin):
            self._manager.unregister(name=plugin)
        self._resolve()

    def queues(self) -> dict[str, tuple[int, int]]:
        """By plugin: events on their way to it, and events it was too slow for."""
        return {plugin: (courier.waiting, courier.dropped) for plugin, courier in list(self._couriers.items())}

    def drain(self, seconds: float) -> bool:
        """Wait until everything told so far has been taken; False if time ran out."""
        deadline = time.monotonic() + seconds
        return all(courier.drain(deadline - time.monotonic()) for courier in list(self._couriers.values()))

    def _load(self) -> None:
        for provider in self.discovery.providers(HOOKS_NAMESPACE):
            name = provider.name
            if name in self.problems or self._manager.has_plugin(name):
                continue
            try:
                module = self.discovery.load(HOOKS_NAMESPACE, name)
            except DriverNotFound:
                continue  # disabled
            except DriverBroken as broken:
                self.problems[name] = str(broken)
                log.error("the hooks of plugin %s are not in use: %s", name, broken)
                continue
            if problem := _misfit(module, name):
                self.problems[name] = problem
                log.error("the hooks of plugin %s are not in use: %s", name, problem)
                continue
            self._manager.register(module, name=name)
        self._resolve()

    def _resolve(self) -> None:
        everybody = dict(self._manager.list_name_plugin())
        listeners: dict[str, tuple[_Listener, ...]] = {}
        for hook in HOOKS:
            caller = getattr(self._manager.hook, hook)
            names = sorted({impl.plugin_name for impl in caller.get_hookimpls()}, key=_calling_order)
            listeners[hook] = tuple(
                _Listener(
                    name,
                    self._manager.subset_hook_caller(
                        hook, remove_plugins=[module for other, module in everybody.items() if other != name]
                    ),
                )
                for name in names
            )
        self._listeners = listeners

    def _of(self, hook: str) -> tuple[_Listener, ...]:
        try:
            return self._listeners[hook]
        except KeyError:
            raise LookupError(f"there is no hook {hook!r}; did you mean {nearest(hook, HOOKS)!r}?") from None

    def _arguments(self, info: HookInfo, plugin: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """The event as this plugin gets it: a hook that names `host` is given the plugin's own."""
        arguments = dict(event)
        if "host" in info.arguments and "host" not in arguments:
            arguments["host"] = self._host_factory(plugin) if self._host_factory else None
        return arguments

    def _attempt(self, listener: _Listener, info: HookInfo, arguments: Mapping[str, Any]) -> None:
        try:
            self._run(listener, info, arguments)
        except SmartyError as failure:
            plugin_log(listener.plugin).warning("hook %s: %s", info.name, failure)

    def _run(self, listener: _Listener, info: HookInfo, arguments: Mapping[str, Any]) -> Any:
        """Call one plugin under guard; whatever goes wrong comes out as `SmartyError`."""
        plugin = listener.plugin
        breaker = self._breakers.setdefault(plugin, Breaker())
        if not breaker.allow():
            raise HookPaused(f"plugin {plugin} is not called for a while: it failed several times in a row")
        begun = time.monotonic()
        try:
            answer = threads_of(f"{plugin}.hooks").call(lambda: listener.call(**arguments), _deadline(info))
        except SmartyError:
            breaker.succeeded()
            raise
        except (Overdue, Stuck):
            breaker.failed()
            plugin_log(plugin).error("hook %s did not come back within %g s", info.name, _deadline(info))
            raise HookFailed(
                f"plugin {plugin} did not come back from {info.name} within {_deadline(info):g} s"
            ) from None
        except BaseException as failure:
            breaker.failed()
            plugin_log(plugin).error("plugin %s failed in hook %s", plugin, info.name, exc_info=failure)
            raise HookFailed(f"plugin {plugin} failed in {info.name}: {describe(failure)}") from failure
        finally:
            if self.discovery.trace_hooks:
                print(f"hook {info.name} -> {plugin} {1000 * (time.monotonic() - begun):.1f} ms", file=sys.stderr)
        breaker.succeeded()
        if info.discipline == "decide":
            return answer
        return answer[0] if answer else None

    def _courier(self, plugin: str) -> Courier:
        courier = self._couriers.get(plugin)
        if courier is None:
            courier = self._couriers.setdefault(plugin, Courier(plugin))
        return courier


def _calling_order(plugin: str) -> tuple[bool, str]:
    return plugin != CORE, plugin


def _waits(info: HookInfo) -> bool:
    """Lifecycle hooks are waited for: the process starts, stops or ends a command around them."""
    return info.area == "lifecycle"


def _deadline(info: HookInfo) -> float:
    return LIFECYCLE_DEADLINE if _waits(info) else DEADLINES[info.discipline]


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(PROJECT)
    for module in AREAS:
        manager.add_hookspecs(module)
    return manager


def _misfit(module: object, name: str) -> str:
    """Why a hook module does not fit the specs; empty if it does.

    Tried in a manager of its own: pluggy finds mistakes only while registering, and leaves half of it behind.
    """
    manager = _manager()
    try:
        manager.register(module, name=name)
        callers = manager.get_hookcallers(module) or []
    except Exception as failure:  # noqa: BLE001  reported as the plugin's problem
        lines = str(failure).strip().splitlines()
        return f"its hooks do not fit: {' '.join(line.strip() for line in lines[:3])}"
    for caller in callers:
        for impl in caller.get_hookimpls():
            if not caller.has_spec() and not impl.optionalhook:
                close = nearest(caller.name, HOOKS)
                return f"there is no hook {caller.name!r}" + (f"; did you mean {close!r}?" if close else "")
            if inspect.iscoroutinefunction(impl.function):
                return f"{caller.name} is a coroutine; hooks are plain functions"
    return ""
