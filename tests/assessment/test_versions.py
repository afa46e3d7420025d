"""A mark is kept as it was: at each submission, taking back and change of hands; drafts between them are not."""

from typing import Any

from sqlalchemy import select

from placements.assessment.models import Mark, MarkVersion
from placements.assessment.versions import keep_version
from placements.assessment.workflow import Why
from placements.core.policy import NOBODY, Principal
from placements.marking.actions import reopen, save_draft, submit_mark
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, judgement, scene
from tests.factories import NOW


def kept(session: Any) -> list[tuple[str, int, int | None, list[int | None]]]:
    rows = session.scalars(select(MarkVersion).order_by(MarkVersion.version))
    return [(row.why.value, row.version, row.mark, [score for _, score, _ in row.scores]) for row in rows]


def drafted(of: Scene, *scores: int, by: Principal | None = None, mark: Mark | None = None) -> Mark:
    mark = mark or hand_in(of).mark
    assert mark is not None
    said = judgement(of.portfolio, *scores)
    save_draft(mark, said, seen=mark.version, actor=by or Principal(of.tutor.person_id), now=NOW)
    return mark


def test_drafts_of_one_marker_keep_nothing_and_the_submitted_mark_is_kept(session: Any) -> None:
    of = scene()
    mark = drafted(of, 50, 50, 50)
    drafted(of, 60, 60, 60, mark=mark)
    assert kept(session) == []
    submit_mark(mark, judgement(of.portfolio, 62, 58, 71), seen=3, actor=Principal(of.tutor.person_id), now=NOW)
    assert kept(session) == [("submitted", 5, 63, [62, 58, 71])]
    first = session.scalars(select(MarkVersion)).one()
    assert (first.feedback, first.marker, first.by, first.at) == ("Good work.", of.tutor.person, of.tutor.person, NOW)
    assert list(first.scores[1]) == [2, 58, "On Logbook and reflection."]


def test_what_was_submitted_stays_after_it_is_taken_back_and_changed(session: Any) -> None:
    of = scene()
    tutor = Principal(of.tutor.person_id)
    mark = drafted(of, 62, 58, 71)
    submit_mark(mark, judgement(of.portfolio, 62, 58, 71), seen=2, actor=tutor, now=NOW)
    reopen(mark, actor=tutor, now=NOW)
    submit_mark(mark, judgement(of.portfolio, 40, 40, 40), seen=mark.version, actor=tutor, now=NOW)
    assert [(why, mark, scores) for why, _, mark, scores in kept(session)] == [
        ("submitted", 63, [62, 58, 71]),
        ("reopened", 63, [62, 58, 71]),
        ("submitted", 40, [40, 40, 40]),
    ]


def test_a_draft_is_kept_before_somebody_else_goes_on_with_it(session: Any) -> None:
    of = scene()
    other = make.person(given_name="Olu", family_name="Other")
    mark = drafted(of, 62, 58, 71)
    drafted(of, 40, 40, 40, by=Principal(other.id), mark=mark)
    assert kept(session) == [("handover", 2, 63, [62, 58, 71])]
    handed = session.scalars(select(MarkVersion)).one()
    assert (handed.marker, handed.by) == (of.tutor.person, other)
    assert [each.score for each in mark.scores] == [40, 40, 40]


def test_the_same_state_is_kept_once_and_another_gets_a_version_of_its_own(session: Any) -> None:
    of = scene()
    mark = drafted(of, 62, 58, 71)
    first = keep_version(mark, Why.RECOMPUTED, actor=NOBODY, now=NOW)
    assert keep_version(mark, Why.RECOMPUTED, actor=NOBODY, now=NOW) is first
    mark.mark = 65
    second = keep_version(mark, Why.MODERATED, actor=NOBODY, now=NOW)
    session.flush()
    assert (first.version, second.version, mark.version, second.by_id) == (2, 3, 3, None)
    assert [mark for _, _, mark, _ in kept(session)] == [63, 65]
