"""The words that placements send, to whom, and when they fall due."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.core.policy import NOBODY
from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.mail.notices import Notice, TimedReminder
from placements.placing import actions, notices
from placements.placing.models import EndedBy
from placements.placing.workflow import PlacementState
from tests.factories import DAY, NOW
from tests.golden import check_golden
from tests.golden import said as mail_of
from tests.placing.scene import Scene

P = PlacementState
PARTIES = ("student", "supervisor", "tutor")


@pytest.fixture
def scene(session: Any) -> Scene:
    made = Scene(public_id="placement-pu")
    made.supervisor.person.phone = "020 7946 0000"
    return made


def said(scene: Scene, notice: Notice, to: str, now: datetime = NOW) -> str | None:
    """The mail that the notice makes for somebody of the scene, subject first; None where it is not true."""
    recipient = getattr(scene, to).person
    return mail_of(notice, scene.placement.id, recipient, now)


# What each says, in which state, to whom
MAILS = [
    (notices.FIRST_DAY, P.CLEARED, ("student", "supervisor")),
    (notices.HELD_UP, P.PREPARING, ("tutor",)),
    (notices.DATES_CHANGED, P.CLEARED, PARTIES),
    (notices.SUPERVISOR_CHANGED, P.ACTIVE, (*PARTIES, "contact")),
    (notices.TUTOR_CHANGED, P.ACTIVE, (*PARTIES, "other_tutor")),
    (notices.PAUSED, P.PAUSED, PARTIES),
    (notices.RESUMED, P.ACTIVE, PARTIES),
    (notices.COMPLETED, P.COMPLETED, PARTIES),
    (notices.CALLED_OFF, P.NOT_STARTED, PARTIES),
    (notices.ENDED, P.TRANSFERRED, PARTIES),
]


@pytest.mark.parametrize(("notice", "state", "to"), MAILS, ids=lambda each: getattr(each, "name", ""))
def test_what_each_reads(scene: Scene, notice: Notice, state: PlacementState, to: tuple[str, ...]) -> None:
    scene.placement.state = state
    scene.placement.ended_on, scene.placement.ended_by = date(2026, 10, 16), EndedBy.ORGANISATION
    scene.placement.ended_reason = "A secret of the module team."
    scene.placement.agreed_at = None if state is P.PREPARING else NOW
    mails = [f"To the {name.replace('_', ' ')}\n\n{said(scene, notice, name)}" for name in to]
    assert "secret" not in "".join(mails)
    check_golden(notice.name.replace(".", "/"), "\n----\n".join(mails))


TRUE_IN = {
    notices.FIRST_DAY: {P.CLEARED, P.ACTIVE},
    notices.HELD_UP: {P.PREPARING, P.CLEARED},
    notices.DATES_CHANGED: {P.PREPARING, P.CLEARED, P.ACTIVE, P.PAUSED},
    notices.SUPERVISOR_CHANGED: {P.PREPARING, P.CLEARED, P.ACTIVE, P.PAUSED},
    notices.TUTOR_CHANGED: {P.PREPARING, P.CLEARED, P.ACTIVE, P.PAUSED},
    notices.PAUSED: {P.PAUSED},
    notices.RESUMED: {P.ACTIVE},
    notices.COMPLETED: {P.COMPLETED},
    notices.CALLED_OFF: {P.NOT_STARTED},
    notices.ENDED: {P.ENDED_EARLY, P.TRANSFERRED},
}


@pytest.mark.parametrize("notice", TRUE_IN, ids=lambda notice: notice.name)
def test_what_is_no_longer_true_is_not_said(scene: Scene, notice: Notice) -> None:
    scene.placement.ended_on = date(2026, 10, 16)
    found = set()
    for state in P:
        scene.placement.state = state
        if said(scene, notice, "student") is not None:
            found.add(state)
    assert found == TRUE_IN[notice]


def test_a_remote_placement_names_no_place(scene: Scene) -> None:
    scene.placement.state, scene.placement.site = P.CLEARED, None
    text = said(scene, notices.FIRST_DAY, "student") or ""
    assert "You work remotely." in text
    assert "Example Road" not in text


# Reminders


def reminded(notice: str, now: datetime) -> list[tuple[int, datetime]]:
    """Whom the notice has been queued for by `now`, and when it was due."""
    remind(now)
    rows = select(Notification.recipient_id, Notification.due_at).where(Notification.notice == notice)
    return sorted((key, due_at) for key, due_at in db.session.execute(rows))


def test_the_first_day_is_told_three_days_before_at_nine(scene: Scene) -> None:
    actions.come_to_agreement(scene.placement, actor=NOBODY, now=NOW)
    due_at = datetime(2026, 11, 13, 9, 0, tzinfo=UTC)
    expected = sorted((getattr(scene, name).person_id, due_at) for name in ("student", "supervisor"))
    assert reminded("placing.first_day", due_at - timedelta(seconds=1)) == []
    assert reminded("placing.first_day", due_at) == expected
    assert reminded("placing.first_day", due_at + 2 * DAY) == expected  # once only


def test_whoever_is_cleared_later_than_that_is_told_at_once(scene: Scene) -> None:
    now = datetime(2026, 11, 15, 20, 0, tzinfo=UTC)
    actions.come_to_agreement(scene.placement, actor=NOBODY, now=now)
    assert len(reminded("placing.first_day", now)) == 2


def test_new_dates_are_told_again_before_the_new_first_day(scene: Scene) -> None:
    actions.come_to_agreement(scene.placement, actor=NOBODY, now=NOW)
    reminded("placing.first_day", datetime(2026, 11, 14, 9, 0, tzinfo=UTC))
    scene.placement.starts_on = date(2026, 11, 23)
    assert len(reminded("placing.first_day", datetime(2026, 11, 19, 9, 0, tzinfo=UTC))) == 2
    assert len(reminded("placing.first_day", datetime(2026, 11, 20, 9, 0, tzinfo=UTC))) == 4


def test_the_tutor_hears_on_the_first_day_of_what_cannot_start(scene: Scene) -> None:
    first_day = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
    assert reminded("placing.held_up", first_day - timedelta(minutes=1)) == []
    assert reminded("placing.held_up", first_day) == [(scene.tutor.person_id, first_day)]
    assert reminded("placing.held_up", first_day + 3 * DAY) == [(scene.tutor.person_id, first_day)]


def test_whoever_is_placed_late_has_a_week_to_agree_before_the_tutor_hears(session: Any) -> None:
    late = Scene(starts_on=NOW.date(), created_at=NOW + timedelta(hours=3))
    due_at = late.placement.created_at + 7 * DAY
    assert reminded("placing.held_up", NOW + timedelta(hours=4)) == []
    assert reminded("placing.held_up", due_at - timedelta(seconds=1)) == []
    assert reminded("placing.held_up", due_at) == [(late.tutor.person_id, due_at)]


def test_where_there_is_no_tutor_the_leader_hears_that_one_is_to_be_named(session: Any) -> None:
    untutored = Scene(tutor=None)
    first_day = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
    assert reminded("placing.held_up", first_day) == [(untutored.leader.person_id, first_day)]
    text = said(untutored, notices.HELD_UP, "leader", first_day) or ""
    assert "a tutor is named (waits for the module leader)" in text


def test_a_first_day_that_has_passed_is_never_named(session: Any) -> None:
    late = Scene()
    thursday = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)  # ten days late
    actions.come_to_agreement(late.placement, actor=NOBODY, now=thursday)
    text = said(late, notices.FIRST_DAY, "student", thursday) or ""
    assert text.startswith("Your first day: Wed 2 Dec 2026")


def test_a_worker_that_slept_over_the_first_day_still_says_so(scene: Scene) -> None:
    first_day = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
    assert reminded("placing.held_up", first_day + 5 * DAY) == [(scene.tutor.person_id, first_day)]


def due(notice: Notice, now: datetime, steps: tuple[int, ...]) -> set[datetime]:
    """When a run that times it by these steps would have it said by now."""
    [timed] = [each for each in notices.REMINDERS if each.notice is notice]
    assert isinstance(timed, TimedReminder)
    db.session.flush()
    return {at for _, _, at, _, _ in db.session.execute(timed.due(now, steps))}


STARTS = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("steps", "days", "told"),
    [((-10, -1), -11, []), ((-10, -1), -10, [-10]), ((-10, -1), -2, [-10]), ((-10, -1), -1, [-1]), ((-10,), 1, [])],
)
def test_a_run_may_tell_of_the_first_day_on_days_of_its_own_until_it_comes(
    scene: Scene, steps: tuple[int, ...], days: int, told: list[int]
) -> None:
    scene.placement.state = P.CLEARED
    assert due(notices.FIRST_DAY, STARTS + days * DAY, steps) == {STARTS + day * DAY for day in told}


@pytest.mark.parametrize(
    ("steps", "days", "told"),
    [((0, 5), 4, [0]), ((0, 5), 6, [5]), ((0, 5), 18, [5]), ((0, 5), 19, []), ((-2,), -2, [-2]), ((-2,), -3, [])],
)
def test_a_run_may_ask_what_holds_a_placement_up_on_days_of_its_own(
    scene: Scene, steps: tuple[int, ...], days: int, told: list[int]
) -> None:
    assert due(notices.HELD_UP, STARTS + days * DAY, steps) == {STARTS + day * DAY for day in told}


def test_nobody_hears_of_a_placement_that_has_begun_or_will_not(scene: Scene) -> None:
    for state in (P.ACTIVE, P.PAUSED, P.NOT_STARTED, P.COMPLETED):
        scene.placement.state = state
        assert reminded("placing.held_up", datetime(2026, 11, 16, 9, 0, tzinfo=UTC)) == []
        assert reminded("placing.first_day", datetime(2026, 11, 16, 9, 0, tzinfo=UTC)) == []
