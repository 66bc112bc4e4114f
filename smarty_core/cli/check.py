"""`smarty_manage check`: everything that keeps an installation from working, told at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from smarty_core.app import create_app
from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.config import load_settings
from smarty_core.errors import ConfigError, SmartyError
from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.hooks import Hooks
from smarty_core.services.configured_instances import ConfiguredInstances
from smarty_core.services.installation_check import Finding, check_cache, check_database, check_plugins
from smarty_core.services.installed_apps import missing_apps
from smarty_core.services.migrations import Migrations


def check(
    *,
    live: Annotated[bool, typer.Option("--live", help="Ask the services outside too, as far as drivers can.")] = False,
    settings: SettingsOption = "",
) -> None:
    """Check settings, database, cache and plugins. Exit code 1 when anything is wrong."""
    problems: set[str] = set()
    for finding in findings(settings, live=live):
        if finding.text in problems:
            continue  # what keeps a system from being built was found before by looking at its parts
        if finding.verdict == "problem":
            problems.add(finding.text)
        print(f"{finding.verdict:8}{finding.part:10}{finding.text}")
    if problems:
        print(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} found")
        raise typer.Exit(1)
    print("everything is in order")


def findings(settings: str, *, live: bool) -> Iterator[Finding]:
    """What is found, part after part."""
    try:
        known = load_settings(settings or None)
    except ConfigError as failure:
        yield from (Finding("settings", "problem", problem) for problem in failure.problems)
        return
    yield Finding("settings", "ok", f"instance {known.INSTANCE}, data in {known.VAR_FOLDER}")
    discovery = Discovery()
    for notice in (*known.notices, *missing_apps(known, discovery)):
        yield Finding("settings", "notice", notice)
    yield from check_database(known, lambda database: Migrations(database, Hooks(discovery)).demand_current())
    yield check_cache(known.cache)
    yield from _plugins(settings, live=live)


def _plugins(settings: str, *, live: bool) -> Iterator[Finding]:
    try:
        with open_system(settings) as system:
            instances = ConfiguredInstances(
                settings=system.settings, database=system.database, registry=system.registry, vault=system.vault
            )
            yield from check_plugins(system.hooks, instances, live=live)
            create_app(system)  # two plugins that claim one address are found here
    except ConfigError as failure:
        yield from (Finding("plugins", "problem", problem) for problem in failure.problems)
    except SmartyError as failure:
        yield Finding("plugins", "problem", str(failure))
