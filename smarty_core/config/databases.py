"""Database addresses out of DATABASES, as plain data: the layer below knows nothing of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from smarty_core.config.names import nearest

ENGINES: Final = {
    "postgresql": "postgresql", "postgresql_psycopg2": "postgresql", "postgis": "postgresql", "mysql": "mysql",
    "mariadb": "mariadb", "sqlite3": "sqlite", "sqlite": "sqlite", "oracle": "oracle",
}  # fmt: skip
"""Last word of a Django ENGINE and the kind of database it is."""

_SILENT: Final = frozenset(
    {"ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS", "ATOMIC_REQUESTS", "AUTOCOMMIT", "CONN_MAX_AGE",
     "CONN_HEALTH_CHECKS", "TIME_ZONE", "TEST", "CHARSET", "STORAGE_ENGINE"}
)  # fmt: skip
_OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    "postgresql": frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "options", "application_name"}),
    "mysql": frozenset({"ssl_ca", "ssl_cert", "ssl_key", "unix_socket"}),
    "mariadb": frozenset({"ssl_ca", "ssl_cert", "ssl_key", "unix_socket"}),
}
"""Connection options that are passed on; others were made for another client library."""


@dataclass(frozen=True, slots=True)
class DatabaseAddresses:
    """Addresses in SQLAlchemy's form. They hold passwords, so nothing of them is printed."""

    master: str = field(repr=False)
    replicas: tuple[str, ...] = field(default=(), repr=False)
    downtime: float = 30.0
    """Seconds a replica that failed is left out."""


def addresses(
    databases: Mapping[str, Any], url: str, replicas: tuple[str, ...], downtime: float, problems: list[str],
    notices: list[str],
) -> DatabaseAddresses:  # fmt: skip
    """What DATABASES (or DATABASE_URL, which wins for the master) says; mistakes go to `problems`."""
    known: dict[str, str] = {}
    for name, entry in databases.items():
        known[name] = _address(f"DATABASES[{name!r}]", entry, problems, notices)
    if url:
        known["default"] = _checked_url(url, problems)
    elif "default" not in known:
        problems.append("DATABASES: there is no entry 'default'")
    for name in replicas:
        if name not in known or name == "default":
            close = nearest(name, [other for other in known if other != "default"])
            hint = f"; did you mean {close!r}?" if close else ""
            problems.append(f"REPLICATED_DATABASE_SLAVES: {name!r} is no replica in DATABASES{hint}")
    for name in known:
        if name != "default" and name not in replicas:
            notices.append(
                f"DATABASES[{name!r}] is not used: it is neither 'default' nor in REPLICATED_DATABASE_SLAVES"
            )
    return DatabaseAddresses(
        known.get("default", ""), tuple(known[name] for name in replicas if name in known), downtime
    )


def _checked_url(url: str, problems: list[str]) -> str:
    scheme, mark, rest = url.partition("://")
    if scheme in ("postgres", "pgsql"):
        scheme = "postgresql"
    if not mark or scheme.partition("+")[0] not in ENGINES.values():
        problems.append("DATABASE_URL: not an address like postgresql://user:password@host:5432/name or sqlite:///file")
    return f"{scheme}{mark}{rest}"


def _address(where: str, entry: Any, problems: list[str], notices: list[str]) -> str:
    if not isinstance(entry, Mapping):
        problems.append(f"{where}: not a dictionary with ENGINE and NAME")
        return ""
    word = str(entry.get("ENGINE", "")).rpartition(".")[2]
    kind = ENGINES.get(word.lower())
    if kind is None:
        close = nearest(word, ENGINES) if word else ""
        hint = f"; did you mean 'django.db.backends.{close}'?" if close else ""
        problems.append(f"{where}['ENGINE']: no such kind of database{hint}")
        return ""
    for key in entry:
        if key not in _SILENT:
            close = nearest(str(key), _SILENT)
            problems.append(f"{where}[{key!r}]: unknown key" + (f"; did you mean {close!r}?" if close else ""))
    if not entry.get("NAME"):
        problems.append(f"{where}['NAME']: the name of the database is missing")
        return ""
    if kind == "sqlite":
        return f"sqlite:///{entry['NAME']}"
    port = str(entry.get("PORT") or "")
    if port and not (port.isascii() and port.isdigit() and int(port) <= 65535):
        problems.append(f"{where}['PORT']: not a port")
        return ""
    return _server_address(where, kind, entry, port, notices)


def _server_address(where: str, kind: str, entry: Mapping[str, Any], port: str, notices: list[str]) -> str:
    user, password = str(entry.get("USER") or ""), str(entry.get("PASSWORD") or "")
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    host, query = str(entry.get("HOST") or ""), _options(where, kind, entry.get("OPTIONS") or {}, notices)
    if host.startswith("/"):  # the folder or file of a local socket
        query["host" if kind == "postgresql" else "unix_socket"] = host
        host = ""
    elif not host:
        host = "127.0.0.1"
    elif ":" in host and not host.startswith("["):
        host = f"[{host}]"
    place = f"{login}@{host}" if login else host
    path = quote(str(entry["NAME"]), safe="")
    if kind == "oracle" and not entry.get("PORT") and not entry.get("HOST"):
        place, path = f"{login}@{path}", ""  # NAME is an entry of tnsnames.ora
    return f"{kind}://{place}{f':{port}' if port else ''}/{path}{f'?{urlencode(query)}' if query else ''}"


def _options(where: str, kind: str, options: Any, notices: list[str]) -> dict[str, str]:
    given = dict(options) if isinstance(options, Mapping) else {}
    if isinstance(given.get("ssl"), Mapping):  # the form of MySQLdb: {'ssl': {'ca': ...}}
        given.update({f"ssl_{key}": value for key, value in given.pop("ssl").items()})
    passed = _OPTIONS.get(kind, frozenset())
    if dropped := sorted(str(key) for key in given if key not in passed):
        notices.append(f"{where}['OPTIONS']: not used: {', '.join(dropped)}")
    return {key: str(value) for key, value in given.items() if key in passed}
