"""When supervisors are asked by the worker, how often they are chased, and when the tutor hears."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements import worker
from placements.core.errors import Refused
from placements.db import db
from placements.feedback import actions
from placements.feedback.actions import ask_due
from placements.feedback.rules import Occasion
from placements.feedback.workflow import FeedbackState
from placements.logbook.workflow import EntryState
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.factories import NOW
from tests.factories.feedback import feedback
from tests.feedback.scene import AtWork, all_feedback

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@pytest.fixture
def made(session: Any) -> AtWork:
    return AtWork()


def confirm(made: AtWork, hours: int, at: datetime = NOW) -> None:
    """Ten hours a visit, confirmed then."""
    for number in range(hours // 10):
        times = {"starts": time(8), "ends": time(18), "break_minutes": 0}
        on = date(2026, 10, 6) + timedelta(days=number)
        make.entry(made.placement, state=EntryState.CONFIRMED, on=on, submitted_at=at, **times)


def asked() -> list[tuple[Occasion, datetime]]:
    return [(each.occasion, each.asked_at) for each in all_feedback()]


def test_half_of_the_hours_lead_to_one_mail_on_the_next_monday(made: AtWork) -> None:
    confirm(made, 30)
    assert ask_due(now=NOW) == 0
    assert ask_due(now=MONDAY - HOUR - WEEK) == 0
    assert ask_due(now=MONDAY + HOUR) == 1
    assert ask_due(now=MONDAY + HOUR) == 0
    assert ask_due(now=MONDAY + WEEK) == 0
    assert asked() == [(Occasion.INTERIM, MONDAY)]
    assert made.told("feedback.asked") == {"supervisor"}


def test_what_is_confirmed_after_the_mail_waits_for_the_next(made: AtWork) -> None:
    confirm(made, 30, at=MONDAY + HOUR)
    assert ask_due(now=MONDAY + 2 * HOUR) == 0
    assert ask_due(now=MONDAY + WEEK) == 1


def test_at_the_target_only_the_final_one_is_asked_for(made: AtWork) -> None:
    confirm(made, 50)
    ask_due(now=MONDAY)
    assert asked() == [(Occasion.FINAL, MONDAY)]


def _pause(made: AtWork) -> None:
    made.placement.state = PlacementState.PAUSED


def _end(made: AtWork) -> None:
    made.placement.state, made.placement.ended_on = PlacementState.ENDED_EARLY, date(2026, 10, 30)


def _complete_long_ago(made: AtWork) -> None:
    made.placement.state, made.placement.ended_on = PlacementState.COMPLETED, date(2026, 10, 1)


def _supervise_oneself(made: AtWork) -> None:
    made.placement.supervisor = made.student.person


def _not_agree(made: AtWork) -> None:
    made.placement.agreed_at = None


@pytest.mark.parametrize("change", [_pause, _end, _complete_long_ago, _supervise_oneself, _not_agree])
def test_nobody_is_asked(made: AtWork, change: Callable[[AtWork], None]) -> None:
    confirm(made, 50)
    change(made)
    db.session.flush()
    assert ask_due(now=MONDAY) == 0


def test_a_completed_placement_is_asked_about_though_hours_are_missing(made: AtWork) -> None:
    made.placement.state, made.placement.ended_on = PlacementState.COMPLETED, date(2026, 10, 30)
    ask_due(now=MONDAY)
    assert asked() == [(Occasion.FINAL, MONDAY)]


def test_whoever_takes_over_is_asked_instead_and_reads_no_draft(made: AtWork) -> None:
    confirm(made, 30)
    ask_due(now=MONDAY)
    found = all_feedback()[0]
    actions.save(found, made.words(), actor=made.by("supervisor"), now=MONDAY)
    made.placement.supervisor_id = made.contact.person_id
    db.session.flush()
    assert ask_due(now=MONDAY + 30 * HOUR) == 1
    assert (found.asked_id, found.draft) == (made.contact.person_id, None)
    assert made.told("feedback.asked") == {"supervisor", "contact"}


def told_at(name: str) -> list[datetime]:
    rows = select(Notification.due_at).where(Notification.notice == name).order_by(Notification.due_at)
    return [*db.session.scalars(rows)]


def test_the_supervisor_is_chased_twice_and_then_the_tutor_is_told(made: AtWork) -> None:
    feedback(made.placement, asked_at=MONDAY)
    for hours in range(0, 24 * 40, 12):
        remind(MONDAY + hours * HOUR)
    assert told_at("feedback.still_asked") == [MONDAY + WEEK, MONDAY + 2 * WEEK]
    assert told_at("feedback.does_not_come") == [MONDAY + 3 * WEEK]
    assert (made.told("feedback.still_asked"), made.told("feedback.does_not_come")) == ({"supervisor"}, {"tutor"})


STOPS = [FeedbackState.RECEIVED, FeedbackState.NOT_OBTAINABLE, FeedbackState.WAIVED]


@pytest.mark.parametrize("state", STOPS)
def test_nobody_is_chased_for_what_is_settled(made: AtWork, state: FeedbackState) -> None:
    feedback(made.placement, asked_at=MONDAY, state=state)
    for weeks in (1, 2, 3, 4):
        remind(MONDAY + weeks * WEEK)
    assert told_at("feedback.still_asked") + told_at("feedback.does_not_come") == []


def test_nobody_is_chased_for_the_interim_once_the_final_is_asked_for(made: AtWork) -> None:
    feedback(made.placement, asked_at=MONDAY)
    feedback(made.placement, asked_at=MONDAY + WEEK, occasion=Occasion.FINAL)
    remind(MONDAY + WEEK)
    assert told_at("feedback.still_asked") == []


def test_nobody_is_chased_for_the_interim_once_the_placement_has_ended(made: AtWork) -> None:
    feedback(made.placement, asked_at=MONDAY)
    _end(made)
    db.session.flush()
    remind(MONDAY + WEEK)
    assert told_at("feedback.still_asked") == []


def test_asking_by_hand_begins_the_clock_anew_once_a_day(made: AtWork) -> None:
    given = {"actor": made.by("tutor"), "now": NOW}
    found = actions.ask(made.placement, Occasion.FINAL, **given)
    assert actions.ask(made.placement, Occasion.FINAL, **given) is found
    actions.give_up(found, "They have left.", **given)
    actions.ask(made.placement, Occasion.FINAL, actor=made.by("tutor"), now=NOW + WEEK)
    assert (found.state, found.asked_at, found.reason) == (FeedbackState.REQUESTED, NOW + WEEK, None)
    assert told_at("feedback.asked") == [NOW, NOW + WEEK]


def test_what_was_given_is_not_asked_for_again(made: AtWork) -> None:
    feedback(made.placement, "Good.")
    with pytest.raises(Refused):
        actions.ask(made.placement, Occasion.INTERIM, actor=made.by("tutor"), now=NOW)


def test_the_worker_asks_with_the_weekly_mail(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = AtWork()
    confirm(made, 50)
    session.commit()
    monkeypatch.setattr(worker, "story_now", lambda: MONDAY)
    worker.remind_people()
    assert told_at("feedback.asked") == [MONDAY]
