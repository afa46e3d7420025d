"""Allotting, marking apart, comparing once both are in, agreeing by two people, and the third marker."""

from datetime import datetime
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from placements.assessment.collecting import find_missing
from placements.assessment.workflow import MarkState
from placements.board.policy import may_release
from placements.board.readiness import releasable
from placements.cohorts.models import RunRole
from placements.core.errors import Conflict, Refused
from placements.core.policy import Answer
from placements.double_marking.actions import (
    agree,
    allot,
    ask_third,
    compare_due,
    decline,
    hand_on,
    propose,
    reopen,
    save_draft,
    submit,
)
from placements.double_marking.models import SecondMark, Settlement
from placements.double_marking.queries import field_of
from placements.double_marking.workflow import How, SecondState, SettlementState
from placements.mail.models import Notification
from placements.marking.actions import reopen as reopen_first
from tests import factories as make
from tests.assessment.scene import HOUR, OTHER_FILE, add_student, hand_in
from tests.double_marking.scene import Twice, allotted, first_in, judged, second_in, twice
from tests.factories import NOW


def told(session: Any) -> list[tuple[str, int]]:
    rows = session.execute(select(Notification.notice, Notification.recipient_id).order_by(Notification.id))
    return [(name, who) for name, who in rows if name.startswith("double_marking")]


def may_be_released(at: Twice) -> bool:
    mark = at.marks[0]
    offered = mark in releasable(at.of.run, at.of.portfolio)
    assert (may_release.ask(at.who(at.of.leader), mark, NOW) is Answer.YES) == offered
    return offered


def test_the_first_marker_and_whoever_has_a_side_are_not_offered(session: Any) -> None:
    at = twice(2)
    make.interest(at.of.placements[0].challenge.organisation, at.bea.person)
    field = field_of(at.of.portfolio)
    assert [[each.given_name for each in field.able(mark)] for mark in at.marks] == [["Cleo"], ["Bea", "Cleo"]]
    with pytest.raises(Refused, match="may not mark"):
        allot(at.of.portfolio, {at.marks[0].id: at.of.tutor.person_id}, actor=at.who(at.of.leader), now=NOW)


def test_nobody_who_leads_the_run_or_supervises_the_student_is_offered(session: Any) -> None:
    at = twice()
    make.run_role(RunRole.LEADER, at.bea.person, at.of.run)
    at.of.placements[0].supervisor = at.cleo.person
    session.flush()
    assert field_of(at.of.portfolio).able(at.marks[0]) == []


def test_each_second_marker_is_written_to_and_an_allotted_script_stays(session: Any) -> None:
    at = twice(2)
    chosen = {at.marks[0].id: at.bea.person_id, at.marks[1].id: at.cleo.person_id}
    assert allot(at.of.portfolio, chosen, actor=at.who(at.of.leader), now=NOW) == 2
    assert allot(at.of.portfolio, chosen, actor=at.who(at.of.leader), now=NOW) == 0
    expected = [("double_marking.allotted", at.bea.person_id), ("double_marking.allotted", at.cleo.person_id)]
    assert told(session) == expected


def test_marks_close_together_in_one_band_agree_once_both_are_in(session: Any) -> None:
    at = twice()
    second = allotted(at)
    first_in(at, 60)
    compare_due(NOW)
    assert (at.marks[0].agreed, at.marks[0].fixed_at) == (None, None)
    assert not may_be_released(at)
    second_in(at, second, 65)
    assert (at.marks[0].agreed, at.marks[0].mark, at.marks[0].fixed_at) == (63, 63, NOW)
    made = session.scalars(select(Settlement)).one()
    assert (made.how, made.state, made.given) == (How.AUTOMATIC, SettlementState.SETTLED, 63)
    assert may_be_released(at)


def test_the_worker_compares_where_the_first_mark_comes_last(session: Any) -> None:
    at = twice()
    second_in(at, allotted(at), 65)
    first_in(at, 60)
    assert at.marks[0].agreed is None
    compare_due(NOW)
    assert at.marks[0].agreed == 63


@pytest.mark.parametrize(("first", "second"), [(59, 61), (40, 39), (68, 72), (60, 66)])
def test_across_an_edge_or_far_apart_two_people_decide(session: Any, first: int, second: int) -> None:
    at = twice()
    theirs = allotted(at)
    first_in(at, first)
    second_in(at, theirs, second)
    assert (at.marks[0].agreed, at.marks[0].mark) == (None, first)
    assert session.scalars(select(Settlement)).all() == []
    assert not may_be_released(at)
    assert told(session)[1:] == [
        ("double_marking.both_in", at.of.tutor.person_id),
        ("double_marking.both_in", at.bea.person_id),
    ]


def disputed() -> Twice:
    at = twice()
    theirs = allotted(at)
    first_in(at, 59)
    second_in(at, theirs, 64)
    return at


def test_it_takes_two_to_agree(session: Any) -> None:
    at = disputed()
    tariq, bea = at.who(at.of.tutor), at.who(at.bea)
    for outside in (58, 65):
        with pytest.raises(Refused, match="from 59 to 64"):
            propose(at.marks[0], outside, "So.", actor=tariq, now=NOW)
    made = propose(at.marks[0], 61, "The reflection is stronger than I gave.", actor=tariq, now=NOW)
    with pytest.raises(Refused, match="proposed already"):
        propose(at.marks[0], 62, "So.", actor=bea, now=NOW)
    assert told(session)[-1] == ("double_marking.proposed", at.bea.person_id)
    assert [answer(at, "agree", made, who) for who in (tariq, bea)] == [Answer.NOT_YOU, Answer.YES]
    agree(made, actor=bea, now=NOW)
    agree(made, actor=bea, now=NOW)
    assert (at.marks[0].agreed, at.marks[0].mark) == (61, 61)
    assert (made.how, made.proposed_by_id, made.answered_by_id) == (How.DISCUSSED, tariq.person_id, bea.person_id)
    assert may_be_released(at)


def answer(at: Twice, verb: str, thing: Any, who: Any) -> Answer:
    found: Answer = current_app.extensions["placements.site"].abilities[f"double_marking.{verb}"].ask(who, thing, NOW)
    return found


def test_where_they_do_not_agree_the_leader_asks_a_third_whose_mark_settles_it(session: Any) -> None:
    at = disputed()
    leader = at.who(at.of.leader)
    made = propose(at.marks[0], 61, "Between.", actor=at.who(at.bea), now=NOW)
    decline(made, "It is no 2:1.", actor=at.who(at.of.tutor), now=NOW)
    assert told(session)[-1] == ("double_marking.third_wanted", at.of.leader.person_id)
    for one_of_two in (at.bea, at.of.tutor):
        with pytest.raises(Refused, match="may not mark"):
            ask_third(at.marks[0], one_of_two.person_id, actor=leader, now=NOW)
    third = ask_third(at.marks[0], at.cleo.person_id, actor=leader, now=NOW)
    assert told(session)[-1] == ("double_marking.third_asked", at.cleo.person_id)
    with pytest.raises(Refused, match="asked already"):
        ask_third(at.marks[0], at.cleo.person_id, actor=leader, now=NOW)
    second_in(at, third, 58)
    settled = session.scalars(select(Settlement).where(Settlement.state == "settled")).one()
    assert (settled.how, settled.given, at.marks[0].mark) == (How.THIRD_MARKER, 58, 58)
    assert may_be_released(at)


def test_a_third_mark_comes_too_late_once_the_two_agreed(session: Any) -> None:
    at = disputed()
    third = ask_third(at.marks[0], at.cleo.person_id, actor=at.who(at.of.leader), now=NOW)
    agree(propose(at.marks[0], 60, "So.", actor=at.who(at.bea), now=NOW), actor=at.who(at.of.tutor), now=NOW)
    with pytest.raises(Refused, match="no third mark is needed"):
        second_in(at, third, 58)


def test_neither_changes_their_mark_once_both_are_in(session: Any) -> None:
    at = twice()
    second = allotted(at)
    second_in(at, second, 61)
    reopen(second, actor=at.who(at.bea), now=NOW)
    assert second.state is SecondState.DRAFTED
    second_in(at, second, 62)
    first_in(at, 59)
    compare_due(NOW)
    with pytest.raises(Refused, match="stays as it is"):
        reopen(second, actor=at.who(at.bea), now=NOW)
    with pytest.raises(Refused, match="stays as it is"):
        reopen_first(at.marks[0], actor=at.who(at.of.tutor), now=NOW)


def test_a_stale_window_loses_nothing_and_half_a_mark_is_not_submitted(session: Any) -> None:
    at = twice()
    second, bea = allotted(at), at.who(at.bea)
    save_draft(second, judged(at, 60, None, None), seen=1, actor=bea, now=NOW)
    with pytest.raises(Conflict, match="another window"):
        save_draft(second, judged(at, 40, None, None), seen=1, actor=bea, now=NOW)
    with pytest.raises(Refused, match="every criterion a score"):
        submit(second, judged(at, 60, None, 70), seen=2, actor=bea, now=NOW)
    with pytest.raises(Refused, match="reasons"):
        submit(second, judged(at, 60, 60, 60, feedback=""), seen=second.version, actor=bea, now=NOW)


def test_whoever_takes_a_second_mark_over_begins_anew(session: Any) -> None:
    at = twice()
    second = allotted(at)
    save_draft(second, judged(at, 60, 61, None), seen=1, actor=at.who(at.bea), now=NOW)
    with pytest.raises(Refused, match="may not mark"):
        hand_on(second, at.of.tutor.person_id, actor=at.who(at.of.leader), now=NOW)
    hand_on(second, at.cleo.person_id, actor=at.who(at.of.leader), now=NOW)
    session.flush()
    assert (second.marker_id, second.state, second.scores, second.feedback) == (
        at.cleo.person_id,
        SecondState.ALLOTTED,
        [],
        "",
    )
    assert at.marks[0].second_id == at.cleo.person_id
    assert answer(at, "mark", second, at.who(at.bea)) is Answer.NOT_YOU


def test_whoever_comes_to_lead_the_run_does_not_mark_a_second_time(session: Any) -> None:
    at = twice()
    second = allotted(at)
    assert answer(at, "mark", second, at.who(at.bea)) is Answer.YES
    make.run_role(RunRole.LEADER, at.bea.person, at.of.run)
    assert answer(at, "mark", second, at.who(at.bea)) is Answer.NOT_YOU


def test_work_that_is_replaced_is_marked_twice_again(session: Any) -> None:
    at = disputed()
    mark = at.marks[0]
    at.of.portfolio.due_at = NOW + 3 * HOUR
    session.flush()
    hand_in(at.of, 0, NOW + HOUR, OTHER_FILE)
    session.refresh(mark)
    assert (mark.state, mark.fixed_at, mark.agreed) == (MarkState.DRAFTED, None, None)
    compare_due(NOW + 2 * HOUR)

    assert session.scalars(select(SecondMark)).one().state is SecondState.DRAFTED


@pytest.mark.parametrize("sent", [NOW + HOUR, NOW], ids=["after both marks", "before, and taken after"])
def test_replaced_work_that_is_marked_before_the_worker_looks_waits_for_its_second_mark(
    session: Any, sent: datetime
) -> None:
    """What two agreed of the work before counts no more, and the mark of that work is not compared with the new one."""
    at = twice()
    second_in(at, allotted(at), 62)
    mark = first_in(at, 60)
    compare_due(NOW)
    assert mark.agreed == 61
    at.of.portfolio.due_at = NOW + 3 * HOUR
    session.flush()
    hand_in(at.of, 0, sent, OTHER_FILE)
    session.refresh(mark)
    first_in(at, 64)
    compare_due(NOW + 2 * HOUR)
    assert (mark.state, mark.fixed_at, mark.agreed) == (MarkState.SUBMITTED, None, None)
    second = session.scalars(select(SecondMark)).one()
    assert second.state is SecondState.DRAFTED
    later = NOW + 3 * HOUR
    submit(second, judged(at, 62, 62, 62), seen=second.version, actor=at.who(at.bea), now=later)
    compare_due(later)
    assert mark.agreed == 63


def test_what_was_not_handed_in_needs_no_second_marker(session: Any) -> None:
    at = twice(2)

    add_student(at.of, "Late")
    find_missing(NOW)
    assert len(field_of(at.of.portfolio).marks) == 2
    assert [each.mark for each in releasable(at.of.run, at.of.portfolio)] == [0]
