"""The commands against a download service that checks token and code, breaks off, refuses and sends rubbish."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from smarty_geo_ip2location import commands, hooks
from smarty_geo_ip2location.locator import open_base

from smarty_core.api.places import NamedPlace
from smarty_core.contracts.geo_locator import Place
from smarty_core.errors import ConfigError, Conflict, InvalidValue, ProviderRefused, StorageError
from smarty_core.testing.publisher import Asked, Publisher, published

from .conftest import LAST4, SOME4, bin_base, csv_base

TOKEN = "AbC-t0ken-of-the-account"
LIMIT = "THIS FILE CAN ONLY BE DOWNLOADED 5 TIMES PER HOUR"


def packed(name: str, content: bytes, **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:
        bundle.writestr("LICENSE-CC-BY-SA-4.0.TXT", "licence")
        bundle.writestr(name, content)
        for other, text in more.items():
            bundle.writestr(other, text)
    return out.getvalue()


class Service:
    """The download service, and an account on it."""

    def __init__(self, host: Any, folder: Path) -> None:
        self.host, self.folder = host, folder
        names = csv_base(folder / "made.csv", SOME4, last=LAST4).read_bytes()
        self.files: dict[str, bytes | tuple[int, str]] = {
            "DB3LITEBINIPV6": packed("IP2LOCATION-LITE-DB3.IPV6.BIN", bin_base()),
            "DB3LITECSV": packed("IP2LOCATION-LITE-DB3.CSV", names),
        }
        self.publisher: Publisher

    def answer(self, asked: Asked) -> bytes | tuple[int, str]:
        if asked.path != "/download/" or set(asked.query) != {"token", "file"}:
            return 404, "NOT FOUND"
        if asked.query["token"] != TOKEN:
            return 200, f"NO PERMISSION FOR {asked.query['token']}"
        return self.files.get(asked.query["file"], (200, "NO PERMISSION"))

    def configure(self, **settings: Any) -> None:
        self.host.settings.values["VAR_FOLDER"] = str(self.folder / "var")
        self.host.settings.values["GEO_LOCATOR_SETTINGS"] = {
            "ip2location": {"token": TOKEN, "url": f"{self.publisher.url}/download/", **settings}
        }

    @property
    def base(self) -> Path:
        return self.folder / "var" / "geo" / "ip2location.bin"

    def update(self) -> None:
        commands.update(self.host)

    def left(self) -> list[str]:
        """What lies beside the base that is no lock and no note."""
        return sorted(path.name for path in self.base.parent.iterdir() if path.suffix not in (".lock", ".origin"))


@pytest.fixture
def service(host: Any, tmp_path: Path) -> Iterator[Service]:
    made = Service(host, tmp_path)
    with published(made.answer) as publisher:
        made.publisher = publisher
        made.configure()
        yield made


def test_both_bases_come_and_a_second_run_finds_nothing_newer(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.update()
    assert open_base(service.base).locate(IPv4Address("203.0.113.7")) == Place("RU", "Russian Federation", "Tver")
    assert service.left() == ["ip2location.bin", "ip2location.csv"]
    service.update()
    said = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in said] == [
        "DB3LITEBINIPV6: renewed", "DB3LITECSV: renewed", "DB3LITEBINIPV6: nothing newer", "DB3LITECSV: nothing newer",
    ]  # fmt: skip
    assert TOKEN not in str(said)


def test_another_code_is_not_taken_for_the_same_file(service: Service) -> None:
    service.update()
    service.files["DB11BIN"] = packed("DB11.BIN", bin_base(kind=11, columns=8))
    service.configure(database="DB11BIN", directory="")
    service.update()
    assert service.publisher.asked[-1].headers.get("If-None-Match") is None
    assert service.base.read_bytes()[0] == 11


def test_a_download_that_breaks_off_goes_on_where_it_was(service: Service) -> None:
    service.configure(directory="")
    service.publisher.cut_after = [1000, 500_000, 200_000]
    with pytest.raises(ProviderRefused, match="no base yet"):
        service.update()
    assert service.left() == ["ip2location.bin.download.part", "ip2location.bin.download.part.of"]
    assert [asked.range for asked in service.publisher.asked] == ["", "bytes=1000-", "bytes=501000-"]
    service.update()
    assert service.publisher.asked[-1].range == "bytes=701000-"
    assert service.base.read_bytes() == bin_base()
    assert service.left() == ["ip2location.bin"]


def test_a_base_that_changed_meanwhile_is_fetched_from_the_beginning(service: Service) -> None:
    service.configure(directory="")
    service.publisher.cut_after = [1000, 1000, 1000]
    with pytest.raises(ProviderRefused):
        service.update()
    service.files["DB3LITEBINIPV6"] = packed("NEW.BIN", bin_base(year=27))
    service.update()
    assert service.base.read_bytes() == bin_base(year=27)


REFUSALS = [
    ((200, LIMIT), f"DB3LITEBINIPV6: no archive but the text: {LIMIT}; the old base stays in use"),
    ((200, "<html>maintenance\0</html>"), "no archive but the text: <html>maintenance </html>"),
    ((401, "no"), r"the token is refused \(GET http://127.0.0.1:\d+/download/: status 401\)"),
    ((403, "no"), "the token is refused"),
    ((429, "slow down"), r"too many downloads; try again in an hour \(GET .*: status 429\)"),
    ((404, "no"), "status 404"),
    (b"", r"no archive but the text: \(nothing\)"),
    (b"PK\x03\x04 and rubbish", "cannot be unpacked"),
    (packed("IP2LOCATION.BIN", bin_base())[:-400], "cannot be unpacked"),
    (packed("IP2LOCATION.BIN", b"short"), "too short for a BIN base"),
    (packed("README.TXT", b"text"), "holds no such file, but 'LICENSE-CC-BY-SA-4.0.TXT', 'README.TXT'"),
    (packed("X.BIN", bin_base()).replace(bin_base()[-30:], bytes(30)), "Bad CRC-32"),
]


@pytest.mark.parametrize(("answer", "told"), REFUSALS)
def test_after_any_refusal_or_damage_the_old_base_is_as_it_was(
    service: Service, answer: bytes | tuple[int, str], told: str
) -> None:
    service.update()
    before, asked = service.base.read_bytes(), len(service.publisher.asked)
    service.files["DB3LITEBINIPV6"] = answer
    with pytest.raises(ProviderRefused, match=told) as failure:
        service.update()
    assert service.base.read_bytes() == before
    assert service.left() == ["ip2location.bin", "ip2location.csv"]
    assert TOKEN not in str(failure.value)
    assert len(service.publisher.asked) == asked + 2, "a refusal is not asked for again"


def test_a_wrong_token_is_named_and_not_shown_even_when_the_service_does(service: Service) -> None:
    service.configure(token="another-token")
    with pytest.raises(ProviderRefused) as failure:
        service.update()
    assert "NO PERMISSION FOR ***" in str(failure.value)
    assert "another-token" not in str(failure.value)


def test_one_base_that_fails_does_not_keep_the_other_from_coming(service: Service) -> None:
    service.files["DB3LITEBINIPV6"] = (200, "NO PERMISSION")
    with pytest.raises(ProviderRefused, match="NO PERMISSION; no base yet"):
        service.update()
    assert service.left() == ["ip2location.csv"]


def test_names_in_the_archive_lead_nowhere(service: Service) -> None:
    service.configure(directory="")
    service.files["DB3LITEBINIPV6"] = packed("../../../../outside.BIN", bin_base())
    service.update()
    assert service.base.read_bytes() == bin_base()
    assert not list(service.folder.rglob("outside*"))


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_what_is_larger_than_allowed_is_stopped(service: Service, compression: int) -> None:
    service.configure(directory="", max_megabytes=1)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as bundle:
        bundle.writestr("BOMB.BIN", bytes(3_000_000))
    service.files["DB3LITEBINIPV6"] = out.getvalue()
    with pytest.raises(ProviderRefused, match="larger than the limit of 1000000 bytes"):
        service.update()
    assert service.left() == []


def test_without_a_token_nobody_is_asked(service: Service) -> None:
    service.configure(token="")
    with pytest.raises(ConfigError, match=r"GEO_LOCATOR_SETTINGS\.ip2location\.token"):
        service.update()
    assert service.publisher.asked == []


def test_the_directory_is_laid_down_once(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StorageError, match="update_ip2location fetches it"):
        commands.sync(service.host)
    service.update()
    commands.sync(service.host)
    assert NamedPlace("RU", {"en": "Russian Federation"}, {"en": "Tver"}) in service.host.places.known
    assert "added 3 countries and 4 cities" in capsys.readouterr().out
    with pytest.raises(Conflict):
        commands.sync(service.host)


def test_a_base_of_names_that_is_none_lays_down_nothing(service: Service) -> None:
    service.configure(directory_file=str(service.folder / "made.csv"))
    (service.folder / "made.csv").write_text('"0","5","KZ","K"\n"rubbish"\n')
    with pytest.raises(InvalidValue, match="line 2"):
        commands.sync(service.host)
    assert service.host.places.known == []


def test_the_commands_have_the_documented_names(host: Any) -> None:
    names = [spec.name for spec in hooks.register_commands(host)]
    assert names == ["update_ip2location", "sync_geo_ip2location"]
