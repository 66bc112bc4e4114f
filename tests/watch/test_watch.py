"""A viewer opens `/watch` in Chromium and sees a picture, what is on now, and what was on an hour ago."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.watch.installation import Installation
from tests.watch.screen import Screen

pytestmark = pytest.mark.browser

Visit = Callable[..., Screen]


@pytest.fixture
def visit(browser: Browser, installation: Installation) -> Iterator[Visit]:
    """Open the page as a new viewer; `language` is his browser's, `size` his screen's."""
    opened = []

    def begin(language: str = "en-GB", size: tuple[int, int] = (1280, 720)) -> Screen:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=language, timezone_id="Europe/Moscow"
        )
        opened.append(context)
        return Screen(context, installation.url)

    yield begin
    for context in opened:
        context.close()


def channel_list(installation: Installation, **more: Any) -> list[dict[str, Any]]:
    channels = installation.api("/channel/list/", **installation.session(), **more)["channels"]
    assert len(channels) >= 20
    return list(channels)


def on_air(installation: Installation, channel: int, moment: float, **more: Any) -> dict[str, Any]:
    """What the guide says was on a channel at a moment."""
    answer = installation.api(
        "/program/list/",
        **installation.session(),
        cid=channel,
        time_from=int(moment) - 7200,
        time_to=int(moment) + 7200,
        **more,
    )
    (found,) = [row for row in answer["programs"] if row["begin_time"] <= moment < row["end_time"]]
    return dict(found)


def test_a_viewer_picks_a_channel_and_sees_its_picture_and_what_is_on_now(
    visit: Visit, installation: Installation
) -> None:
    screen = visit()
    screen.log_in()
    channels = channel_list(installation, lang="en")
    assert screen.channels.count() == len(channels)
    wanted = channels[3]
    row = screen.page.locator(f"#channels [data-channel='{wanted['id']}']")
    for words in (wanted["name"], str(wanted["lcn_number"]), wanted["program_name"]):
        assert words in row.inner_text()
    row.click()
    screen.see_a_picture()
    assert screen.current == wanted["id"]
    assert screen.mode == "live"
    assert screen.text("now-channel") == wanted["name"]
    shown = on_air(installation, wanted["id"], screen.seek_position(), lang="en")
    assert screen.text("now-title") == shown["name"]
    assert abs(screen.seek_position() - datetime.now(UTC).timestamp()) < 60
    assert screen.problems == []
    assert screen.foreign_requests() == []


def test_back_an_hour_plays_what_was_on_then_and_live_comes_back(visit: Visit, installation: Installation) -> None:
    screen = visit()
    screen.log_in()
    screen.see_a_picture()
    live = screen.seek_position()
    screen.page.click("#hour-back")
    screen.until(lambda: screen.mode == "archive", "the archive is shown")
    screen.see_a_picture()
    then = screen.seek_position()
    assert 3500 < live + 10 - then < 3700
    shown = on_air(installation, screen.current, then, lang="en")
    screen.until(lambda: screen.text("now-title") == shown["name"], "the title of that hour is shown")
    screen.page.click("#go-live")
    screen.until(lambda: screen.mode == "live", "live is shown")
    screen.see_a_picture()
    assert abs(screen.seek_position() - datetime.now(UTC).timestamp()) < 60
    assert screen.problems == []


def test_a_programme_of_yesterday_plays_from_its_beginning(visit: Visit, installation: Installation) -> None:
    screen = visit()
    screen.log_in()
    screen.page.click("#open-guide")
    screen.page.get_by_role("button", name="Yesterday").click()
    shows = screen.page.locator("#programmes [data-programme]:not([disabled])")
    screen.until(lambda: shows.count() > 5, "yesterday's programmes are listed")
    show = shows.nth(3)
    number, title = show.get_attribute("data-programme"), show.locator(".name").inner_text()
    show.click()
    screen.until(lambda: screen.mode == "archive", "the archive is shown")
    screen.see_a_picture()
    detail = installation.api("/program/detail/", **installation.session(), pid=number)
    assert detail["begin_time"] - 6 <= screen.seek_position() <= detail["begin_time"] + 60
    assert screen.text("now-title") == title
    assert screen.problems == []


def test_the_programme_on_air_can_be_seen_from_its_beginning(visit: Visit, installation: Installation) -> None:
    screen = visit()
    screen.log_in()
    screen.page.click("#open-guide")
    screen.page.locator("#programmes .on-air").click()
    screen.see_a_picture()
    begun = on_air(installation, screen.current, datetime.now(UTC).timestamp())["begin_time"]
    assert begun - 6 <= screen.seek_position() <= begun + 60


def test_everything_can_be_reached_with_a_remote_control(visit: Visit, installation: Installation) -> None:
    screen = visit()
    screen.log_in()
    channels = channel_list(installation)
    press = screen.page.keyboard.press
    screen.until(lambda: screen.current == channels[0]["id"], "the first channel is on")
    press("ArrowDown")
    press("ArrowDown")
    press("Enter")
    screen.until(lambda: screen.current == channels[2]["id"], "OK has picked the third channel")
    press("PageDown")
    screen.until(lambda: screen.current == channels[3]["id"], "channel down has come to the fourth")
    press("1")
    press("2")
    assert screen.text("typed") == "12"
    screen.until(lambda: screen.current == channels[11]["id"], "the number has been tuned to")
    press("g")
    screen.page.locator("#programmes [data-programme]").first.wait_for()
    press("Escape")
    screen.until(lambda: screen.channels.first.is_visible(), "the channels are back")
    press("ArrowRight")
    focused = screen.page.evaluate("() => document.activeElement.closest('.side') === null")
    assert focused, "an arrow leads out of the list"
    press("h")
    screen.until(lambda: screen.mode == "archive", "the key for an hour back works")


def test_the_page_speaks_the_language_of_the_browser_and_can_be_switched(
    visit: Visit, installation: Installation
) -> None:
    screen = visit("ru-RU")
    screen.log_in()
    russian = channel_list(installation, lang="ru")[0]
    english = channel_list(installation, lang="en")[0]
    assert russian["name"] != english["name"]
    assert russian["name"] in screen.channels.first.inner_text()
    assert screen.text("hour-back") == "На час назад"
    screen.page.click("[data-language=en]")
    screen.until(lambda: english["name"] in screen.channels.first.inner_text(), "the names are English")
    assert screen.text("hour-back") == "Back an hour"
    screen.until(lambda: screen.text("now-channel") == english["name"], "the channel's name is English")
    screen.page.reload()
    screen.channels.first.wait_for()
    assert screen.text("hour-back") == "Back an hour", "the choice is kept"


@pytest.mark.parametrize("size", [(1280, 720), (390, 844), (1920, 1080)])
def test_nothing_hangs_over_the_edge_of_the_screen(visit: Visit, size: tuple[int, int]) -> None:
    screen = visit(size=size)
    screen.log_in()
    screen.see_a_picture()
    assert screen.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    for name in ("video", "hour-back", "go-live", "open-guide"):
        box = screen.page.locator(f"#{name}").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
        assert box["y"] + box["height"] <= size[1]


def test_a_wrong_password_is_told_and_can_be_corrected(visit: Visit) -> None:
    screen = visit()
    screen.open()
    screen.until(lambda: screen.value("api_key") != "", "the form is filled in")
    right = screen.value("password")
    screen.page.fill("#login-form [name=password]", "0000")
    screen.page.click("#login-form [type=submit]")
    screen.until(lambda: "Wrong" in screen.text("login-error"), "the refusal is told")
    screen.page.fill("#login-form [name=password]", right)
    screen.page.click("#login-form [type=submit]")
    screen.channels.first.wait_for()


def test_no_key_and_no_password_is_kept_or_sent_in_an_address(visit: Visit, installation: Installation) -> None:
    screen = visit()
    screen.log_in()
    screen.see_a_picture()
    kept = str(screen.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"))
    assert "authkey" in kept
    assert installation.login["api_key"] not in kept
    assert not [url for url in screen.asked if installation.login["api_key"] in url or "password" in url]


def test_the_session_outlives_a_reload_and_ends_with_logging_out(visit: Visit) -> None:
    screen = visit()
    screen.log_in()
    screen.channels.nth(5).click()
    chosen = screen.current
    screen.page.reload()
    screen.channels.first.wait_for()
    screen.until(lambda: screen.current == chosen, "the last channel is on again")
    screen.page.click("#logout")
    screen.page.locator("#login-form").wait_for()
    screen.page.reload()
    screen.page.locator("#login-form").wait_for()
    assert screen.channels.count() == 0


def test_a_session_that_was_ended_elsewhere_leads_back_to_the_login(visit: Visit, installation: Installation) -> None:
    screen = visit()
    screen.log_in()
    screen.see_a_picture()
    kept = screen.page.evaluate("() => JSON.parse(localStorage.getItem('smarty.watch.session'))")
    installation.api("/logout/", client_id=kept["clientId"], authkey=kept["authkey"], device="web_app")
    screen.page.click("#hour-back")
    screen.page.locator("#login-form").wait_for()
    assert "session has ended" in screen.text("login-error")


def test_a_channel_without_a_picture_says_so_and_can_be_tried_again(visit: Visit) -> None:
    screen = visit()
    screen.page.route("**/ext/sample_video/**", lambda route: route.abort())
    screen.log_in()
    screen.page.locator("#notice").wait_for()
    assert "cannot be shown" in screen.text("notice-text")
    screen.page.unroute("**/ext/sample_video/**")
    screen.page.click("#retry")
    screen.see_a_picture()
    assert screen.page.locator("#notice").is_hidden()
