"""Which databases a benchmark runs on: SQLite always, PostgreSQL where one answers."""

from __future__ import annotations

import argparse
import getpass

from smarty_core.testing.servers import answers


def add_option(parser: argparse.ArgumentParser) -> None:
    told = "a server, where a database is made and removed; default the local one; '' = none"
    parser.add_argument("--postgresql", metavar="URL", default=_local(), help=told)


def chosen(options: argparse.Namespace) -> dict[str, str]:
    """Name -> address of the server, empty for SQLite."""
    return {"SQLite": "", **({"PostgreSQL": options.postgresql} if options.postgresql else {})}


def _local() -> str:
    return f"postgresql+psycopg://{getpass.getuser()}@127.0.0.1:5432/postgres" if answers(5432) else ""
