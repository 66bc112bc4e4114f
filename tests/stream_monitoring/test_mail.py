"""Handing mail to an SMTP server: TLS, logins, refusals, and servers that waste time."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from smarty_core.config import Settings
from smarty_core.errors import InvalidValue, ProviderRefused, ProviderUnavailable
from smarty_core.services.mail import Mail, Mailer, is_address
from tests.stream_monitoring.simulators import Mailbox, mail_server, self_signed

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MAIL = Mail(("ops@tv.example", "noc@tv.example"), "ALARM: нет звука", "Звук пропал.\n", "accident-1-begin", NOW)


def mailer(port: int, trusted: str = "", **more: Any) -> Mailer:
    return Mailer(
        Settings.for_tests(
            **{"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "DEFAULT_FROM_EMAIL": "smarty@tv.example", **more}
        ),
        trusted=trusted,
    )


def send(port: int, mail: Mail = MAIL, trusted: str = "", **more: Any) -> tuple[str, ...]:
    with mailer(port, trusted, **more).opened() as connection:
        return tuple(connection.send(mail))


def test_a_mail_arrives_whole() -> None:
    box = Mailbox()
    with mail_server(box) as port:
        assert send(port) == ()
    ((to, message),) = box.mails
    assert to == ["ops@tv.example", "noc@tv.example"]
    assert message["Subject"] == "ALARM: нет звука"
    assert message["From"] == "smarty@tv.example"
    assert message["Message-ID"] == "<accident-1-begin@tv.example>"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == ["Звук пропал."]


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # of the simulator itself
@pytest.mark.parametrize("tls", ["starttls", "ssl"])
def test_tls_with_a_login_and_a_certificate_that_is_proven(tls: str, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    box = Mailbox()
    login: dict[str, Any] = {
        "EMAIL_HOST_USER": "alarm@tv.example",
        "EMAIL_HOST_PASSWORD": "sesam",
        "DEFAULT_FROM_EMAIL": "",
    }
    wish: dict[str, Any] = {"EMAIL_USE_TLS" if tls == "starttls" else "EMAIL_USE_SSL": True}
    with mail_server(box, certificate, tls=tls, login=True) as port:
        send(port, trusted=str(certificate), **login, **wish)
        assert box.logins == [(b"alarm@tv.example", b"sesam")]
        assert box.secure == [True]
        assert box.mails[0][1]["From"] == "alarm@tv.example"
        with pytest.raises(ProviderRefused, match="certificate nobody vouches for"):
            send(port, **login, **wish)
        with pytest.raises(ProviderRefused, match="does not accept the login") as refused:
            send(port, trusted=str(certificate), **{**login, "EMAIL_HOST_PASSWORD": "offen"}, **wish)
        assert "offen" not in str(refused.value)
    assert len(box.mails) == 1


def test_nothing_is_sent_in_clear_where_tls_is_wished() -> None:
    box = Mailbox()
    with mail_server(box) as port, pytest.raises(ProviderRefused, match="cannot do what the settings ask"):
        send(port, EMAIL_USE_TLS=True)
    assert box.mails == []


def test_recipients_that_are_refused() -> None:
    box = Mailbox()
    box.refuse = {"noc@tv.example": "550 no such user"}
    with mail_server(box) as port:
        assert send(port) == ("noc@tv.example",)
        assert box.mails[0][0] == ["ops@tv.example"]
        box.refuse["ops@tv.example"] = "550 no such user"
        with pytest.raises(ProviderRefused, match="none of 2 recipients"):
            send(port)
        box.refuse["ops@tv.example"] = "451 greylisted, come back later"
        with pytest.raises(ProviderUnavailable, match="later"):
            send(port)
    assert len(box.mails) == 1


def test_one_connection_takes_several_mails_also_after_a_refusal() -> None:
    box = Mailbox()
    box.refuse = {"noc@tv.example": "550 no such user"}
    with mail_server(box) as port, mailer(port).opened() as connection:
        with pytest.raises(ProviderRefused):
            connection.send(Mail(("noc@tv.example",), "a", "b", "c", NOW))
        connection.send(MAIL)
        connection.send(MAIL)
    assert len(box.mails) == 2


def test_a_subject_cannot_smuggle_a_header() -> None:
    box = Mailbox()
    with mail_server(box) as port:
        send(port, Mail(("ops@tv.example",), "one\r\nBcc: x@evil.example", "text", "key", NOW))
    assert box.subjects == ["one Bcc: x@evil.example"]
    assert box.mails[0][1]["Bcc"] is None


def test_a_server_that_is_away_or_silent_or_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = int(listening.getsockname()[1])
        with pytest.raises(ProviderUnavailable, match="is away"):
            send(port, EMAIL_TIMEOUT=0.3)

        def drip() -> None:
            for _ in range(2):
                connection, _ = listening.accept()
                with connection:
                    for letter in b"220-" + b"x" * 1000:
                        try:
                            connection.sendall(bytes([letter]))
                        except OSError:
                            break
                        time.sleep(0.05)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(ProviderUnavailable, match="is away"):
            send(port, EMAIL_TIMEOUT=0.5)
        assert time.monotonic() - begun < 5
    with pytest.raises(ProviderUnavailable, match="is away"):
        send(port)


def test_a_sender_is_needed() -> None:
    box = Mailbox()
    with mail_server(box) as port, pytest.raises(InvalidValue, match="DEFAULT_FROM_EMAIL"):
        send(port, DEFAULT_FROM_EMAIL="")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("ops@tv.example", True), ("o.p+s@tv.example", True), ("ops", False), ("", False), ("ops@", False),
        ("@tv.example", False), ("ops@tv.example\r\nBcc: x@y.z", False), ("Ops <ops@tv.example>", False),
        ("a@b.c, d@e.f", False), ("x" * 250 + "@tv.example", False),
    ],
)  # fmt: skip
def test_what_is_an_address(text: str, good: bool) -> None:
    assert is_address(text) is good
