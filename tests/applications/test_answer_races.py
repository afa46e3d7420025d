"""Two contacts answer about one applicant, or one answers while the module leader decides, in the same moment."""

from collections.abc import Callable
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import select

from placements.applications import actions, answering
from placements.applications.models import Application, HostAnswer
from placements.applications.rules import Answer, Choice, Draft, Unsuitable
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from tests import factories as make
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once, let_go_until

TOGETHER = 4
Act = Callable[[], object]


class Waiting:
    """One applicant; an answer in that state, as everybody's page shows it."""

    def __init__(self, copy: Copy, state: str) -> None:
        with copy.app.app_context():
            self.people = [make.person().id for _ in range(TOGETHER)]
            application = make.application(make.enrolment(), [make.challenge(), make.challenge()])
            self.run, self.student = application.enrolment.run_id, application.enrolment.person_id
            answer = db.session.scalars(select(HostAnswer).order_by(HostAnswer.id).limit(1)).one()
            if state == "not_suitable":
                answer.reason, answer.sentence, answer.undecided_since = Unsuitable.CHECK, "Until May.", NOW
            answer.state = state  # type: ignore[assignment]
            db.session.commit()
            self.key, self.application, self.seen = answer.id, application.id, answer.version
            self.other = (
                db.session.scalars(select(HostAnswer).where(HostAnswer.id != self.key)).one().challenge.public_id
            )

    def say(self, said: Answer, by: int) -> None:
        answer = db.session.get_one(HostAnswer, self.key)
        answering.answer(answer, said, seen=self.seen, actor=Principal(self.people[by]), now=NOW)

    def agree(self) -> None:
        answering.agree(db.session.get_one(HostAnswer, self.key), seen=self.seen, actor=Principal(), now=NOW)

    def resubmit(self) -> None:
        """The student leaves this choice out."""
        application = db.session.get_one(Application, self.application)
        draft = Draft(application.statement, (Choice(self.other),))
        application.draft = draft.kept()
        actions.submit(application, seen=draft.version, actor=Principal(self.student), now=NOW)

    def stands(self, copy: Copy) -> tuple[str, int | None, list[str]] | None:
        """The answer, whose it is, and what was written down about it."""
        with copy.app.app_context():
            answer = db.session.get(HostAnswer, self.key)
            verbs = db.session.scalars(select(History.verb).order_by(History.id)).all()
            return (answer.state.value, answer.answered_by_id, [*verbs]) if answer else None


def test_of_contacts_who_answer_at_once_one_answer_stands_and_the_others_are_told(fresh_database: Copy) -> None:
    waiting = Waiting(fresh_database, "waiting")
    said = [Answer.KEEN, Answer.HAPPY, Answer.KEEN, Answer.HAPPY]
    answers = at_once(fresh_database, *[partial(waiting.say, each, by) for by, each in enumerate(said)])
    done = [by for by, answer in enumerate(answers) if answer is None]
    stands = waiting.stands(fresh_database)
    assert stands is not None
    first = stands[0]
    assert stands[2] == [f"answered {first}"]
    assert {said[by].value for by in done} == {first}  # who said the same in that moment has nothing to mend
    assert [type(answer) for answer in answers if answer is not None] == [Conflict, Conflict]
    assert stands[1] in [waiting.people[by] for by in done]


def test_read_before_the_application_is_held_answers_overwrite_each_other(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: all have read, in a transaction that ended, that nobody has answered."""
    waiting, all_have_read = Waiting(fresh_database, "waiting"), Barrier(2)

    def read_and_let_go(answer: HostAnswer) -> None:
        assert answer.version == waiting.seen
        let_go_until(all_have_read)
        monkeypatch.setattr(HostAnswer, "version", waiting.seen)

    monkeypatch.setattr(answering, "_hold", read_and_let_go)
    at_once(fresh_database, partial(waiting.say, Answer.KEEN, 0), partial(waiting.say, Answer.HAPPY, 1))
    stands = waiting.stands(fresh_database)
    assert stands is not None
    assert sorted(stands[2]) == ["answered happy", "answered keen"]


def test_nobody_agrees_to_what_is_taken_back_in_that_moment(fresh_database: Copy) -> None:
    waiting = Waiting(fresh_database, "not_suitable")
    answers = at_once(fresh_database, waiting.agree, partial(waiting.say, Answer.KEEN, 0))
    assert [type(answer) for answer in answers if answer is not None] == [Conflict]
    stands = waiting.stands(fresh_database)
    assert stands is not None
    won = "agreed" if answers[0] is None else "keen"
    assert (stands[0], len(stands[2])) == (won, 1)


@pytest.mark.parametrize("act", ["agree", "say"])
def test_a_choice_that_goes_in_that_moment_takes_its_answer_with_it(fresh_database: Copy, act: str) -> None:
    waiting = Waiting(fresh_database, "not_suitable")
    other: Act = waiting.agree if act == "agree" else partial(waiting.say, Answer.KEEN, 0)

    def act_if_there() -> None:
        if db.session.get(HostAnswer, waiting.key):  # on SQLite whoever comes second finds none
            other()

    answers = at_once(fresh_database, waiting.resubmit, act_if_there)
    assert answers[0] is None
    assert answers[1] is None or "is not among them any more" in str(answers[1])
    assert waiting.stands(fresh_database) is None


def test_what_is_agreed_while_a_round_is_staged_is_in_it_or_refused(fresh_database: Copy) -> None:
    waiting = Waiting(fresh_database, "not_suitable")
    seen_by_round: list[str] = []

    def stage() -> None:
        answering.close_answers([waiting.run], now=NOW)
        seen_by_round.append(
            db.session.scalars(select(HostAnswer.state).where(HostAnswer.id == waiting.key)).one().value
        )

    answers = at_once(fresh_database, stage, waiting.agree)
    stands = waiting.stands(fresh_database)
    assert stands is not None
    assert seen_by_round == [stands[0]]
    assert (answers[1] is None) == (stands[0] == "agreed")
    assert answers[1] is None or isinstance(answers[1], Refused)
