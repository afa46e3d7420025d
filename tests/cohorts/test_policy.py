"""The roles that runs give, and what each lets one see."""

from typing import Any

from sqlalchemy import Select

from placements.accounts.models import Account
from placements.cohorts.models import RunRole, Theme
from placements.cohorts.policy import roles_of
from placements.cohorts.queries import (
    my_enrolments,
    visible_enrolments,
    visible_runs,
)
from placements.core.clock import today
from placements.core.policy import NOBODY, Principal
from tests import factories as make
from tests.client import counting_queries
from tests.cohorts.people import cohort, principal


def roles(session: Any, account: Account) -> set[tuple[str, int]]:
    """The roles that this area gives the account's person."""
    return {tuple(row) for row in session.execute(roles_of(account.person_id, today(make.NOW)))}


def ids(session: Any, selected: Select[Any]) -> set[int]:
    return {each.id for each in session.scalars(selected)}


def test_every_role_names_what_it_is_held_on(session):
    made = cohort()
    champion, student = make.account(), make.account()
    for theme in (Theme.CRIME, Theme.HEALTH):
        make.run_role(RunRole.CHAMPION, champion.person, made.run, theme)
    enrolment = make.enrolment(made.a, student.person)
    run = made.run.id
    assert roles(session, made.leader) == {("leader", run)}
    assert roles(session, made.tutor) == {("tutor", run), ("group_tutor", made.a.id)}
    assert roles(session, champion) == {("champion", run), ("champion_crime", run), ("champion_health", run)}
    assert roles(session, student) == {("student", enrolment.id)}


def test_whoever_tutors_a_group_is_a_tutor_of_its_run(session):
    somebody = make.account()
    group = make.group(tutor=somebody.person)
    assert roles(session, somebody) == {("tutor", group.run_id), ("group_tutor", group.id)}


def test_students_are_seen_by_their_leader_their_tutor_and_themselves(session):
    made, elsewhere = cohort(), make.run()
    student = make.account()
    in_a, in_b = make.enrolment(made.a, student.person), make.enrolment(made.b)
    make.enrolment(make.group(elsewhere))
    moderator = make.account()
    make.run_role(RunRole.MODERATOR, moderator.person, made.run)
    seen = {
        "leader": ids(session, visible_enrolments(principal(made.leader))),
        "tutor": ids(session, visible_enrolments(principal(made.tutor))),
        "student": ids(session, visible_enrolments(principal(student))),
        "moderator": ids(session, visible_enrolments(principal(moderator))),
        "administrator": ids(session, visible_enrolments(Principal(1, frozenset({("administrator", None)})))),
        "nobody": ids(session, visible_enrolments(NOBODY)),
    }
    assert seen == {
        "leader": {in_a.id, in_b.id},
        "tutor": {in_a.id},
        "student": {in_a.id},
        "moderator": set(),
        "administrator": set(),
        "nobody": set(),
    }


def test_a_run_is_seen_by_its_team_and_by_administrators(session):
    made, elsewhere = cohort(), make.run()
    student = make.account()
    make.enrolment(made.a, student.person)
    administrator = Principal(student.person_id, frozenset({("administrator", None)}))
    assert ids(session, visible_runs(principal(made.tutor))) == {made.run.id}
    assert ids(session, visible_runs(principal(student))) == set()
    assert ids(session, visible_runs(administrator)) == {made.run.id, elsewhere.id}


def test_ones_own_enrolments_come_with_what_a_page_says_of_them(session):
    made = cohort()
    student = make.account()
    make.enrolment(made.a, student.person)
    make.enrolment(make.group(make.run(academic_year="2025/26", code="WL5W50", level=5)), student.person)
    who = principal(student)
    session.expire_all()
    with counting_queries() as queries:
        told = [(each.run.title, each.group.name, each.group.tutor and each.group.tutor.name, len(each.run.components))
                for each in my_enrolments(who)]  # fmt: skip
    assert told == [
        ("WL6W50 2026/27", "Wednesday afternoon", "Joseph Amadi", 1),
        ("WL5W50 2025/26", "Wednesday afternoon", None, 0),
    ]
    assert queries.count == 2
