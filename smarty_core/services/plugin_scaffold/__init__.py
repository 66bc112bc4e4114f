"""Writes the package of a new plugin: small, working, and tested by the suite of its capability."""

from smarty_core.services.plugin_scaffold.kinds import KINDS, Kind, Setting
from smarty_core.services.plugin_scaffold.names import PluginName
from smarty_core.services.plugin_scaffold.writing import PluginScaffold

__all__ = ["KINDS", "Kind", "PluginName", "PluginScaffold", "Setting"]
