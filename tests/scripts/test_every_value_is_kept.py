"""Whatever makes another mark of a mark, a rule or a person, what it was is kept with why and by whom."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment.actions import follow_deadlines
from placements.assessment.collecting import find_missing
from placements.assessment.models import Mark, MarkVersion
from placements.assessment.workflow import MarkState
from placements.board import correcting
from placements.cohorts.models import RunRole
from placements.core.policy import Principal
from placements.double_marking.actions import agree, compare_due, propose
from placements.marking.actions import judgement_of, submit_mark
from placements.moderation.actions import adjust, close, fingerprint_of, send_back
from placements.moderation.models import Moderation
from placements.moderation.workflow import Outcome
from tests import factories as make
from tests.assessment.scene import HOUR, hand_in, mark_it, scene, seeded
from tests.client import PageClient
from tests.double_marking.scene import allotted, first_in, second_in, twice
from tests.factories import NOW
from tests.moderation.scene import Moderated, drawn, moderated, noted

DAY = timedelta(days=1)
CAPPED = {"kind": "capped_within", "days": 7, "cap": 40}
Kept = list[tuple[str, int | None, str]]


def kept(session: Any, mark: Mark) -> Kept:
    """Each version of the mark: why, the mark, and by whom; nobody: the rule."""
    session.flush()
    rows = session.scalars(select(MarkVersion).where(MarkVersion.mark_id == mark.id).order_by(MarkVersion.version))
    return [(row.why.value, row.mark, row.by.given_name if row.by else "") for row in rows]


def test_what_a_moved_deadline_gives_back(session: Any) -> None:
    of = scene(due=NOW - 3 * DAY, late_policy=CAPPED)
    mark = mark_it(of, hand_in(of, 0, NOW - 2 * DAY), 62, 62, 62)
    mark.submission.due_at = NOW - 2 * DAY
    session.flush()
    follow_deadlines(NOW)
    assert kept(session, mark) == [("submitted", 40, "Tariq"), ("recomputed", 62, "")]


def test_a_nought_by_rule_that_a_moved_deadline_takes_back(session: Any) -> None:
    of = scene()
    late = hand_in(of, 0, NOW)
    mark = late.mark
    assert mark is not None
    assert kept(session, mark) == [("by_rule", 0, "")]
    late.due_at = NOW + DAY
    session.flush()
    follow_deadlines(NOW)
    mark_it(of, late, 62, 62, 62)
    assert kept(session, mark) == [("by_rule", 0, ""), ("recomputed", None, ""), ("submitted", 62, "Tariq")]


def test_a_nought_for_what_nobody_handed_in(session: Any) -> None:
    scene()
    find_missing(NOW)
    assert kept(session, session.scalars(select(Mark)).one()) == [("by_rule", 0, "")]


@pytest.mark.parametrize(("second", "by"), [(64, ""), (68, "Bea")], ids=["by rule", "by both"])
def test_what_two_markers_agree(session: Any, second: int, by: str) -> None:
    at = twice()
    second_in(at, allotted(at), second)
    mark = first_in(at, 62)
    if by:
        assert kept(session, mark) == [("submitted", 62, "Tariq")]
        agree(propose(mark, 65, "Between.", actor=at.who(at.of.tutor), now=NOW), actor=at.who(at.bea), now=NOW)
    else:
        compare_due(NOW)
    assert kept(session, mark)[1:] == [("agreed", mark.agreed, by)]
    assert mark.agreed == {64: 63, 68: 65}[second]


def closed(at: Moderated, outcome: Outcome) -> Moderation:
    made = noted(at, drawn(at), agrees=False)
    close(made, outcome, "Two points generous.", actor=at.of.who(at.mona), now=NOW)
    return made


def test_what_moderation_adds_and_takes_from_a_whole_set(session: Any) -> None:
    at = moderated(62, 38)
    made, leader = closed(at, Outcome.ADJUST), at.of.who(at.of.leader)
    adjust(made, -3, None, "Generous.", seen=fingerprint_of(made), actor=leader, now=NOW)
    adjust(made, 1, None, "Too much.", seen=fingerprint_of(made), actor=leader, now=NOW)
    assert kept(session, at.marks[0]) == [
        ("submitted", 62, "Tariq"),
        ("moderated", 59, "Lena"),
        ("moderated", 60, "Lena"),
    ]


def test_a_set_that_is_given_back_loses_its_points_though_its_scores_stay(session: Any) -> None:
    at = moderated(62, 38)
    made, leader = closed(at, Outcome.ADJUST), at.of.who(at.of.leader)
    adjust(made, -3, None, "Generous.", seen=fingerprint_of(made), actor=leader, now=NOW)
    send_back(made, "Mark them again.", actor=leader, now=NOW)
    mark = at.marks[0]
    submit_mark(mark, judgement_of(mark), seen=mark.version, actor=Principal(at.of.tutor.person_id), now=NOW)
    assert (mark.mark, mark.state) == (62, MarkState.SUBMITTED)
    assert kept(session, mark)[-1] == ("submitted", 62, "Tariq")


def test_what_is_corrected_after_the_board(session: Any) -> None:
    of = scene()
    other = make.account(make.person(given_name="Olu", family_name="Other"))
    make.run_role(RunRole.LEADER, other.person, of.run)
    mark = mark_it(of, hand_in(of), 62, 62, 62)
    mark.state = MarkState.CONFIRMED
    asked = correcting.ask(mark, 65, "Added up wrongly.", actor=of.who(of.leader), now=NOW)
    correcting.agree(asked, actor=of.who(other), now=NOW)
    assert kept(session, mark) == [("submitted", 62, "Tariq"), ("corrected", 65, "Olu")]


def test_the_page_says_each_value_why_and_by_whom(database: Flask, client: PageClient) -> None:
    def build() -> Moderated:
        at = moderated(62, 38)
        made = closed(at, Outcome.ADJUST)
        adjust(made, -3, None, "Generous.", seen=fingerprint_of(made), actor=at.of.who(at.of.leader), now=NOW + HOUR)
        return at

    at = seeded(database, build)
    client.sign_in_as(at.of.tutor)
    panels = client.page(f"/marking/{at.marks[0].public_id}/versions").text
    assert (
        "Adjusted with its set, in moderation Version 4, Tue 20 Oct 2026, 10am, Lena Leader. Marked by Tariq Tutor "
        "Mark: 59" in panels
    )
    assert "Submitted Version 3, Tue 20 Oct 2026, 9am, Tariq Tutor. Marked by Tariq Tutor Mark: 62" in panels
