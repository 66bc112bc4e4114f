"""The page of settings, and the declarations it is made from."""

from __future__ import annotations

import re
from pathlib import Path

from smarty_core.config import Settings
from smarty_core.config.derived import LOG_NAMES
from smarty_core.config.documented import DocumentedSettings, ImageSettings, LicenceSettings, SmsProviderSettings
from smarty_core.config.reference import PAGE, settings_page

ROOT = Path(__file__).parents[2]


def test_the_settings_page_is_current() -> None:
    assert (ROOT / PAGE).read_text(encoding="utf-8") == settings_page(), "run `make docs`"


def test_every_setting_is_explained() -> None:
    page = settings_page()
    for name, field in Settings.model_fields.items():
        assert name in page
        assert field.description
        assert name.isupper()


def test_settings_said_to_have_an_effect_are_read_and_the_others_are_not() -> None:
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in (ROOT / "smarty_core", ROOT / "plugins")
        for path in folder.rglob("*.py")
        if path.name not in ("declared.py", "documented.py")
    )
    read = set(re.findall(r"[A-Z][A-Z0-9_]{3,}", sources)) | {f"SMARTY_{name.upper()}_LOG_FILE" for name in LOG_NAMES}
    without_effect = {*DocumentedSettings.model_fields, *ImageSettings.model_fields, *LicenceSettings.model_fields}

    assert sorted(set(Settings.model_fields) - without_effect - read - set(SmsProviderSettings.model_fields)) == []
    used = re.findall(r"settings\.([A-Z][A-Z0-9_]+)|settings\.get\(\"([A-Z0-9_]+)\"", sources)
    assert sorted({name for pair in used for name in pair if name} & without_effect) == []


def test_no_setting_is_read_that_is_not_declared() -> None:
    read = re.compile(r"ettings\.([A-Z][A-Z0-9_]{2,})\b|ettings\.get\(\s*\"([A-Z][A-Z0-9_]+)\"")
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for folder in (ROOT / "smarty_core", ROOT / "plugins")
        for path in folder.rglob("*.py")
        for pair in read.findall(path.read_text(encoding="utf-8"))
        for name in pair
        if name and name not in Settings.model_fields and "/tests/" not in str(path)
    }

    assert sorted(unknown) == []
    assert "TIME_ZONE" in {name for pair in read.findall("x(settings.TIME_ZONE)") for name in pair}


def test_every_log_has_its_setting() -> None:
    declared = {name for name in Settings.model_fields if name.endswith("_LOG_FILE")}

    assert declared == {f"SMARTY_{name.upper()}_LOG_FILE" for name in LOG_NAMES}
