"""Hook modules: loading with isolation, and the three ways to call them."""

from __future__ import annotations

import threading
import time
import types
from collections.abc import Callable
from typing import Any

import pytest

from smarty_core.contracts.events import AccountCreated, LoginSuccess, PlaybackWish, Refusal, RegionWish
from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import ProviderUnavailable, Refused
from smarty_core.hookspecs import hookimpl
from smarty_core.plugins import hooks as hooks_module
from smarty_core.plugins.discovery import Discovery, Injected
from smarty_core.plugins.hooks import HookFailed, HookPaused, Hooks

from .samples import extension

NAMESPACE = "smarty.hooks"
LOGIN = LoginSuccess(client_id=1, account_id=5)
WISH = PlaybackWish(client_id=1, account_id=5, content_type="channel", content_id=3)


def module(**functions: Callable[..., Any]) -> types.ModuleType:
    made = types.ModuleType("hooks_of_a_test")
    for name, function in functions.items():
        function.__name__ = name
        setattr(made, name, hookimpl(function))
    return made


def load(environ: dict[str, str] | None = None, /, **modules: object) -> Hooks:
    found = [
        Injected(
            extension(name, plugin, namespace=NAMESPACE), "smarty-core" if name == "core" else f"smarty-{name}", "1"
        )
        for name, plugin in modules.items()
    ]
    discovery = Discovery(environ=environ or {}, injected={NAMESPACE: found})
    return Hooks(discovery, host_factory=lambda plugin: f"host of {plugin}")  # type: ignore[arg-type, return-value]


def fail(error: BaseException) -> Callable[..., Any]:
    def raises(host: Any) -> None:
        raise error

    return raises


def test_everybody_is_told_in_order_and_each_gets_its_own_host() -> None:
    told: list[tuple[str, Any, Any]] = []

    def listener(name: str) -> types.ModuleType:
        def login_success(host: Any, event: Any) -> None:
            told.append((name, host, event))

        return module(login_success=login_success)

    hooks = load(zebra=listener("zebra"), core=listener("core"), ant=listener("ant"))
    assert hooks.implementers("login_success") == ("core", "ant", "zebra")
    hooks.notify("login_success", event=LOGIN)
    assert hooks.drain(10)
    assert sorted(told) == [(name, f"host of {name}", LOGIN) for name in ("ant", "core", "zebra")]


def test_an_implementation_may_take_fewer_arguments() -> None:
    told = []
    hooks = load(a=module(login_success=lambda: told.append(1)))
    hooks.notify("login_success", event=LOGIN)
    assert hooks.drain(10)
    assert told == [1]


def test_the_broadcast_goes_on_after_a_plugin_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    told: list[int] = []

    def bad(event: Any) -> None:
        raise RuntimeError("bad plugin")

    hooks = load(a=module(login_success=bad), b=module(login_success=lambda event: told.append(event.account_id)))
    hooks.notify("login_success", event=LOGIN)
    assert hooks.drain(10)
    assert told == [5]
    (record,) = [r for r in caplog.records if r.name == "smarty_plugins.a" and r.exc_info]
    assert "login_success" in record.getMessage()


def test_who_raises_an_event_does_not_wait_for_who_hears_it() -> None:
    release, told = threading.Event(), []
    hooks = load(slow=module(login_success=lambda: release.wait()), quick=module(login_success=lambda: told.append(1)))
    begun = time.monotonic()
    for _ in range(50):
        hooks.notify("login_success", event=LOGIN)
    assert time.monotonic() - begun < 1
    until = time.monotonic() + 10
    while len(told) < 50 and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert len(told) == 50
    assert not hooks.drain(0.1)
    release.set()
    assert hooks.drain(10)


def test_one_plugin_hears_events_in_the_order_they_happened() -> None:
    told: list[int] = []
    hooks = load(a=module(login_success=lambda event: told.append(event.account_id)))
    for number in range(200):
        hooks.notify("login_success", event=LoginSuccess(client_id=1, account_id=number))
    assert hooks.drain(20)
    assert told == list(range(200))


def test_a_hook_nobody_implements_costs_next_to_nothing() -> None:
    hooks = load(a=module(login_success=lambda: None))
    threads = threading.active_count()
    begun = time.perf_counter()
    for _ in range(10_000):
        hooks.notify("account_changed", event=None)
        assert hooks.decide("authorize_playback", wish=WISH) is None
    assert time.perf_counter() - begun < 2
    assert threading.active_count() == threads


def test_a_lifecycle_hook_is_waited_for_but_not_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks_module, "LIFECYCLE_DEADLINE", 0.2)
    told, release = [], threading.Event()
    hooks = load(a=module(server_started=lambda: release.wait()), b=module(server_started=lambda: told.append(1)))
    begun = time.monotonic()
    hooks.notify("server_started")
    assert told == [1]
    assert time.monotonic() - begun < 5
    release.set()


def test_a_misspelt_hook_disables_its_plugin_by_name_and_not_the_start() -> None:
    told: list[int] = []
    hooks = load(
        typo=module(login_succes=lambda event: None, login_success=lambda event: told.append(0)),
        good=module(login_success=lambda event: told.append(1)),
    )
    assert hooks.problems == {"typo": "there is no hook 'login_succes'; did you mean 'login_success'?"}
    assert hooks.plugins() == ("good",)
    hooks.notify("login_success", event=LOGIN)
    assert hooks.drain(10)
    assert told == [1]


def test_a_wrong_signature_disables_its_plugin() -> None:
    hooks = load(wrong=module(login_success=lambda event, passport: None), good=module(login_success=lambda: None))
    assert "passport" in hooks.problems["wrong"]
    assert hooks.implementers("login_success") == ("good",)


def test_a_coroutine_as_hook_disables_its_plugin() -> None:
    async def login_success(event: Any) -> None: ...

    assert "coroutine" in load(modern=module(login_success=login_success)).problems["modern"]


def test_a_broken_import_disables_its_plugin() -> None:
    broken = Injected(extension("bad", None, target="no_such_module_here", namespace=NAMESPACE), "smarty-bad")
    good = Injected(extension("good", module(login_success=lambda: None), namespace=NAMESPACE), "smarty-good")
    hooks = Hooks(Discovery(environ={}, injected={NAMESPACE: [broken, good]}))
    assert "ModuleNotFoundError" in hooks.problems["bad"]
    assert hooks.plugins() == ("good",)


def test_two_hook_modules_of_one_name_are_both_refused() -> None:
    plugins = [
        Injected(extension("twin", module(login_success=lambda: None), namespace=NAMESPACE), "smarty-one"),
        Injected(extension("twin", module(login_success=lambda: None), namespace=NAMESPACE), "smarty-two"),
        Injected(extension("good", module(login_success=lambda: None), namespace=NAMESPACE), "smarty-good"),
    ]
    hooks = Hooks(Discovery(environ={}, injected={NAMESPACE: plugins}))
    assert "smarty-one and smarty-two" in hooks.problems["twin"]
    assert hooks.plugins() == ("good",)


def test_a_disabled_plugin_is_no_problem_and_not_in_use() -> None:
    hooks = load({"SMARTY_DISABLE_PLUGINS": "a"}, a=module(login_success=lambda: None), b=module())
    assert hooks.plugins() == ("b",)
    assert hooks.problems == {}


def test_collect_gives_answers_by_plugin_and_disables_who_fails() -> None:
    hooks = load(
        core=module(register_migrations=lambda: "core.migrations"),
        bad=module(register_migrations=lambda: 1 / 0, login_success=lambda: None),
        none=module(register_migrations=lambda: None),
        good=module(register_migrations=lambda: "good.migrations"),
    )
    assert hooks.collect("register_migrations") == [("core", "core.migrations"), ("good", "good.migrations")]
    assert "ZeroDivisionError" in hooks.problems["bad"]
    assert hooks.implementers("login_success") == ()


def test_decide_takes_the_first_answer_the_core_asked_first() -> None:
    hooks = load(
        a=module(choose_region=lambda wish: Place("DE")),
        core=module(choose_region=lambda wish: None),
        b=module(choose_region=lambda wish: Place("FR")),
    )
    assert hooks.decide("choose_region", wish=RegionWish(client_id=1, ip="10.0.0.1")) == Place("DE")


def test_a_failing_choice_is_passed_over() -> None:
    hooks = load(a=module(choose_region=lambda wish: 1 / 0), b=module(choose_region=lambda wish: Place("FR")))
    assert hooks.decide("choose_region", wish=RegionWish(client_id=1, ip="10.0.0.1")) == Place("FR")


@pytest.mark.parametrize("error", [RuntimeError("bug"), ProviderUnavailable("down")])
def test_a_failing_veto_refuses(error: Exception) -> None:
    def veto(wish: Any) -> None:
        raise error

    hooks = load(a=module(authorize_playback=veto), b=module(authorize_playback=lambda: None))
    with pytest.raises(Refused) as caught:
        hooks.decide("authorize_playback", wish=WISH)
    assert caught.value.reason == "plugin_failed"


def test_a_hanging_veto_refuses_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks_module, "DEADLINES", {**hooks_module.DEADLINES, "decide": 0.2})
    release = threading.Event()
    hooks = load(a=module(authorize_playback=lambda: release.wait()))
    begun = time.monotonic()
    with pytest.raises(Refused):
        hooks.decide("authorize_playback", wish=WISH)
    assert time.monotonic() - begun < 5
    release.set()


def test_a_veto_denies_with_its_reason() -> None:
    hooks = load(a=module(authorize_playback=lambda: None), b=module(authorize_playback=lambda: Refusal("debt")))
    assert hooks.decide("authorize_playback", wish=WISH) == Refusal("debt")


def test_an_unknown_hook_is_the_callers_mistake() -> None:
    with pytest.raises(LookupError, match="did you mean 'login_success'"):
        load().notify("login_sucess", event=LOGIN)


def test_durable_events_are_written_once_per_plugin_that_listens() -> None:
    rows: list[dict[str, Any]] = []
    hooks = load(a=module(account_created=lambda event: None), b=module(account_created=lambda: None), c=module())
    hooks.use(put_durable=lambda session, **row: rows.append({"session": session, **row}))
    event = AccountCreated(client_id=1, account_id=5)
    hooks.notify_durable("a session", "account_created", event=event, order_key="account:5")  # type: ignore[arg-type]
    assert [row["plugin"] for row in rows] == ["a", "b"]
    assert rows[0]["session"] == "a session"
    assert rows[0]["order_key"] == "account:5"
    assert AccountCreated.from_payload(rows[0]["payload"]) == event


def test_delivering_a_stored_event_waits_and_says_what_went_wrong() -> None:
    told: list[Any] = []
    hooks = load(
        a=module(account_created=lambda event: told.append(event)), b=module(account_created=lambda event: 1 / 0)
    )
    event = AccountCreated(client_id=1, account_id=5)
    hooks.deliver("a", "account_created", event.to_payload())
    assert told == [event]
    with pytest.raises(HookFailed, match="ZeroDivisionError"):
        hooks.deliver("b", "account_created", event.to_payload())
    with pytest.raises(HookFailed, match="does not implement"):
        hooks.deliver("gone", "account_created", event.to_payload())
    with pytest.raises(HookFailed, match="cannot be read"):
        hooks.deliver("b", "account_created", {"account_id": "five"})


def test_a_plugin_that_keeps_failing_is_left_alone_for_a_while() -> None:
    calls: list[int] = []

    def bad(event: Any) -> None:
        calls.append(1)
        raise RuntimeError

    hooks = load(a=module(account_created=bad))
    payload = AccountCreated(client_id=1, account_id=5).to_payload()
    for _ in range(5):
        with pytest.raises(HookFailed):
            hooks.deliver("a", "account_created", payload)
    with pytest.raises(HookPaused):
        hooks.deliver("a", "account_created", payload)
    assert len(calls) == 5


def test_tracing_shows_each_call(capsys: pytest.CaptureFixture[str]) -> None:
    hooks = load({"SMARTY_TRACE_HOOKS": "1"}, a=module(register_migrations=lambda: "x"))
    hooks.collect("register_migrations")
    assert capsys.readouterr().err.startswith("hook register_migrations -> a ")
