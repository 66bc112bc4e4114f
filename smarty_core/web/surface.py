"""A surface is a set of methods under one base path with common rules: who is proven, which codes all of them share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from smarty_core.errors import ConfigError
from smarty_core.web.method import Method, Quick
from smarty_core.web.notation import Field, Param, parse_answer, parse_params
from smarty_core.web.signature import SIGNED_CODES, SignedApi


@dataclass(frozen=True)
class Endpoint:
    """A method bound to its surface, its notation read once."""

    method: Method
    surface: Surface
    params: tuple[Param, ...]
    answer: tuple[Field, ...]

    @property
    def path(self) -> str:
        return self.surface.base + self.method.path

    @cached_property
    def codes(self) -> Mapping[int, str]:
        """Every code this method may answer with."""
        shared = SIGNED_CODES if self.method.auth == "signature" else self.surface.codes
        return MappingProxyType({0: "success", **shared, **self.method.codes})


@dataclass(frozen=True)
class Surface:
    """One API: `/tvmiddleware/api`, `/streaming/api` ..."""

    name: str
    base: str
    methods: tuple[Method, ...]
    codes: Mapping[int, str] = field(default_factory=dict)
    """Codes of all methods but signed ones, which have their own."""
    title: str = ""
    signed_as: SignedApi | None = None
    """The API whose key of the operator signs calls."""


class Routes:
    """Every endpoint by its path without prefix `/api` and without the final slash."""

    def __init__(self, surfaces: Iterable[Surface]) -> None:
        self.surfaces = tuple(surfaces)
        self._by_path: dict[str, Endpoint] = {}
        for surface in self.surfaces:
            for method in surface.methods:
                try:
                    endpoint = Endpoint(method, surface, parse_params(method.params), parse_answer(method.answer))
                except ValueError as exc:
                    raise ConfigError(f"{surface.name}.{method.name}: {exc}") from exc
                known = self._by_path.setdefault(endpoint.path.rstrip("/"), endpoint)
                if known is not endpoint:
                    raise ConfigError(f"{method.name} and {known.method.name} both claim {endpoint.path}")

    def find(self, path: str) -> Endpoint | None:
        """The endpoint for a request path, with or without `/api` before it and a slash behind it."""
        path = path.rstrip("/")
        found = self._by_path.get(path)
        if found is None and path.startswith("/api/"):
            found = self._by_path.get(path[4:])
        return found

    def quick(self) -> dict[str, Quick]:
        """What answers in the event loop, by every spelling of a path that `find` knows."""
        return {
            prefix + path + slash: endpoint.method.quick
            for path, endpoint in self._by_path.items()
            if endpoint.method.quick is not None
            for prefix in ("", "/api")
            for slash in ("", "/")
        }

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._by_path.values())
