"""What is pressed several times in the same moment is there once, and every press is answered as done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from placements.core.policy import Principal
from placements.db import begin_to_write, db
from placements.partners import actions
from placements.partners import enquiries as verbs
from placements.partners.enquiries import NewOrganisation
from placements.partners.models import Contact, Enquiry, Interest, InterestKind, Organisation, OrganisationType, Site
from tests import factories as make
from tests.databases import Copy
from tests.factories import NOW

TOGETHER = 4
PLACE = {"name": "The hall", "address": "1 Example Road", "postcode": "N7 8DB", "borough": "Islington"}


def together(copy: Copy, do: Callable[[], object]) -> list[str]:
    """Do it in several threads, each in a transaction of its own begun when all are ready; how each was answered."""
    ready = Barrier(TOGETHER)

    def one(_: int) -> str:
        with copy.app.app_context():
            ready.wait(timeout=30)
            begin_to_write()
            try:
                do()
                db.session.commit()
            except IntegrityError:
                db.session.rollback()
                return "refused by the database"
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(TOGETHER) as pool:
        return list(pool.map(one, range(TOGETHER)))


def count(copy: Copy, table: type) -> int:
    with copy.app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def one_organisation(copy: Copy) -> Principal:
    """There is one; somebody who has no part in it."""
    with copy.app.app_context():
        make.organisation()
        somebody = Principal(make.person().id)
        db.session.commit()
        return somebody


def only_organisation() -> Organisation:
    return db.session.scalars(select(Organisation)).one()


def test_a_place_is_added_once(fresh_database: Copy) -> None:
    actor = one_organisation(fresh_database)

    def add() -> None:
        actions.add_site(only_organisation(), PLACE, form_key="one form", actor=actor, now=NOW)

    assert together(fresh_database, add) == ["done"] * TOGETHER
    assert count(fresh_database, Site) == 1


def test_an_interest_is_declared_once(fresh_database: Copy) -> None:
    actor = one_organisation(fresh_database)

    def declare() -> None:
        actions.declare_interest(only_organisation(), InterestKind.TRUSTEE, actor=actor, now=NOW)

    assert together(fresh_database, declare) == ["done"] * TOGETHER
    assert count(fresh_database, Interest) == 1


def test_an_enquiry_becomes_one_organisation(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        make.enquiry()
        officer = Principal(make.person().id)
        db.session.commit()
    new = NewOrganisation("Holloway Larder", OrganisationType.CHARITY, "Islington")

    def accept() -> None:
        verbs.accept(db.session.scalars(select(Enquiry)).one(), new, actor=officer, now=NOW)

    assert together(fresh_database, accept) == ["done"] * TOGETHER
    assert (count(fresh_database, Organisation), count(fresh_database, Contact)) == (1, 1)


def test_looked_for_before_the_organisation_is_held_a_place_is_added_again(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: nobody holds the organisation, and all have looked before the first has added."""
    all_have_looked = Barrier(TOGETHER)

    def let_go(organisation: Organisation) -> None:
        key = organisation.id
        db.session.rollback()
        assert db.session.scalars(select(Site).where(Site.organisation_id == key)).all() == []
        all_have_looked.wait(timeout=30)
        begin_to_write()

    monkeypatch.setattr(actions, "_hold", let_go)
    monkeypatch.setattr(actions, "select", lambda table: select(table).where(table.id < 0))
    actor = one_organisation(fresh_database)

    def add() -> None:
        actions.add_site(only_organisation(), PLACE, form_key="one form", actor=actor, now=NOW)

    assert "refused by the database" in together(fresh_database, add)
