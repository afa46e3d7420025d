"""Marks by the rubric: drafts, what they come to, two markers on one mark, taking it back, and who may not."""

from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from placements.assessment.agreeing import take_agreements
from placements.assessment.models import Mark
from placements.assessment.queries import worth
from placements.assessment.workflow import MarkState
from placements.core.errors import Conflict, Refused
from placements.core.policy import Answer, Principal
from placements.history.models import History
from placements.marking.actions import reopen, save_draft, submit_mark
from placements.partners.models import ContactRole, Interest, InterestKind
from tests import factories as make
from tests.assessment.scene import HOUR, Scene, agree, hand_in, judgement, mark_it, scene
from tests.factories import NOW


def handed_in(of: Scene) -> Mark:
    mark = hand_in(of).mark
    assert mark is not None
    return mark


def tutor(of: Scene) -> Principal:
    return Principal(of.tutor.person_id)


def test_a_draft_may_be_half_done(session: Any) -> None:
    of = scene()
    mark = handed_in(of)
    save_draft(mark, judgement(of.portfolio, 62, None, None, feedback=""), seen=1, actor=tutor(of), now=NOW)
    assert [(each.score, each.comment) for each in mark.scores] == [
        (62, "On Understanding of the challenge."),
        (None, "On Logbook and reflection."),
        (None, "On Writing."),
    ]
    assert (mark.mark, mark.state, mark.version, mark.marker_id) == (None, MarkState.DRAFTED, 2, of.tutor.person_id)


def test_the_mark_is_what_the_scores_come_to(session: Any) -> None:
    of = scene()
    mark = mark_it(of, hand_in(of), 62, 58, 71)  # 24.8 + 20.3 + 17.75 = 62.85
    assert (mark.mark, mark.state, mark.submitted_at) == (63, MarkState.SUBMITTED, NOW)


def test_late_work_that_is_accepted_is_marked_by_the_policy(session: Any) -> None:
    of = scene(due=NOW - timedelta(days=3), late_policy={"kind": "sliding", "points_per_day": 5, "days": 7})
    mark = mark_it(of, hand_in(of, 0, NOW - timedelta(days=1, hours=1)), 60, 60, 60)
    found = worth(mark)
    assert found is not None
    assert (mark.mark, found.days_late, found.after_lateness) == (50, 2, 50)


def test_nothing_is_submitted_half_done(session: Any) -> None:
    of = scene()
    mark = handed_in(of)
    with pytest.raises(Refused, match="Give every criterion a score"):
        submit_mark(mark, judgement(of.portfolio, 62, None, 70), seen=1, actor=tutor(of), now=NOW)
    session.rollback()
    of = scene()
    mark = handed_in(of)
    with pytest.raises(Refused, match="Write the feedback on the whole"):
        submit_mark(mark, judgement(of.portfolio, 62, 62, 70, feedback=""), seen=1, actor=tutor(of), now=NOW)


def test_a_second_marker_never_overwrites_the_first_unseen(session: Any) -> None:
    of = scene()
    mark, other = handed_in(of), Principal(make.person(given_name="Olu", family_name="Other").id)
    save_draft(mark, judgement(of.portfolio, 62, 60, 70), seen=1, actor=tutor(of), now=NOW)
    with pytest.raises(Conflict, match="Tariq Tutor saved this mark after you opened it"):
        save_draft(mark, judgement(of.portfolio, 40, 40, 40), seen=1, actor=other, now=NOW)
    assert [each.score for each in mark.scores] == [62, 60, 70]
    save_draft(mark, judgement(of.portfolio, 40, 40, 40), seen=2, actor=other, now=NOW)
    assert ([each.score for each in mark.scores], mark.version, mark.marker_id) == ([40, 40, 40], 3, other.person_id)


def test_saving_the_same_twice_changes_nothing(session: Any) -> None:
    of = scene()
    mark = handed_in(of)
    for _ in range(2):
        save_draft(mark, judgement(of.portfolio, 62, 60, 70), seen=1, actor=tutor(of), now=NOW)
    assert mark.version == 2


def test_a_mark_is_taken_back_until_it_is_released(session: Any) -> None:
    of = scene()
    mark = mark_it(of, hand_in(of), 62, 58, 71)
    with pytest.raises(Refused):
        save_draft(mark, judgement(of.portfolio, 1, 1, 1), seen=mark.version, actor=tutor(of), now=NOW)
    reopen(mark, actor=tutor(of), now=NOW)
    assert (mark.state, mark.submitted_at, mark.mark) == (MarkState.DRAFTED, None, 63)
    mark.state = MarkState.PROVISIONAL
    session.flush()
    with pytest.raises(Refused):
        reopen(mark, actor=tutor(of), now=NOW)


def test_a_mark_by_rule_cannot_be_taken_back(session: Any) -> None:
    of = scene()
    late = hand_in(of, 0, NOW)
    assert late.mark is not None
    with pytest.raises(Refused, match="nothing to mark"):
        reopen(late.mark, actor=tutor(of), now=NOW)


def test_an_agreement_in_force_is_taken_for_marking_once_as_it_stands(session: Any) -> None:
    of = scene(due=NOW + HOUR)
    submission = agree(of, 0, NOW - 5 * HOUR)
    assert (submission.state.value, submission.received_at, submission.receipt) == ("received", NOW - 5 * HOUR, None)
    mark = mark_it(of, submission, 70, 70, 70)
    assert mark.mark == 70
    take_agreements(NOW + HOUR)
    assert len(session.scalars(select(Mark)).all()) == 1


def asked(of: Scene, name: str, mark: Mark, who: Principal) -> Answer:
    ability = current_app.extensions["placements.site"].abilities[f"marking.{name}"]
    answer: Answer = ability.ask(who, mark, NOW)
    return answer


def test_the_tutor_marks_after_the_deadline_and_not_before(session: Any) -> None:
    of, early = scene(), scene(due=NOW + HOUR, numbers="2613")
    assert asked(of, "mark", handed_in(of), of.who(of.tutor)) is Answer.YES
    assert asked(early, "mark", handed_in(early), early.who(early.tutor)) is Answer.NOT_NOW


def test_nobody_else_marks(session: Any) -> None:
    of = scene()
    mark, other = handed_in(of), scene(numbers="2613")
    for account in (of.leader, of.students[0], other.tutor, other.leader):
        assert asked(of, "mark", mark, of.who(account)) is Answer.NOT_YOU


def test_the_tutor_of_the_placement_marks_too(session: Any) -> None:
    of = scene()
    cover = make.account()
    of.placements[0].tutor = cover.person
    session.flush()
    assert asked(of, "mark", handed_in(of), of.who(cover)) is Answer.YES
    assert asked(of, "mark", handed_in(of), of.who(of.tutor)) is Answer.YES


def test_nobody_marks_for_both_sides_or_their_own_work(session: Any) -> None:
    of = scene()
    mark = handed_in(of)
    organisation = of.placements[0].challenge.organisation
    interest = Interest(person=of.tutor.person, organisation=organisation, kind=InterestKind.TRUSTEE, declared_at=NOW)
    session.add(interest)
    session.flush()
    for name in ("mark", "reopen"):
        assert asked(of, name, mark, of.who(of.tutor)) is Answer.NOT_YOU
    interest.ended_at = NOW
    make.contact(organisation, of.tutor.person, ContactRole.PRIMARY)
    session.flush()
    assert asked(of, "mark", mark, of.who(of.tutor)) is Answer.NOT_YOU
    own = scene(numbers="2613")
    own.group.tutor = own.students[0].person
    session.flush()
    assert asked(own, "mark", handed_in(own), own.who(own.students[0])) is Answer.NOT_YOU


def test_students_never_read_of_marking_in_history(session: Any) -> None:
    of = scene()
    mark = mark_it(of, hand_in(of), 62, 58, 71)
    reopen(mark, actor=tutor(of), now=NOW)
    rows = session.execute(select(History.verb, History.ability).order_by(History.id)).all()
    assert rows == [
        ("handed in", None),
        ("locked", "specification.rules"),
        ("began marking", "assessment.read_mark"),
        ("marked", "assessment.read_mark"),
        ("reopened the mark", "assessment.read_mark"),
    ]
