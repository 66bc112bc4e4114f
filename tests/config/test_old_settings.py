"""A complete settings file of the original product is accepted as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarty_core.config import Settings, load_settings
from smarty_core.config.documented import LicenceSettings
from smarty_core.config.logs import configure_logging

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(FIXTURES)
    return load_settings("settings.prod", environ={})


def test_its_databases_are_a_master_and_two_replicas(settings: Settings) -> None:
    assert settings.databases.master == "postgresql://smarty:p%40ss%2Fw0rd%3A1@10.0.0.11:5432/smarty"
    assert settings.databases.replicas == (
        "postgresql://smarty:p%40ss%2Fw0rd%3A1@10.0.0.12/smarty",
        "postgresql://smarty:p%40ss%2Fw0rd%3A1@10.0.0.13:5433/smarty?sslmode=require",
    )
    assert settings.databases.downtime == 20


def test_its_cache_is_the_cluster(settings: Settings) -> None:
    assert settings.cache.kind == "cluster"
    assert settings.cache.nodes == (("10.0.0.21", 7000), ("10.0.0.22", 7000), ("10.0.0.23", 7000))


def test_its_values_are_what_the_code_reads(settings: Settings) -> None:
    assert settings.INSTANCE == "prod"
    assert settings.TIME_ZONE == "Europe/Moscow"
    assert settings.SMARTY_ADDITIONAL_LANGUAGES == ("en", "kk")
    assert settings.SMARTY_DEFAULT_ICON_SIZES == ((40, 40), (240, 182))
    assert settings.CORS_ORIGIN_WHITELIST == ("portal.example.org", "localhost:8080")
    assert (settings.MAX_LA, settings.MAX_USED_MEM) == (8.0, 90.0)
    assert settings.TVMIDDLEWARE_STREAM_SERVICE_TOKEN_TTL == 7200
    assert settings.TVMIDDLEWARE_CHANNEL_AUTOSORT == ()
    assert settings.TVMIDDLEWARE_MULTILOGIN_ENABLED is False
    assert settings.SMS_BACKEND == "sms.backends.smscru.SMSCBackend"
    assert settings.with_prefix("SMSC_") == {"login": "operator", "password": "sms-password", "sender": "TV"}
    assert settings.get("MEGOGO_PARTNER_KEY") == "megogo-partner-key"
    assert "raven.contrib.django.raven_compat" in settings.INSTALLED_APPS


def test_what_has_no_effect_is_told_in_one_line_and_the_licence_not_at_all(settings: Settings) -> None:
    unread = [notice for notice in settings.notices if "without effect" in notice]

    assert len(unread) == 1
    assert "MAIN_MENU" in unread[0]
    assert "MONGODB_HOST" in unread[0]
    assert "TIME_ZONE" not in unread[0]
    for name in LicenceSettings.model_fields:
        assert not any(name in notice for notice in settings.notices)
    (unknown,) = [notice for notice in settings.notices if notice.startswith("unknown settings")]
    assert "MEGOGO_PARTNER_KEY" not in unknown


def test_its_log_levels_are_obeyed(settings: Settings, tmp_path: Path, logs: None) -> None:
    import logging

    here = {
        "SMARTY_EPG_LOG_FILE": str(tmp_path / "e.log"),
        "SMARTY_API_REQUESTS_LOG_FILE": str(tmp_path / "a.log"),
        "LOG_FOLDER": str(tmp_path / "others"),
    }
    configure_logging(Settings.for_tests(LOGGING=settings.LOGGING, **here), stream=False)

    for log in ("smarty_epg", "smarty_api_requests"):
        logging.getLogger(log).debug("finely")
        logging.getLogger(log).info("coarsely")

    assert [line.split()[-1] for line in (tmp_path / "e.log").read_text().splitlines()] == ["finely", "coarsely"]
    assert [line.split()[-1] for line in (tmp_path / "a.log").read_text().splitlines()] == ["coarsely"]
