"""What the tests of this area share."""

import os
from collections.abc import Iterator

import pytest

from tests.mailing.imap import DOVECOT, ImapServer, imap_server


@pytest.fixture
def imap(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapServer]:
    """An IMAP server whose certificate we know."""
    if DOVECOT is None:
        missing = pytest.fail if os.environ.get("REQUIRE_ALL") else pytest.skip
        missing("Dovecot is not installed here (Debian: apt-get install dovecot-imapd)")
    with imap_server() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server
