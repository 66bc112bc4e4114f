"""Hooks that ask plugins, once at start, what they add to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarty_core.contracts.routes import CommandSpec, JobSpec, PanelPage, Route
from smarty_core.hookspecs.markers import collect

if TYPE_CHECKING:
    from smarty_core.api.host import Host


@collect
def register_routes(host: Host) -> list[Route] | None:
    """The HTTP routes of the plugin, under `/ext/<plugin>/` or at absolute paths.

    Called once in every process that serves, before `server_started`. None means no routes.
    A path somebody else has already stops the start, naming both. An exception disables the plugin.
    """


@collect
def register_jobs(host: Host) -> list[JobSpec] | None:
    """The periodic jobs of the plugin.

    Called once in every process that serves or lists jobs. None means no jobs. An exception disables
    the plugin. The jobs themselves run in a thread of whichever process holds the lock.
    """


@collect
def register_commands(host: Host) -> list[CommandSpec] | None:
    """Commands the plugin adds to `smarty_manage`.

    Called once when `smarty_manage` starts; nothing is connected yet, so only declare. None means no
    commands. A name that exists already stops the start. An exception disables the plugin.
    """


@collect
def register_migrations() -> str | None:
    """The dotted name of the package that holds the plugin's Alembic versions, e.g. `smarty_demo.migrations`.

    Called by `migrate` and `check`; no `Host` exists then. None means no tables. The versions have a
    version table of their own (`alembic_version_<plugin>`) and depend on nobody else's; where they refer to tables of
    the core, the package says which step has made them, e.g. `requires_core = "0001"`. An exception disables the
    plugin.
    """


@collect
def register_panel_pages(host: Host) -> list[PanelPage] | None:
    """Pages the plugin adds to the administration panel, as data.

    Called once in every process that serves. None means no pages. An exception disables the plugin.
    A page's `rows` runs in a worker thread; an exception there is shown on that page only.
    """
