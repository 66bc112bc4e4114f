"""An analyser and a mail server on loopback, as strict as real ones."""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

WELL: Final[dict[str, Any]] = {
    "on_air": True, "scrambled": False, "audio_loss": False, "video_loss": False, "cc_errors": 0, "pes_errors": 0,
    "pat_errors": 0, "sync_losses": 0, "bitrate": 4096.5,
}  # fmt: skip
IDLE: Final[dict[str, Any]] = {
    "cpu_load": 12.5, "cpu_temperature": 51, "io_wait": 0.5, "monitor_cpu": 3, "memory_used": 900, "memory_free": 1100,
    "memory_total": 2000, "monitor_memory": 64,
}  # fmt: skip


class Analyser(socketserver.ThreadingTCPServer):
    """Answers by its script. `streams`: values by address; a text is an error; bytes go out as they are; None never
    answers. `mistakes`: everything it was asked that the protocol does not allow."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.system: Any = dict(IDLE)
        self.streams: dict[str, Any] = {}
        self.questions: list[dict[str, Any]] = []
        self.mistakes: list[str] = []
        self.at_once = self.most_at_once = 0
        self.guard = threading.Lock()
        self.hold: threading.Barrier | None = None
        """Measurements that have to be going on at the same time before any is answered."""
        self.released = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast(Analyser, self.server)
        line = self.rfile.readline(65536)
        try:
            question = json.loads(line)
            self._check(question)
        except (ValueError, AssertionError) as wrong:
            server.mistakes.append(f"{wrong}: {line!r}")
            return
        with server.guard:
            server.questions.append(question)
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
        try:
            self._answer(server, question)
        finally:
            with server.guard:
                server.at_once -= 1

    @staticmethod
    def _check(question: Any) -> None:
        assert isinstance(question, dict), "no object"
        assert question.get("version") == 1, "version"
        assert isinstance(question.get("id"), str), "id"
        assert question["id"], "id"
        if question.get("command") == "system":
            assert question.keys() == {"version", "id", "command"}, "keys of system"
        else:
            assert question.get("command") == "measure", "command"
            assert question.keys() == {"version", "id", "command", "address", "seconds"}, "keys of measure"
            assert isinstance(question["address"], str), "address"
            assert type(question["seconds"]) is int, "seconds"

    def _answer(self, server: Analyser, question: dict[str, Any]) -> None:
        if question["command"] == "system":
            said = server.system
        else:
            if server.hold is not None:
                with contextlib.suppress(threading.BrokenBarrierError):
                    server.hold.wait(5)
            said = server.streams.get(question["address"], "no such stream")
        if said is None:
            server.released.wait(30)
            return
        if isinstance(said, bytes):
            self.wfile.write(said)
            return
        key = "error" if isinstance(said, str) else "values"
        self.wfile.write(json.dumps({"id": question["id"], key: said}).encode() + b"\n")


@contextlib.contextmanager
def analyser() -> Iterator[Analyser]:
    with Analyser() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()


class Mailbox:
    """The handler of the mail server: keeps what was taken. `refuse`: answers to RCPT by address."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.refuse: dict[str, str] = {}
        self.logins: list[tuple[bytes, bytes]] = []
        self.secure: list[bool] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        for name in ("From", "To", "Subject", "Date", "Message-ID"):
            if message[name] is None:
                return f"550 no {name}"
        assert server.transport is not None
        self.secure.append(server.transport.get_extra_info("sslcontext") is not None)
        self.mails.append((list(envelope.rcpt_tos), message))
        return "250 taken"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data == LoginPassword(b"alarm@tv.example", b"sesam"), handled=False)

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for _, message in self.mails]


@contextlib.contextmanager
def mail_server(
    box: Mailbox, certificate: Path | None = None, *, tls: str = "", login: bool = False, port: int = 0
) -> Iterator[int]:
    """The port of a server for `box`. `tls`: "" none, "starttls" demanded, "ssl" from the first byte."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    options: dict[str, Any] = {}
    if tls == "starttls":
        options = {"tls_context": context, "require_starttls": True}
    if login:
        options |= {"authenticator": box.authenticate, "auth_required": True, "auth_require_tls": tls == "starttls"}
    controller = Controller(
        box, hostname="127.0.0.1", port=0, ready_timeout=20, ssl_context=context if tls == "ssl" else None, **options
    )
    # a free port, which the controller itself cannot ask for: it connects to it to see whether it is there
    controller.port = port or free_port()
    controller.start()
    try:
        yield int(controller.port)
    finally:
        controller.stop()


def free_port() -> int:
    """One that a mail server can take later: it shares none."""
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        return int(server.server_address[1])


def self_signed(folder: Path) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    pem = serialization.Encoding.PEM
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(pem, form, plain) + certificate.public_bytes(pem))
    return path
