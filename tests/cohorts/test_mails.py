"""What people read: a new student's first mail, a new role, a run that opens. The texts are kept under mail/golden."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.cohorts import actions, enrolling
from placements.cohorts.models import RunRole, Theme
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.links.actions import token
from placements.links.models import Link
from placements.mail.asking import Said
from placements.mail.models import Notification
from placements.mail.notices import notices
from placements.mail.rendering import render
from placements.people.models import Person
from tests import factories as make
from tests.cohorts.people import Cohort, cohort, principal
from tests.golden import check_golden, rendered

FACTS = {"course_code": "X", "course_title": "Psychology BSc", "mode": "full-time", "is_visa_sponsored": False}


@pytest.fixture
def made(session: Any) -> Cohort:
    made = cohort()
    made.run.public_id = "RunRunRunRun"
    return made


@pytest.fixture
def mail_to(session: Any, now: Any) -> Callable[[Person], str | None]:
    """What the worker would send somebody now; None where nothing is still true."""

    def mail_to(person: Person) -> str | None:
        queued = session.scalars(select(Notification).filter_by(recipient_id=person.id).order_by("id"))
        said: list[Said] = []
        for row in queued:
            context = notices()[row.notice].context(row.about_id, person, now)
            if context is not None:
                rendered(notices()[row.notice], context, person)
                said.append(Said(notices()[row.notice], context))
        if not said:
            return None
        mail = render(said, person)
        text = f"To: {person.email}\nSubject: {mail.subject}\n\n{mail.text}"
        for link in session.scalars(select(Link)):
            text = text.replace(token(link), "TOKEN")
        return text

    return mail_to


def test_a_new_student_is_told_their_group_and_tutor_and_invited(session, made, mail_to, now):
    ada = make.person(given_name="Ada", family_name="Okafor", email="ada@example.org")
    enrolling.enrol(ada, made.a, FACTS, actor=principal(made.leader), now=now)
    check_golden("cohorts/enrolled", mail_to(ada))


def test_who_has_left_before_the_mail_goes_is_not_told(session, made, mail_to, now):
    ada = make.account(password="chosen").person
    enrolment = enrolling.enrol(ada, made.a, FACTS, actor=principal(made.leader), now=now)
    enrolment.state = EnrolmentState.WITHDRAWN
    assert mail_to(ada) is None


def test_a_choice_that_is_over_is_not_spoken_of(session, made, mail_to, now):
    ada = make.account(password="chosen").person
    made.run.ranking_closes_at = now - timedelta(days=1)
    enrolling.enrol(ada, made.a, FACTS, actor=principal(made.leader), now=now)
    assert "choose" not in mail_to(ada)


def test_a_new_champion_is_told_their_role_and_invited(session, made, mail_to, now):
    priya = make.person(given_name="Priya", family_name="Nair", email="priya@example.org")
    actions.give_role(made.run, priya, RunRole.CHAMPION, Theme.CRIME, actor=principal(made.leader), now=now)
    check_golden("cohorts/role_given", mail_to(priya))


def test_a_role_taken_away_before_the_mail_goes_is_not_told(session, made, mail_to, now):
    una = make.account(password="chosen").person
    held = actions.give_role(made.run, una, RunRole.MODERATOR, actor=principal(made.leader), now=now)
    actions.remove_role(held, actor=principal(made.leader), now=now)
    assert mail_to(una) is None


def test_the_team_is_told_when_a_run_opens(session, made, mail_to, now):
    made.run.state = RunState.PLANNED
    made.b.tutor = made.tutor.person
    make.run_role(RunRole.MODERATOR, made.tutor.person, made.run)
    actions.open_run(made.run, actor=principal(made.leader), now=now)
    check_golden("cohorts/run_opened", mail_to(made.tutor.person))
    made.run.state = RunState.CLOSED
    assert mail_to(made.tutor.person) is None
