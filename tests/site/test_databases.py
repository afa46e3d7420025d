"""What both databases promise us, and what the harness promises the tests that run on them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, create_engine, func, insert, select, text, update
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from placements.db import BEGIN_TO_WRITE, UTCDateTime, begin_to_write, db, prepare_sqlite, wal_is_safe
from placements.people.models import Person
from placements.story import Demonstration, is_demonstration
from tests.databases import Copy

NOW = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
EARLIER_IN_DELHI = datetime(2026, 10, 20, 13, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))


def person(name="Ada", created_at=NOW):
    return Person(given_name=name, family_name="Osei", email=f"{name}@example.org", created_at=created_at)


def people_by_name():
    return sorted(db.session.scalars(select(Person.given_name)))


# Instants


def test_an_instant_comes_back_in_utc(session):
    session.add(person(created_at=EARLIER_IN_DELHI))
    session.commit()
    session.expire_all()
    found = session.scalars(select(Person.created_at)).one()
    assert found == NOW
    assert found.tzinfo is UTC


def test_instants_compare_in_the_database(session):
    session.add(person(created_at=EARLIER_IN_DELHI))
    session.commit()
    assert session.scalars(select(Person).where(Person.created_at <= NOW)).all()
    assert not session.scalars(select(Person).where(Person.created_at < NOW)).all()


def test_an_instant_without_a_zone_is_refused(session):
    session.add(person(created_at=datetime(2026, 10, 20, 9, 0)))  # noqa: DTZ001 - that is the fault
    with pytest.raises(StatementError, match="has no time zone"):
        session.commit()


@pytest.mark.pure
def test_no_instant_stays_none():
    assert UTCDateTime().process_bind_param(None, DefaultDialect()) is None
    assert UTCDateTime().process_result_value(None, DefaultDialect()) is None


# What the database refuses


def test_foreign_keys_are_on(session):
    with pytest.raises(IntegrityError):
        session.execute(text("INSERT INTO account_role (account_id, role_id) VALUES (77, 77)"))


def test_checks_are_on(session):
    with pytest.raises(IntegrityError):
        session.execute(text("INSERT INTO role (name) VALUES ('emperor')"))


# Writers on SQLite, whatever database this run is on


number = Table("number", MetaData(), Column("value", Integer))


@pytest.fixture
def sqlite_engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'race.db'}")
    prepare_sqlite(engine)
    number.create(engine)
    with engine.begin() as connection:
        connection.execute(insert(number).values(value=0))
    yield engine
    engine.dispose()


def read(connection):
    return connection.scalar(select(number.c.value))


def write(connection, value):
    connection.execute(update(number).values(value=value))


@pytest.mark.pure
def test_writers_on_sqlite_wait_for_each_other(sqlite_engine: Engine):
    both_ready = Barrier(2)

    def count_ten(_):
        for _ in range(10):
            both_ready.wait(timeout=20)
            with sqlite_engine.connect().execution_options(**BEGIN_TO_WRITE) as connection, connection.begin():
                write(connection, read(connection) + 1)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(count_ten, range(2)))
    with sqlite_engine.connect() as connection:
        assert read(connection) == 20


@pytest.mark.pure
def test_without_begin_immediate_a_writer_is_refused(sqlite_engine: Engine):
    """The negative control: both have read, so only one may write, and waiting would not help the other."""
    with sqlite_engine.connect() as one, sqlite_engine.connect() as other:
        assert (read(one), read(other)) == (0, 0)
        write(one, 1)
        with pytest.raises(OperationalError, match="database is locked"):
            write(other, 1)
        other.rollback()
        one.commit()


@pytest.mark.pure
def test_a_session_that_begins_to_write_keeps_other_writers_out(fresh_database: Copy):
    with fresh_database.app.app_context():
        begin_to_write()
        with db.engine.connect() as other:
            other.connection.cursor().execute("PRAGMA busy_timeout = 0").close()
            with pytest.raises(OperationalError, match="database is locked"):
                other.execution_options(**BEGIN_TO_WRITE).begin()
        db.session.rollback()


@pytest.mark.pure
@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 9), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_only_where_it_cannot_corrupt(version, is_safe):
    assert wal_is_safe(version) is is_safe


# The harness


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_in_the_next(database, turn):
    with database.app_context():
        assert db.session.scalar(select(func.count()).select_from(Person)) == 0
        db.session.add(person())
        db.session.commit()
    with database.app_context():
        assert people_by_name() == ["Ada"]


def test_a_roll_back_undoes_what_came_after_the_commit_only(database):
    with database.app_context():
        db.session.add(person("Ada"))
        db.session.commit()
        begin_to_write()
        db.session.add(person("Bea"))
        db.session.flush()
        db.session.rollback()
    with database.app_context():
        db.session.add(person("Cy"))
        db.session.flush()  # left without a commit
    with database.app_context():
        assert people_by_name() == ["Ada"]


def test_a_refused_row_leaves_the_session_usable(session):
    session.add(person("Ada"))
    session.commit()
    session.add(person("Ada"))
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()
    session.add(person("Bea"))
    session.commit()
    assert people_by_name() == ["Ada", "Bea"]


@pytest.mark.parametrize("turn", [1, 2])
def test_a_demonstration_is_forgotten_with_its_test(database, turn):
    with database.app_context():
        assert not is_demonstration()
        database.extensions["placements.story"].clear()
        db.session.add(Demonstration(offset_seconds=0, seed=1, made_at=NOW))
        db.session.commit()
        assert is_demonstration()


def test_copies_share_nothing(fresh_database: Copy, database):
    with fresh_database.app.app_context():
        db.session.add(person("Ada"))
        db.session.commit()
        assert people_by_name() == ["Ada"]
    with database.app_context():
        assert people_by_name() == []
