"""E-mail to people who run the service: handed to the SMTP server of the settings, in a bounded time."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from smarty_core.errors import InvalidValue, ProviderRefused, ProviderUnavailable

if TYPE_CHECKING:
    from smarty_core.config import Settings

MOST_RECIPIENTS: Final = 100
"""Of one mail: what every server has to take."""


@dataclass(frozen=True, slots=True)
class Mail:
    """`key` names the mail for good: it becomes its Message-ID, so that one sent twice is seen as one."""

    to: tuple[str, ...]
    subject: str
    text: str
    key: str
    date: datetime


def is_address(text: str) -> bool:
    """Whether mail can be sent there: one address, without a name or a line end."""
    if not text.isprintable() or " " in text or not 3 <= len(text) <= 254:
        return False
    try:
        parsed = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):
        return False
    return bool(parsed.username and parsed.domain)


class Mailer:
    """Sends mail by the settings EMAIL_*. Safe to share between threads: each `opened()` is a connection of its own."""

    def __init__(self, settings: Settings, *, trusted: str = "") -> None:
        """`trusted`: a CA bundle file for the server's certificate; empty = the usual authorities."""
        self._host = settings.EMAIL_HOST
        self._port = settings.EMAIL_PORT
        self._user = settings.EMAIL_HOST_USER
        self._password = settings.EMAIL_HOST_PASSWORD
        self._starttls = settings.EMAIL_USE_TLS and not settings.EMAIL_USE_SSL
        self._ssl = settings.EMAIL_USE_SSL
        self._seconds = settings.EMAIL_TIMEOUT
        self._sender = settings.DEFAULT_FROM_EMAIL or (self._user if is_address(self._user) else "")
        self._trusted = trusted

    @property
    def configured(self) -> bool:
        """Whether there is a server at all."""
        return bool(self._host)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Connection]:
        """A connection for some mails. Raises `ProviderUnavailable` or `ProviderRefused` (the login, no TLS)."""
        server = f"the mail server {self._host}:{self._port}"
        opened: list[smtplib.SMTP] = []
        try:
            with _in_time(self._seconds, opened):
                self._greet(self._connect(opened))
            yield Connection(opened[0], server, self._sender, self._seconds)
        except smtplib.SMTPAuthenticationError as exc:
            raise ProviderRefused(f"{server} does not accept the login ({exc.smtp_code})") from exc
        except (smtplib.SMTPException, OSError) as exc:
            raise _translated(exc, server) from exc
        finally:
            for one in opened:
                with contextlib.suppress(smtplib.SMTPException, OSError), _in_time(self._seconds, opened):
                    one.quit()
                one.close()

    def _connect(self, opened: list[smtplib.SMTP]) -> smtplib.SMTP:
        about: dict[str, Any] = {"local_hostname": socket.gethostname(), "timeout": self._seconds}
        if self._ssl:
            return _TlsConnection(opened, self._host, self._port, context=self._context(), **about)
        return _PlainConnection(opened, self._host, self._port, **about)

    def _greet(self, opened: smtplib.SMTP) -> None:
        opened.ehlo()
        if self._starttls:
            opened.starttls(context=self._context())
            opened.ehlo()
        if self._user:
            opened.login(self._user, self._password.reveal())

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._trusted or None)


class _PlainConnection(smtplib.SMTP):
    """Puts itself into a list before it connects: whoever watches the time sees it from its first byte on."""

    def __init__(self, opened: list[smtplib.SMTP], *where: Any, **about: Any) -> None:
        opened.append(self)
        super().__init__(*where, **about)


class _TlsConnection(smtplib.SMTP_SSL):
    """The same from the first byte in TLS; its handshake has the time-out as a whole."""

    def __init__(self, opened: list[smtplib.SMTP], *where: Any, **about: Any) -> None:
        opened.append(self)
        super().__init__(*where, **about)


class Connection:
    """To the mail server; for one thread."""

    def __init__(self, opened: smtplib.SMTP, server: str, sender: str, seconds: float) -> None:
        self._opened = opened
        self._server = server
        self._sender = sender
        self._seconds = seconds

    def send(self, mail: Mail) -> Sequence[str]:
        """Hand over a mail; gives the recipients the server will never take.

        Raises `InvalidValue` for a mail that cannot be written, `ProviderRefused` when the server takes it for none of
        them, `ProviderUnavailable` when a later attempt may succeed.
        """
        message = self._message(mail)
        try:
            with _in_time(self._seconds, [self._opened]):
                refused = self._opened.send_message(message)
        except smtplib.SMTPRecipientsRefused as exc:
            self._reset()
            if any(code < 500 for code, _ in exc.recipients.values()):
                raise ProviderUnavailable(f"{self._server} takes the mail later") from exc
            raise ProviderRefused(f"{self._server} knows none of {len(exc.recipients)} recipients") from exc
        except (smtplib.SMTPException, OSError, UnicodeError) as exc:
            raise _translated(exc, self._server) from exc
        return tuple(refused)

    def _message(self, mail: Mail) -> EmailMessage:
        if not is_address(self._sender):
            raise InvalidValue("DEFAULT_FROM_EMAIL is no e-mail address")
        message = EmailMessage()
        try:
            message["From"] = self._sender
            message["To"] = ", ".join(mail.to[:MOST_RECIPIENTS])
            message["Subject"] = " ".join(mail.subject.split())
            message["Date"] = format_datetime(mail.date)
            message["Message-ID"] = f"<{mail.key}@{self._sender.rpartition('@')[2]}>"
            message["Auto-Submitted"] = "auto-generated"
            message.set_content(mail.text)
        except (MessageError, ValueError) as exc:
            raise InvalidValue(f"the mail cannot be written: {exc}") from exc
        return message

    def _reset(self) -> None:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self._opened.rset()


def _translated(exc: Exception, server: str) -> ProviderUnavailable | ProviderRefused:
    """By what it means for the next attempt. Texts of the server may hold anything and are left out."""
    if isinstance(exc, smtplib.SMTPNotSupportedError):
        return ProviderRefused(f"{server} cannot do what the settings ask of it: {exc}")
    if isinstance(exc, smtplib.SMTPResponseException):
        kind = ProviderRefused if exc.smtp_code >= 500 else ProviderUnavailable
        return kind(f"{server} answered {exc.smtp_code}")
    if isinstance(exc, ssl.SSLCertVerificationError):
        return ProviderRefused(f"{server} has a certificate nobody vouches for: {exc.verify_message}")
    if isinstance(exc, UnicodeError):
        return ProviderRefused(f"{server} takes no such addresses")
    return ProviderUnavailable(f"{server} is away: {type(exc).__name__}")


@contextlib.contextmanager
def _in_time(seconds: float, opened: Sequence[smtplib.SMTP]) -> Iterator[None]:
    """The time-out of a socket bounds one read; a server that sends a byte per second is cut off here."""

    def cut() -> None:
        for one in opened:
            if one.sock is not None:
                with contextlib.suppress(OSError):
                    one.sock.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(seconds, cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
