"""The composition root: the only place that knows every part and puts them together.

`build_system(settings)` makes the parts, `create_app(system)` puts the web in front of them. Nothing here is global,
so tests and commands build as many systems as they like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from smarty_core.config import Settings

Role = Literal["server", "command", "test"]


@dataclass(frozen=True)
class System:
    """One running installation's parts."""

    settings: Settings
    clock: Callable[[], datetime]
