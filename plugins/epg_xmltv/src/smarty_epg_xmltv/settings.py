"""What an operator may set for one XMLTV source."""

from __future__ import annotations

from pydantic import Field

from smarty_core.contracts.driver import DriverSettings


class XmltvSettings(DriverSettings):
    """Settings of both XMLTV parsers; the defaults suit most feeds."""

    category_language: str = Field(
        default="",
        max_length=8,
        title="Category language",
        description="Which language's categories to take when a feed repeats them per language; "
        "empty = those without a language, else the first one met.",
    )
    category_separator: str = Field(
        default=",",
        max_length=3,
        title="Category separator",
        description="Splits several categories packed into one element; empty = never split.",
    )
    icon_scheme: str = Field(
        default="https",
        pattern="^https?$",
        title="Scheme of icons",
        description="http or https: put before picture addresses that come without one.",
    )
