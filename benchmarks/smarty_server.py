"""Smarty to be measured: `python -m benchmarks.smarty_server SETTINGS_JSON PORT`."""

from __future__ import annotations

import json
import sys

from smarty_core.cli.serve import run_server
from smarty_core.config import Settings

if __name__ == "__main__":
    settings = Settings.of(json.loads(sys.argv[1]))
    sys.exit(run_server(settings, "127.0.0.1", int(sys.argv[2]), scheduler=False))
