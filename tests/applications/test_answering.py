"""What organisations answer about applicants, what the module leader decides about it, and until when."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.applications import actions, answering
from placements.applications.models import Application, HostAnswer
from placements.applications.queries import answers_for
from placements.applications.rules import Answer, Choice, Draft, Unsuitable
from placements.applications.workflow import AnswerState
from placements.challenges.models import Challenge
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.history.queries import lately
from placements.mail.models import Notification
from tests import factories as make
from tests.factories import DAY, NOW

WHY = {"reason": Unsuitable.DAYS, "sentence": "We open on Tuesdays only."}
DECIDED = pytest.mark.parametrize("decided", [AnswerState.AGREED, AnswerState.DISAGREED])


class Asked:
    """A student who has chosen `first` and `second`; a contact of the first's organisation, and the module leader."""

    def __init__(self) -> None:
        self.first, self.second = make.challenge(title="First"), make.challenge(title="Second")
        self.application: Application = make.application(make.enrolment(), [self.first, self.second])
        self.contact = Principal(make.contact(self.first.organisation).person_id)
        self.leader = Principal(make.person().id)
        self.student = self.application.enrolment.person_id

    def of(self, challenge: Challenge) -> HostAnswer | None:
        found = select(HostAnswer).filter_by(application_id=self.application.id, challenge_id=challenge.id)
        return db.session.scalar(found)

    @property
    def answer(self) -> HostAnswer:
        found = self.of(self.first)
        assert found is not None
        return found

    def say(self, said: Answer, **more: Any) -> None:
        given = {"seen": self.answer.version, "actor": self.contact, "now": NOW, **more}
        answering.answer(self.answer, said, **given)

    def decide(self, state: AnswerState) -> None:
        """“Not suitable”, and what the module leader says to it."""
        self.say(Answer.NOT_SUITABLE, **WHY)
        given = {"seen": self.answer.version, "actor": self.leader, "now": NOW}
        if state is AnswerState.AGREED:
            answering.agree(self.answer, **given)
        elif state is AnswerState.DISAGREED:
            answering.disagree(self.answer, "They can come on Tuesdays.", **given)

    def resubmit(self, *ranked: Challenge, statement: str | None = None, addition: str = "") -> None:
        words = self.application.statement if statement is None else statement
        draft = Draft(words, tuple(Choice(each.public_id, addition) for each in ranked))
        self.application.draft = draft.kept()
        actions.submit(self.application, seen=draft.version, actor=Principal(self.student), now=NOW)

    def counts(self) -> dict[str, Answer]:
        """What its answers count as in a round, by challenge."""
        titles = {each.id: each.title for each in (self.first, self.second)}
        return {titles[key]: said for (_, key), said in answers_for([self.application.enrolment_id]).items()}


@pytest.fixture
def asked(session: Any) -> Asked:
    made = Asked()
    session.flush()
    return made


def test_an_answer_stands_with_who_gave_it_and_when(asked: Asked) -> None:
    asked.say(Answer.KEEN)
    answer = asked.answer
    assert (answer.state, answer.answered_by_id, answer.answered_at) == (AnswerState.KEEN, asked.contact.person_id, NOW)
    assert (answer.reason, answer.sentence, answer.undecided_since) == (None, "", None)


def test_not_suitable_waits_with_its_reason_and_any_other_answer_takes_it_back(asked: Asked) -> None:
    asked.say(Answer.NOT_SUITABLE, **WHY)
    answer = asked.answer
    assert (answer.state, answer.reason, answer.sentence) == (
        AnswerState.NOT_SUITABLE,
        Unsuitable.DAYS,
        "We open on Tuesdays only.",
    )
    assert answer.undecided_since == NOW
    asked.say(Answer.HAPPY, now=NOW + DAY)
    assert (answer.state, answer.reason, answer.sentence, answer.undecided_since) == (AnswerState.HAPPY, None, "", None)


@pytest.mark.parametrize("missing", [{"reason": None}, {"sentence": ""}])
def test_not_suitable_without_a_whole_reason_is_refused(asked: Asked, missing: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="Say why, from the list and in one sentence"):
        asked.say(Answer.NOT_SUITABLE, **{**WHY, **missing})


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (None, {}),
        (AnswerState.NOT_SUITABLE, {}),
        (AnswerState.DISAGREED, {}),
        (AnswerState.AGREED, {"First": Answer.NOT_SUITABLE}),
    ],
)
def test_silence_and_what_nobody_has_agreed_to_count_as_happy(
    asked: Asked, state: AnswerState | None, counts: dict[str, Answer]
) -> None:
    if state is not None:
        asked.decide(state)
    assert asked.answer.state is (state or AnswerState.WAITING)
    assert asked.counts() == counts


def test_keen_counts_and_only_while_the_application_stands(asked: Asked) -> None:
    asked.say(Answer.KEEN)
    assert asked.counts() == {"First": Answer.KEEN}
    receipt = actions.receipt_of(asked.application)
    assert receipt is not None
    actions.withdraw(asked.application, receipt.number, actor=Principal(asked.student), now=NOW)
    assert asked.counts() == {}
    assert asked.of(asked.first) is None
    assert asked.of(asked.second) is None


def test_disagreeing_is_told_to_whoever_said_not_suitable(asked: Asked, session: Any) -> None:
    asked.decide(AnswerState.DISAGREED)
    answer = asked.answer
    assert (answer.decision, answer.decided_by_id, answer.decided_at, answer.undecided_since) == (
        "They can come on Tuesdays.",
        asked.leader.person_id,
        NOW,
        None,
    )
    told = session.execute(select(Notification.notice, Notification.about_id, Notification.recipient_id)).all()
    assert told == [("applications.disagreed", answer.id, asked.contact.person_id)]


@DECIDED
def test_the_same_not_suitable_again_asks_nobody_twice_and_other_words_do(asked: Asked, decided: AnswerState) -> None:
    asked.decide(decided)
    asked.say(Answer.NOT_SUITABLE, **WHY, seen="any page")
    assert asked.answer.state is decided
    asked.say(Answer.NOT_SUITABLE, reason=Unsuitable.CHECK, sentence="The check takes until May.")
    assert (asked.answer.state, asked.answer.decision, asked.answer.decided_by_id) == (
        AnswerState.NOT_SUITABLE,
        "",
        None,
    )


@DECIDED
def test_the_organisation_may_still_become_keen(asked: Asked, decided: AnswerState) -> None:
    asked.decide(decided)
    asked.say(Answer.KEEN)
    assert asked.counts() == {"First": Answer.KEEN}


def test_the_module_leader_may_decide_otherwise(asked: Asked) -> None:
    asked.decide(AnswerState.AGREED)
    given = {"seen": asked.answer.version, "actor": asked.leader, "now": NOW}
    answering.disagree(asked.answer, "I misread it.", **given)
    assert asked.counts() == {}
    answering.agree(asked.answer, **{**given, "seen": asked.answer.version})
    assert (asked.counts(), asked.answer.decision) == ({"First": Answer.NOT_SUITABLE}, "")


def test_what_is_decided_twice_is_already_done(asked: Asked, session: Any) -> None:
    asked.decide(AnswerState.AGREED)
    before = session.scalars(select(History.id)).all()
    answering.agree(asked.answer, seen="an old page", actor=asked.leader, now=NOW + DAY)
    assert asked.answer.decided_at == NOW
    assert session.scalars(select(History.id)).all() == before


def test_a_page_that_shows_another_answer_changes_nothing(asked: Asked) -> None:
    before = asked.answer.version
    asked.say(Answer.NOT_SUITABLE, **WHY)
    waits = asked.answer.version
    with pytest.raises(Conflict, match="Somebody has changed this"):
        asked.say(Answer.KEEN, seen=before)
    asked.say(Answer.NOT_SUITABLE, reason=Unsuitable.CHECK, sentence="The check takes until May.")
    with pytest.raises(Conflict):
        answering.agree(asked.answer, seen=waits, actor=asked.leader, now=NOW)
    with pytest.raises(Conflict):
        answering.disagree(asked.answer, "No.", seen=waits, actor=asked.leader, now=NOW)
    assert (asked.answer.state, asked.answer.reason) == (AnswerState.NOT_SUITABLE, Unsuitable.CHECK)


def test_what_the_organisation_no_longer_says_cannot_be_agreed_to(asked: Asked) -> None:
    asked.say(Answer.KEEN)
    with pytest.raises(Refused, match="This answer is keen"):
        answering.agree(asked.answer, seen=asked.answer.version, actor=asked.leader, now=NOW)


# When choices are submitted again


@pytest.mark.parametrize("state", [AnswerState.NOT_SUITABLE, AnswerState.AGREED, AnswerState.DISAGREED])
def test_an_answer_stays_where_only_the_order_changes(asked: Asked, state: AnswerState) -> None:
    asked.decide(state)
    key = asked.answer.public_id
    asked.resubmit(asked.second, asked.first)
    assert (asked.answer.public_id, asked.answer.state) == (key, state)


@pytest.mark.parametrize("changed", [{"statement": "Other words"}, {"addition": "I can come on Tuesdays."}])
def test_what_was_agreed_about_other_words_is_asked_for_again(
    asked: Asked, session: Any, changed: dict[str, str]
) -> None:
    asked.decide(AnswerState.AGREED)
    asked.answer.undecided_since = None
    asked.resubmit(asked.first, asked.second, **changed)
    answer = asked.answer
    assert (answer.state, answer.sentence, answer.undecided_since) == (
        AnswerState.NOT_SUITABLE,
        "We open on Tuesdays only.",
        NOW,
    )
    assert (answer.decided_by_id, answer.decided_at) == (None, None)
    asked_again = session.scalars(select(History).filter_by(verb="asked again about “not suitable”")).one()
    assert (asked_again.actor_id, asked_again.person_id) == (None, None)


@pytest.mark.parametrize("said", [Answer.KEEN, Answer.HAPPY])
def test_a_kind_answer_stays_where_words_change(asked: Asked, said: Answer) -> None:
    asked.say(said)
    asked.resubmit(asked.first, statement="Other words")
    assert asked.answer.said is said


def test_a_choice_that_goes_and_comes_back_is_answered_anew(asked: Asked) -> None:
    asked.decide(AnswerState.AGREED)
    third = make.challenge()
    asked.resubmit(asked.second, third)
    assert asked.of(asked.first) is None
    new = asked.of(third)
    assert new is not None
    assert new.state is AnswerState.WAITING
    asked.resubmit(asked.first, asked.second)
    assert (asked.answer.state, asked.answer.reason) == (AnswerState.WAITING, None)


def test_all_is_answered_anew_after_a_published_round(asked: Asked, session: Any) -> None:
    asked.decide(AnswerState.AGREED)
    answering.close_answers([asked.application.enrolment.run_id], now=NOW)
    actions.close_to_organisations([asked.application.enrolment_id], now=NOW)
    session.refresh(asked.application)
    asked.resubmit(asked.first, asked.second)
    assert asked.answer.state is AnswerState.WAITING
    asked.say(Answer.KEEN)
    assert asked.counts() == {"First": Answer.KEEN}


# Until when


def everything(asked: Asked) -> Sequence[Any]:
    given = {"seen": asked.answer.version, "now": NOW + timedelta(hours=1)}
    return (
        lambda: asked.say(Answer.KEEN),
        lambda: answering.agree(asked.answer, actor=asked.leader, **given),
        lambda: answering.disagree(asked.answer, "No.", actor=asked.leader, **given),
    )


def test_answers_stand_while_a_round_is_staged_and_no_longer_when_it_is_discarded(asked: Asked) -> None:
    asked.say(Answer.NOT_SUITABLE, **WHY)
    run = asked.application.enrolment.run_id
    answering.close_answers([run], now=NOW)
    for act in everything(asked):
        with pytest.raises(Refused, match="The matching was done on Tue 20 Oct 2026, 9am, so answers stand"):
            act()
    assert asked.answer.state is AnswerState.NOT_SUITABLE
    answering.open_answers([run])
    asked.say(Answer.KEEN)
    assert asked.answer.state is AnswerState.KEEN


def test_a_round_over_another_run_closes_nothing(asked: Asked) -> None:
    answering.close_answers([make.run().id], now=NOW)
    asked.say(Answer.KEEN)
    assert asked.answer.state is AnswerState.KEEN


@pytest.mark.parametrize("over", ["published", "placed"])
def test_nothing_changes_when_the_matching_is_over(asked: Asked, over: str) -> None:
    asked.say(Answer.NOT_SUITABLE, **WHY)
    if over == "published":
        actions.close_to_organisations([asked.application.enrolment_id], now=NOW)
    else:
        asked.application.enrolment.state = "placed"  # type: ignore[assignment]
    for act in everything(asked):
        with pytest.raises(Refused, match="The matching is over for this student"):
            act()


# What is remembered


def test_neither_student_nor_organisation_reads_of_it_in_what_happened_lately(asked: Asked) -> None:
    asked.decide(AnswerState.DISAGREED)
    asked.resubmit(asked.first, statement="Other words")
    student = [each.verb for each in lately(Principal(asked.student), 9)]
    assert not [verb for verb in student if "suitable" in verb or "answered" in verb]
    assert [(each.verb, each.about) for each in lately(asked.contact, 9)] == [("answered not suitable", "")]
