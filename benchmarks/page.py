"""The page docs/benchmarks.md: the table, the machine, and what each job means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from benchmarks.machine import description
from benchmarks.result import Result
from benchmarks.table import markdown

MEANINGS: Final = {
    "hot_path": "One hot method of the device API at a time. The floor is a bare ASGI application on the same uvicorn, "
    "loop and parser that sends the same bytes and headers. Server and load generator have a core each; rounds of both "
    "alternate, seven of a second, and medians are compared. 10 000 devices in 20 packages ask in turn, each with an "
    "authkey of its own in every address of its answer; each has asked once before. `gzip`: the packed body, with the "
    "authkey of each device put in. `304`: the device names the answer it has. `token check`: a video server asks "
    "about 10 000 tokens of every age. Size is that of the body as sent. Smarty writes what lies ready below ASGI, "
    "so it can be quicker than the floor. Jobs without a goal are told for orientation.",
    "epg_import": "An XMLTV guide of 100 000 programmes (80 MB), grouped by channel or sorted by time. The floor reads "
    "it with the same parser and normaliser and writes the same columns, unique key and indexes by plain `executemany` "
    "(PostgreSQL: `COPY`). `the same again` and `1 % changed` are compared with one pass of bare lxml over the same "
    "document.",
    "load_mix": "The mix of requests published for a live installation, by virtual devices out of 100 000 sessions, "
    "on two workers: the highest rate at which 99 of 100 answers come within 100 ms, counted from the moment each "
    "request was due.",
    "login_storm": "Devices log in again all at once while the steady mix goes on: 80 000 logins must take less than "
    "five minutes, 99 of 100 answers of the mix less than a second, and nobody loses a session.",
    "flush_under_load": "`smarty_manage flushall` under full load: no failed answer, each body rendered at most once "
    "per process, answers as quick as before within two seconds.",
    "import_under_load": "`smarty_manage epg_import` of 100 000 programmes beside 500 requests a second: 99 of 100 "
    "answers within 100 ms all the while.",
    "failover": "One of two video servers dies while 500 viewers a second ask for the address of a channel and "
    "`check_stream_services` runs every second: whoever is sent to the dead server asks again with "
    "`exclude_service_id`; nobody may be left without a picture.",
    "check_services": "One run of `check_stream_services` over a thousand services, a third of which refuse, vanish or "
    "never answer: less than ten seconds.",
    "geo": "The place of random addresses by each geo plugin, in bases of hundreds of thousands of made-up ranges: the "
    "driver alone (`base`), and from the text of an address to our ids of country and city, without SQL (`place`).",
    "monitoring": "The same server with and without metrics and statsd: answers in a second of its own processor time.",
    "script_router": "The address that an operator's routing script makes, warm, with the way to its process and back; "
    "the floor is the same script as ordinary Python, in the same process.",
}


def page(results: Sequence[Result], day: date) -> str:
    missed = [result.job for result in results if not result.met]
    verdict = "Every goal is met." if not missed else f"Not met: {'; '.join(missed)}."
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Every job runs beside a floor in the same run, on the same machine: what could be reached if Smarty did",
            "nothing of its own. The ratio is what counts; the figures belong to the machine.",
            "",
            "```sh",
            "make bench                                        # all of them, one table at the end; needs wrk",
            "python -m benchmarks.hot_path --help              # one of them",
            "python -m benchmarks --write docs/benchmarks.md   # this page",
            "```",
            "",
            f"Measured on {day:%d %B %Y}. {verdict}",
            "",
            markdown(results),
            "## Machine",
            "",
            "| part | |",
            "|---|---|",
            *(f"| {what} | {which} |" for what, which in description()),
            "",
            "## What the jobs mean",
            "",
            *(f"* **{name}**: {meaning}" for name, meaning in MEANINGS.items()),
            "",
        ]
    )
