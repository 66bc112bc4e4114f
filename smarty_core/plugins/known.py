"""Which distribution to install for a driver that is missing: only used to say so in an error message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_PREFIX: Final[Mapping[str, str]] = MappingProxyType(
    {"epg_parser": "epg", "geo_locator": "geo", "sms_backend": "sms", "external_api": "billing"}
)
"""Capabilities whose plugins carry the capability in their name: `smarty-geo-maxmind`."""

_DISTRIBUTIONS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("epg_parser", "xmltv_common"): "smarty-epg-xmltv",
        ("epg_parser", "xmltv_from_files"): "smarty-epg-xmltv",
        ("geo_locator", "django-geoip"): "smarty-geo-ipgeobase",
        ("stream_router", "akamai_token"): "smarty-cdn-token",
        ("stream_router", "flussonic_securetoken"): "smarty-flussonic",
        ("stream_router", "astra_securetoken"): "smarty-astra",
        ("external_api", "hydra"): "smarty-billing-hydra",
    }
)


def distribution_for(capability: str, name: str) -> str:
    """The most likely name of the distribution; `name` may be a dotted path of the original product."""
    if (capability, name) in _DISTRIBUTIONS:
        return _DISTRIBUTIONS[capability, name]
    word = name
    if "." in name:  # sms.backends.smscru.SMSCBackend: the module says more than the class
        parts = [part for part in name.split(".") if part.islower()]
        word = parts[-1] if parts else name
    word = re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")
    prefix = _PREFIX.get(capability, "")
    return f"smarty-{prefix}-{word}" if prefix and not word.startswith(f"{prefix}-") else f"smarty-{word}"
