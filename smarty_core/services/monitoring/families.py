"""The metrics there are, and single values of them.

A metric is a counter (only grows), a gauge (is what it is) or a histogram (counters of how long things took). Values of
counters and histograms of several processes may be added up, values of gauges may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

Kind = Literal["counter", "gauge", "histogram"]
Labels = tuple[tuple[str, str], ...]


class Value(NamedTuple):
    """One value of the metric `family`. `suffix` tells parts of a histogram apart (`_bucket`, `_sum`, `_count`)."""

    family: str
    labels: Labels
    number: float
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric; `help` is shown with it. Units are seconds and bytes."""

    kind: Kind
    help: str


FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "smarty_build_info": Family("gauge", "Always 1; the release is in the label."),
        "smarty_process_resident_bytes": Family("gauge", "Memory of a process of the server."),
        "smarty_process_cpu_seconds_total": Family("counter", "Processor time of all processes of the server."),
        "smarty_requests_in_flight": Family("gauge", "Requests being answered."),
        "smarty_api_requests_total": Family("counter", "Answers by method and code (`page`: all that is no method)."),
        "smarty_api_request_seconds": Family("histogram", "Time from a request to the end of its answer."),
        "smarty_prepared_answers_total": Family("counter", "Answers that lay ready (hit) or had to be made (miss)."),
        "smarty_api_sql_queries_total": Family("counter", "SQL queries made for answers, by method."),
        "smarty_api_sql_seconds_total": Family("counter", "Time of these queries."),
        "smarty_sql_queries_total": Family("counter", "All SQL queries of the server, its jobs included."),
        "smarty_sql_seconds_total": Family("counter", "Time of all SQL queries."),
        "smarty_sql_errors_total": Family("counter", "SQL queries and connections that failed."),
        "smarty_pool_size": Family("gauge", "Connections or threads a pool keeps; `api` are the threads of methods."),
        "smarty_pool_in_use": Family("gauge", "How many of them work."),
        "smarty_pool_waiting": Family("gauge", "How many wait for one."),
        "smarty_cache_hits_total": Family("counter", "Values found in the cache."),
        "smarty_cache_misses_total": Family("counter", "Values that were not there."),
        "smarty_cache_entries": Family("gauge", "Values in the memory of a process."),
        "smarty_cache_bytes": Family("gauge", "Bytes they take."),
        "smarty_cache_limit_bytes": Family("gauge", "Bytes they may take."),
        "smarty_cache_tags_trusted": Family("gauge", "1 while a process knows what has changed, else 0."),
        "smarty_redis_trouble": Family("gauge", "1 while Redis does not do its work, else 0."),
        "smarty_redis_failures": Family("gauge", "Failed calls since Redis last worked."),
        "smarty_events_waiting": Family("gauge", "Events on their way to a plugin, in memory."),
        "smarty_events_dropped_total": Family("counter", "Events a plugin was too slow for."),
        "smarty_outbox_events": Family("gauge", "Durable events not delivered yet: waiting or given up (failed)."),
        "smarty_job_last_run_timestamp_seconds": Family("gauge", "When a job last began, on any host."),
        "smarty_job_last_success_timestamp_seconds": Family("gauge", "When it last succeeded."),
        "smarty_job_success_age_seconds": Family("gauge", "How long ago that is."),
        "smarty_job_ok": Family("gauge", "0 when its last run failed or was lost, else 1."),
        "smarty_job_seconds": Family("gauge", "How long its last run took."),
        "smarty_guide_horizon_seconds": Family(
            "gauge", "How far ahead the guide of an operator's channels reaches: the shortest, the median, the longest."
        ),
        "smarty_guide_channels": Family("gauge", "Channels with a guide from now on, and without one."),
        "smarty_online_sessions": Family("gauge", "Sessions seen in the last ONLINE_SECONDS."),
        "smarty_survey_timestamp_seconds": Family("gauge", "When the figures that need the database were found."),
        "smarty_survey_failed": Family("gauge", "1 when they could not be renewed, else 0."),
    }
)


def value(family: str, number: float, **labels: str) -> Value:
    """A value of a metric."""
    return Value(family, tuple(labels.items()), number)
