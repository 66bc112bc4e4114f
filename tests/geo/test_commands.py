"""The commands of the geo plugins as an operator runs them: installed, with a settings file, against a web server."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import typer
from smarty_geo_ipgeobase.base import IpGeoBase
from smarty_geo_maxmind.base import MmdbBase
from typer.testing import CliRunner, Result

from smarty_core.cli.plugin_commands import add_plugin_commands
from smarty_core.errors import ConfigError, Conflict, ProviderRefused
from smarty_core.testing.publisher import Asked, published

from .test_geo import write_base

KEY = "maxmind-k3y"
RANGES = "3325256704\t3325256959\tx\tRU\t1\n"
CITIES = "1\tТверь\tТверская область\tЦентральный\t1\t1\n"


def ipgeobase() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        bundle.writestr("cidr_optim.txt", RANGES.encode("cp1251"))
        bundle.writestr("cities.txt", CITIES.encode("cp1251"))
    return out.getvalue()


def maxmind(folder: Path) -> bytes:
    write_base(folder / "made.mmdb")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tape:
        tape.add(folder / "made.mmdb", "GeoLite2-City_1/GeoLite2-City.mmdb")
    return out.getvalue()


class Machine:
    """A host with an installation, its settings file and a command line."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.settings = folder / "prod.py"
        (folder / "key").write_text(KEY + "\n")
        self.settings.write_text(
            f"from settings.base import *\nVAR_FOLDER = {str(folder)!r}\nSMARTY_ADDITIONAL_LANGUAGES = ['en']\n"
            f"GEO_LOCATOR_SETTINGS = {{'ipgeobase': {{'url': '{url}/geo_files.zip'}},\n"
            f" 'maxmind': {{'url': '{url}', 'license_key': 'file:{folder}/key'}}}}\n"
        )

    def run(self, command: str) -> Result:
        app = typer.Typer()
        add_plugin_commands(app, taken=())
        return CliRunner().invoke(app, [command, "--settings", str(self.settings)])


@pytest.fixture
def machine(tmp_path: Path, _sqlite_template: Path) -> Iterator[Machine]:
    shutil.copy(_sqlite_template, tmp_path / "smarty.sqlite")
    tape = maxmind(tmp_path)

    def answer(asked: Asked) -> bytes | tuple[int, str]:
        if asked.path == "/geo_files.zip":
            return ipgeobase()
        if asked.query.get("license_key") != KEY:
            return 401, "Invalid license key"
        return tape if asked.query["suffix"] == "tar.gz" else hashlib.sha256(tape).hexdigest().encode()

    with published(answer) as publisher:
        yield Machine(tmp_path, publisher.url)


def test_a_base_is_fetched_and_the_directory_laid_down_once(machine: Machine) -> None:
    done = machine.run("geoip_update")
    assert (done.exit_code, done.output.split(",")[0]) == (0, "renewed")
    base = machine.folder / "geo" / "ipgeobase.zip"
    assert IpGeoBase(base).locate(IPv4Address("198.51.100.1")) is not None
    done = machine.run("sync_geo_geoip")
    assert (done.exit_code, done.output) == (0, f"added 1 countries and 1 cities of {base}\n")
    again = machine.run("sync_geo_geoip")
    assert isinstance(again.exception, Conflict)
    assert str(again.exception) == "the directory is in use: there are 1 cities"


def test_secrets_come_from_where_the_settings_say_and_refusals_are_clear(machine: Machine) -> None:
    assert machine.run("update_maxmind").exit_code == 0
    kept = (machine.folder / "geo" / "maxmind.mmdb").read_bytes()
    assert MmdbBase(machine.folder / "geo" / "maxmind.mmdb", ("ru",)).locate(IPv4Address("198.51.100.1")) is not None
    (machine.folder / "key").write_text("another")
    refused = machine.run("update_maxmind")
    assert isinstance(refused.exception, ProviderRefused)
    assert "the account or the licence key is refused" in str(refused.exception)
    assert "another" not in str(refused.exception) + refused.output
    assert (machine.folder / "geo" / "maxmind.mmdb").read_bytes() == kept
    done = machine.run("sync_geo_maxmind")
    assert (done.exit_code, "cities" in done.output) == (0, True)


def test_wrong_settings_are_told_with_their_names(machine: Machine) -> None:
    machine.settings.write_text(machine.settings.read_text().replace("'license_key'", "'licence_key'"))
    wrong = machine.run("update_maxmind")
    assert isinstance(wrong.exception, ConfigError)
    assert "did you mean 'GEO_LOCATOR_SETTINGS.maxmind.license_key'" in str(wrong.exception)
