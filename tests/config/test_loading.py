"""Settings files, the environment, and what an operator is told about his mistakes."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from smarty_core.config import Settings, load_settings
from smarty_core.errors import ConfigError
from smarty_core.values import Secret

KEY = "SECRET_KEY = 'a key that is long enough'\n"


def problems_of(name: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(name, environ=environ)
    return list(caught.value.problems)


def test_without_a_file_everything_lies_below_var(home: Path) -> None:
    settings = load_settings(None, environ={})

    assert settings.databases.master == "sqlite:///var/smarty.sqlite"
    assert settings.databases.replicas == ()
    assert (settings.MEDIA_ROOT, settings.LOG_FOLDER, settings.cache.kind) == ("var/media", "var/log", "memory")
    assert (settings.HOST, settings.PORT, settings.SMARTY_URL) == ("127.0.0.1", 8180, "http://127.0.0.1:8180")
    assert settings.TVMIDDLEWARE_API_URL == "http://127.0.0.1:8180/tvmiddleware/api"
    assert (settings.SMARTY_DEFAULT_LANGUAGE, settings.SMARTY_ADDITIONAL_LANGUAGES) == ("ru", ())
    assert settings.notices == ()


def test_two_instances_share_no_file_and_no_cache_prefix(write: Any) -> None:
    one, two = (load_settings(write("", name), environ={}) for name in ("north", "south"))

    assert (one.INSTANCE, two.INSTANCE) == ("north", "south")
    for name in ("INSTANCE", "VAR_FOLDER", "MEDIA_ROOT", "LOG_FOLDER", "SECRET_KEY"):
        assert one.get(name) != two.get(name), name
    assert one.databases.master != two.databases.master


def test_the_base_can_be_extended_in_place(write: Any) -> None:
    text = """
from settings.base import *
INSTALLED_APPS += ('megogo',)
MIDDLEWARE_CLASSES += ('core.middleware.StatsMiddleware',)
LOGGING['handlers']['smarty_epg_handler']['level'] = 'DEBUG'
DATABASES['default']['NAME'] = 'elsewhere.sqlite'
CACHES['default']['LOCATION'] = 'redis://127.0.0.1:6379/3'
"""
    for _ in range(2):  # the second time finds the defaults as they were
        settings = load_settings(write(KEY + text), environ={})
        assert settings.INSTALLED_APPS == ("megogo",)
        assert settings.MIDDLEWARE_CLASSES == ("core.middleware.StatsMiddleware",)
        assert settings.LOGGING["handlers"]["smarty_epg_handler"]["level"] == "DEBUG"
        assert settings.databases.master == "sqlite:///elsewhere.sqlite"
        assert (settings.cache.kind, settings.cache.url) == ("redis", "redis://127.0.0.1:6379/3")


@pytest.mark.parametrize("line", ["from settings.base import *", "from .base import *"])
def test_a_base_file_beside_it_is_used_instead_of_ours(write: Any, line: str) -> None:
    write("TIME_ZONE = 'Asia/Almaty'\nPORT = 9000\nINSTALLED_APPS += ('viewstats',)\n", "base")

    settings = load_settings(write(f"{KEY}{line}\nPORT += 1\n"), environ={})

    assert (settings.TIME_ZONE, settings.PORT, settings.INSTALLED_APPS) == ("Asia/Almaty", 9001, ("viewstats",))


def test_other_files_of_the_folder_can_be_imported(write: Any) -> None:
    write("COUNT = 7\n", "figures")

    assert load_settings(write(f"{KEY}from settings.figures import COUNT\nEPG_ACTUAL_DAYS = COUNT\n"), environ={}).get(
        "EPG_ACTUAL_DAYS"
    ) == 7  # fmt: skip
    assert "settings" not in sys.modules
    assert "settings.figures" not in sys.modules


def test_a_path_and_the_environment_variable_choose_the_file_too(write: Any, home: Path) -> None:
    write(f"{KEY}PORT = 7001\n")

    by_path = load_settings(str(home / "settings" / "prod.py"), environ={})
    by_variable = load_settings(None, environ={"SMARTY_SETTINGS": "settings.prod"})

    assert (by_path.PORT, by_path.INSTANCE) == (by_variable.PORT, by_variable.INSTANCE) == (7001, "prod")


def test_a_missing_file_names_the_one_that_was_meant(write: Any) -> None:
    write(KEY)

    (problem,) = problems_of("settings.prd")

    assert "settings/prd.py" in problem
    assert "did you mean" in problem
    assert "prod.py" in problem


def test_every_mistake_is_told_at_once(write: Any) -> None:
    name = write(
        """
SECRET_KEY = 'env:NOT_THERE'
SMSC_LOGN = 'x'
TIME_ZONE = 'Mars/Olympus'
PORT = 'many'
SMARTY_ADDITIONAL_LANGUAGES = ['en', 'Deutsch!']
SMARTY_DEFAULT_ICON_SIZES = [(1, 2, 3)]
TRUSTED_PROXIES = ['10.0.0.0/8', 'nowhere']
LOGIN_SESSIONS_PER_DEVICE_GROUP = {1: -1}
DATABASES = {'default': {'ENGINE': 'django.db.backends.postgrsql', 'NAME': 'x'}}
CACHES = {'default': {'BACKEND': 'core.cache.backends.RedisCache', 'LOCATION': 'http://x'}}
REPLICATED_DATABASE_SLAVES = ['slave1']
"""
    )

    problems = problems_of(name, SMARTY_DATABSE_URL="sqlite://", SMARTY_GEO_LOCATOR_SETTINGS="{not json")

    expected = [
        "SECRET_KEY: the environment variable NOT_THERE is not set",
        "SMSC_LOGN: unknown setting; did you mean 'SMSC_LOGIN'?",
        "TIME_ZONE: not a time zone",
        "PORT: Input should be a valid integer",
        "SMARTY_ADDITIONAL_LANGUAGES[1]: not a language code",
        "SMARTY_DEFAULT_ICON_SIZES[0]:",
        "TRUSTED_PROXIES[1]: not an address or network",
        "LOGIN_SESSIONS_PER_DEVICE_GROUP",
        "DATABASES['default']['ENGINE']: no such kind of database; did you mean 'django.db.backends.postgresql'?",
        "CACHES['default']['LOCATION']: not an address of Redis",
        "REPLICATED_DATABASE_SLAVES: 'slave1' is no replica in DATABASES",
        "SMARTY_DATABSE_URL: no such setting; did you mean 'SMARTY_DATABASE_URL'?",
        "SMARTY_GEO_LOCATOR_SETTINGS: not valid JSON",
    ]
    for start in expected:
        assert [problem for problem in problems if problem.startswith(start)], (start, problems)
    assert len(problems) == len(expected)


def test_names_like_no_other_are_only_noticed(write: Any) -> None:
    settings = load_settings(write(f"{KEY}QUITE_ANOTHER_THING = 1\nMEGOGO_KEY = 'x'\nINSTALLED_APPS += ('megogo',)\n"), environ={})  # fmt: skip  # noqa: E501

    (notice,) = settings.notices
    assert "QUITE_ANOTHER_THING" in notice
    assert "MEGOGO_KEY" not in notice  # it belongs to the module named in INSTALLED_APPS
    assert settings.get("MEGOGO_KEY") == "x"
    assert settings.get("QUITE_ANOTHER_THING") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("PORT = = 1\n", "prod.py, line 1: "),
        ("\nPORT = 1 / 0\n", "prod.py, line 2: ZeroDivisionError"),
        ("from settings.base import *\nINSTALED_APPS += ('x',)\n", "did you mean 'INSTALLED_APPS'?"),
        ("import no_such_module_at_all\n", "no_such_module_at_all"),
        ("LOGGING['handlers']['smarty_nothing_handler']['level'] = 'INFO'\n", "KeyError: 'smarty_nothing_handler'"),
    ],
)
def test_a_file_that_fails_says_where(write: Any, text: str, said: str) -> None:
    (problem,) = problems_of(write(text))

    assert said in problem


def test_no_message_repeats_a_value(write: Any) -> None:
    name = write("SECRET_KEY = ['geheim']\nEMAIL_HOST_PASSWORD = {'a': 'geheim'}\nPORT = 'geheim'\n"
                 "TIME_ZONE = 'geheim'\nDATABASE_URL = 'geheim'\nCACHE_URL = 'geheim'\n"
                 "MEDIA_BASE_URL = 'geheim'\n")  # fmt: skip

    problems = problems_of(name)

    assert len(problems) == 7
    assert "geheim" not in "\n".join(problems)


def test_the_environment_wins_over_the_file(write: Any) -> None:
    environ = {
        "SMARTY_PORT": "9999",
        "SMARTY_URL": "https://tv.example.org",
        "SMARTY_ADDITIONAL_LANGUAGES": "en, kk",
        "SMARTY_DEFAULT_ICON_SIZES": "[[40, 40]]",
        "SMARTY_TVMIDDLEWARE_MULTILOGIN_ENABLED": "false",
        "SMARTY_GEO_LOCATOR_SETTINGS": '{"static": {"networks": []}}',
        "SMARTY_DATABASE_URL": "postgresql://u:p@db/smarty",
        "SMARTY_DISABLE_PLUGINS": "x",
        "SMARTY_HOST": "",
    }

    settings = load_settings(write(f"{KEY}PORT = 1\nHOST = '::1'\n"), environ=environ)

    assert (settings.PORT, settings.HOST, settings.SMARTY_URL) == (9999, "::1", "https://tv.example.org")
    assert settings.MEDIA_BASE_URL == "https://tv.example.org/media"
    assert settings.SMARTY_ADDITIONAL_LANGUAGES == ("en", "kk")
    assert settings.SMARTY_DEFAULT_ICON_SIZES == ((40, 40),)
    assert settings.TVMIDDLEWARE_MULTILOGIN_ENABLED is False
    assert settings.GEO_LOCATOR_SETTINGS == {"static": {"networks": []}}
    assert settings.databases.master == "postgresql://u:p@db/smarty"
    assert settings.notices == ()


def test_secrets_may_be_kept_elsewhere(write: Any, home: Path) -> None:
    (home / "password").write_text("from a file\n")
    name = write(
        f"{KEY}SMSC_PASSWORD = 'file:{home}/password'\nEMAIL_HOST_PASSWORD = 'env:MAIL'\n"
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.mysql', 'NAME': 'n', 'USER': 'u',"
        " 'PASSWORD': 'env:DB'}}\n"
    )

    settings = load_settings(name, environ={"MAIL": "from the environment", "DB": "p@ss"})

    assert settings.SMSC_PASSWORD.reveal() == "from a file"
    assert settings.EMAIL_HOST_PASSWORD.reveal() == "from the environment"
    assert settings.databases.master == "mysql://u:p%40ss@127.0.0.1/n"
    (problem, other) = sorted(
        problems_of(write(f"{KEY}SMSC_PASSWORD = 'file:/no/such'\nEMAIL_HOST_PASSWORD = 'env:NO'\n"))
    )
    assert problem == "EMAIL_HOST_PASSWORD: the environment variable NO is not set"
    assert other.startswith("SMSC_PASSWORD: /no/such cannot be read")


def test_nothing_that_is_printed_shows_a_secret(write: Any) -> None:
    name = write(
        "SECRET_KEY = 'geheimes wort'\nSMSC_PASSWORD = 'geheim'\nDATABASE_URL = 'mysql://u:geheim@h/n'\n"
        "CACHE_URL = 'redis://:geheim@h/1'\nMEGOGO_KEY = 'geheim'\nINSTALLED_APPS = ['megogo']\n"
    )
    settings = load_settings(name, environ={})

    printed = f"{settings} {settings!r} {settings.databases} {settings.cache} {settings.SECRET_KEY} {settings.notices}"

    assert "geheim" not in printed
    assert settings.with_prefix("SMSC_") == {"password": "geheim"}


def test_settings_cannot_be_changed() -> None:
    settings = Settings.for_tests(PORT=1)

    with pytest.raises(ValueError, match="frozen"):
        settings.PORT = 2  # type: ignore[misc]
    assert settings.PORT == 1


def test_settings_for_tests_take_overrides_and_refuse_nonsense() -> None:
    assert Settings.for_tests(GEO_LOCATORS=["known"]).GEO_LOCATORS == ("known",)
    assert Settings.for_tests().databases.master == "sqlite://"
    with pytest.raises(ConfigError):
        Settings.for_tests(PORT="x")


def test_the_secret_key_is_made_once_and_only_its_owner_may_read_it(home: Path) -> None:
    first = load_settings(None, environ={}).SECRET_KEY
    file = home / "var" / "secret_key"

    assert isinstance(first, Secret)
    assert len(first.reveal()) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert first == load_settings(None, environ={}).SECRET_KEY
    file.unlink()
    assert first != load_settings(None, environ={}).SECRET_KEY
    file.write_text("\n")
    assert "no usable key" in problems_of("")[0]


def test_processes_that_start_together_agree_on_the_secret_key(home: Path) -> None:
    code = "from smarty_core.config import load_settings; print(load_settings(None).SECRET_KEY.reveal())"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SMARTY_")}
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=home, env=environ)
        for _ in range(3)
    ]

    keys = {process.communicate()[0] for process in started}

    assert len(keys) == 1
    assert keys == {(home / "var" / "secret_key").read_text()}
    assert os.listdir(home / "var") == ["secret_key"]


def test_a_folder_nobody_can_write_is_a_mistake_of_the_settings(home: Path) -> None:
    (home / "var").write_text("a file where a folder should be")

    (problem,) = problems_of("")

    assert problem.startswith("SECRET_KEY: it is not set, and var/secret_key cannot be used")
