"""Modules named in INSTALLED_APPS that are plugins here, and are not installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from smarty_core.contracts import CONTRACTS
from smarty_core.plugins.discovery import HOOKS_NAMESPACE, Discovery, namespace_of, plugin_of
from smarty_core.plugins.known import distribution_for

if TYPE_CHECKING:
    from smarty_core.config import Settings

PART_OF_THE_CORE: Final = frozenset(
    {"base", "billing", "core", "device_monitoring", "django", "monitoring", "raven", "reports", "sentry_sdk",
     "smartystats", "tvmiddleware", "viewstats"}
)  # fmt: skip
"""First words of modules of the original product that need no plugin here."""


def missing_apps(settings: Settings, discovery: Discovery) -> list[str]:
    """One line for each, with the command that installs it. Nothing is imported."""
    namespaces = [HOOKS_NAMESPACE, *map(namespace_of, CONTRACTS)]
    providers = [provider for namespace in namespaces for provider in discovery.providers(namespace)]
    installed = {plugin_of(provider.distribution) for provider in providers} | {provider.name for provider in providers}
    lines = []
    for app in settings.INSTALLED_APPS:
        first = app.partition(".")[0]
        word = re.sub(r"[^a-z0-9]+", "_", first.lower())
        if word not in installed and word not in PART_OF_THE_CORE:
            lines.append(f"INSTALLED_APPS: {app!r} is not installed: pip install {distribution_for('hooks', word)}")
    return lines
