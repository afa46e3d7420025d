"""Who is in each audience; that nobody is whom its sender may not see; that each gets it once."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from placements.bulletins import audience
from placements.bulletins.audience import is_member, members, organisations_of, sender_may
from placements.bulletins.models import Bulletin
from placements.bulletins.rules import FILTERS, Audience
from placements.cohorts.models import Enrolment, RoleOnRun, RunRole
from placements.cohorts.workflow import EnrolmentState
from placements.db import db
from placements.partners.models import ContactRole, OrganisationBorough
from placements.people.models import Person
from tests import factories as make
from tests.bulletins.scene import Scene, somebody
from tests.factories import NOW

STUDENTS, SUPERVISORS, CONTACTS, TUTORS, PARTNERS = Audience
OF_LEA = {"Ada", "Ben", "Cy", "Dee", "Tom", "Tia", "Sue", "Con"}  # who has to do with her run now
OF_ENO = {"Sue", "Con", "Lib", "Gus"}  # who works at an organisation that is not closed to us


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def names(bulletin: Bulletin) -> str:
    db.session.flush()
    found = db.session.scalars(select(Person.given_name).where(Person.id.in_(members(bulletin)))).all()
    assert len(found) == len(db.session.scalars(members(bulletin)).all())
    return " ".join(sorted(found))


@pytest.mark.parametrize(
    ("to", "filters", "expected"),
    [
        (STUDENTS, {}, "Ada Ben Cy Dee"),
        (STUDENTS, {"group": "second"}, "Ben"),
        (STUDENTS, {"enrolment": "seeking"}, "Cy Dee"),
        (STUDENTS, {"placement": "preparing"}, "Ada"),
        (STUDENTS, {"placement": "active"}, ""),
        (STUDENTS, {"situation": "no_choices"}, "Ben"),
        (STUDENTS, {"situation": "offer_open"}, "Dee"),
        (STUDENTS, {"situation": "no_agreement"}, "Ada"),
        (STUDENTS, {"situation": "no_agreement", "group": "second"}, ""),
        (SUPERVISORS, {}, "Sue"),
        (SUPERVISORS, {"unsigned": "yes"}, "Sue"),
        (SUPERVISORS, {"placement": "active"}, ""),
        (SUPERVISORS, {"group": "second"}, ""),
        (CONTACTS, {}, "Con Sue"),
        (CONTACTS, {"role": "primary"}, "Con"),
        (CONTACTS, {"theme": "poverty"}, "Con Sue"),
        (CONTACTS, {"theme": "crime"}, ""),
        (CONTACTS, {"borough": "Camden"}, ""),
        (CONTACTS, {"type": "charity"}, "Con Sue"),
        (TUTORS, {}, "Tia Tom"),
        (PARTNERS, {}, "Con Gus Lib Sue"),
        (PARTNERS, {"state": "prospective"}, "Gus"),
        (PARTNERS, {"state": "approved", "role": "primary"}, "Con Lib"),
        (PARTNERS, {"borough": "Camden"}, "Lib"),
        (PARTNERS, {"type": "local_authority"}, "Lib"),
        (PARTNERS, {"theme": "crime"}, "Lib"),
    ],
)
def test_who_is_in_it(scene: Scene, to: Audience, filters: Mapping[str, str], expected: str) -> None:
    group = {"group": scene.other_group.public_id} if "group" in filters else {}
    assert names(scene.bulletin(to, filters={**filters, **group})) == expected


def test_every_filter_that_is_offered_narrows_something() -> None:
    typed: dict[Audience, set[str]] = {}
    for to, filters, _ in test_who_is_in_it.pytestmark[0].args[1]:
        typed.setdefault(to, set()).update(filters)
    assert typed == {to: set(FILTERS[to]) for to in Audience}


def test_an_agreement_in_force_takes_them_out(scene: Scene) -> None:
    scene.placement.agreed_at = NOW
    assert names(scene.bulletin(filters={"situation": "no_agreement"})) == ""
    assert names(scene.bulletin(SUPERVISORS, filters={"unsigned": "yes"})) == ""
    assert names(scene.bulletin(SUPERVISORS)) == "Sue"


def test_who_has_a_place_has_no_choices_to_make(scene: Scene) -> None:
    scene.enrolments["Ben"].state = EnrolmentState.PLACED
    assert names(scene.bulletin(filters={"situation": "no_choices"})) == ""


def test_an_organisation_works_in_its_other_boroughs_too(scene: Scene) -> None:
    scene.food_bank.also_in.append(OrganisationBorough(borough="Camden"))
    assert names(scene.bulletin(PARTNERS, filters={"borough": "Camden"})) == "Con Lib Sue"


def test_nobody_gets_it_twice_whatever_they_are(scene: Scene) -> None:
    """Con works at two organisations with challenges for the run; Tom has a role, and two groups; Sue two students."""
    second = make.organisation(name="The shelter")
    make.challenge(second, supervisor=scene.con.person)
    make.contact(second, scene.con.person, ContactRole.SIGNATORY)
    make.group(scene.run, scene.tutor.person)
    make.placement(scene.enrolments["Cy"], scene.challenge)
    assert names(scene.bulletin(CONTACTS)) == "Con Sue"
    assert names(scene.bulletin(TUTORS)) == "Tia Tom"
    assert names(scene.bulletin(SUPERVISORS)) == "Sue"
    both = organisations_of(scene.bulletin(CONTACTS), [scene.con.person_id])
    assert both == {scene.con.person_id: ["The food bank", "The shelter"]}


def test_whoever_wrote_it_gets_none(scene: Scene) -> None:
    make.run_role(RunRole.TUTOR, scene.leader.person, scene.run)
    assert names(scene.bulletin(TUTORS)) == "Tia Tom"


def outside(bulletin: Bulletin, seen: set[str]) -> set[str]:
    """Who is in the audience and not among those whom its sender may see."""
    return set(names(bulletin).split()) - seen


@pytest.mark.parametrize("to", [STUDENTS, SUPERVISORS, CONTACTS, TUTORS])
def test_a_leader_reaches_nobody_outside_their_run(scene: Scene, to: Audience) -> None:
    assert names(scene.bulletin(to)) != ""
    assert outside(scene.bulletin(to), OF_LEA) == set()


def test_the_engagement_team_reaches_no_student(scene: Scene) -> None:
    assert outside(scene.bulletin(PARTNERS), OF_ENO) == set()


@pytest.mark.parametrize(
    ("to", "wrong", "found"),
    [
        (STUDENTS, lambda _run, _filters: select(Enrolment.person_id, Enrolment.mode), {"Eve", "Zoe"}),
        (CONTACTS, lambda _run, filters: audience._at_organisations(filters), {"Lib", "Gus"}),
        (TUTORS, lambda _run, _filters: select(RoleOnRun.person_id, RoleOnRun.theme), {"Leo"}),
    ],
    ids=["students of every run", "everybody at organisations", "everybody with a role"],
)
def test_an_audience_that_is_too_wide_is_found(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, to: Audience, wrong: Any, found: set[str]
) -> None:
    monkeypatch.setitem(audience.BUILDERS, to, wrong)
    assert outside(scene.bulletin(to), OF_LEA) == found


def test_whether_one_person_is_in_it(scene: Scene) -> None:
    bulletin = scene.bulletin(filters={"situation": "no_choices"})
    ben, ada = scene.students["Ben"], scene.students["Ada"]
    assert (is_member(bulletin, ben.person_id), is_member(bulletin, ada.person_id)) == (True, False)
    make.application(scene.enrolments["Ben"], [scene.challenge])
    assert not is_member(bulletin, ben.person_id)


def test_whether_its_sender_may_still_write(scene: Scene) -> None:
    of_run, of_partners = scene.bulletin(), scene.bulletin(PARTNERS)
    assert (sender_may(of_run), sender_may(of_partners)) == (True, True)
    db.session.delete(db.session.scalars(select(RoleOnRun).filter_by(person_id=scene.leader.person_id)).one())
    scene.engagement.active = False
    db.session.flush()
    assert (sender_may(of_run), sender_may(of_partners)) == (False, False)
    assert not sender_may(scene.bulletin(sender=somebody("Nat").person))
