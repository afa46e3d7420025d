"""The verbs of feedback against the database: written, given, corrected, read, given up, waived."""

from typing import Any

import pytest

from placements.core.errors import Conflict, NotAllowed, Refused
from placements.feedback import actions
from placements.feedback.models import Feedback
from placements.feedback.queries import Standing, counts_in, draft_of, standings
from placements.feedback.rules import Occasion, Rating, Words
from placements.feedback.workflow import FeedbackState
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.factories import DAY, NOW
from tests.factories.feedback import feedback
from tests.feedback.scene import AtWork


@pytest.fixture
def made(session: Any) -> AtWork:
    return AtWork()


@pytest.fixture
def asked(made: AtWork) -> Feedback:
    return feedback(made.placement, occasion=Occasion.FINAL)


def give(made: AtWork, found: Feedback, words: Words, at: Any = NOW) -> None:
    """Write it, look at it, give it."""
    given = {"actor": made.by("supervisor"), "now": at}
    actions.save(found, words, **given)
    actions.share(found, seen=actions.seen_of(words), **given)


def said(found: Feedback) -> list[tuple[str, list[Rating]]]:
    return [(each.strengths, [line.rating for line in each.ratings]) for each in found.versions]


def test_what_is_given_is_read_by_the_student_at_once_who_is_told(made: AtWork, asked: Feedback) -> None:
    give(made, asked, made.words())
    assert (asked.state, asked.draft) == (FeedbackState.RECEIVED, None)
    assert said(asked) == [("She listens.", [Rating.FULLY, Rating.PARTLY])]
    assert made.told("feedback.received") == {"student"}


def test_given_twice_it_is_one(made: AtWork, asked: Feedback) -> None:
    give(made, asked, made.words())
    actions.share(asked, seen="", actor=made.by("supervisor"), now=NOW)
    give(made, asked, made.words())
    assert len(asked.versions) == 1


def test_a_correction_is_another_version_and_both_are_kept(made: AtWork, asked: Feedback) -> None:
    give(made, asked, made.words())
    actions.comment(asked, "Thank you.", seen=1, actor=made.by("student"), now=NOW)
    assert not asked.is_unread
    give(made, asked, made.words(Rating.MORE, Rating.MORE, strengths="She leads."), NOW + DAY)
    assert [strengths for strengths, _ in said(asked)] == ["She listens.", "She leads."]
    assert asked.is_unread
    with pytest.raises(Conflict):
        actions.comment(asked, "Thank you.", seen=1, actor=made.by("student"), now=NOW)


def test_other_words_than_were_looked_at_are_not_given(made: AtWork, asked: Feedback) -> None:
    given = {"actor": made.by("supervisor"), "now": NOW}
    looked_at = made.words(strengths="First.")
    actions.save(asked, made.words(strengths="Second."), **given)
    with pytest.raises(Conflict):
        actions.share(asked, seen=actions.seen_of(looked_at), **given)


LACKING = [
    lambda made: made.words(Rating.FULLY),
    lambda made: made.words(strengths=""),
]


@pytest.mark.parametrize("lacking", LACKING, ids=["a rating", "a word"])
def test_half_of_it_can_be_kept_and_not_given(made: AtWork, asked: Feedback, lacking: Any) -> None:
    words, given = lacking(made), {"actor": made.by("supervisor"), "now": NOW}
    actions.save(asked, words, **given)
    assert draft_of(asked) == words
    with pytest.raises(Refused):
        actions.share(asked, seen=actions.seen_of(words), **given)


@pytest.mark.parametrize("name", ["student", "tutor", "leader", "contact", "other_student"])
def test_nobody_but_the_supervisor_writes_it(made: AtWork, asked: Feedback, name: str) -> None:
    with pytest.raises(NotAllowed):
        actions.save(asked, made.words(), actor=made.by(name), now=NOW)
    with pytest.raises(NotAllowed):
        actions.share(asked, seen="", actor=made.by(name), now=NOW)


def test_a_student_who_is_named_as_supervisor_gives_themselves_nothing(made: AtWork, asked: Feedback) -> None:
    made.placement.supervisor_id = made.student.person_id
    with pytest.raises(NotAllowed):
        actions.save(asked, made.words(), actor=made.by("student"), now=NOW)


def test_there_is_nothing_to_comment_on_before_it_is_given(made: AtWork, asked: Feedback) -> None:
    with pytest.raises(Refused):
        actions.comment(asked, "Hm.", seen=0, actor=made.by("student"), now=NOW)


def test_it_is_given_up_waived_and_taken_all_the_same(made: AtWork, asked: Feedback) -> None:
    actions.give_up(asked, "Nobody answers.", actor=made.by("tutor"), now=NOW)
    actions.give_up(asked, "Pressed again.", actor=made.by("tutor"), now=NOW)
    assert (asked.state, asked.reason) == (FeedbackState.NOT_OBTAINABLE, "Nobody answers.")
    actions.waive(asked, "The host has closed.", actor=made.by("leader"), now=NOW)
    assert (asked.state, asked.reason) == (FeedbackState.WAIVED, "The host has closed.")
    give(made, asked, made.words())
    assert (asked.state, asked.reason) == (FeedbackState.RECEIVED, None)


HOW_FAR = [
    (None, Standing.NOT_ASKED),
    (FeedbackState.REQUESTED, Standing.ASKED),
    (FeedbackState.NOT_OBTAINABLE, Standing.NOT_OBTAINABLE),
    (FeedbackState.WAIVED, Standing.WAIVED),
    (FeedbackState.RECEIVED, Standing.COMPLETE),
]


@pytest.mark.parametrize(("state", "standing"), HOW_FAR)
def test_how_far_the_required_part_is(made: AtWork, state: FeedbackState | None, standing: Standing) -> None:
    feedback(made.placement, "Good.")  # half way counts for nothing here
    if state:
        feedback(made.placement, occasion=Occasion.FINAL, state=state)
    assert standings([made.enrolment.id]) == {made.enrolment.id: standing}
    expected = dict.fromkeys(Standing, 0) | {Standing.NOT_ASKED: 1}  # another student of the run
    expected[standing] += 1
    assert counts_in(made.run) == expected


def test_of_two_placements_the_one_that_is_furthest_says_it(made: AtWork) -> None:
    feedback(made.placement, "Good.", occasion=Occasion.FINAL)
    made.placement.offer.state = OfferState.WITHDRAWN  # they were moved to another
    later = make.placement(made.enrolment)
    feedback(later, occasion=Occasion.FINAL)
    assert standings([made.enrolment.id]) == {made.enrolment.id: Standing.COMPLETE}
    assert counts_in(made.run)[Standing.COMPLETE] == 1
