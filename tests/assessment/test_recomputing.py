"""A moved deadline works out again what lateness took, whatever stands by then, and both values are kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import g
from sqlalchemy import select

from placements.assessment import notices
from placements.assessment.actions import follow_deadlines
from placements.assessment.collecting import find_missing
from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MarkState, SubmissionState
from placements.history.models import History
from placements.mail.asking import Said
from placements.mail.models import Notification
from placements.mail.rendering import render
from tests.assessment.scene import HOUR, Scene, hand_in, mark_it, scene
from tests.factories import NOW
from tests.golden import check_golden

DAY = timedelta(days=1)
CAPPED = {"kind": "capped_within", "days": 7, "cap": 40}
RECOMPUTED = "mark recomputed: the deadline was moved"


def late_and_marked(**more: Any) -> tuple[Scene, Mark]:
    """A day late, so 40 and not 62."""
    of = scene(due=NOW - 3 * DAY, late_policy=CAPPED, **more)
    mark = mark_it(of, hand_in(of, 0, NOW - 2 * DAY), 62, 62, 62)
    assert mark.mark == 40
    return of, mark


def moved(session: Any, mark: Mark, due: datetime, **how: bool) -> None:
    mark.submission.due_at = due
    session.flush()
    follow_deadlines(NOW, Mark.enrolment_id == mark.enrolment_id, **how)
    session.flush()


def kept(session: Any) -> list[tuple[str | None, str | None]]:
    """What history says was recomputed, and who may read it."""
    rows = session.scalars(select(History).where(History.verb == RECOMPUTED))
    return [(each.reason, each.ability) for each in rows]


def corrected(session: Any) -> list[int]:
    rows = select(Notification.recipient_id).where(Notification.notice == "assessment.mark_corrected")
    return list(session.scalars(rows))


def test_a_penalty_is_taken_back_and_both_marks_are_kept_for_staff(session: Any) -> None:
    _, mark = late_and_marked()
    moved(session, mark, NOW - 2 * DAY)
    assert (mark.mark, mark.state, mark.submission.state) == (62, MarkState.SUBMITTED, SubmissionState.RECEIVED)
    assert kept(session) == [("40 by the late policy, now 62", "assessment.read_mark")]
    assert corrected(session) == []


def test_what_is_released_is_corrected_only_where_it_is_asked_for_and_the_student_is_told(session: Any) -> None:
    of, mark = late_and_marked()
    mark.state = MarkState.PROVISIONAL
    moved(session, mark, NOW)
    assert mark.mark == 40
    moved(session, mark, NOW, even_released=True)
    assert (mark.mark, mark.state) == (62, MarkState.PROVISIONAL)
    assert corrected(session) == [of.enrolments[0].person_id]


def test_a_withheld_mark_is_corrected_and_nobody_outside_hears(session: Any) -> None:
    _, mark = late_and_marked()
    mark.state, mark.withheld_at = MarkState.PROVISIONAL, NOW
    moved(session, mark, NOW, even_released=True)
    assert mark.mark == 62
    assert corrected(session) == []


def test_what_the_board_confirmed_stays(session: Any) -> None:
    _, mark = late_and_marked()
    mark.state = MarkState.CONFIRMED
    moved(session, mark, NOW, even_released=True)
    assert (mark.mark, kept(session)) == (40, [])


def test_a_released_0_for_work_that_now_counts_is_to_be_marked(session: Any) -> None:
    of = scene(due=NOW - 3 * DAY)
    hand_in(of, 0, NOW - 2 * DAY)
    mark = session.scalars(select(Mark)).one()
    mark.state, mark.released_at = MarkState.PROVISIONAL, NOW - DAY
    moved(session, mark, NOW - DAY, even_released=True)
    assert (mark.mark, mark.state, mark.released_at) == (None, MarkState.DRAFTED, None)
    assert kept(session) == [("0 by rule, now to be marked", "assessment.read_mark")]


def test_a_released_0_for_nothing_goes_where_something_may_come_again(session: Any) -> None:
    of = scene(due=NOW - DAY)
    find_missing(NOW - HOUR)
    mark = session.scalars(select(Mark)).one()
    mark.state = MarkState.PROVISIONAL
    moved(session, mark, NOW + DAY, even_released=True)
    assert session.scalars(select(Mark)).all() == []
    assert session.scalars(select(Submission.state)).all() == [SubmissionState.OPEN]
    assert kept(session) == [("0 by rule, now no mark", "assessment.read_mark")]
    assert corrected(session) == [of.enrolments[0].person_id]


def test_the_words_of_the_mail_say_no_mark(session: Any) -> None:
    of, mark = late_and_marked()
    of.portfolio.public_id = "portfolio-00"
    mark.submission.due_at, mark.state = datetime(2027, 5, 26, 14, 0, tzinfo=UTC), MarkState.PROVISIONAL
    session.flush()

    def said() -> str:
        g.now = NOW
        context = notices.MARK_CORRECTED.context(mark.submission.id, of.students[0].person, NOW)
        assert context is not None
        mail = render([Said(notices.MARK_CORRECTED, context)], of.students[0].person)
        return f"Subject: {mail.subject}\n\n{mail.text}"

    check_golden("assessment/mark_corrected", said())
    mark.state = MarkState.DRAFTED
    session.flush()
    session.expire_all()
    check_golden("assessment/mark_taken_back", said())
