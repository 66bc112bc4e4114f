from __future__ import annotations

import inspect
import re
from pathlib import Path

import pluggy
import pytest

from smarty_core.contracts.events import Event
from smarty_core.hookspecs import AREAS, HOOKS, PROJECT, hookimpl
from smarty_core.hookspecs import reference as pages

DOCS = Path(__file__).parents[2] / "docs" / "reference"

LOGGED = [
    "LOGIN_SUCCESS",
    "LOGIN_ERROR",
    "ACCOUNT_DEVICE_ERROR",
    "ACCOUNT_ACTIVATED",
    "ACCOUNT_CREATED",
    "ACCOUNT_CHANGED",
    "ACCOUNT_TARIFFS_ASSIGNED",
    "ACCOUNT_TARIFFS_REMOVED",
    "CUSTOMER_CREATED",
    "CUSTOMER_CHANGED",
    "CUSTOMER_TARIFFS_ASSIGNED",
    "CUSTOMER_TARIFFS_REMOVED",
    "ACCOUNT_DEVICE_REMOVED",
    "MESSAGE_CREATED",
    "MESSAGE_SEND",
    "MESSAGE_DELETED",
    "MANAGEMENT_COMMAND_SUCCESS",
    "MANAGEMENT_COMMAND_ERROR",
    "EPG_CHANNEL_IMPORTED",
    "EPG_CHANNEL_IMPORT_ERROR",
    "EPG_IMPORT_FINISHED",
    "EPG_REMOVED",
    "PORTAL_EVENT",
]
"""Log events of the business; others (cache, requests, single programmes) are diagnostics without a hook."""


@pytest.mark.parametrize("event", LOGGED)
def test_every_business_event_of_the_log_has_its_hook(event: str) -> None:
    info = HOOKS[event.lower()]
    assert info.discipline == "notify"
    assert info.event is not None
    assert info.event.__name__ == "".join(part.title() for part in event.split("_"))


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_a_name_tells_the_discipline(name: str) -> None:
    info = HOOKS[name]
    if name.startswith("register_"):
        assert (info.discipline, info.fails) == ("collect", "disables")
    elif name.startswith("authorize_"):
        assert (info.discipline, info.fails) == ("decide", "closed"), "a broken veto denies"
    elif name.startswith("choose_"):
        assert (info.discipline, info.fails) == ("decide", "open")
    else:
        assert (info.discipline, info.fails) == ("notify", "open")


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_a_hook_says_when_where_and_what_a_failure_does(name: str) -> None:
    info = HOOKS[name]
    words = " ".join(info.doc.split())
    assert re.search(r"(?i)\b(durable|called|told)\b", words)
    assert "exception" in words
    if info.discipline in ("collect", "decide"):
        assert "None" in words
    if info.discipline == "notify" and info.event is not None:
        assert ("Durable:" if info.durable else "Not durable") in words


def test_only_what_can_be_read_back_is_durable() -> None:
    for info in HOOKS.values():
        if info.durable:
            assert info.event is not None
            assert issubclass(info.event, Event)
            assert info.arguments == ("host", "event")


def test_the_specs_are_what_pluggy_accepts() -> None:
    manager = pluggy.PluginManager(PROJECT)
    for area in AREAS:
        manager.add_hookspecs(area)

    class Plugin:
        @hookimpl
        def account_created(self, event: object) -> None:
            seen.append(event)

        @hookimpl
        def authorize_playback(self) -> str:
            return "no"

    seen: list[object] = []
    manager.register(Plugin())
    manager.check_pending()
    manager.hook.account_created(host=None, event="e")
    assert seen == ["e"]
    assert manager.hook.authorize_playback(host=None, wish=None) == "no", "first answer, not a list"


def test_every_hook_is_documented_with_its_exact_signature() -> None:
    page = (DOCS / "hooks.md").read_text("utf-8")
    for area in AREAS:
        for name, function in vars(area).items():
            if name in HOOKS and inspect.isfunction(function):
                assert f"```python\n{pages.signature(name, function)}\n```" in page


@pytest.mark.parametrize(("name", "text"), [("hooks.md", pages.hooks_page), ("contracts.md", pages.contracts_page)])
def test_the_pages_made_from_code_are_fresh(name: str, text: object) -> None:
    assert (DOCS / name).read_text("utf-8") == text(), (  # type: ignore[operator]
        "run: python -m smarty_core.hookspecs.reference docs/reference"
    )
