"""A later version: other dates, whose signature still holds, what stays valid until it is in force."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from placements.agreements import actions
from placements.agreements.differences import differences_of
from placements.agreements.models import Agreement, AgreementComment, Party, Signature
from placements.agreements.queries import facts_of, is_out_of_date, objectives_of, versions_of, weeks_of
from placements.agreements.rules import digest, part_digest
from placements.agreements.workflow import AgreementState
from placements.core.errors import Refused
from placements.links.models import Link
from placements.mail.models import Notification
from placements.signing import actions as signing
from placements.signing import sending
from placements.signing.amending import amend_dates
from tests.agreements.scene import OBJECTIVES, WORDS, drafted, evenly, in_force, principal, proposed, sign, sign_by_link
from tests.agreements.test_rules import CONTENT, FACTS
from tests.factories import DAY, NOW
from tests.placing.scene import Scene

G = AgreementState
OLD = (date(2026, 11, 16), date(2027, 4, 30))
NEW = (date(2026, 11, 23), date(2027, 5, 28))
LATER = NOW + DAY


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def amend(scene: Scene, dates: tuple[date, date] = NEW, by: str = "tutor", key: str = "key") -> Agreement:
    actor = principal(scene, Party(by))
    return amend_dates(scene.placement, *dates, "The hall is closed.", key, actor=actor, now=LATER)


def dates(scene: Scene) -> tuple[date, date]:
    return scene.placement.starts_on, scene.placement.ends_on


def asked(scene: Scene, session: Any, agreement: Agreement) -> set[int]:
    rows = select(Notification.recipient_id).where(
        Notification.notice == "signing.please_sign", Notification.about_id == agreement.id
    )
    return set(session.scalars(rows))


# Whose part a change is, typed by hand: (section or fact, those whose signature it ends)
SUPERVISOR, TUTOR, ALL = {"student", "supervisor"}, {"student", "tutor"}, {"student", "supervisor", "tutor"}
ENDS = {
    **dict.fromkeys(["challenge", "objectives", "output", "supervision", "confidentiality", "ownership"], ALL),
    **dict.fromkeys(["activities", "hours_plan", "weeks"], SUPERVISOR),
}
ENDS_BY_FACT = {
    **dict.fromkeys(["module", "organisation", "where", "starts_on", "ends_on", "minutes"], SUPERVISOR),
    **dict.fromkeys(["challenge", "student", "student_id", "supervisor", "supervisor_id"], ALL),
    **dict.fromkeys(["tutor", "tutor_id"], TUTOR),
}


def ended(facts: Any, content: Any) -> set[str]:
    return {party for party in ALL if part_digest(party, facts, content) != part_digest(party, FACTS, CONTENT)}


@pytest.mark.pure
@pytest.mark.parametrize(("name", "parties"), ENDS.items())
def test_which_signatures_other_words_end(name: str, parties: set[str]) -> None:
    others = {"objectives": {"objectives": ("Another.",)}, "weeks": {"weeks": {date(2026, 11, 16): 60}}}
    changed = others.get(name, {"words": {**CONTENT.words, name: "Other words."}})
    assert ended(FACTS, replace(CONTENT, **changed)) == parties


@pytest.mark.pure
@pytest.mark.parametrize(("name", "parties"), ENDS_BY_FACT.items())
def test_which_signatures_other_facts_end(name: str, parties: set[str]) -> None:
    other = {date: date(2026, 12, 1), int: 2400, str: "Somebody else"}[type(getattr(FACTS, name))]
    assert ended(replace(FACTS, **{name: other}), CONTENT) == parties


def test_other_dates_ask_student_and_supervisor_and_move_when_both_have_signed(scene: Scene, session: Any) -> None:
    first = in_force(scene)
    second = amend(scene)
    assert (second.number, second.state, first.state) == (2, G.SIGNING, G.IN_FORCE)
    assert asked(scene, session, second) == {scene.student.person_id, scene.supervisor.person_id}
    assert (dates(scene), facts_of(second).starts_on, facts_of(second).ends_on) == (OLD, *NEW)
    assert not is_out_of_date(first)
    assert not is_out_of_date(second)
    sign(scene, second, Party.STUDENT, now=LATER)
    assert dates(scene) == OLD
    sign_by_link(second, now=LATER)
    assert (dates(scene), first.state, second.state) == (NEW, G.SUPERSEDED, G.IN_FORCE)
    assert scene.placement.agreed_at == NOW
    session.flush()
    told = select(Notification.recipient_id).where(
        Notification.notice == "signing.in_force", Notification.about_id == second.id
    )
    assert set(session.scalars(told)) == {scene.student.person_id, scene.supervisor.person_id}


def test_a_carried_signature_says_what_was_really_signed(scene: Scene, session: Any) -> None:
    first = in_force(scene)
    original = first.signature_of(Party.TUTOR)
    for number, ends_on in enumerate([date(2027, 5, 28), date(2027, 6, 4)], 2):
        version = amend(scene, (OLD[0], ends_on), key=f"key-{number}")
        for party in (Party.STUDENT, Party.SUPERVISOR):
            sign(scene, version, party, now=LATER)
        carried = version.signature_of(Party.TUTOR)
        assert carried is not None and original is not None
        assert carried.carried_from is original  # the first, not the one in between
        assert (carried.sha256, carried.at, carried.address) == (first.sha256, NOW, original.address)
        assert carried.sha256 != version.sha256
        really = carried.carried_from.agreement
        assert carried.sha256 == digest(really.number, facts_of(really), really.content, really.format or 0)
    assert [each.state for each in versions_of(scene.placement)] == [G.IN_FORCE, G.SUPERSEDED, G.SUPERSEDED]


def test_hours_outside_the_new_dates_are_planned_inside_them(scene: Scene) -> None:
    in_force(scene)
    second = amend(scene, (OLD[0], date(2026, 12, 13)))
    assert sum(second.content.weeks.values()) == 45 * 60
    assert max(second.content.weeks) == date(2026, 12, 7)
    assert weeks_of([scene.placement.id]) == {scene.placement.id: evenly(scene)}  # of the version in force


def test_the_reason_is_a_comment_on_the_version(scene: Scene, session: Any) -> None:
    in_force(scene)
    second = amend(scene)
    comment = session.scalars(select(AgreementComment).where(AgreementComment.agreement_id == second.id)).one()
    assert (comment.text, comment.author) == ("The hall is closed.", scene.tutor.person)


def test_pressed_twice_is_one_version(scene: Scene, session: Any) -> None:
    in_force(scene)
    assert amend(scene) is amend(scene)
    assert len(versions_of(scene.placement)) == 2
    assert len(session.scalars(select(AgreementComment)).all()) == 1


def test_taken_back_everything_is_as_it_was(scene: Scene) -> None:
    first = in_force(scene)
    second = amend(scene)
    sign(scene, second, Party.STUDENT, now=LATER)
    signing.take_back(second, actor=principal(scene, Party.STUDENT), now=LATER)
    assert (dates(scene), first.state, second.state) == (OLD, G.IN_FORCE, G.TAKEN_BACK)
    assert scene.told("signing.taken_back") == {"supervisor"}  # the tutor was asked for nothing
    assert len(first.signatures) == 3


def test_other_dates_replace_those_that_go_round(scene: Scene) -> None:
    in_force(scene)
    second = amend(scene)
    third = amend(scene, (OLD[0], date(2027, 6, 4)), key="again")
    assert (second.state, third.state, third.number) == (G.TAKEN_BACK, G.SIGNING, 3)
    assert facts_of(third).ends_on == date(2027, 6, 4)


def test_a_draft_gets_the_dates_and_waits_for_its_student(scene: Scene) -> None:
    in_force(scene)
    draft = actions.start(scene.placement, actor=principal(scene, Party.STUDENT), now=NOW)
    assert amend(scene) is draft
    assert (draft.state, facts_of(draft).ends_on, dates(scene)) == (G.DRAFT, NEW[1], OLD)
    assert scene.told("agreements.commented") == {"student"}


def test_impossible_dates_are_refused_at_their_field_and_nothing_is_written(scene: Scene) -> None:
    in_force(scene)
    with pytest.raises(Refused) as refusal:
        amend(scene, (date(2026, 10, 19), OLD[1]))
    assert refusal.value.field == "starts_on"
    assert len(versions_of(scene.placement)) == 1


def test_before_it_is_agreed_there_is_nothing_to_amend(scene: Scene) -> None:
    proposed(scene)
    with pytest.raises(Refused, match="Change the dates of the placement itself"):
        amend(scene)


def test_the_same_again_is_not_sent_round(scene: Scene) -> None:
    in_force(scene)
    draft = actions.start(scene.placement, actor=principal(scene, Party.STUDENT), now=NOW)
    with pytest.raises(Refused, match="Nothing differs from the version that is in force"):
        sending.propose(draft, seen=draft.edit_version, actor=principal(scene, Party.STUDENT), now=NOW)


def test_other_words_ask_those_whose_part_they_are(scene: Scene, session: Any) -> None:
    in_force(scene)
    second = drafted(scene, {**WORDS, "activities": "Something else."})
    sending.propose(second, seen=second.edit_version, actor=principal(scene, Party.STUDENT), now=LATER)
    assert [each.party for each in second.signatures] == [Party.TUTOR]
    assert asked(scene, session, second) == {scene.student.person_id, scene.supervisor.person_id}


def test_another_tutor_asks_the_tutor_and_the_student_alone(scene: Scene, session: Any) -> None:
    in_force(scene)
    scene.placement.tutor = scene.other_tutor.person
    session.flush()
    second = proposed(scene)
    assert [each.party for each in second.signatures] == [Party.SUPERVISOR]
    assert asked(scene, session, second) == {scene.student.person_id, scene.other_tutor.person_id}
    assert session.scalars(select(Link).where(Link.about_id == second.id)).all() == []


def test_what_differs_is_shown_part_by_part(scene: Scene) -> None:
    assert differences_of(in_force(scene)) is None
    second = drafted(scene, {**WORDS, "output": "Our new words about output."})
    found = differences_of(second)
    assert found is not None
    assert [(part.title, list(part.pieces)) for part in found.changed] == [
        ("What is left behind", [("same", "Our"), ("new", "new"), ("same", "words about output.")])
    ]
    assert len(found.same) == 17


def test_a_new_version_has_objectives_and_weeks_of_its_own(scene: Scene, session: Any) -> None:
    first = in_force(scene)
    second = amend(scene)
    assert [each.text for each in objectives_of(scene.placement.id)] == OBJECTIVES
    assert second.content.objectives == first.content.objectives
    assert not {each.id for each in first.objectives} & {each.id for each in second.objectives}
    assert (
        session.scalars(select(Signature.carried_from_id).where(Signature.agreement_id == first.id)).all() == [None] * 3
    )
