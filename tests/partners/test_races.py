"""What is pressed several times in the same moment is there once, and every press is answered as done."""

from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from placements.core.policy import Principal
from placements.db import db
from placements.enquiries import actions as verbs
from placements.enquiries.actions import NewOrganisation
from placements.enquiries.models import Enquiry
from placements.partners import actions
from placements.partners.models import Contact, Interest, InterestKind, Organisation, OrganisationType, Site
from tests import factories as make
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once, let_go_until

TOGETHER = 4
PLACE = {"name": "The hall", "address": "1 Example Road", "postcode": "N7 8DB", "borough": "Islington"}


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

    assert at_once(fresh_database, *[add] * TOGETHER) == [None] * TOGETHER
    assert count(fresh_database, Site) == 1


def test_an_interest_is_declared_once(fresh_database: Copy) -> None:
    actor = one_organisation(fresh_database)

    def declare() -> None:
        actions.declare_interest(only_organisation(), InterestKind.TRUSTEE, actor=actor, now=NOW)

    assert at_once(fresh_database, *[declare] * TOGETHER) == [None] * TOGETHER
    assert count(fresh_database, Interest) == 1


def test_an_enquiry_becomes_one_organisation(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        make.enquiry()
        officer = Principal(make.person().id)
        db.session.commit()
    new = NewOrganisation("Holloway Larder", OrganisationType.CHARITY, "Islington")

    def accept() -> None:
        verbs.accept(db.session.scalars(select(Enquiry)).one(), new, actor=officer, now=NOW)

    assert at_once(fresh_database, *[accept] * TOGETHER) == [None] * TOGETHER
    assert (count(fresh_database, Organisation), count(fresh_database, Contact)) == (1, 1)


def test_looked_for_before_the_organisation_is_held_a_place_is_added_again(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: nobody holds the organisation, and all have looked before the first has added."""
    all_have_looked = Barrier(TOGETHER)

    def let_go(organisation: Organisation) -> None:
        assert db.session.scalars(select(Site).where(Site.organisation_id == organisation.id)).all() == []
        let_go_until(all_have_looked)

    monkeypatch.setattr(actions, "_hold", let_go)
    monkeypatch.setattr(actions, "select", lambda table: select(table).where(table.id < 0))
    actor = one_organisation(fresh_database)

    def add() -> None:
        actions.add_site(only_organisation(), PLACE, form_key="one form", actor=actor, now=NOW)

    assert IntegrityError in map(type, at_once(fresh_database, *[add] * TOGETHER))
