"""Dovecot, a real IMAP server, for tests: in the foreground, on loopback, with a configuration of its own."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.testbeds import folders

USER = "mira@tearoom.example.com"
PASSWORD = "abcdefghijklmnop"
_PATIENCE = 60.0

_CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
mail_location = maildir:{folder}/mail/%u
disable_plaintext_auth = no
auth_failure_delay = 0
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
first_valid_uid = {uid}
default_internal_user = {inner}
default_internal_group = {inner_group}
default_login_user = {login}
{capability}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""


def missing() -> str:
    """Why it cannot start here, ``""`` where it can."""
    if _program() is None:
        return "Dovecot is not installed: run scripts/install-test-servers (Debian: dovecot-imapd)"
    return ""


def _program() -> str | None:
    return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Dovecot:
    """A running server with one account, `USER`. ``port`` is plain (and STARTTLS), ``tls_port`` is TLS; the
    certificate for localhost, signed by itself, is ``certificate``."""

    def __init__(self, *, idle: bool = True) -> None:
        self.folder = folders.made("imap")
        self.port, self.tls_port = free_port(), free_port()
        self.certificate = self.folder / "certificate.pem"
        _certify(self.certificate, self.folder / "key.pem")
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid())
        mail = pwd.getpwnam("mail") if root else me  # Dovecot refuses to read mail as root
        (self.folder / "mail").mkdir()
        self.folder.chmod(0o755)
        if root:
            os.chown(self.folder / "mail", mail.pw_uid, mail.pw_gid)
        self._configuration = self.folder / "dovecot.conf"
        self._configuration.write_text(
            _CONFIGURATION.format(
                folder=self.folder,
                port=self.port,
                tls_port=self.tls_port,
                password=PASSWORD,
                uid=mail.pw_uid,
                gid=mail.pw_gid,
                inner="dovecot" if root else me.pw_name,
                inner_group="dovecot" if root else "",
                login="dovenull" if root else me.pw_name,
                capability="" if idle else "imap_capability = IMAP4rev1 SASL-IR LITERAL+ ID ENABLE",
            )
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Starts it, again after `kill` or `stop`."""
        program = _program()
        assert program is not None
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [program, "-F", "-c", str(self._configuration)], stdout=output, stderr=output, cwd="/"
            )
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                self.client().logout()
                return
            except (OSError, imaplib.IMAP4.abort):
                time.sleep(0.05)
            except imaplib.IMAP4.error:
                break
        said = "".join(
            (self.folder / name).read_text(errors="replace")
            for name in ("output", "log")
            if (self.folder / name).exists()
        )
        self.stop(keep=True)
        raise RuntimeError(f"Dovecot did not start: {said[-4000:]}")

    def client(self) -> imaplib.IMAP4:
        """Somebody else's IMAP client, logged in."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.login(USER, PASSWORD)
        return client

    def append(self, mail: bytes, folder: str = "INBOX", *, seen: bool = False) -> None:
        """Delivers a mail."""
        client = self.client()
        answer, said = client.append(folder, r"(\Seen)" if seen else "", "", mail.replace(b"\n", b"\r\n"))
        assert answer == "OK", said
        client.logout()

    def append_many(self, mails: list[bytes], folder: str = "INBOX") -> None:
        """Delivers many on one connection."""
        client = self.client()
        for mail in mails:
            answer, said = client.append(folder, "", "", mail.replace(b"\n", b"\r\n"))
            assert answer == "OK", said
        client.logout()

    def stop(self, *, keep: bool = False) -> None:
        """Stops it by its process id; removes its folder unless it is to start again."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(20)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """Ends it and the processes of its sessions at once, as a power cut would."""
        assert self.process is not None
        children = self._children()
        self.process.kill()
        self.process.wait(20)
        for child in children:
            _kill(child)

    def cut_sessions(self) -> None:
        """Ends every session's process: connections break in the middle, the server goes on."""
        for child in self._children("imap"):
            _kill(child)

    def _children(self, name: str = "") -> list[int]:
        assert self.process is not None
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    stat = (entry / "stat").read_text()
                except OSError:
                    continue
                command, rest = stat[stat.index("(") + 1 : stat.rindex(")")], stat[stat.rindex(")") + 2 :]
                if int(rest.split()[1]) == self.process.pid and (not name or command == name):
                    found.append(int(entry.name))
        return found


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _certify(certificate: Path, key_file: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    key_file.chmod(0o600)
