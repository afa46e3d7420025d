"""Planning a run, opening it, its groups and its people; and enrolments moved by their verbs."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.accounts.models import GlobalRole
from placements.accounts.queries import account_of
from placements.cohorts import actions
from placements.cohorts.models import ComponentKind, Enrolment, RoleOnRun, RunRole, Theme
from placements.cohorts.queries import key_dates, team_of
from placements.cohorts.rules import Hours
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.history.models import History
from placements.mail.models import Notification
from placements.people.models import Person
from tests import factories as make
from tests.cohorts.people import Cohort, cohort, principal


@pytest.fixture
def made(session: Any) -> Cohort:
    return cohort()


@pytest.fixture
def leader(made: Cohort) -> Principal:
    return principal(made.leader)


def told(session: Any) -> list[tuple[str, int]]:
    return sorted((each.notice, each.recipient_id) for each in session.scalars(select(Notification)))


def verbs(session: Any, thing: Any) -> list[str]:
    found = select(History.verb).where(History.about_kind == thing.__tablename__, History.about_id == thing.id)
    return list(session.scalars(found.order_by(History.id)))


def test_a_run_planned_from_its_module_has_its_groups_components_rubrics_hours_and_dates(session, now):
    planner = make.person()
    run = actions.plan_run("WL5W50", "2026/27", " year ", actor=Principal(planner.id), now=now)
    session.refresh(run)
    assert (run.title, run.period, run.level, run.state) == ("WL5W50 2026/27", "YEAR", 5, RunState.PLANNED)
    assert [(group.occurrence, group.name) for group in run.groups] == [
        ("A", "Wednesday afternoon"),
        ("B", "Friday morning"),
    ]
    assert [(part.kind, part.weight, len(part.criteria)) for part in run.components] == [
        (ComponentKind.AGREEMENT, 0, 3),
        (ComponentKind.FEEDBACK, 0, 4),
        (ComponentKind.PORTFOLIO, 100, 5),
    ]
    assert run.components[2].criteria[0].bands["70"].startswith("Explains causes and setting")
    assert (run.minutes_minimum, run.minutes_target, run.minutes_ceiling) == (2400, 2700, 4200)
    assert run.teaching_starts_on == date(2026, 9, 28)
    assert key_dates(run).portfolio_due_at == run.components[2].due_at
    assert [(held.person_id, held.role) for held in team_of(run)] == [(planner.id, RunRole.LEADER)]


def test_an_administrator_plans_a_run_without_leading_it(session, now):
    account = make.account(None, GlobalRole.ADMINISTRATOR)
    run = actions.plan_run("WL6W50", "2026/27", "YEAR", actor=principal(account), now=now)
    assert team_of(run) == []


def test_a_copied_run_takes_over_everything_but_its_students_and_moves_its_dates(session, made, leader, now):
    make.enrolment(made.a)
    make.run_role(RunRole.CHAMPION, make.person(given_name="Priya"), made.run, Theme.CRIME)
    made.run.minutes_target = 3000
    session.flush()
    run = actions.plan_run("WL6W50", "2027/28", "YEAR", source=made.run, actor=leader, now=now)
    session.refresh(run)
    assert (run.teaching_starts_on, run.minutes_target) == (date(2027, 9, 27), 3000)
    assert [(group.occurrence, group.tutor_id) for group in run.groups] == [("A", made.tutor.person_id), ("B", None)]
    assert [held.title for held in team_of(run)] == ["Module leader", "Tutor", "Challenge Champion, Crime"]
    copied, original = run.components[0].criteria, made.run.components[0].criteria
    assert [(line.title, line.weight, line.is_about_logbook) for line in copied] == [
        ("Understanding of the challenge", 40, False),
        ("Logbook and reflection", 35, True),
        ("Writing", 25, False),
    ]
    assert {line.id for line in copied}.isdisjoint(line.id for line in original)
    assert session.scalars(select(Enrolment).where(Enrolment.run_id == run.id)).all() == []
    assert told(session) == []


def test_a_run_is_planned_once(made, leader, now):
    with pytest.raises(Refused) as refused:
        actions.plan_run("WL6W50", "2026/27", "year", actor=leader, now=now)
    assert (refused.value.field, refused.value.sentence) == (
        "period",
        "There is a module run WL6W50 2026/27, YEAR, already.",
    )


def test_dates_are_changed_together_and_what_changed_is_recorded_by_name(session, made, leader, now):
    dates = key_dates(made.run)
    later = dates.portfolio_due_at + timedelta(days=7)
    wanted = replace(dates, portfolio_due_at=later, board_on=date(2027, 6, 15))
    actions.set_dates(made.run, wanted, actor=leader, now=now)
    actions.set_dates(made.run, wanted, actor=leader, now=now)  # nothing more to change
    session.flush()
    assert made.run.components[0].due_at == later
    assert made.run.board_on == date(2027, 6, 15)
    assert [row.fields for row in session.scalars(select(History))] == [["portfolio_due_at", "board_on"]]


def test_dates_out_of_order_are_refused_at_their_field(made, leader, now):
    wanted = replace(key_dates(made.run), placements_end_on=date(2026, 11, 1))
    with pytest.raises(Refused) as refused:
        actions.set_dates(made.run, wanted, actor=leader, now=now)
    assert refused.value.field == "placements_end_on"


def test_hours_that_do_not_fit_are_refused(made, leader, now):
    with pytest.raises(Refused, match="at least the minimum"):
        actions.set_hours(made.run, Hours(target=100, minimum=200, ceiling=300), actor=leader, now=now)


@pytest.mark.parametrize("missing", ["group", "tutor", "leader"])
def test_a_run_opens_only_with_groups_tutors_and_a_leader(session, made, leader, now, missing):
    made.run.state = RunState.PLANNED
    made.b.tutor = None if missing == "tutor" else made.tutor.person
    if missing == "group":
        session.delete(made.a)
        session.delete(made.b)
    if missing == "leader":
        session.delete(session.scalars(select(RoleOnRun).where(RoleOnRun.role == RunRole.LEADER)).one())
    session.flush()
    session.refresh(made.run)
    said = {
        "group": "Add a timeslot group first: students are enrolled into one.",
        "tutor": "Give each group a tutor first. Friday morning has none yet.",
        "leader": "Give somebody the role of module leader first.",
    }
    with pytest.raises(Refused) as refused:
        actions.open_run(made.run, actor=leader, now=now)
    assert refused.value.sentence == said[missing]


def test_opening_a_run_tells_its_team_once(session, made, leader, now):
    made.run.state = RunState.PLANNED
    made.b.tutor = made.tutor.person
    actions.open_run(made.run, actor=leader, now=now)
    actions.open_run(made.run, actor=leader, now=now)
    assert made.run.state is RunState.OPEN
    assert told(session) == [
        ("cohorts.run_opened", made.leader.person_id),
        ("cohorts.run_opened", made.tutor.person_id),
    ]
    actions.close_run(made.run, actor=leader, now=now)
    assert verbs(session, made.run) == ["opened", "closed"]


@pytest.mark.parametrize("state", [EnrolmentState.REGISTERED, EnrolmentState.SEEKING])
def test_a_run_is_not_closed_while_a_student_has_neither_a_place_nor_an_alternative(session, made, leader, now, state):
    waits = make.enrolment(made.a, state=state)
    with pytest.raises(Refused, match="1 student has neither a place nor a recorded alternative"):
        actions.close_run(made.run, actor=leader, now=now)
    waits.state = EnrolmentState.NOT_PLACED
    make.enrolment(made.a, state=EnrolmentState.WITHDRAWN)
    make.enrolment(state=state)  # of another run
    actions.close_run(made.run, actor=leader, now=now)
    assert made.run.state is RunState.CLOSED


def test_a_group_is_added_once_and_given_a_tutor(session, made, leader, now):
    group = actions.add_group(made.run, "c", "Monday evening", actor=leader, now=now)
    assert group.occurrence == "C"
    session.refresh(made.run)
    with pytest.raises(Refused) as refused:
        actions.add_group(made.run, "C", "Monday evening", actor=leader, now=now)
    assert refused.value.field == "occurrence"
    actions.set_group(group, "Monday evening", made.tutor.person, actor=leader, now=now)
    assert principal(made.tutor).has("group_tutor", group.id)
    actions.set_group(group, "Monday evening", None, actor=leader, now=now)
    session.flush()
    assert not principal(made.tutor).has("group_tutor", group.id)


def test_a_role_invites_whom_we_meet_for_the_first_time_and_is_given_once(session, made, leader, now):
    for _ in range(2):
        held = actions.invite_to_team(
            made.run,
            given_name="Una",
            family_name="Moore",
            email="Una.Moore@example.org",
            role=RunRole.MODERATOR,
            actor=leader,
            now=now,
        )
    una = session.scalars(select(Person).where(Person.email_key == "una.moore@example.org")).one()
    assert (held.person_id, held.title) == (una.id, "Moderator")
    assert told(session) == [("accounts.invitation", una.id), ("cohorts.role_given", una.id)]
    assert len(session.scalars(select(RoleOnRun).where(RoleOnRun.person_id == una.id)).all()) == 1


def test_nobody_who_studies_on_a_run_works_on_it(made, leader, now):
    student = make.enrolment(made.a, make.person(given_name="Ada", family_name="Okafor")).person
    with pytest.raises(Refused) as refused:
        actions.give_role(made.run, student, RunRole.TUTOR, actor=leader, now=now)
    assert refused.value.sentence == "Ada Okafor studies on WL6W50 2026/27, so cannot work on it too."


def test_the_last_leader_and_a_groups_tutor_keep_their_roles(session, made, leader, now):
    first = next(held for held in team_of(made.run) if held.role is RunRole.LEADER)
    with pytest.raises(Refused, match="Helen Marsh is the only module leader"):
        actions.remove_role(first, actor=leader, now=now)
    tutor = next(held for held in team_of(made.run) if held.role is RunRole.TUTOR)
    with pytest.raises(Refused, match="Joseph Amadi has the group Wednesday afternoon"):
        actions.remove_role(tutor, actor=leader, now=now)
    made.a.tutor = None
    session.flush()
    actions.remove_role(tutor, actor=leader, now=now)
    session.flush()
    assert [held.title for held in team_of(made.run)] == ["Module leader"]
    assert not principal(made.tutor).has("tutor", made.run.id)
    actions.remove_role(tutor, actor=leader, now=now)
    assert verbs(session, made.run).count("role taken away: Tutor") == 1


@pytest.mark.parametrize("role", [RunRole.LEADER, RunRole.MODERATOR])
def test_whoever_has_a_group_keeps_a_role_that_lets_them_have_it(session, made, leader, now, role):
    una = make.person(given_name="Una", family_name="Moore")
    held = make.run_role(role, una, made.run)
    made.a.tutor = una
    session.flush()
    with pytest.raises(Refused, match="Una Moore has the group Wednesday afternoon"):
        actions.remove_role(held, actor=leader, now=now)
    champion = make.run_role(RunRole.CHAMPION, una, made.run, Theme.CRIME)
    actions.remove_role(champion, actor=leader, now=now)
    also_tutor = make.run_role(RunRole.TUTOR, una, made.run)
    actions.remove_role(held, actor=leader, now=now)
    assert [each for each in team_of(made.run) if each.person_id == una.id] == [also_tutor]


def test_who_leaves_is_told_of_to_later_areas_once(session, made, leader, now: datetime):
    enrolment = make.enrolment(made.a, state=EnrolmentState.PLACED)
    heard = []

    def hear(sender: Enrolment, **told: Any) -> None:
        heard.append((sender.id, sender.state, told))

    with actions.enrolment_left.connected_to(hear):
        assert actions.move_enrolment(enrolment, "defer", actor=leader, now=now, reason="Ill") is True
        assert actions.move_enrolment(enrolment, "defer", actor=leader, now=now) is False
        assert actions.move_enrolment(enrolment, "withdraw", actor=leader, now=now) is True
        assert actions.move_enrolment(enrolment, "return", actor=leader, now=now) is True
    assert heard == [(enrolment.id, EnrolmentState.DEFERRED, {"actor": leader, "now": now})]
    assert enrolment.state is EnrolmentState.REGISTERED
    assert verbs(session, enrolment) == ["deferred", "withdrawn", "returned"]
    with pytest.raises(Refused, match="This enrolment is registered"):
        actions.move_enrolment(enrolment, "complete", actor=leader, now=now)


def test_every_verb_of_an_enrolment_has_a_past_tense():
    assert sorted(actions.PAST) == sorted(actions.ENROLMENT.verbs)


def test_accounts_of_staff_are_opened_without_a_password(made, leader, now):
    held = actions.give_role(made.run, make.person(), RunRole.EXTERNAL, actor=leader, now=now)
    account = account_of(held.person_id)
    assert account is not None
    assert account.password is None
