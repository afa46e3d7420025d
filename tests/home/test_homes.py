"""Each role's home: what is next, with whom, by when; and how what it looks after stands, with a way to it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from placements.accounts.models import Account, GlobalRole
from placements.agreements.workflow import AgreementState
from placements.applications.models import HostAnswer
from placements.applications.rules import Unsuitable
from placements.applications.workflow import AnswerState
from placements.assessment.workflow import MarkState, SubmissionState
from placements.challenges.models import BriefRisk
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import RunRole, Theme
from placements.cohorts.workflow import RunState
from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record
from placements.impact.workflow import ResultState
from placements.logbook.workflow import EntryState
from placements.partners.workflow import OrganisationState
from placements.placing.workflow import PlacementState
from placements.rounds.workflow import RoundState
from placements.vetting.rules import CheckKind
from placements.vetting.workflow import CheckState
from placements.watch.actions import keep
from placements.watch.looking import look
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.impact.results import result
from tests.offers.hosts import host_refusal
from tests.page import elements
from tests.placing.scene import Scene, committed
from tests.site.world import PRINCIPALS
from tests.site.world import committed as committed_world

LOOKS = {
    "student": ["Your module"],
    "other_student": ["Your module"],
    "supervisor": ["Your students", "Your organisation"],
    "contact": ["Your organisation"],
    "other_contact": ["Your students", "Your organisation"],
    "tutor": ["Your students", "Students without a place", "Early warning", "Second marking", "Concerns"],
    "other_tutor": ["Your students", "Students without a place", "Early warning", "Second marking", "Concerns"],
    "moderator": ["Moderation"],
    "leader": ["Your module", "Students without a place", "Early warning", "Concerns"],
    "other_leader": ["Your module", "Students without a place", "Early warning", "Concerns"],
    "champion": ["Your challenge areas"],
    "other_champion": ["Your challenge areas"],
    "engagement": ["Partnerships"],
    "safety_officer": ["Health and safety"],
    "visa_officer": ["Missed attendance", "Student visas"],
    "disability_adviser": ["Disability and adjustments"],
    "safeguarding": ["Safeguarding", "Checks before placements start"],
    "external": ["Your examining"],
    "administrator": ["The system"],
}


@pytest.mark.parametrize("name", PRINCIPALS[1:])
def test_every_role_is_told_what_it_looks_after_and_every_link_opens(
    database: Flask, client: PageClient, name: str
) -> None:
    with database.app_context():
        world = committed_world()
    client.sign_in_as(world.accounts[name])
    page = client.page("/home")
    sections = list(elements(page.main, "section"))
    assert ["".join(next(elements(each, "h3")).itertext()) for each in sections] == LOOKS[name]
    for link in elements(page.main, "a"):
        assert client.get(link.get("href")).status_code in (200, 302), link.get("href")


def test_somebody_without_any_part_is_told_so(database: Flask, client: PageClient) -> None:
    with seeding(database):
        nobody = make.account()
    client.sign_in_as(nobody)
    page = client.page("/home")
    assert page.h1 == "Nothing needs you now"
    assert "You have no part in a module run or an organisation at present." in page.text


Adds = Callable[[Scene], Any]
PREPARING, ACTIVE = {}, {"state": PlacementState.ACTIVE, "starts_on": date(2026, 10, 5)}
DUE = datetime(2026, 10, 14, 14, 0, tzinfo=UTC)


def _agreed(scene: Scene) -> None:
    make.agreement(scene.placement)


def _going_round(scene: Scene) -> None:
    make.agreement(scene.placement, state=AgreementState.SIGNING)


def _visit(state: EntryState, **said: Any) -> Adds:
    return lambda scene: make.entry(scene.placement, state=state, **said)


def _handed_in(state: MarkState) -> Adds:
    def add(scene: Scene) -> None:
        part = make.component(of=scene.run, due_at=DUE)
        make.submission(scene.enrolment, part, state=SubmissionState.RECEIVED, received_at=DUE - DAY)
        make.mark(scene.enrolment, part, scene.tutor.person, state=state, feedback="Good.", moderated_at=NOW)

    return add


def _in_person(scene: Scene, name: str, family: str) -> Account:
    account = make.account(make.person(given_name=name, family_name=family, email=f"{name}@example.org".lower()))
    setattr(scene, name.lower(), account)
    return account


def _champion(state: ChallengeState) -> Adds:
    def add(scene: Scene) -> None:
        make.run_role(RunRole.CHAMPION, _in_person(scene, "Cham", "Pion").person, scene.run, Theme.CRIME)
        make.challenge(theme=Theme.CRIME, state=state, submitted_at=NOW - DAY, published_at=None)

    return add


def _external(scene: Scene) -> None:
    make.run_role(RunRole.EXTERNAL, _in_person(scene, "Exa", "Miner").person, scene.run)
    scene.run.board_on = date(2027, 6, 18)
    _handed_in(MarkState.SUBMITTED)(scene)


def _planned(scene: Scene) -> None:
    make.group(make.run(state=RunState.PLANNED, teaching_starts_on=date(2026, 11, 2)))
    account = _in_person(scene, "Ad", "Min")
    account.global_roles = make.account(None, GlobalRole.ADMINISTRATOR).global_roles


def _later(**said: Any) -> Adds:
    def add(scene: Scene) -> None:
        for name, value in said.items():
            setattr(scene.run, name, value)

    return add


def _clearing(scene: Scene) -> None:
    make.clearing(make.enrolment(scene.group), scene.tutor.person, by_on=date(2026, 10, 23))


def _on_the_list(scene: Scene) -> None:
    make.clearing(scene.enrolment, scene.tutor.person, by_on=date(2026, 10, 23))


def _staged(scene: Scene) -> None:
    make.allocation_round(scene.run, state=RoundState.STAGED)


def _unaccompanied(scene: Scene) -> None:
    scene.placement.tutor = None


def _to_vet(_: Scene) -> None:
    make.organisation(state=OrganisationState.PROSPECTIVE, created_at=NOW)


def _to_approve(_: Scene) -> None:
    make.five_checks(make.organisation(state=OrganisationState.PROSPECTIVE), verified_at=NOW - DAY)


def _answered(scene: Scene) -> None:
    make.check(scene.organisation, state=CheckState.ANSWERED)


def _still_true(scene: Scene) -> None:
    make.five_checks(scene.organisation, valid_until=date(2026, 11, 1))


def _unassessed(scene: Scene) -> None:
    db.session.execute(delete(BriefRisk))


def _runs_out(scene: Scene) -> None:
    scene.organisation.approved_until = date(2026, 11, 1)


def _board(scene: Scene) -> None:
    scene.run.board_on = date(2026, 10, 19)
    _handed_in(MarkState.PROVISIONAL)(scene)


def _draft(state: ChallengeState) -> Adds:
    return lambda scene: make.challenge(scene.organisation, state=state, title="Map the taps", published_at=None)


def _applied(state: AnswerState) -> Adds:
    def add(scene: Scene) -> None:
        make.application(make.enrolment(scene.group), [scene.challenge])
        answer = db.session.scalars(select(HostAnswer)).one()
        answer.state, answer.reason, answer.undecided_since = state, Unsuitable.DAYS, NOW

    return add


def _cannot_take(scene: Scene) -> None:
    for _ in range(2):
        make.offer(make.enrolment(scene.group), scene.challenge)
    host_refusal(scene.challenge)


def _looked_at(_: Scene) -> None:
    """Nothing was logged since the placement began a fortnight ago."""
    keep(look(NOW), now=NOW)


CLOSED = _later(ranking_closes_at=NOW - DAY)


def _told(state: ResultState) -> Adds:
    return lambda scene: result(scene.challenge, state=state)


NEXT: list[tuple[str, dict[str, Any], list[Adds], str]] = [
    ("student", PREPARING, [], "Write your Challenge Agreement The food bank by Mon 16 Nov 2026, 9am (in 27 days)"),
    ("student", PREPARING, [_going_round], "Sign your Challenge Agreement The food bank by Mon 16 Nov 2026, 9am"),
    ("student", ACTIVE, [_agreed], "Log your latest visit The food bank by Mon 26 Oct 2026, 9am"),
    ("student", ACTIVE, [_agreed, _visit(EntryState.QUERIED)], "Answer 1 question about your visits The food bank by"),
    ("student", ACTIVE, [_agreed, _visit(EntryState.CONFIRMED)], "3 hours 30 minutes confirmed of 45 hours, at The"),
    (
        "student",
        {**ACTIVE, "state": PlacementState.TRANSFERRED, "ended_on": date(2026, 10, 19)},
        [_on_the_list],
        "Tom Tutor is finding a place for you, by Fri 23 Oct 2026. You can ask for an open one. Why no place? 0 hours",
    ),
    ("other_student", PREPARING, [], "Once the places are given out, your offer shows here."),
    ("supervisor", PREPARING, [_going_round], "Sign the Challenge Agreement Ada Okoro by Mon 16 Nov 2026, 9am"),
    ("supervisor", ACTIVE, [_visit(EntryState.SUBMITTED)], "Confirm 3 hours 30 minutes of your students by Mon 26 Oct"),
    ("supervisor", PREPARING, [], "Ada Okoro Preparing first day Mon 16 Nov 2026 Count the stock"),
    ("contact", PREPARING, [_draft(ChallengeState.DRAFT)], "Finish your brief: Map the taps"),
    ("contact", PREPARING, [_draft(ChallengeState.CHANGES_REQUESTED)], "A change is asked for: Map the taps"),
    ("contact", ACTIVE, [], "Ada Okoro On placement until Fri 30 Apr 2027 Count the stock"),
    (
        "contact",
        PREPARING,
        [_applied(AnswerState.WAITING)],
        "1 applicant to read: say what you think by Mon 2 Nov 2026, 8am (in 13 days)",
    ),
    ("tutor", PREPARING, [_going_round], "1 Challenge Agreement waits for your signature by Mon 16 Nov 2026, 9am"),
    ("tutor", {"starts_on": date(2026, 10, 19)}, [], "1 placement should have begun and cannot yet by Mon 19 Oct 2026"),
    (
        "tutor",
        ACTIVE,
        [_visit(EntryState.SUBMITTED, submitted_at=NOW - 22 * DAY, on=date(2026, 9, 28))],
        "1 visit that nobody settled: decide by Mon 26 Oct 2026, 5pm (in 6 days)",
    ),
    ("tutor", ACTIVE, [_looked_at], "1 student needs a look, 1 of them at once by Wed 21 Oct 2026, 5pm (in 1 day)"),
    ("leader", ACTIVE, [_looked_at], "1 student needs a look, 1 of them at once by Wed 21 Oct 2026, 5pm (in 1 day)"),
    (
        "tutor",
        {**ACTIVE, "ends_on": date(2026, 10, 16)},
        [],
        "1 placement has its hours or its last day: complete it or decide by Fri 16 Oct 2026, 5pm",
    ),
    ("tutor", PREPARING, [_handed_in(MarkState.DRAFTED)], "1 piece of work to mark by Wed 4 Nov 2026, 3pm"),
    ("tutor", PREPARING, [_clearing], "1 student needs a place from you by Fri 23 Oct 2026, 5pm (in 3 days)"),
    ("leader", PREPARING, [CLOSED], "Choosing has closed for WL6W50 2026/27: allocate by Sat 24 Oct 2026, 9am"),
    ("leader", PREPARING, [CLOSED, _staged], "A round of WL6W50 2026/27 is staged and not published by Sat 24 Oct"),
    (
        "leader",
        PREPARING,
        [_later(ranking_closes_at=NOW + 3 * DAY)],
        "WL6W50 2026/27: 2 students have not chosen yet by Fri 23 Oct 2026, 9am (in 3 days)",
    ),
    (
        "leader",
        PREPARING,
        [_applied(AnswerState.NOT_SUITABLE)],
        "WL6W50 2026/27: 1 answer of “not suitable” to decide by Wed 4 Nov 2026, 8am (in 15 days)",
    ),
    (
        "leader",
        PREPARING,
        [_cannot_take],
        "WL6W50 2026/27: 1 organisation cannot take its students by Mon 26 Oct 2026, 8am (in 6 days) Read and decide",
    ),
    ("leader", PREPARING, [_handed_in(MarkState.SUBMITTED)], "WL6W50 2026/27: 1 mark is ready to release by Wed 4 Nov"),
    ("leader", PREPARING, [_board], "WL6W50 2026/27: 1 provisional mark waits for the board by Mon 19 Oct 2026, 5pm"),
    (
        "leader",
        PREPARING,
        [_unaccompanied],
        "WL6W50 2026/27: 1 placement has no tutor who can sign by Mon 16 Nov 2026, 9am",
    ),
    ("leader", PREPARING, [], "1 on a placement or about to start"),
    ("cham", PREPARING, [_champion(ChallengeState.SUBMITTED)], "1 brief waits for your review by Mon 26 Oct 2026, 5pm"),
    ("cham", PREPARING, [_champion(ChallengeState.APPROVED)], "1 approved brief is not published yet"),
    ("engagement", PREPARING, [lambda _: make.enquiry()], "1 enquiry waits for an answer by Mon 26 Oct 2026"),
    (
        "engagement",
        PREPARING,
        [lambda _: make.referral(sent_at=NOW - 12 * DAY)],
        "1 thing that was passed on has not been acknowledged by Thu 15 Oct 2026, 5pm",
    ),
    ("engagement", PREPARING, [_answered], "1 answer waits to be checked by Thu 17 Sep 2026"),
    ("engagement", PREPARING, [_unassessed], "Risk not assessed: 1 brief"),
    ("contact", PREPARING, [], "Answer 6 questions about your organisation"),
    ("contact", PREPARING, [_still_true], "Still true? What you told us runs out"),
    ("contact", PREPARING, [_told(ResultState.ASKED)], "Say whether what we tell of your work is true"),
    (
        "engagement",
        PREPARING,
        [_told(ResultState.VERIFIED)],
        "1 result is verified and may be shown by Tue 20 Oct 2026, 9am",
    ),
    (
        "engagement",
        PREPARING,
        [_to_approve],
        "1 organisation has passed all five checks by Wed 21 Oct 2026, 9am",
    ),
    ("engagement", PREPARING, [_to_vet], "1 organisations not approved yet"),
    ("engagement", PREPARING, [_runs_out], "1 organisation needs approval before students start by Mon 16 Nov 2026"),
    ("engagement", PREPARING, [_runs_out], "1 approval runs out within 30 days by Sun 1 Nov 2026, 5pm"),
    ("exa", PREPARING, [_external], "Read scripts of WL6W50 2026/27, as many as you like by Fri 18 Jun 2027, 5pm"),
    ("ad", PREPARING, [_planned], "Name a module leader for WL6W50 2026/27 by Mon 2 Nov 2026, 9am"),
]


@pytest.mark.parametrize("case", NEXT, ids=lambda case: f"{case[0]}: {case[3]}")
def test_a_home_says_what_is_next_with_whom_and_by_when(
    database: Flask, client: PageClient, case: tuple[str, dict[str, Any], list[Adds], str]
) -> None:
    name, said, more, expected = case
    with database.app_context():
        scene = Scene(**said)
        for add in more:
            add(scene)
        committed(scene)
    client.sign_in_as(getattr(scene, name))
    page = client.page("/home")
    assert expected in page.text
    for link in elements(page.main, "a"):
        assert client.get(link.get("href")).status_code in (200, 302), link.get("href")


def test_approvals_that_run_out_lead_to_the_list_that_counts_the_same(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = Scene()
        scene.placement.starts_on = date(2026, 10, 26)
        for name, until in (("Soon", date(2026, 11, 19)), ("Later", date(2026, 11, 20)), ("Over", date(2026, 10, 19))):
            make.five_checks(make.organisation(name=name, approved_until=until), valid_until=until)
        committed(scene)
    client.sign_in_as(scene.engagement)
    page = client.page("/home")
    assert "1 approval runs out within 30 days by Thu 19 Nov 2026, 5pm" in page.text
    assert [row[:2] for row in client.page(page.link("See them")).rows] == [["Approval", "Soon"]]


def test_nothing_is_to_do_about_an_organisation_that_has_answered_nothing_yet(
    database: Flask, client: PageClient
) -> None:
    """A list of 600 was imported: we wait for them, not they for us."""
    with database.app_context():
        scene = Scene()
        for kind in [*CheckKind][:4]:
            make.check(make.organisation(state=OrganisationState.PROSPECTIVE, name=kind), kind)
        tied = make.organisation(state=OrganisationState.PROSPECTIVE)
        make.five_checks(tied)
        make.interest(tied, scene.engagement.person)
        committed(scene)
    client.sign_in_as(scene.engagement)
    assert "passed all five checks" not in client.page("/home").text


def test_a_champion_is_asked_for_what_they_may_review_and_told_what_students_see(
    database: Flask, client: PageClient
) -> None:
    with database.app_context():
        scene = Scene()
        champion = _in_person(scene, "Cham", "Pion")
        make.run_role(RunRole.CHAMPION, champion.person, scene.run, Theme.CRIME)
        waits = {"theme": Theme.CRIME, "state": ChallengeState.SUBMITTED, "submitted_at": NOW - DAY}
        make.challenge(**waits, published_at=None, academic_year="2027/28")
        tied = make.challenge(**waits, published_at=None)
        make.interest(tied.organisation, champion.person)
        make.challenge(theme=Theme.CRIME)
        make.challenge(make.organisation(approved_until=date(2026, 10, 19)), theme=Theme.CRIME)
        committed(scene)
    client.sign_in_as(scene.cham)  # type: ignore[attr-defined]
    page = client.page("/home")
    assert "for your review" not in page.text
    assert "1 challenges that students can see" in page.text


@pytest.mark.parametrize("state", [OrganisationState.DECLINED, OrganisationState.ARCHIVED])
def test_nothing_is_asked_of_the_people_of_an_organisation_that_is_over(
    database: Flask, client: PageClient, state: OrganisationState
) -> None:
    with seeding(database):
        contact = make.account()
        there = make.organisation(state=state)
        make.contact(there, contact.person)
        make.challenge(there, state=ChallengeState.DRAFT, published_at=None)
    client.sign_in_as(contact)
    assert client.page("/home").h1 == "Nothing needs you now"


def test_a_contact_reads_how_many_challenges_students_really_see(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = Scene()
        committed(scene)
    client.sign_in_as(scene.contact)
    assert "1 challenges that students can see" in client.page("/home").text
    with database.app_context():
        db.session.merge(scene.organisation).approved_until = date(2026, 10, 19)
        db.session.commit()
    assert "0 challenges that students can see" in client.page("/home").text


def test_marks_that_are_ready_lead_to_the_marks_of_that_run(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = Scene()
        _handed_in(MarkState.SUBMITTED)(scene)
        committed(scene)
    client.sign_in_as(scene.leader)
    assert client.page("/home").link("See the marks") == f"/runs/{scene.run.public_id}/marks"


QUERIES = {"student": 12, "supervisor": 13, "contact": 10, "tutor": 13, "leader": 18, "engagement": 7}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("many", [1, 3])
def test_a_home_asks_as_few_queries_for_one_of_each_thing_as_for_three(
    database: Flask, client: PageClient, name: str, many: int
) -> None:
    with database.app_context():
        scene = Scene(**ACTIVE)
        _agreed(scene)
        for number in range(many):
            make.entry(scene.placement, on=date(2026, 10, 14 + number))
            placed = make.placement(make.enrolment(scene.group), scene.challenge, state=PlacementState.PREPARING)
            make.agreement(placed, state=AgreementState.SIGNING)
            make.challenge(scene.organisation, state=ChallengeState.DRAFT, published_at=None)
            make.enquiry()
        _handed_in(MarkState.SUBMITTED)(scene)
        committed(scene)
    client.sign_in_as(getattr(scene, name))
    with counting_queries() as queries:
        client.page("/home")
    assert queries.count == QUERIES[name]


def test_lately_names_what_was_done_to(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = Scene(**ACTIVE)
        other = make.challenge(scene.organisation, title="Another")
        db.session.flush()
        leader = Principal(scene.leader.person_id)
        record("edited", scene.organisation, actor=leader, now=NOW - DAY)
        for challenge in (scene.challenge, other):
            record("published", challenge, actor=leader, now=NOW)
        said = ("about Another and 1 more", f"about {scene.organisation.name}")
        committed(scene)
    client.sign_in_as(scene.leader)
    page = client.page("/home")
    assert page.text.index(said[0]) < page.text.index(said[1])
