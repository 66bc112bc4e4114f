"""All API surfaces of the core, put together from the modules that declare their methods."""

from __future__ import annotations

