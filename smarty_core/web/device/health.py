"""HealthCheck: may this server be used?"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from smarty_core.errors import ConfigError
from smarty_core.web.method import Answer, ApiError, Call, Method, Steady

MEASURED_EVERY: Final = timedelta(seconds=1)


def health_check(call: Call) -> Answer:
    try:
        health = call.system.health.check(databases=bool(call.params["check_db_conn"]))
    except ConfigError as exc:
        raise ApiError(1, str(exc)) from exc
    body = {
        "usage": health.usage,
        "alive": int(health.alive),
        "connection_errors": list(health.connection_errors),
        "reserved_server_addresses": list(health.reserved_servers),
    }
    return Steady(body, (), call.now + MEASURED_EVERY)


METHODS = (
    Method(
        "HealthCheck",
        "/health/check/",
        health_check,
        auth="none",
        group="Health",
        params="check_db_conn? F=0",
        answer="usage:N, alive:F, connection_errors:S[], reserved_server_addresses:S[]",
        codes={1: "MAX_LA or MAX_USED_MEM is missing or wrong in the settings"},
        doc="Load and liveness of this server, for applications that choose between several.",
    ),
)
