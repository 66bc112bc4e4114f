"""All API surfaces of the core, put together from the modules that declare their methods."""

from __future__ import annotations

from typing import Final

from smarty_core.web.device import (
    account,
    camera,
    category,
    channel_guide,
    channel_info,
    channel_list,
    channel_short,
    country,
    health,
    login,
    message,
    npvr,
    portal,
    position,
    program,
    program_category,
    program_search,
    radio,
    settings,
    stream,
    video,
)
from smarty_core.web.streaming import maintenance
from smarty_core.web.surface import Routes, Surface

DEVICE_MODULES: Final = (
    login,
    account,
    settings,
    portal,
    health,
    country,
    category,
    channel_list,
    channel_short,
    channel_info,
    channel_guide,
    program_category,
    program,
    program_search,
    position,
    message,
    stream,
    video,
    camera,
    radio,
    npvr,
)

SHARED_CODES: Final = {400: "a parameter is missing or malformed", 403: "not authorised", 500: "internal error"}


def api_routes() -> Routes:
    """Every API method of the core by its path."""
    device = tuple(method for module in DEVICE_MODULES for method in module.METHODS)
    return Routes(
        (
            Surface("TVMW", "/tvmiddleware/api", device, SHARED_CODES, "Device API"),
            Surface(
                "Streaming",
                "/streaming/api",
                (*maintenance.METHODS, *stream.STREAMING_METHODS),
                SHARED_CODES,
                "Streaming API",
                signed_as="streaming",
            ),
        )
    )
