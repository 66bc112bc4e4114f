"""The page of the API in a browser that is allowed to reach nothing but the server."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Browser, Route

from tests.watch.installation import Installation


def test_the_page_of_the_api_lists_and_tries_methods_without_the_outside(
    browser: Browser, installation: Installation
) -> None:
    outside: list[str] = []
    complaints: list[str] = []

    def judge(route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.scheme in ("http", "https") and not route.request.url.startswith(installation.url + "/"):
            outside.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    context = browser.new_context()
    context.route("**/*", judge)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    try:
        page.goto(f"{installation.url}/api-docs/")
        page.locator(".opblock-tag").first.wait_for()
        for group in page.locator(".opblock-tag").all():
            group.click()
        page.locator(".opblock-summary-control", has_text="HealthCheck").click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        page.locator(".live-responses-table").get_by_text('"error_message"').wait_for()
        methods = page.locator(".opblock-summary-path").all_inner_texts()
    finally:
        context.close()
    assert len(methods) >= 46
    assert any("streaming" in path for path in (text.replace("\u200b", "") for text in methods))
    assert outside == []
    assert complaints == []
