"""Writing an Agreement: begun once, saved by one at a time, sent round whole, taken back with its signatures kept."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from placements.agreements import actions
from placements.agreements.models import Agreement, AgreementComment, Party
from placements.agreements.queries import facts_of, is_out_of_date, versions_of
from placements.agreements.rules import Content, digest
from placements.agreements.workflow import AgreementState
from placements.core.errors import Conflict, Refused
from placements.core.policy import NOBODY
from placements.links.models import Link
from placements.placing.workflow import PlacementState
from placements.signing import actions as signing
from placements.signing import sending
from tests import factories as make
from tests.agreements.scene import OBJECTIVES, WORDS, drafted, evenly, in_force, principal, proposed, sign
from tests.factories import DAY, NOW
from tests.placing.scene import Scene

G = AgreementState


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def start(scene: Scene) -> Agreement:
    return actions.start(scene.placement, actor=principal(scene, Party.STUDENT), now=NOW)


def states(scene: Scene) -> list[tuple[int, AgreementState]]:
    return [(each.number, each.state) for each in reversed(versions_of(scene.placement))]


def test_the_first_draft_begins_with_the_organisations_words(scene: Scene) -> None:
    agreement = start(scene)
    assert (agreement.number, agreement.state) == (1, G.DRAFT)
    assert agreement.challenge == "Our food bank counts stock on paper and runs out of what people need."
    assert agreement.output == "A stock list that a volunteer can keep on a phone."
    assert (agreement.objectives, agreement.weeks) == ([], [])


def test_beginning_twice_is_one_draft(scene: Scene) -> None:
    assert start(scene) is start(scene)


def test_the_database_lets_no_second_version_be_open(scene: Scene, session: Any) -> None:
    start(scene)
    with pytest.raises(IntegrityError):
        make.agreement(scene.placement, number=2, state=G.DRAFT)


def test_nothing_is_begun_for_a_placement_that_has_ended(scene: Scene) -> None:
    scene.placement.state = PlacementState.NOT_STARTED
    with pytest.raises(Refused):
        start(scene)


def test_each_save_counts_and_saving_the_same_again_does_not(scene: Scene) -> None:
    agreement = start(scene)
    student = principal(scene, Party.STUDENT)
    actions.save_draft(agreement, WORDS, OBJECTIVES, seen=1, actor=student, now=NOW)
    assert (agreement.edit_version, agreement.words, agreement.saved_at) == (2, WORDS, NOW)
    actions.save_draft(agreement, WORDS, OBJECTIVES, seen=1, actor=student, now=NOW + DAY)
    assert (agreement.edit_version, agreement.saved_at) == (2, NOW)


@pytest.mark.parametrize("seen", [1, 4, None])
def test_a_stale_save_overwrites_nothing(scene: Scene, seen: int | None) -> None:
    agreement = drafted(scene)
    with pytest.raises(Conflict):
        actions.save_draft(agreement, {**WORDS, "output": "Mine"}, OBJECTIVES, seen=seen, actor=NOBODY, now=NOW)
    assert agreement.words == WORDS


def test_sent_round_its_facts_and_hash_are_fixed_and_all_three_are_asked(scene: Scene, session: Any) -> None:
    agreement = proposed(scene)
    facts = facts_of(agreement)
    assert (agreement.state, agreement.proposed_at) == (G.SIGNING, NOW)
    assert (facts.student, facts.supervisor, facts.tutor) == ("Ada Okoro", "Sue Supervisor", "Tom Tutor")
    assert (facts.minutes, facts.organisation) == (2700, "The food bank")
    assert agreement.sha256 == digest(1, facts, Content(WORDS, tuple(OBJECTIVES), evenly(scene)))
    assert scene.told("signing.please_sign") == {"student", "supervisor", "tutor"}
    link = session.scalars(select(Link)).one()
    assert (link.holder_id, link.version, link.about_id) == (
        scene.supervisor.person_id,
        agreement.sha256,
        agreement.id,
    )


def test_sent_twice_it_goes_round_once(scene: Scene, session: Any) -> None:
    agreement = proposed(scene)
    sending.propose(agreement, seen=agreement.edit_version, actor=NOBODY, now=NOW + DAY)
    assert agreement.proposed_at == NOW
    assert len(session.scalars(select(Link)).all()) == 1


def test_what_is_sent_is_what_was_checked(scene: Scene) -> None:
    agreement = drafted(scene)
    with pytest.raises(Conflict):
        sending.propose(agreement, seen=1, actor=NOBODY, now=NOW)
    assert (agreement.state, agreement.sha256) == (G.DRAFT, None)


def test_an_empty_part_keeps_it_back(scene: Scene) -> None:
    agreement = drafted(scene, {**WORDS, "ownership": ""})
    with pytest.raises(Refused, match="“Who owns what is made”"):
        sending.propose(agreement, seen=agreement.edit_version, actor=NOBODY, now=NOW)


def test_without_a_tutor_it_is_kept_back(scene: Scene) -> None:
    agreement = drafted(scene)
    scene.placement.tutor = None
    scene.placement.tutor_id = None
    with pytest.raises(Refused, match="Nobody is your tutor yet"):
        sending.propose(agreement, seen=agreement.edit_version, actor=NOBODY, now=NOW)


def test_a_tutor_with_a_side_in_the_organisation_keeps_it_back(scene: Scene, session: Any) -> None:
    agreement = drafted(scene)
    make.interest(scene.organisation, scene.tutor.person)
    with pytest.raises(Refused, match=r"Your tutor cannot sign for this organisation\. Ask the module leader"):
        sending.propose(agreement, seen=agreement.edit_version, actor=principal(scene, Party.STUDENT), now=NOW)
    assert agreement.state is AgreementState.DRAFT


@pytest.mark.parametrize("party", ["student", "supervisor"])
def test_one_person_on_two_sides_keeps_it_back(scene: Scene, session: Any, party: str) -> None:
    agreement = drafted(scene)
    scene.placement.tutor = getattr(scene, party).person
    session.flush()
    with pytest.raises(Refused, match="two sides"):
        sending.propose(agreement, seen=agreement.edit_version, actor=NOBODY, now=NOW)


def test_what_goes_round_cannot_be_written_on(scene: Scene) -> None:
    agreement = proposed(scene)
    with pytest.raises(Refused):
        actions.save_draft(
            agreement, {**WORDS, "output": "Mine"}, OBJECTIVES, seen=agreement.edit_version, actor=NOBODY, now=NOW
        )


def test_taken_back_its_signatures_are_kept_and_a_draft_with_the_same_words_follows(scene: Scene) -> None:
    agreement = proposed(scene)
    sign(scene, agreement, Party.TUTOR)
    draft = signing.take_back(agreement, actor=principal(scene, Party.STUDENT), now=NOW)
    assert states(scene) == [(1, G.TAKEN_BACK), (2, G.DRAFT)]
    assert [signature.party for signature in agreement.signatures] == [Party.TUTOR]
    assert (draft.words, draft.signatures, draft.sha256, draft.facts) == (WORDS, [], None, None)
    assert scene.told("signing.taken_back") == {"supervisor", "tutor"}


def test_taken_back_twice_is_one_draft(scene: Scene) -> None:
    agreement = proposed(scene)
    first = signing.take_back(agreement, actor=principal(scene, Party.STUDENT), now=NOW)
    assert signing.take_back(agreement, actor=principal(scene, Party.STUDENT), now=NOW) is first
    assert states(scene) == [(1, G.TAKEN_BACK), (2, G.DRAFT)]


def test_what_is_in_force_cannot_be_taken_back(scene: Scene) -> None:
    with pytest.raises(Refused):
        signing.take_back(in_force(scene), actor=principal(scene, Party.STUDENT), now=NOW)


def test_whoever_asks_for_changes_sends_it_back_with_a_word(scene: Scene, session: Any) -> None:
    agreement = proposed(scene)
    tutor = principal(scene, Party.TUTOR)
    for _ in range(2):
        signing.ask_for_changes(agreement, "Say when you come.", "key-1", actor=tutor, now=NOW)
    assert states(scene) == [(1, G.TAKEN_BACK), (2, G.DRAFT)]
    comment = session.scalars(select(AgreementComment)).one()
    assert (comment.text, comment.author) == ("Say when you come.", scene.tutor.person)
    assert scene.told("signing.changes_asked") == {"student"}
    assert scene.told("signing.taken_back") == {"supervisor"}


@pytest.mark.parametrize(("party", "told"), [(Party.TUTOR, "student"), (Party.STUDENT, "tutor")])
def test_a_comment_is_told_to_the_other_once_however_often_it_is_sent(
    scene: Scene, session: Any, party: Party, told: str
) -> None:
    agreement = drafted(scene)
    for _ in range(2):
        actions.comment(agreement, "Good so far.", "key-1", actor=principal(scene, party), now=NOW)
    assert len(session.scalars(select(AgreementComment)).all()) == 1
    assert scene.told("agreements.commented") == {told}


def test_two_comments_without_a_key_are_two(scene: Scene, session: Any) -> None:
    agreement = drafted(scene)
    for text in ("One.", "Two."):
        actions.comment(agreement, text, "", actor=principal(scene, Party.TUTOR), now=NOW)
    assert len(session.scalars(select(AgreementComment)).all()) == 2


def test_a_change_after_it_is_in_force_is_a_new_version_that_waits_beside_it(scene: Scene) -> None:
    agreement = in_force(scene)
    draft = start(scene)
    assert states(scene) == [(1, G.IN_FORCE), (2, G.DRAFT)]
    assert draft.words == agreement.words


@pytest.mark.parametrize("change", ["dates", "hours", "supervisor", "tutor", "site", "name"])
def test_a_version_is_out_of_date_when_a_fact_of_it_changes(scene: Scene, session: Any, change: str) -> None:
    agreement = proposed(scene)
    assert not is_out_of_date(agreement)
    placement = scene.placement
    if change == "dates":
        placement.ends_on += DAY
    elif change == "hours":
        placement.minutes_agreed += 60
    elif change == "name":
        scene.student.person.family_name = "Okoro-Smith"
    else:
        new = {
            "supervisor": make.person(given_name="Sue", family_name="Supervisor"),  # of the same name
            "tutor": make.person(given_name="Tom", family_name="Tutor"),
            "site": make.site(scene.organisation, name="The annexe"),
        }
        setattr(placement, change, new[change])
    session.flush()
    assert is_out_of_date(agreement)
