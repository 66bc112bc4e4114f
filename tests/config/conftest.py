"""An empty folder to keep settings in, as an operator's working directory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smarty_core.config.logs import reset_logging

WriteSettings = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of the test, with nothing in the environment that means a setting."""
    monkeypatch.chdir(tmp_path)
    for name in ("SMARTY_SETTINGS", "SMARTY_PORT", "SMARTY_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def write(home: Path) -> WriteSettings:
    """Writes `settings/<name>.py` and gives the module's name."""

    def write_file(text: str, name: str = "prod") -> str:
        (home / "settings").mkdir(exist_ok=True)
        (home / "settings" / f"{name}.py").write_text(text, encoding="utf-8")
        return f"settings.{name}"

    return write_file


@pytest.fixture
def logs() -> Iterator[None]:
    """Takes down what a test has configured."""
    yield
    reset_logging()
