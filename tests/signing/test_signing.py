"""Signing: every order, every repeat, by account and by link; and everything that may not be signed."""

from itertools import permutations
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.queries import facts_of, versions_of
from placements.agreements.rules import digest
from placements.agreements.workflow import AgreementState
from placements.core.errors import Conflict, NotAllowed, Refused
from placements.core.policy import NOBODY
from placements.db import db
from placements.placing.workflow import PlacementState
from placements.signing import actions as signing
from placements.signing.invitations import invitation_of
from tests import factories as make
from tests.agreements.scene import (
    ADDRESS,
    drafted,
    in_force,
    link_to_sign,
    principal,
    proposed,
    sign,
    sign_by_link,
)
from tests.factories import DAY, NOW
from tests.placing.scene import Scene

G = AgreementState


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


@pytest.mark.parametrize("is_by_link", [True, False], ids=["by link", "by account"])
@pytest.mark.parametrize("order", list(permutations(Party)), ids=" ".join)
def test_it_is_in_force_with_the_third_signature_in_any_order(
    scene: Scene, order: tuple[Party, ...], is_by_link: bool
) -> None:
    agreement = proposed(scene)
    for place, party in enumerate(order, 1):
        assert agreement.state is G.SIGNING
        assert scene.placement.state is PlacementState.PREPARING
        for _ in range(2):  # a second press of the same button
            if party is Party.SUPERVISOR and is_by_link and agreement.signature_of(party) is None:
                sign_by_link(agreement)
            else:
                sign(scene, agreement, party)
        assert len(agreement.signatures) == place
    assert (agreement.state, agreement.in_force_at) == (G.IN_FORCE, NOW)
    assert (scene.placement.state, scene.placement.agreed_at) == (PlacementState.CLEARED, NOW)
    assert scene.told("signing.in_force") == {"student", "supervisor", "tutor"}


def test_a_signature_is_a_name_an_instant_an_address_and_a_hash(scene: Scene) -> None:
    agreement = proposed(scene)
    sign(scene, agreement, Party.STUDENT, typed_name="ada  OKORO", now=NOW + DAY)
    [signature] = agreement.signatures
    assert (signature.typed_name, signature.at, signature.address) == ("ada  OKORO", NOW + DAY, ADDRESS)
    assert (signature.sha256, signature.person_id) == (agreement.sha256, scene.student.person_id)


@pytest.mark.parametrize("typed", ["Ada", "Tom Tutor", "", "Ada Okoro Jr"])
def test_only_ones_own_name_signs(scene: Scene, typed: str) -> None:
    agreement = proposed(scene)
    with pytest.raises(Refused) as refusal:
        sign(scene, agreement, Party.STUDENT, typed_name=typed)
    assert refusal.value.field == "typed_name"
    assert agreement.signatures == []


@pytest.mark.parametrize("seen", ["", "0" * 64])
def test_other_words_than_those_read_cannot_be_signed(scene: Scene, seen: str) -> None:
    agreement = proposed(scene)
    with pytest.raises(Conflict):
        sign(scene, agreement, Party.TUTOR, seen=seen)


def test_what_was_taken_back_cannot_be_signed(scene: Scene) -> None:
    agreement = proposed(scene)
    signing.take_back(agreement, actor=principal(scene, Party.STUDENT), now=NOW)
    with pytest.raises(Refused):
        sign(scene, agreement, Party.TUTOR)


def test_a_draft_cannot_be_signed(scene: Scene) -> None:
    with pytest.raises(Refused):
        sign(scene, drafted(scene), Party.TUTOR, seen="")


@pytest.mark.parametrize("change", ["dates", "supervisor"])
def test_dates_and_people_that_changed_stop_the_signing(scene: Scene, session: Any, change: str) -> None:
    agreement = proposed(scene)
    if change == "dates":
        scene.placement.ends_on += DAY
    else:
        scene.placement.supervisor = scene.contact.person
    session.flush()
    with pytest.raises(Refused, match="has to send it round again"):
        sign(scene, agreement, Party.TUTOR)


def test_what_has_ended_cannot_be_signed(scene: Scene) -> None:
    agreement = proposed(scene)
    scene.placement.state = PlacementState.NOT_STARTED
    with pytest.raises(Refused, match="has ended"):
        sign(scene, agreement, Party.TUTOR)


def test_nobody_else_signs(scene: Scene) -> None:
    agreement = proposed(scene)
    for actor in (NOBODY, principal(scene, Party.STUDENT)):
        stranger = actor if actor is NOBODY else type(actor)(scene.other_tutor.person_id)
        with pytest.raises(NotAllowed):
            signing.sign(agreement, "Tia Else", ADDRESS, seen=agreement.sha256 or "", actor=stranger, now=NOW)


def test_nobody_signs_on_two_sides(scene: Scene, session: Any) -> None:
    agreement = proposed(scene)
    scene.placement.tutor = scene.supervisor.person
    session.flush()
    with pytest.raises(Refused, match="two sides"):
        sign(scene, agreement, Party.SUPERVISOR)
    with pytest.raises(IntegrityError):  # nor does the database let them
        for party in (Party.SUPERVISOR, Party.TUTOR):
            row = {"typed_name": "Sue", "at": NOW, "address": ADDRESS, "sha256": agreement.sha256}
            session.add(Signature(agreement=agreement, party=party, person=scene.supervisor.person, **row))
        session.flush()


@pytest.mark.parametrize("tie", ["interest", "contact"])
def test_a_tutor_with_a_side_in_the_organisation_may_not_sign(database: Flask, scene: Scene, tie: str) -> None:
    agreement = proposed(scene)
    may = database.extensions["placements.site"].abilities["signing.sign"]
    assert may(scene.who(database, "tutor"), agreement, NOW)
    (make.interest if tie == "interest" else make.contact)(scene.organisation, scene.tutor.person)
    assert not may(scene.who(database, "tutor"), agreement, NOW)
    assert may(scene.who(database, "supervisor"), agreement, NOW)  # a contact by their part in it


def test_a_new_version_replaces_the_old_at_the_instant_it_is_in_force(scene: Scene) -> None:
    first = in_force(scene)
    second = proposed(scene, words={**first.words, "output": "A guide as well."})
    sign(scene, second, Party.STUDENT)
    assert (first.state, second.state) == (G.IN_FORCE, G.SIGNING)
    for party in (Party.TUTOR, Party.SUPERVISOR):
        sign(scene, second, party, now=NOW + DAY)
    assert (first.state, second.state, second.in_force_at) == (G.SUPERSEDED, G.IN_FORCE, NOW + DAY)
    assert scene.placement.agreed_at == NOW  # hours count from the first one on
    assert second.sha256 != first.sha256


# Links


def test_a_link_signs_once(scene: Scene) -> None:
    agreement = proposed(scene)
    sign_by_link(agreement)
    with pytest.raises(Refused, match="used already"):
        sign_by_link(agreement)
    assert len(agreement.signatures) == 1


def test_a_link_signs_for_its_time_only(scene: Scene) -> None:
    agreement = proposed(scene)
    with pytest.raises(Refused, match="too old"):
        sign_by_link(agreement, now=NOW + 21 * DAY)
    sign_by_link(agreement, now=NOW + 20 * DAY)
    assert agreement.signature_of(Party.SUPERVISOR)


def test_a_link_to_what_was_taken_back_signs_nothing(scene: Scene, session: Any) -> None:
    old = proposed(scene)
    link = link_to_sign(old)
    signing.take_back(old, actor=principal(scene, Party.STUDENT), now=NOW)
    session.flush()
    new = proposed(scene)
    with pytest.raises(Refused):
        signing.sign_by_link(invitation_of(link), "Sue Supervisor", ADDRESS, now=NOW)
    assert (old.signatures, new.signatures) == ([], [])


def test_a_link_of_another_version_is_refused(scene: Scene) -> None:
    agreement = proposed(scene)
    link_to_sign(agreement).version = "0" * 64
    with pytest.raises(Conflict):
        sign_by_link(agreement)


def test_a_link_asks_for_changes_once(scene: Scene) -> None:
    agreement = proposed(scene)
    invitation = invitation_of(link_to_sign(agreement))
    signing.ask_by_link(invitation, "Add Thursdays.", "key", now=NOW)
    assert [each.state for each in versions_of(scene.placement)] == [G.DRAFT, G.TAKEN_BACK]
    with pytest.raises(Refused):
        signing.ask_by_link(invitation, "And Fridays.", "other", now=NOW)


def test_a_new_link_is_sent_only_where_a_signature_waits(scene: Scene) -> None:
    agreement = proposed(scene)
    old = invitation_of(link_to_sign(agreement))
    signing.send_new_link(old, now=NOW + 30 * DAY)
    new = link_to_sign(agreement)
    assert new.id != old.link.id
    assert new.is_open(NOW + 30 * DAY)
    sign_by_link(agreement, now=NOW + 30 * DAY)
    with pytest.raises(Refused):
        signing.send_new_link(invitation_of(new), now=NOW + 31 * DAY)


# Whatever happens in whatever order, the end is right

STEPS = [
    *(["student", "tutor"] * 3),
    *(["supervisor", "link"] * 2),
    *("take back", "ask", "propose", "propose", "dates", "new link"),
]
STORIES, LENGTH = 40, 28


def test_any_sequence_leaves_at_most_one_in_force_signed_by_all_over_its_own_words(session: Any) -> None:
    chance, reached = Random(20261020), []
    for _ in range(STORIES):
        with session.begin_nested() as undone:
            scene = Scene()
            for step in ["propose", *chance.choices(STEPS, k=LENGTH)]:
                _try(scene, step)
            session.flush()
            _check_end(session, scene)
            reached.append({each.state for each in versions_of(scene.placement)})
            undone.rollback()
        session.expunge_all()
    assert all(sum(state in states for states in reached) >= 5 for state in G)  # they go everywhere


def _check_end(session: Any, scene: Scene) -> None:
    versions = versions_of(scene.placement)
    in_force_now = [each for each in versions if each.state is G.IN_FORCE]
    assert len(in_force_now) <= 1
    assert len([each for each in versions if each.state in (G.DRAFT, G.SIGNING)]) <= 1
    assert (scene.placement.agreed_at is not None) == bool(in_force_now)
    for each in versions:
        rows = session.scalars(select(Signature).where(Signature.agreement_id == each.id)).all()
        assert {row.sha256 for row in rows if row.carried_from_id is None} <= {each.sha256}
        if each.state in (G.IN_FORCE, G.SUPERSEDED):
            assert {row.party for row in rows} == set(Party)
        if each.sha256 is not None:
            assert each.sha256 == digest(each.number, facts_of(each), each.content)


def _try(scene: Scene, step: str) -> None:
    """One step that somebody may try; refusals are answers."""
    newest = next(iter(versions_of(scene.placement)), None)
    student = principal(scene, Party.STUDENT)
    try:
        if step == "propose":
            proposed(scene)
        elif step == "dates":
            scene.placement.ends_on += DAY
            db.session.flush()
        elif newest is None:
            return
        elif step in list(Party):
            sign(scene, newest, Party(step))
        elif step == "take back":
            signing.take_back(newest, actor=student, now=NOW)
        elif step == "ask":
            signing.ask_for_changes(newest, "Change it.", "", actor=principal(scene, Party.TUTOR), now=NOW)
        elif newest.proposed_at:
            _try_link(newest, step)
    except Refused:
        return


def _try_link(newest: Agreement, step: str) -> None:
    if step == "link":
        sign_by_link(newest)
    else:
        signing.send_new_link(invitation_of(link_to_sign(newest)), now=NOW)
