"""Settings: read once from the environment, typed, the same class everywhere; environments differ by value."""

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

KEY_BYTES = 32
ROOT = Path(__file__).resolve().parent.parent


SECRET_KEY, CONCERNS_KEY = "secret-key", "concerns-key"  # their files


def kept_secret(folder: Path, name: str = SECRET_KEY) -> str:
    """A secret of a running copy that was given none: made once, kept beside its database, readable by its owner.

    Of two processes that make it at the same moment, both read the first one's.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        making = folder / f"{name}.{secrets.token_hex(8)}"
        with open(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii"))
        with suppress(FileExistsError):
            os.link(making, path)
        making.unlink()
    return path.read_text()


@dataclass(frozen=True)
class Settings:
    """Everything a running copy can be told. Each is an environment variable of the same name in capitals."""

    instance: Path = ROOT / "instance"
    database_url: str = ""  # empty: the embedded SQLite database in `instance`
    base_url: str = "http://127.0.0.1:8000"  # links in mail are built from it
    secret_key: str = field(default="", repr=False)
    concerns_key: str = field(default="", repr=False)  # what concerns are encrypted with; several: the newest first
    report_url: str = "https://reportandsupport.londonmet.ac.uk"  # harassment and sexual misconduct are reported there
    appeal_url: str = "https://student.londonmet.ac.uk"  # where students read how to appeal against a confirmed result
    is_production: bool = False  # HTTPS only: secure cookies, HSTS
    proxy_tells_arrival: bool = False  # it sets X-Request-Start itself, so that nobody else can
    emergency_phone: str = ""  # the university's own number for emergencies, printed on each first-day page
    mail_from: str = "Placements <placements@localhost>"
    smtp_host: str = ""  # empty: mail is kept, not sent (shown on the mailbox page of a demonstration)
    smtp_port: int = 587
    smtp_username: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_use_tls: bool = True
    mail_lease_seconds: int = 120  # how long a worker holds the mails that it is sending
    worker_lease_seconds: int = 30  # how long after a worker's last sign of life another leads in its place
    mail_returns_to: str = ""  # where mail that cannot be delivered comes back to; empty: the address in mail_from
    returns_url: str = field(default="", repr=False)  # the mailbox of that address; empty: nobody looks
    metrics_token: str = field(default="", repr=False)  # who asks for /metrics shows it; empty: there is no such page
    max_upload_mb: int = 25
    password_hash_is_cheap: bool = False  # tests only

    @classmethod
    def from_environment(cls, **given: object) -> Self:
        """Settings from the environment; what is `given` wins. Raises ValueError naming a variable it cannot read."""
        values: dict[str, object] = {}
        for item in fields(cls):
            text = os.environ.get(item.name.upper())
            if item.name in given:
                values[item.name] = given[item.name]
            elif text is not None:
                values[item.name] = _read(item.name, text, type(item.default))
        return cls(**values)  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        """Raises ValueError for a mailbox of returns that nobody could open."""
        kind = urlsplit(self.returns_url)
        is_one = (kind.scheme == "imaps" and kind.hostname) or (kind.scheme == "maildir" and kind.path.strip("/"))
        if self.returns_url and not is_one:
            raise ValueError("RETURNS_URL is neither imaps://user:password@host/folder nor maildir:///path")

    @property
    def url(self) -> str:
        """The database's address for SQLAlchemy."""
        return self.database_url or f"sqlite:///{self.instance / 'placements.db'}"

    @property
    def has_keys_for_concerns(self) -> bool:
        """Whether a key for concerns was given, or one is kept already."""
        return bool(self.concerns_key) or (self.instance / CONCERNS_KEY).exists()

    def keys_for_concerns(self) -> list[str]:
        """The keys that concerns are encrypted with, the newest first: as given, or one that is made and kept.

        Raises ValueError where one is no such key.
        """
        found = (self.concerns_key or kept_secret(self.instance, CONCERNS_KEY)).replace(",", " ").split()
        for key in found:
            try:
                is_one = len(urlsafe_b64decode(key)) == KEY_BYTES
            except ValueError:
                is_one = False
            if not is_one:
                raise ValueError(f"CONCERNS_KEY holds what is no key: each is {KEY_BYTES} bytes in URL-safe base64")
        return found

    @property
    def mail_domain(self) -> str:
        """What Message-IDs end in."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def envelope_sender(self) -> str:
        """The bare address that mail which cannot be delivered comes back to."""
        return parseaddr(self.mail_returns_to or self.mail_from)[1]

    def flask(self) -> dict[str, object]:
        """The same as Flask's own configuration keys."""
        return {
            "SECRET_KEY": self.secret_key or kept_secret(self.instance),
            "SQLALCHEMY_DATABASE_URI": self.url,
            "SERVER_NAME": urlsplit(self.base_url).netloc,  # for links in mail, which no request is behind
            "PREFERRED_URL_SCHEME": urlsplit(self.base_url).scheme,
            "MAX_CONTENT_LENGTH": self.max_upload_mb * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": self.is_production,
            "WTF_CSRF_TIME_LIMIT": None,
            "RATELIMIT_STORAGE_URI": "memory://",  # each web process counts for itself
            "RATELIMIT_HEADERS_ENABLED": False,
            "MAIL_SERVER": self.smtp_host or "localhost",
            "MAIL_PORT": self.smtp_port,
            "MAIL_USERNAME": self.smtp_username or None,
            "MAIL_PASSWORD": self.smtp_password or None,
            "MAIL_USE_TLS": self.smtp_use_tls,
            "MAIL_DEFAULT_SENDER": self.mail_from,
            "MAIL_RETURNS_TO": self.envelope_sender,
            "MAIL_TIMEOUT": 20,
        }


def _read(name: str, text: str, kind: type) -> object:
    try:
        if kind is bool:
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}[
                text.lower()
            ]
        return kind(text)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{name.upper()} is set to {text!r}, which cannot be read as {kind.__name__}") from error
