"""The days to come, rehearsed: the worker's own work, run ahead in a copy of the database that is thrown away.

So what is foreseen is what will be sent, as far as nobody does anything in the meantime.
"""

import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from flask import Flask, g
from sqlalchemy import URL, Connection, create_engine, func, make_url, select, text

from placements.config import Settings
from placements.core.clock import in_london, machine_now, today
from placements.db import db
from placements.due import do_all
from placements.history.models import History
from placements.mail.delivery import Tally, deliver
from placements.mail.models import Message, MessageState, Notification
from placements.mail.pacing import HOURS, digest_at
from placements.mail.rendering import Rendered

DAY = timedelta(days=1)
LEFT_OVER = "rehearsal_"  # what schemas of copies begin with
LOOKED_AT = range(7, 22)  # the hours of the day in question; of those before it, only when the day's mail goes out
MOMENT = timedelta(seconds=1)  # before and after the hour: what comes at nine sharp is found once nine has struck


@dataclass(frozen=True)
class Foreseen:
    """One thing that will be said: when, in which mail, to whom, and what about."""

    at: datetime
    message: int
    recipient_id: int
    notice: str
    about_id: int
    due_at: datetime


class Nowhere:
    """Takes every mail, and keeps none."""

    def send(self, message: Message, mail: Rendered) -> None:
        """Take it."""


@contextmanager
def copied(settings: Settings) -> Iterator[Settings]:
    """The settings of a copy of the database, as it is at one moment, and of a folder of its own; both gone after."""
    with tempfile.TemporaryDirectory(prefix="placements-") as folder:
        place = make_url(settings.url)
        copy = _copied_schema(place) if place.get_backend_name() == "postgresql" else _copied_file(place, Path(folder))
        with copy as url:
            address = url.render_as_string(hide_password=False)
            yield replace(settings, database_url=address, instance=Path(folder))


@contextmanager
def _copied_file(place: URL, folder: Path) -> Iterator[URL]:
    there = folder / "copy.db"
    source, target = sqlite3.connect(f"file:{place.database}?mode=ro", uri=True), sqlite3.connect(there)
    with closing(source), closing(target):
        source.backup(target)
    yield URL.create("sqlite", database=str(there))


@contextmanager
def _copied_schema(place: URL) -> Iterator[URL]:
    """A schema beside the real one: whoever connects to it by this address finds its tables first."""
    name = f"{LEFT_OVER}{secrets.token_hex(6)}"
    engine = create_engine(place, isolation_level="REPEATABLE READ")
    try:
        with engine.begin() as connection:
            _copy_tables(connection, name)
        yield place.update_query_dict({"options": f"-csearch_path={name},public"})
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {name} CASCADE"))
        engine.dispose()


def _copy_tables(connection: Connection, name: str) -> None:
    columns = text(
        "SELECT c.table_name, string_agg(quote_ident(c.column_name), ', ') FROM information_schema.columns c"
        " JOIN information_schema.tables t USING (table_schema, table_name) WHERE c.table_schema = current_schema()"
        " AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER' GROUP BY c.table_name ORDER BY c.table_name"
    )
    tables = connection.execute(columns).all()
    connection.execute(text(f"CREATE SCHEMA {name}"))
    for table, its in tables:
        connection.execute(text(f'CREATE UNLOGGED TABLE {name}."{table}" (LIKE "{table}" INCLUDING ALL)'))
        connection.execute(text(f'INSERT INTO {name}."{table}" ({its}) SELECT {its} FROM "{table}"'))  # noqa: S608 - our own names
    _copy_counters(connection, name)


def _copy_counters(connection: Connection, name: str) -> None:
    """New rows of the copy get the keys that they would get, and take none from the real ones."""
    counted = text(
        "SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)"
        " FROM information_schema.columns WHERE table_schema = current_schema() AND column_default LIKE 'nextval(%'"
    )
    for table, column, counter in connection.execute(counted).all():
        own = f'{name}."{table}_{column}"'
        last, is_called = connection.execute(text(f"SELECT last_value, is_called FROM {counter}")).one()  # noqa: S608
        connection.execute(text(f"CREATE SEQUENCE {own}"))
        connection.execute(text(f"SELECT setval('{own}', {last}, {is_called})"))
        connection.execute(
            text(f"""ALTER TABLE {name}."{table}" ALTER COLUMN "{column}" SET DEFAULT nextval('{own}')""")
        )


def moments(now: datetime, day: date) -> list[datetime]:
    """When the worker is looked at, from `now` to the end of London's `day`: enough to see all that it would do.

    It looks each minute, so what happens until nine is in the mail of that day: we look just before it is closed.
    """
    between = [today(now) + DAY * ahead for ahead in range((day - today(now)).days)]
    mails = [moment for each in [*between, day] for hour in HOURS for moment in _round_the_mail(each, hour)]
    hours = [in_london(day, time(hour)) + MOMENT for hour in LOOKED_AT]
    return [now, *(moment for moment in sorted({*mails, *hours, in_london(day, time(0, 5))}) if moment > now)]


def _round_the_mail(day: date, hour: int) -> tuple[datetime, datetime]:
    """Just before what is in the day's mail of that hour is closed, and when it goes out."""
    return in_london(day, time(hour)) - MOMENT, digest_at(day, hour)


def run_ahead(app: Flask, now: datetime, day: date) -> list[Foreseen]:
    """What is sent on London's `day` from `now` on (UTC), by the application of a copy: it is changed by this."""
    ahead = machine_now() - now
    with app.app_context():
        for moment in moments(now, day):
            g.now = moment
            _let_come(moment, ahead)
        found = _sent_on(day, now)
        db.session.remove()
        db.engine.dispose()
    return found


def _let_come(moment: datetime, ahead: timedelta) -> None:
    """All that is due by then. A worker does some of it a batch a minute; here it goes on until nothing is left."""
    before = None
    while before != (so_far := _so_far()):
        before = so_far
        do_all(moment)
        while deliver(Nowhere(), moment, moment + ahead) != Tally():
            pass


def _so_far() -> tuple[int | None, int | None]:
    """The last thing that was told, and the last that was done."""
    told, done = select(func.max(Notification.id)).scalar_subquery(), select(func.max(History.id)).scalar_subquery()
    row = db.session.execute(select(told, done)).one()
    db.session.rollback()
    return row[0], row[1]


def _sent_on(day: date, now: datetime) -> list[Foreseen]:
    begins, ends = in_london(day, time()), in_london(day + DAY, time())
    rows = (
        select(
            Message.sent_at,
            Message.id,
            Message.recipient_id,
            Notification.notice,
            Notification.about_id,
            Notification.due_at,
        )
        .join(Notification, Notification.message_id == Message.id)
        .where(Message.state == MessageState.SENT, Notification.dropped_at.is_(None))
        .where(Message.sent_at >= max(now, begins), Message.sent_at < ends)
        .order_by(Message.sent_at, Message.id, Notification.id)
    )
    return [Foreseen(*row) for row in db.session.execute(rows)]  # type: ignore[arg-type]
