"""What `make run` tells a newcomer once the server is ready to be tried."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from smarty_core.services.setup.sample import SampleLogin


def demo_lines(login: SampleLogin, *, base_url: str, api_url: str) -> Mapping[str, str]:
    """Title -> text; the two curl lines work when they are pasted into a shell as they are."""
    query = urlencode(
        {
            "client_id": login.client_id,
            "api_key": login.api_key,
            "device": "pc",
            "device_uid": "curl",
            "abonement": login.abonement,
            "password": login.password,
        }
    )
    api = api_url.rstrip("/")
    sign_in = f"curl -s '{api}/login/?{query}'"
    key = f'$({sign_in} | sed \'s/.*"authkey":"\\([0-9a-f]*\\)".*/\\1/\')'
    return {
        "Watch": f"{base_url}/watch",
        "API description": f"{base_url}/api-docs/",
        "Sample login": f"abonement {login.abonement}, password {login.password}",
        "Operator": f"client_id {login.client_id}, api_key {login.api_key}",
        "Log in": sign_in,
        "Channel list": f'curl -s "{api}/channel/list/?client_id={login.client_id}&authkey={key}"',
    }
