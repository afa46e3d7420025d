"""Drawing, the moderator's record, what becomes of the set, and that no single mark is ever changed by it."""

from typing import Any

import pytest
from sqlalchemy import select

from placements.assessment.workflow import MarkState
from placements.board.policy import may_release
from placements.board.readiness import releasable
from placements.cohorts.models import RunRole
from placements.core.errors import Refused
from placements.core.policy import Answer
from placements.files.actions import Received
from placements.history.models import History
from placements.mail.models import Notification
from placements.marking.actions import reopen
from placements.moderation.actions import adjust, ask, close, discard, draw, fingerprint_of, note, send_back, settle
from placements.moderation.models import Moderation
from placements.moderation.queries import changes, parts_of, sample_of, spread_of
from placements.moderation.rules import Why
from placements.moderation.workflow import ModerationState, Outcome
from tests import factories as make
from tests.assessment.scene import HOUR, add_student, hand_in, mark_it
from tests.factories import NOW
from tests.moderation.scene import Moderated, drawn, moderated, noted, second_attempt


def released(at: Moderated) -> list[int]:
    """The places of the marks that can be released: the list and the policy say the same."""
    offered = releasable(at.of.run, at.of.portfolio)
    for mark in at.marks:
        asked = may_release.ask(at.of.who(at.of.leader), mark, NOW)
        assert (asked is Answer.YES) == (mark in offered)
    return [place for place, mark in enumerate(at.marks) if mark in offered]


def test_a_draw_keeps_the_set_as_it_was_and_can_be_drawn_again(session: Any) -> None:
    at = moderated(35, 41, 65, 66, 64, 67)
    made = drawn(at)
    assert [each.given for each in made.scripts] == [35, 41, 65, 66, 64, 67]
    whys = [each.why for each in made.scripts]
    assert whys[:2] == [Why.FAIL, Why.BORDERLINE]
    assert sorted(str(each) for each in whys[2:]) == ["None", "spread", "spread", "spread"]
    again = sample_of(at.of.portfolio, list(reversed(at.marks)), {at.of.tutor.person_id}, made.seed)
    assert again == {each.mark.public_id: each.why for each in made.sample}
    assert made.seed == f"{at.of.portfolio.public_id}-1-1"
    assert "within 2 of 40, 50, 60 or 70" in made.rule
    told = session.execute(select(Notification.notice, Notification.recipient_id)).all()
    assert ("moderation.drawn", at.mona.person_id) in told


def test_from_the_draw_on_nobody_changes_a_mark_of_the_set(session: Any) -> None:
    at = moderated(35, 65)
    drawn(at)
    for mark in at.marks:
        with pytest.raises(Refused, match="stays as it is"):
            reopen(mark, actor=at.of.who(at.of.tutor), now=NOW)


def test_a_second_draw_waits_for_the_first(session: Any) -> None:
    at = moderated(35, 65)
    drawn(at)
    with pytest.raises(Refused, match="drawn already"):
        drawn(at)


def test_whoever_marked_one_of_the_sample_or_has_a_side_does_not_moderate_it(session: Any) -> None:
    at = moderated(35, 65)
    leader = at.of.who(at.of.leader)
    from_tutor = at.of.tutor.person_id
    make.run_role(RunRole.MODERATOR, at.of.tutor.person, at.of.run)
    with pytest.raises(Refused, match="marked one of the sample"):
        draw(at.of.portfolio, from_tutor, actor=leader, now=NOW)
    make.interest(at.of.placements[0].challenge.organisation, at.mona.person)
    with pytest.raises(Refused, match="have a side in it"):
        draw(at.of.portfolio, at.mona.person_id, actor=leader, now=NOW)
    with pytest.raises(Refused):
        draw(at.of.portfolio, at.of.leader.person_id, actor=leader, now=NOW)


def test_nothing_is_released_before_moderation_is_closed(session: Any) -> None:
    at = moderated(35, 65, 66)
    assert released(at) == []
    made = drawn(at)
    assert released(at) == []
    with pytest.raises(Refused, match="what you think of each script: 3 left"):
        close(made, Outcome.STAND, "Sound.", actor=at.of.who(at.mona), now=NOW)
    noted(at, made)
    assert (made.state, released(at)) == (ModerationState.IN_PROGRESS, [])
    close(made, Outcome.STAND, "Sound.", actor=at.of.who(at.mona), now=NOW)
    assert (made.state, released(at)) == (ModerationState.SETTLED, [0, 1, 2])
    assert [mark.mark for mark in at.marks] == [35, 65, 66]


def test_a_mark_that_comes_later_needs_a_draw_of_its_own(session: Any) -> None:
    at = moderated(35, 65)
    close(noted(at, drawn(at)), Outcome.STAND, "Sound.", actor=at.of.who(at.mona), now=NOW)
    enrolment = add_student(at.of, "Later")
    assert enrolment.id
    at.marks.append(mark_it(at.of, hand_in(at.of, 2), 72, 72, 72))
    assert released(at) == [0, 1]
    second = drawn(at)
    assert ([each.given for each in second.scripts], second.seed[-2:]) == ([72], "-2")


def test_what_needs_no_moderation_is_released_without(session: Any) -> None:
    assert released(moderated(35, 65, moderation={"kind": "none"})) == [0, 1]


def test_all_marks_are_the_sample_where_the_run_asks_for_all(session: Any) -> None:
    made = drawn(moderated(45, 55, 65, 75, moderation={"kind": "all", "within": 2}))
    assert [each.why for each in made.scripts] == [Why.ALL] * 4


def test_what_nobody_handed_in_is_no_part_of_the_set_and_waits_for_nothing(session: Any) -> None:
    at = moderated(65)
    add_student(at.of, "Late")
    late = hand_in(at.of, 1, NOW, Received("ef" * 32, "Late.pdf", "application/pdf", 10)).mark
    assert late is not None
    at.marks.append(late)
    assert [each.given for each in drawn(at).scripts] == [65]
    assert released(at) == [1]


def test_a_called_off_draw_gives_marks_back_and_is_drawn_again_the_same(session: Any) -> None:
    at = moderated(35, 62, 63, 64, 65, 66, 67, 68)
    made = drawn(at)
    sample = {each.mark_id for each in made.sample}
    discard(made, "Mona is ill.", actor=at.of.who(at.of.leader), now=NOW)
    assert [mark.fixed_at for mark in at.marks] == [None] * 8
    again = drawn(at)
    assert ({each.mark_id for each in again.sample}, again.number) == (sample, 2)


def test_more_scripts_are_asked_for_and_marked_as_such(session: Any) -> None:
    at = moderated(62, 63, 64, 65, 66)
    made = drawn(at)
    rest = [each for each in made.scripts if each.why is None]
    ask(made, rest[:1], actor=at.of.who(at.mona), now=NOW)
    assert rest[0].why is Why.ASKED


def closed(at: Moderated, outcome: Outcome = Outcome.ADJUST) -> Moderation:
    made = noted(at, drawn(at), agrees=False)
    close(made, outcome, "Generous by three.", actor=at.of.who(at.mona), now=NOW)
    return made


def test_a_whole_set_is_adjusted_after_a_look_and_then_released(session: Any) -> None:
    at = moderated(41, 61, 72, 98)
    made, leader = closed(at), at.of.who(at.of.leader)
    assert released(at) == []
    found = changes(made, -3, None)
    assert [(each.before, each.after, each.crosses) for each in found] == [
        (41, 38, True),
        (61, 58, True),
        (72, 69, True),
        (98, 95, False),
    ]
    assert spread_of(each.before for each in found) == {0: 0, 40: 1, 50: 0, 60: 1, 70: 2}
    assert spread_of(each.after for each in found) == {0: 1, 40: 0, 50: 1, 60: 1, 70: 1}
    assert [mark.mark for mark in at.marks] == [41, 61, 72, 98]
    versions = [mark.version for mark in at.marks]
    seen = fingerprint_of(made)
    assert adjust(made, -3, None, "Generous.", seen=seen, actor=leader, now=NOW) == 4
    assert [(mark.mark, mark.adjustment) for mark in at.marks] == [(38, -3), (58, -3), (69, -3), (95, -3)]
    assert [mark.version for mark in at.marks] == [each + 1 for each in versions]
    said = session.scalars(select(History.reason).where(History.verb == "adjusted with its set by -3")).all()
    assert said == ["41 → 38: Generous.", "61 → 58: Generous.", "72 → 69: Generous.", "98 → 95: Generous."]
    with pytest.raises(Refused, match="changed since you looked"):
        adjust(made, -3, None, "Again.", seen=seen, actor=leader, now=NOW)
    assert released(at) == []
    settle(made, actor=leader, now=NOW)
    assert released(at) == [0, 1, 2, 3]


def test_marks_stay_between_nought_and_a_hundred(session: Any) -> None:
    at = moderated(98, 65)
    made = closed(at)
    adjust(made, 5, None, "Severe.", seen=fingerprint_of(made), actor=at.of.who(at.of.leader), now=NOW)
    assert [mark.mark for mark in at.marks] == [100, 70]


def test_one_markers_part_is_adjusted_unless_it_is_one_mark(session: Any) -> None:
    at = moderated(45, 55, 65)
    other = make.person(given_name="Olu", family_name="Other")
    at.marks[2].marker = other
    session.flush()
    made, leader = closed(at), at.of.who(at.of.leader)
    with pytest.raises(Refused, match="single mark"):
        adjust(made, 2, other.id, "So.", seen=fingerprint_of(made), actor=leader, now=NOW)
    adjust(made, 2, at.of.tutor.person_id, "So.", seen=fingerprint_of(made), actor=leader, now=NOW)
    assert [mark.mark for mark in at.marks] == [47, 57, 65]


def test_a_set_of_one_cannot_be_adjusted(session: Any) -> None:
    at = moderated(45)
    made = closed(at)
    with pytest.raises(Refused, match="single mark"):
        adjust(made, 2, None, "So.", seen=fingerprint_of(made), actor=at.of.who(at.of.leader), now=NOW)


def test_lateness_comes_after_the_adjustment(session: Any) -> None:
    policy = {"kind": "sliding", "points_per_day": 5, "days": 7}
    at = moderated(60, 50, late_policy=policy)
    late = at.marks[0].submission
    late.received_at = at.of.portfolio.due_at + HOUR
    session.flush()
    made = closed(at)
    adjust(made, 4, None, "Severe.", seen=fingerprint_of(made), actor=at.of.who(at.of.leader), now=NOW)
    assert [mark.mark for mark in at.marks] == [59, 54]


def test_a_set_is_given_back_to_be_marked_again_and_drawn_anew(session: Any) -> None:
    at = moderated(45, 55)
    made = closed(at, Outcome.REMARK)
    assert send_back(made, "The rubric was misread.", actor=at.of.who(at.of.leader), now=NOW) == 2
    assert [(mark.state, mark.fixed_at) for mark in at.marks] == [(MarkState.DRAFTED, None)] * 2
    assert made.state is ModerationState.SETTLED
    assert released(at) == []
    for mark, score in zip(at.marks, (48, 58), strict=True):
        mark_it(at.of, mark.submission, score, score, score)
    assert released(at) == []
    assert [each.given for each in drawn(at).scripts] == [48, 58]


def test_what_a_moderator_writes_changes_no_mark(session: Any) -> None:
    at = moderated(45, 55)
    made = drawn(at)
    before = [(mark.mark, mark.version, mark.adjustment) for mark in at.marks]
    with pytest.raises(Refused, match="Say why"):
        note(made.sample[0], False, "", actor=at.of.who(at.mona), now=NOW)
    note(made.sample[0], False, "I would give 30.", actor=at.of.who(at.mona), now=NOW)
    assert [(mark.mark, mark.version, mark.adjustment) for mark in at.marks] == before


def test_second_attempts_are_a_set_of_their_own_and_wait_for_no_first_ones(session: Any) -> None:
    at = moderated(35, 65)
    again = second_attempt(session, at, 70)
    add_student(at.of, "Late")
    late = mark_it(at.of, hand_in(at.of, 2), 50, 50, 50)
    [part] = parts_of(at.of.run, [at.of.portfolio])
    assert (part.waiting, part.to_draw) == ({1: 1, 2: 1}, [1, 2])
    leader, mona = at.of.who(at.of.leader), at.mona.person_id
    made = draw(at.of.portfolio, mona, attempt=2, actor=leader, now=NOW)
    assert (made.attempt, [each.mark for each in made.scripts]) == (2, [again])
    session.expire_all()
    [part] = parts_of(at.of.run, [at.of.portfolio])
    assert (part.waiting, part.to_draw) == ({1: 1}, [1])
    with pytest.raises(Refused, match="drawn already"):
        draw(at.of.portfolio, mona, attempt=2, actor=leader, now=NOW)
    assert [each.mark for each in draw(at.of.portfolio, mona, actor=leader, now=NOW).scripts] == [late]


def test_who_takes_it_again_is_moderated_too_once_no_first_attempt_waits(session: Any) -> None:
    at = moderated(35, 65)
    leader, mark = at.of.who(at.of.leader), second_attempt(session, at, 70)
    add_student(at.of, "Late")
    first = mark_it(at.of, hand_in(at.of, 2), 50, 50, 50)
    made = drawn(at)
    assert (made.attempt, [each.mark for each in made.scripts]) == (1, [first])
    close(noted(at, made), Outcome.STAND, "Fits.", actor=at.of.who(at.mona), now=NOW)
    made = drawn(at)
    assert (made.attempt, [each.mark for each in made.scripts]) == (2, [mark])
    assert made.seed == f"{at.of.portfolio.public_id}-2-1"
    assert may_release.ask(leader, mark, NOW) is not Answer.YES
    close(noted(at, made), Outcome.STAND, "Fits.", actor=at.of.who(at.mona), now=NOW)
    assert may_release.ask(leader, mark, NOW) is Answer.YES
