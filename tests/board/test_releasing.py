"""Release of a set, all or none; the board; and what goes to the student record system."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from placements.assessment.collecting import find_missing
from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState
from placements.board.actions import Met, confirm, export
from placements.board.exporting import COLUMNS, export_rows
from placements.board.models import MarkExport, Stage
from placements.board.queries import page_of, provisional, spread
from placements.board.readiness import releasable
from placements.board.releasing import fingerprint_of, release
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.mail.models import Notification
from placements.marking.actions import reopen
from placements.web.sheets import csv_text
from tests.assessment.scene import Scene, agree, hand_in, mark_it, scene
from tests.client import counting_queries
from tests.factories import NOW
from tests.golden import check_golden

CHAIR = "Professor Ada Bell"


def marked(students: int = 3) -> tuple[Scene, list[Mark]]:
    """Everybody's portfolio has a submitted mark."""
    of = scene(students)
    return of, [mark_it(of, hand_in(of, place), 50 + place, 50, 50) for place in range(students)]


def states(session: Any) -> list[MarkState]:
    return list(session.scalars(select(Mark.state).order_by(Mark.id)))


def test_a_chosen_set_is_released_and_everybody_in_it_is_told(session: Any) -> None:
    of, marks = marked()
    chosen = marks[:2]
    assert release(of.run, chosen, seen=fingerprint_of(chosen), actor=of.who(of.leader), now=NOW) == 2
    assert states(session) == [MarkState.PROVISIONAL, MarkState.PROVISIONAL, MarkState.SUBMITTED]
    assert [mark.released_at for mark in marks] == [NOW, NOW, None]
    told = session.scalars(select(Notification.recipient_id).where(Notification.notice == "board.mark_ready"))
    assert sorted(told) == sorted(each.person_id for each in of.enrolments[:2])


def test_if_one_has_changed_since_none_is_released(session: Any) -> None:
    of, marks = marked()
    seen = fingerprint_of(marks)
    reopen(marks[1], actor=Principal(of.tutor.person_id), now=NOW)
    with pytest.raises(Refused, match="nothing was done"):
        release(of.run, marks, seen=seen, actor=of.who(of.leader), now=NOW)
    with pytest.raises(Refused, match="nothing was done"):
        release(of.run, marks, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    assert MarkState.PROVISIONAL not in states(session)
    assert session.scalars(select(Notification).where(Notification.notice == "board.mark_ready")).all() == []


def test_only_who_leads_the_run_releases_and_only_its_own_marks(session: Any) -> None:
    of, marks = marked(1)
    other = scene(numbers="2613")
    with pytest.raises(Refused):
        release(of.run, marks, seen=fingerprint_of(marks), actor=of.who(other.leader), now=NOW)
    with pytest.raises(Refused, match="no mark in this set"):
        release(other.run, marks, seen=fingerprint_of(marks), actor=of.who(other.leader), now=NOW)
    assert states(session) == [MarkState.SUBMITTED]


def test_releasing_twice_is_refused_and_tells_nobody_twice(session: Any) -> None:
    of, marks = marked(1)
    release(of.run, marks, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    with pytest.raises(Refused):
        release(of.run, marks, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    assert len(session.scalars(select(Notification).where(Notification.notice == "board.mark_ready")).all()) == 1


def test_the_board_confirms_what_was_released(session: Any) -> None:
    of, marks = marked(2)
    release(of.run, marks[:1], seen=fingerprint_of(marks[:1]), actor=of.who(of.leader), now=NOW)
    found = provisional(of.run)
    seen = fingerprint_of(found)
    with pytest.raises(Refused, match="cannot be in the future"):
        confirm(of.run, found, Met(date(2026, 10, 21), CHAIR), seen=seen, actor=of.who(of.leader), now=NOW)
    met = Met(date(2026, 10, 20), CHAIR, "Minute 4.")
    meeting = confirm(of.run, found, met, seen=seen, actor=of.who(of.leader), now=NOW)
    assert [(each.mark_id, each.mark) for each in meeting.decisions] == [(marks[0].id, 50)]
    assert (meeting.met_on, meeting.chair, meeting.note) == (date(2026, 10, 20), CHAIR, "Minute 4.")
    assert states(session) == [MarkState.CONFIRMED, MarkState.SUBMITTED]
    assert (marks[0].board_on, marks[0].confirmed_at) == (date(2026, 10, 20), NOW)


def whole_year(session: Any) -> Scene:
    """Four students: a pass, a fail with one part to take again, one half released, one with nothing at all."""
    of = scene(4)
    of.run.period, of.run.code = "YEAR", "WL6W50"
    of.enrolments[1].person.student_number = "=1+1"  # a cell that would be a formula
    released = []
    for place, (agreement, portfolio) in enumerate([(60, 70), (37, 40), (55, None)]):
        released.append(mark_it(of, agree(of, place), agreement, agreement, agreement))
        if portfolio is not None:
            released.append(mark_it(of, hand_in(of, place), portfolio, portfolio, portfolio))
    release(of.run, released, seen=fingerprint_of(released), actor=of.who(of.leader), now=NOW)
    find_missing(NOW)
    session.flush()
    return of


def test_provisional_and_confirmed_marks_are_exported_each_labelled(session: Any) -> None:
    of = whole_year(session)
    made = export(of.run, Stage.PROVISIONAL, actor=of.who(of.leader), now=NOW)
    check_golden("assessment/export_provisional", csv_text(COLUMNS, made.rows))
    with pytest.raises(Refused, match="No mark of this run is confirmed now"):
        export(of.run, Stage.CONFIRMED, actor=of.who(of.leader), now=NOW)
    found = provisional(of.run)
    confirm(of.run, found, Met(date(2026, 10, 20), CHAIR), seen=fingerprint_of(found), actor=of.who(of.leader), now=NOW)
    made = export(of.run, Stage.CONFIRMED, actor=of.who(of.leader), now=NOW)
    check_golden("assessment/export_confirmed", csv_text(COLUMNS, made.rows))
    session.flush()
    assert [each.stage for each in session.scalars(select(MarkExport).order_by(MarkExport.id))] == [
        Stage.PROVISIONAL,
        Stage.CONFIRMED,
    ]


def test_unreleased_marks_are_in_no_export(session: Any) -> None:
    of, _ = marked()
    assert export_rows(of.run, Stage.PROVISIONAL) == []
    assert export_rows(of.run, Stage.CONFIRMED) == []


def test_an_export_stays_what_it_was(session: Any) -> None:
    of = whole_year(session)
    made = export(of.run, Stage.PROVISIONAL, actor=of.who(of.leader), now=NOW)
    session.flush()
    before = csv_text(COLUMNS, made.rows)
    for mark in session.scalars(select(Mark)):
        mark.mark = 1
    session.flush()
    session.refresh(made)
    assert csv_text(COLUMNS, made.rows) == before


def test_a_run_is_counted_by_standing_and_by_band(session: Any) -> None:
    of = whole_year(session)
    agreement, portfolio = spread(of.run)
    assert agreement.component is of.agreement
    assert agreement.standings == {"nothing": 1, "drafted": 0, "submitted": 0, "provisional": 3, "confirmed": 0}
    assert agreement.bands == {0: 1, 40: 0, 50: 1, 60: 1, 70: 0}
    assert portfolio.standings == {"nothing": 0, "drafted": 0, "submitted": 2, "provisional": 2, "confirmed": 0}
    assert portfolio.bands == {0: 2, 40: 1, 50: 0, 60: 0, 70: 1}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["Student1", "Student2", "Student3", "Student4"]),
        ({"search": "student3"}, ["Student3"]),
        ({"search": "2612000"}, ["Student1", "Student3", "Student4"]),
        ({"standing": "nothing"}, ["Student4"]),
        ({"standing": "submitted"}, ["Student3", "Student4"]),
        ({"standing": "provisional", "group": "nowhere"}, []),
    ],
)
def test_the_table_is_narrowed(session: Any, asked: dict[str, str], names: list[str]) -> None:
    of = whole_year(session)
    rows, count = page_of(of.run, 25, 1, **asked)
    assert ([row.enrolment.person.given_name for row in rows], count) == (names, len(names))


def test_the_table_is_narrowed_to_one_component(session: Any) -> None:
    of = whole_year(session)
    rows, _ = page_of(of.run, 25, 1, standing="provisional", component=of.portfolio.public_id)
    assert [row.enrolment.person.given_name for row in rows] == ["Student1", "Student2"]


@pytest.mark.parametrize("students", [1, 3])
def test_a_run_is_read_in_as_many_queries_however_many_students(session: Any, students: int) -> None:
    of, _ = marked(students)
    session.flush()
    session.expire_all()
    run = session.merge(of.run)
    assert run.components
    with counting_queries() as queries:
        rows, _ = page_of(run, 25, 1)
        assert len(spread(run)) == 2
        assert {row.marks[of.portfolio.id].submission.state for row in rows}
    assert queries.count == 4
    with counting_queries() as queries:
        found = releasable(run, of.portfolio, None)
        assert {(mark.enrolment.person.name, mark.enrolment.group.name, mark.marker) for mark in found}
    assert queries.count == 4
