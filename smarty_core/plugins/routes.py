"""The routes plugins bring: where each is mounted, and that no two claim the same address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import URLPath
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match, NoMatchFound, compile_path
from starlette.types import Receive, Scope, Send

from smarty_core.contracts.routes import Route
from smarty_core.errors import ConfigError
from smarty_core.plugins.discovery import CORE
from smarty_core.plugins.isolation import plugin_log

if TYPE_CHECKING:
    from smarty_core.plugins.hooks import Hooks

HOOK: Final = "register_routes"
ANY: Final = "{}"
REST: Final = "{...}"
_PARAMETER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class MountedRoute:
    """One route of one plugin at its full path. A path that ends with `/` takes everything below it."""

    plugin: str
    path: str
    route: Route


class PluginRoute(BaseRoute):
    """A plugin's route in the server. What its handler raises is logged under the plugin's name and answered 500."""

    def __init__(self, mounted: MountedRoute) -> None:
        self.plugin = mounted.plugin
        self.path = mounted.path
        self.methods = {*mounted.route.methods, *({"HEAD"} if "GET" in mounted.route.methods else ())}
        self._handler = mounted.route.handler
        below = "{rest:path}" if mounted.path.endswith("/") else ""
        self._regex, _, self._convertors = compile_path(mounted.path + below)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        found = self._regex.match(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            return Match.NONE, {}
        values = {name: self._convertors[name].convert(text) for name, text in found.groupdict().items()}
        child = {"endpoint": self._handler, "path_params": {**scope.get("path_params", {}), **values}}
        return (Match.FULL if scope["method"] in self.methods else Match.PARTIAL), child

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in self.methods:
            allow = {"Allow": ", ".join(sorted(self.methods))}
            await PlainTextResponse("Method Not Allowed", status_code=405, headers=allow)(scope, receive, send)
            return
        begun = False

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._handler(scope, receive, watched)
        except Exception:
            plugin_log(self.plugin).exception("plugin %s failed in its route %s", self.plugin, self.path)
            if begun:
                raise  # the answer is torn already; the server closes the connection
            await PlainTextResponse("Internal Server Error", status_code=500)(scope, receive, send)


def plugin_routes(hooks: Hooks, taken: Iterable[str] = ()) -> list[PluginRoute]:
    """Ask every plugin for its routes.

    `taken` are the core's own paths; parameters are written `{name}`, and a path that ends with `/{rest:path}` takes
    everything below. Raises `ConfigError` naming both sides of every collision. A plugin that answers with something
    that is no route is disabled.
    """
    mounted: list[MountedRoute] = []
    for plugin, answer in hooks.collect(HOOK):
        routes = list(answer) if isinstance(answer, (list, tuple)) else [answer]
        if strangers := [route for route in routes if not isinstance(route, Route)]:
            hooks.disable(plugin, f"{HOOK} answered with {type(strangers[0]).__name__} instead of Route")
            continue
        mounted.extend(MountedRoute(plugin, route.mounted(plugin), route) for route in routes)
    problems = collisions(mounted, dict.fromkeys(taken, CORE))
    if problems:
        raise ConfigError(*problems)
    return [PluginRoute(route) for route in mounted]


def collisions(mounted: Iterable[MountedRoute], taken: Mapping[str, str]) -> list[str]:
    """One line for every two claims on one address. `taken` maps paths to their owners."""
    claims = [(path, owner, _shape(path), frozenset[str]()) for path, owner in taken.items()]
    problems = []
    for route in mounted:
        shape, methods = _shape(route.path, below=True), frozenset(route.route.methods)
        for path, owner, other, other_methods in claims:
            disjoint = methods and other_methods and not methods & other_methods
            if not disjoint and _overlap(shape, other):
                problems.append(
                    f"the path {route.path} of plugin {route.plugin} is already claimed by "
                    f"{'the core' if owner == CORE else f'plugin {owner}'} ({path}); "
                    f"uninstall or disable one (SMARTY_DISABLE_PLUGINS)"
                )
        claims.append((route.path, route.plugin, shape, methods))
    return problems


def _shape(path: str, *, below: bool = False) -> tuple[str, ...]:
    """The path in comparable parts; the last one is `REST` when everything below belongs to it."""
    rest = (below and path.endswith("/")) or bool(re.search(r"\{[^{}]*:path\}/?$", path))
    parts = [ANY if _PARAMETER.search(part) else part for part in path.split("/") if part]
    if re.search(r"\{[^{}]*:path\}/?$", path):
        parts.pop()
    return (*parts, REST) if rest else tuple(parts)


def _overlap(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether some address matches both."""
    for index in range(max(len(left), len(right))):
        one = left[index] if index < len(left) else None
        two = right[index] if index < len(right) else None
        if REST in (one, two):
            return True
        if one is None or two is None:
            return False
        if one != two and ANY not in (one, two):
            return False
    return True
