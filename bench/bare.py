"""The floors of the outbox: the same rows by the database's driver alone, and a bare template over one connection."""

import smtplib
from binascii import b2a_qp
from datetime import datetime
from typing import Any

from itsdangerous import URLSafeSerializer
from jinja2 import Environment
from sqlalchemy import Engine

from placements.mail.delivery import BATCH
from placements.mail.rendering import Rendered

DUE = """INSERT INTO notification (about_id, recipient_id, due_at, deadline_at, notice, pace)
    SELECT id, id, created_at, NULL, 'accounts.sign_in_link', 'now' FROM person WHERE created_at <= ?
    ON CONFLICT DO NOTHING"""
GATHER = """INSERT INTO message (public_id, recipient_id, state, subject, created_at, next_try_at, tries)
    VALUES (?, ?, 'queued', '', ?, ?, 0) RETURNING id"""
CLAIM = """SELECT id FROM message WHERE state = 'queued' AND next_try_at <= ?
    AND (leased_until IS NULL OR leased_until < ?) ORDER BY next_try_at, id LIMIT ?"""
READ = """SELECT message.id, message.public_id, person.given_name, person.email, link.id FROM message
    JOIN person ON person.id = message.recipient_id JOIN notification ON notification.message_id = message.id
    JOIN link ON link.about_id = notification.about_id AND link.holder_id = person.id
    WHERE message.id IN ({}) ORDER BY message.next_try_at, message.id"""
MARK = "UPDATE message SET state = 'sent', sent_at = ?, subject = ?, leased_until = NULL WHERE id = ?"
IDLE = "SELECT id FROM notification WHERE message_id IS NULL AND dropped_at IS NULL AND due_at <= ? LIMIT 1"


class Bare:
    """A connection of the driver's own. Values are what the driver takes, statements have “?” in both databases."""

    def __init__(self, engine: Engine) -> None:
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.connection: Any = engine.raw_connection()
        self.cursor = self.connection.cursor()

    def at(self, moment: datetime) -> Any:
        """A moment as the driver takes it."""
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if self.is_sqlite else moment

    def begin(self, kind: str = "IMMEDIATE") -> None:
        """Begin to write; psycopg does so by itself."""
        if self.is_sqlite:
            self.cursor.execute(f"BEGIN {kind}")

    def put(self, statement: str) -> str:
        """A statement as the driver takes it."""
        return statement if self.is_sqlite else statement.replace("?", "%s")

    def run(self, statement: str, *values: Any) -> None:
        """One statement."""
        self.cursor.execute(self.put(statement), values)

    def commit(self) -> None:
        """End the transaction."""
        self.connection.commit()

    def claim(self, machine: datetime, until: datetime) -> list[Any]:
        """Lease a batch, and read what is needed to send it."""
        moment = self.at(machine)
        self.begin()
        self.run(CLAIM if self.is_sqlite else f"{CLAIM} FOR UPDATE SKIP LOCKED", moment, moment, BATCH)
        keys = [row[0] for row in self.cursor.fetchall()]
        places = ", ".join("?" * len(keys)) or "NULL"
        self.run(f"UPDATE message SET leased_until = ? WHERE id IN ({places})", self.at(until), *keys)
        self.commit()
        self.begin("DEFERRED")
        self.run(READ.format(places), *keys)
        rows: list[Any] = self.cursor.fetchall()
        self.commit()
        return rows

    def mark(self, key: int, subject: str, at: datetime) -> None:
        """One transaction: as durable as ours."""
        self.begin()
        self.run(MARK, self.at(at), subject, key)
        self.commit()

    def close(self) -> None:
        """Back to the pool."""
        self.connection.close()


class Pipeline:
    """A template made of one mail's own words, filled in for each reader, and sent by one connection."""

    HEAD = (
        "From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Tue, 20 Oct 2026 08:00:00 +0000\r\n"
        "Message-ID: <{key}@x>\r\nAuto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x=_x"
        "\r\n\r\n--x=_x\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    BETWEEN = (
        b"\r\n--x=_x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    ENDING = b"\r\n--x=_x--\r\n"

    def __init__(self, mail: Rendered, name: str, token: str, *, secret: str, sender: str, port: int) -> None:
        made = Environment(autoescape=True)
        self.subject, self.sender = mail.subject, sender
        self.text, self.html = (
            made.from_string(part.replace(name, "{{ name }}").replace(token, "{{ token }}"))
            for part in (mail.text, mail.html)
        )
        self.signer = URLSafeSerializer(secret, salt="link:accounts.sign_in_by_link")
        self.server = smtplib.SMTP("127.0.0.1", port, local_hostname="localhost")
        self.server.ehlo()

    def send(self, key: str, name: str, to: str, link: int) -> None:
        """One mail."""
        said = {"name": name, "token": self.signer.dumps(link)}
        head = self.HEAD.format(sender=self.sender, to=to, subject=self.subject, key=key).encode()
        text, html = (b2a_qp(part.render(said).encode().replace(b"\n", b"\r\n")) for part in (self.text, self.html))
        self.server.mail("placements@example.ac.uk")
        self.server.rcpt(to)
        code, _ = self.server.data(head + text + self.BETWEEN + html + self.ENDING)
        assert code == 250

    def close(self) -> None:
        """Hang up."""
        self.server.quit()
