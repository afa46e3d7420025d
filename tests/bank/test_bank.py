"""Comments that are kept while marking, found again, shared with a run, and counted."""

from typing import Any

import pytest
from sqlalchemy import select

from placements.bank import actions
from placements.bank.models import BankComment
from placements.bank.queries import offered_for, own
from placements.bank.rules import added_to, newly_used
from placements.cohorts.models import ComponentKind
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.marking.actions import Judgement, keep_words, save_draft
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, scene
from tests.factories import NOW


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "Cite your sources."),
        ("  \n", "Cite your sources."),
        ("Well argued.\n", "Well argued.\n\nCite your sources."),
        ("Cite your sources. And soon.", "Cite your sources. And soon."),
    ],
)
def test_a_comment_is_put_beneath_what_is_there_and_once(text: str, expected: str) -> None:
    assert added_to(text, "Cite your sources.") == expected


@pytest.mark.pure
def test_a_comment_is_used_when_it_comes_and_not_when_it_stays() -> None:
    bank = ["Cite your sources.", "Well argued.", "Unused."]
    assert newly_used(bank, ["Well argued."], ["Well argued. More.", "Do:\n\nCite your sources."]) == {
        "Cite your sources."
    }


def tutor(of: Scene) -> Principal:
    return of.who(of.tutor)


def test_what_is_kept_is_found_beside_its_criterion_and_the_same_is_kept_once(session: Any) -> None:
    of = scene()
    mark = hand_in(of).mark
    assert mark is not None
    for _ in range(2):
        keep_words(mark, of.portfolio.criteria[0], "Cite your sources.", actor=tutor(of))
    keep_words(mark, None, "Well done.", actor=tutor(of))
    found = [(each.kind, each.criterion, each.text) for each in own(tutor(of))]
    assert found == [
        (ComponentKind.PORTFOLIO, "Understanding of the challenge", "Cite your sources."),
        (ComponentKind.PORTFOLIO, "", "Well done."),
    ]
    assert offered_for(tutor(of), of.agreement) == []
    assert offered_for(of.who(of.leader), of.portfolio) == []


@pytest.mark.parametrize(("text", "why"), [("", "Write the comment first"), ("a" * 1001, "1,000 characters")])
def test_nothing_and_too_much_are_not_kept(session: Any, text: str, why: str) -> None:
    of = scene()
    with pytest.raises(Refused, match=why):
        actions.keep_comment(of.portfolio, "", text, actor=tutor(of))


def test_what_the_leader_shares_every_marker_of_the_run_finds_and_no_other(session: Any) -> None:
    of, other = scene(), scene(numbers="2613")
    comment = make.bank_comment(of.leader.person, "Say what you learnt.")
    with pytest.raises(NotAllowed):
        actions.share(comment, other.run, actor=of.who(of.leader), now=NOW)
    actions.share(comment, of.run, actor=of.who(of.leader), now=NOW)
    session.flush()
    assert [each.text for each in offered_for(tutor(of), of.portfolio)] == ["Say what you learnt."]
    assert offered_for(tutor(other), other.portfolio) == []
    session.refresh(comment)
    actions.unshare(comment, actor=of.who(of.leader), now=NOW)
    session.flush()
    assert offered_for(tutor(of), of.portfolio) == []


def test_the_most_used_comes_first(session: Any) -> None:
    of = scene(2)
    make.bank_comment(of.tutor.person, "Always.")
    make.bank_comment(of.tutor.person, "Seldom.")
    for place, words in ((0, "Seldom."), (1, "Seldom. As I said.")):
        mark = hand_in(of, place).mark
        assert mark is not None
        for feedback in (words, words + " More."):
            said = Judgement({each.id: (None, "") for each in of.portfolio.criteria}, feedback)
            save_draft(mark, said, seen=mark.version, actor=tutor(of), now=NOW)
    session.expire_all()
    assert [(each.text, each.uses) for each in own(tutor(of))] == [("Seldom.", 2), ("Always.", 0)]


def test_a_dropped_comment_is_gone(session: Any) -> None:
    of = scene()
    actions.drop(make.bank_comment(of.tutor.person, "Old."))
    session.flush()
    assert session.scalars(select(BankComment)).all() == []
