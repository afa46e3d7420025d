"""Somebody met for the first time is one person, even by two at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from placements.db import begin_to_write, db
from placements.people import actions
from placements.people.models import Person
from tests import factories as make
from tests.databases import Copy
from tests.factories import NOW

INSERT = actions.insert_new


def test_whoever_we_know_is_found_by_address_and_not_changed(session: Any) -> None:
    known = make.person(given_name="Amina", family_name="Yusuf", email="Amina@Larder.example")
    assert actions.find_or_add_person("Other", "Name", " amina@larder.EXAMPLE ", NOW) is known
    assert known.name == "Amina Yusuf"


def test_whoever_we_do_not_know_is_added_as_told(session: Any) -> None:
    met = actions.find_or_add_person(" Amina ", " Yusuf ", " Amina@Larder.example ", NOW)
    assert (met.name, met.email, met.email_key, met.created_at) == (
        "Amina Yusuf",
        "Amina@Larder.example",
        "amina@larder.example",
        NOW,
    )
    assert len(met.public_id) == 12


def add(model: type[Person], rows: list[dict[str, Any]]) -> None:
    db.session.add(model(**{name: value for name, value in rows[0].items() if name != "email_key"}))
    db.session.flush()


@pytest.mark.parametrize(
    ("insert", "refused"), [(INSERT, 0), (add, 3)], ids=["as it is", "the negative control: a plain insert"]
)
def test_four_who_all_saw_nobody_meet_one_person(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch, insert: Any, refused: int
) -> None:
    all_saw_nobody = Barrier(4)

    def insert_after_all_looked(*given: Any) -> None:
        db.session.rollback()
        all_saw_nobody.wait(timeout=30)
        begin_to_write()
        insert(*given)

    monkeypatch.setattr(actions, "insert_new", insert_after_all_looked)

    def meet(_: int) -> int | None:
        with fresh_database.app.app_context():
            try:
                met = actions.find_or_add_person("Amina", "Yusuf", "amina@larder.example", NOW).id
                db.session.commit()
            except IntegrityError:
                return None
            finally:
                db.session.remove()
            return met

    with ThreadPoolExecutor(4) as pool:
        met = list(pool.map(meet, range(4)))
    assert met.count(None) == refused
    with fresh_database.app.app_context():
        assert set(met) - {None} == set(db.session.scalars(select(Person.id)))


def test_a_name_that_is_all_one_word_is_kept_as_far_as_there_is_room(session: Any) -> None:
    met = actions.find_or_add_person("", "x" * 150, "x@larder.example", NOW)
    assert len(met.name) == 100
