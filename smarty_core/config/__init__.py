"""Settings: names, types and defaults in `declared`, files and environment in `loading`, log files in `logs`."""

from smarty_core.config.loading import load_settings
from smarty_core.config.settings import Settings

__all__ = ["Settings", "load_settings"]
