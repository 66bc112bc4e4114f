"""What a viewer sees and does on the page, in his words."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page

PATIENCE = 40.0

PICTURE = """() => {
  const video = document.getElementById("video");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 18];
  const brush = canvas.getContext("2d");
  brush.drawImage(video, 0, 0, 32, 18);
  const dots = brush.getImageData(0, 0, 32, 18).data;
  const colours = new Set();
  for (let at = 0; at < dots.length; at += 4) colours.add(dots.slice(at, at + 3).map((part) => part >> 5).join());
  return { time: video.currentTime, width: video.videoWidth, colours: colours.size, paused: video.paused };
}"""


class Screen:
    """The page of one viewer. Everything that should not happen is noted in `problems`."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.asked: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda line: self.problems.append(line.text) if line.type == "error" else None)
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self) -> None:
        self.page.goto(f"{self.url}/watch")

    def log_in(self) -> None:
        """Press the button of the form that came filled in."""
        self.open()
        self.until(lambda: self.value("api_key") != "", "the form is filled in")
        self.page.click("#login-form [type=submit]")
        self.channels.first.wait_for()

    def value(self, field: str) -> str:
        return self.page.input_value(f"#login-form [name={field}]")

    @property
    def channels(self) -> Locator:
        return self.page.locator("#channels [data-channel]")

    def text(self, id: str) -> str:
        return self.page.inner_text(f"#{id}")

    @property
    def mode(self) -> str:
        return self.page.get_attribute("#badge", "data-mode") or ""

    @property
    def current(self) -> int:
        """The id of the channel that is marked."""
        return int(self.page.get_attribute("#channels [aria-current=true]", "data-channel") or 0)

    def seek_position(self) -> float:
        """The moment the picture was broadcast, by the position under it."""
        return float(self.page.input_value("#position"))

    def picture(self) -> dict[str, Any]:
        return dict(self.page.evaluate(PICTURE))

    def see_a_picture(self) -> None:
        """Wait until moving colours are seen: the bars have seven."""
        self.until(lambda: self.picture()["width"] == 320 and self.picture()["colours"] >= 7, "there is a picture")
        begun = self.picture()["time"]
        self.until(lambda: self.picture()["time"] > begun + 0.5, "the picture moves")

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Let the browser work until `condition` holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain until {what}; problems: {self.problems}"
            self.page.wait_for_timeout(50)

    def foreign_requests(self) -> list[str]:
        """What was asked of anybody but this server."""
        own = urlsplit(self.url).netloc
        return [url for url in self.asked if not url.startswith("blob:") and urlsplit(url).netloc != own]
