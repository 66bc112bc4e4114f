"""What one stream service with a script may set."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from smarty_core.contracts.driver import DriverSettings
from smarty_core.contracts.fields import setting

Source = Annotated[str, StringConstraints(strip_whitespace=False)]
"""Kept as written: empty lines at the beginning count in the numbers of lines that messages name."""


class ScriptSettings(DriverSettings):
    """`script` is the mask field of the stream service; `client_id` and `service_id` are facts about the service."""

    script: Source = setting(
        en="Script",
        ru="Скрипт",
        help_en="Python; leaves the address in uri",
        help_ru="Python; результат остаётся в uri",
        min_length=1,
        max_length=32_768,
    )
    deadline_ms: int = setting(
        200,
        en="Longest run, milliseconds",
        ru="Наибольшее время работы, миллисекунд",
        help_en="After it the next stream service is taken",
        help_ru="После него берётся следующий сервис",
        ge=20,
        le=2000,
    )
    client_id: int = setting(0, en="Operator (of the service itself)", ru="Оператор (самого сервиса)", ge=0)
    service_id: int = setting(0, en="Number of the stream service", ru="Номер сервиса", ge=0)
