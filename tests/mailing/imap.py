"""A real IMAP server (Dovecot) with one mailbox, for as long as a test."""

import grp
import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DOVECOT = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin:/bin")
USER, PASSWORD = "returns@placements.example", "secret"
PATIENCE = 10  # seconds


@dataclass(frozen=True)
class ImapServer:
    """Where it is, and who made its certificate."""

    port: int
    certificate: Path

    @property
    def url(self) -> str:
        """As RETURNS_URL takes it."""
        return f"imaps://{USER.replace('@', '%40')}:{PASSWORD}@127.0.0.1:{self.port}/INBOX"

    @contextmanager
    def _signed_in(self) -> Iterator[imaplib.IMAP4_SSL]:
        trusting = ssl.create_default_context(cafile=str(self.certificate))
        with imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=trusting, timeout=PATIENCE) as server:
            server.login(USER, PASSWORD)
            yield server

    def deliver(self, content: bytes) -> None:
        """Put a mail into the mailbox, unread."""
        with self._signed_in() as server:
            status, said = server.append("INBOX", "", "", content)
            assert status == "OK", said

    def count(self, folder: str, which: str) -> int:
        """How many mails of a folder are `seen` or `unseen`."""
        with self._signed_in() as server:
            status, said = server.select(folder, readonly=True)
            assert status == "OK", said
            return len(server.search(None, which)[1][0].split())


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _certificate(folder: Path) -> Path:
    """A certificate for this machine, signed by itself; its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    began = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem, old = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    folder.joinpath("key.pem").write_bytes(key.private_bytes(pem, old, plain))
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(pem))
    return path


CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail
first_valid_uid = 1
auth_mechanisms = plain
{people}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
"""


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """A server on a free port of this machine, until the end of the block."""
    with TemporaryDirectory(prefix="imap-") as name:
        folder, port = Path(name), _free_port()
        server = ImapServer(port, _certificate(folder))
        _configure(folder, port)
        with subprocess.Popen([str(DOVECOT), "-F", "-c", str(folder / "conf")]) as running:
            try:
                _wait_for(server, running, folder / "log")
                yield server
            finally:
                running.terminate()
                running.wait(PATIENCE)


def _configure(folder: Path, port: int) -> None:
    """Write what Dovecot reads. Started by root it has people of its own; by somebody else, it runs as them."""
    me = pwd.getpwuid(os.getuid())
    whose, people = me, ""
    if me.pw_uid == 0:
        whose = pwd.getpwnam("nobody")
    else:
        group = grp.getgrgid(me.pw_gid).gr_name
        names = ("default_internal_user", me.pw_name), ("default_login_user", me.pw_name)
        people = "\n".join(f"{key} = {value}" for key, value in (*names, ("default_internal_group", group)))
    folder.chmod(0o755)  # the mailbox is somebody else's
    folder.joinpath("mail").mkdir()
    if me.pw_uid == 0:
        os.chown(folder / "mail", whose.pw_uid, whose.pw_gid)
    said = {"folder": folder, "port": port, "password": PASSWORD, "people": people}
    written = CONFIGURATION.format(uid=whose.pw_uid, gid=whose.pw_gid, **said)
    folder.joinpath("conf").write_text(written, encoding="utf-8")


def _wait_for(server: ImapServer, running: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            server.count("INBOX", "seen")
        except (OSError, imaplib.IMAP4.error) as error:
            said = log.read_text() if log.exists() else ""
            assert running.poll() is None, f"the IMAP server ended: {said}"
            assert time.monotonic() < end, f"the IMAP server does not answer: {error}\n{said}"
            time.sleep(0.05)
        else:
            return
