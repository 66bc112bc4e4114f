"""The browsable page of the API."""

from __future__ import annotations

import re

from .world import World


def test_the_page_needs_nothing_from_outside(world: World) -> None:
    assert world.request("GET", "/api-docs").headers["location"] == "/api-docs/"
    page = world.request("GET", "/api-docs/")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) >= 3
    for address in addresses:
        assert address.startswith("/"), address
        part = world.request("GET", address)
        assert part.status_code == 200, address
        assert len(part.content) > 50
    assert "default-src 'self'" in page.headers["content-security-policy"]
    script = world.request("GET", next(address for address in addresses if address.endswith("api-docs.js"))).text
    assert "/openapi.json" in script
    assert "//" not in re.sub(r"//.*", "", script)
