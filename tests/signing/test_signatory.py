"""Somebody whom the organisation has named signs for it, in the supervisor's place."""

from typing import Any

import pytest
from flask import Flask

from placements.agreements.differences import differences_of
from placements.agreements.models import Agreement, Party
from placements.agreements.queries import awaited, facts_of, is_out_of_date, signers
from placements.agreements.rules import canonical
from placements.agreements.workflow import AgreementState
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.links.actions import latest_link, token
from placements.partners.actions import say_left
from placements.partners.models import Contact, ContactRole
from placements.people.models import Person
from placements.signing import actions as signing
from placements.signing import notices, sending
from placements.signing.invitations import SIGN_BY_LINK, invitation_of
from tests import factories as make
from tests.agreements.mails import SECOND, reminded, said
from tests.agreements.scene import ADDRESS, drafted, in_force, principal, proposed, sign
from tests.client import PageClient
from tests.factories import DAY, NOW
from tests.golden import check_golden
from tests.placing.scene import Scene, committed

TYPED = {"has_read": True, "typed_name": "Dan Director"}


class Named(Scene):
    """The food bank has Dan sign for it."""

    def __init__(self, **said: Any) -> None:
        super().__init__(public_id="placement-pu", **said)
        self.director = self._somebody("Dan", "Director")
        self.named = name(self, self.director.person)


def name(scene: Scene, person: Person) -> Contact:
    named = make.contact(scene.organisation, person, ContactRole.SIGNATORY)
    db.session.expire(scene.organisation)
    return named


@pytest.fixture
def scene(session: Any) -> Named:
    return Named()


def sign_as_signatory(scene: Named, agreement: Agreement) -> None:
    link = latest_link(SIGN_BY_LINK, agreement.id, scene.director.person_id)
    assert link is not None
    signing.sign_by_link(invitation_of(link), "dan director", ADDRESS, now=NOW)


def test_the_named_one_is_asked_signs_by_link_and_brings_it_into_force(scene: Named) -> None:
    agreement = proposed(scene)
    assert scene.told("signing.please_sign") == {"student", "director", "tutor"}
    for party in (Party.STUDENT, Party.TUTOR):
        sign(scene, agreement, party)
    assert awaited(agreement, scene.placement) == ("Dan Director",)
    sign_as_signatory(scene, agreement)
    assert agreement.state is AgreementState.IN_FORCE
    signature = agreement.signature_of(Party.SUPERVISOR)
    assert signature is not None
    assert (signature.person_id, signature.sha256) == (scene.director.person_id, agreement.sha256)
    assert scene.told("signing.in_force") == {"student", "director", "tutor", "supervisor"}


def test_the_supervisor_does_not_sign_then(scene: Named) -> None:
    agreement = proposed(scene)
    with pytest.raises(NotAllowed):
        sign(scene, agreement, Party.SUPERVISOR)
    assert latest_link(SIGN_BY_LINK, agreement.id, scene.supervisor.person_id) is None


def test_what_is_signed_says_in_which_capacity(scene: Named) -> None:
    agreement = proposed(scene)
    assert [signer.title for signer in signers(agreement)] == ["Student", "For the organisation", "Tutor"]
    text = canonical(agreement.number, facts_of(agreement), agreement.content).decode()
    assert '"signatory":"Dan Director"' in text
    assert '"supervisor":"Sue Supervisor"' in text


def test_a_supervisor_who_is_named_signs_as_supervisor(session: Any) -> None:
    scene = Scene()
    contact = next(each for each in scene.organisation.contacts if each.person_id == scene.supervisor.person_id)
    contact.role = ContactRole.SIGNATORY
    session.flush()
    session.expire(scene.organisation)
    agreement = proposed(scene)
    assert agreement.signatory_id is None
    assert scene.told("signing.please_sign") == {"student", "supervisor", "tutor"}


@pytest.mark.parametrize("what", ["named", "named no more", "left"])
def test_what_went_round_for_another_signer_cannot_be_signed(session: Any, what: str) -> None:
    scene = Scene() if what == "named" else Named()
    agreement = proposed(scene)
    if not isinstance(scene, Named):
        name(scene, make.person(given_name="Dan", family_name="Director"))
    elif what == "left":
        say_left(scene.named, actor=Principal(), now=NOW)
    else:
        scene.named.role = ContactRole.SUPERVISOR
    session.flush()
    session.expire(scene.organisation)
    assert is_out_of_date(agreement)
    assert awaited(agreement, scene.placement) == ("Ada Okoro",)
    for party in (Party.STUDENT, Party.TUTOR):
        with pytest.raises(Refused, match="people have changed"):
            sign(scene, agreement, party)
    link = latest_link(SIGN_BY_LINK, agreement.id, agreement.signing_people[Party.SUPERVISOR] or 0)
    assert link is not None
    assert not invitation_of(link).can_sign(NOW)


def test_naming_somebody_ends_nothing_that_is_in_force(session: Any) -> None:
    scene = Scene()
    agreement = in_force(scene)
    name(scene, make.person(given_name="Dan", family_name="Director"))
    assert not is_out_of_date(agreement)


def test_a_later_version_is_signed_by_whoever_is_named_by_then_and_says_so(session: Any) -> None:
    scene = Scene()
    first = in_force(scene)
    name(scene, make.person(given_name="Dan", family_name="Director", email="dan@example.org"))
    second = proposed(scene, words={**first.words, "hours_plan": "Fridays."})
    assert [each.party for each in second.signatures] == []
    differences = differences_of(second)
    assert differences is not None
    assert [part.title for part in differences.changed] == ["Signs for the organisation", "When the student is there"]


@pytest.mark.parametrize("side", ["student", "tutor"])
def test_nobody_signs_on_two_sides(session: Any, side: str) -> None:
    scene = Scene()
    make.contact(scene.organisation, getattr(scene, side).person, ContactRole.SIGNATORY)
    session.expire(scene.organisation)
    agreement = drafted(scene)
    assert "on two sides" in (sending.problem_with_signing(agreement) or "")


def test_taken_back_the_signatory_is_told_and_the_supervisor_is_not(scene: Named) -> None:
    signing.take_back(proposed(scene), actor=principal(scene, Party.STUDENT), now=NOW)
    assert scene.told("signing.taken_back") == {"director", "tutor"}


def test_the_signatory_is_reminded(scene: Named) -> None:
    proposed(scene)
    keys = {key for key, _ in reminded("signing.unsigned", NOW + 3 * DAY)}
    assert keys == {scene.student.person_id, scene.director.person_id, scene.tutor.person_id}


def test_what_the_signatory_and_the_tutor_read(scene: Named) -> None:
    agreement = proposed(scene)
    mails = [f"To the {to}\n\n{said(scene, notices.PLEASE_SIGN, agreement, to)}" for to in ("director", "tutor")]
    check_golden("signing/signatory", "\n----\n".join(mails))
    later = NOW + 21 * DAY
    assert said(scene, notices.UNSIGNED, agreement, "director", later - SECOND) is not None
    assert said(scene, notices.UNSIGNED, agreement, "director", later) is None
    assert said(scene, notices.PLEASE_SIGN, agreement, "supervisor") is None


def test_the_page_says_for_whom_one_signs(database: Flask, client: PageClient) -> None:
    with database.app_context():
        made = Named()
        agreement = proposed(made)
        link = latest_link(SIGN_BY_LINK, agreement.id, made.director.person_id)
        assert link is not None
        address = f"/sign-agreement/{token(link)}"
        committed(made)
    page = client.page(address)
    assert "For Dan Director, who signs for The food bank: read the Agreement to the end" in page.text
    page = client.submit(next(form for form in page.forms if "/sign-agreement/" in form.action), TYPED)
    assert "You signed this on" in page.text
    assert "For the organisation Dan Director" in page.text


def test_once_another_is_named_the_link_shows_nothing(database: Flask, client: PageClient) -> None:
    with database.app_context():
        made = Named()
        agreement = proposed(made)
        link = latest_link(SIGN_BY_LINK, agreement.id, made.director.person_id)
        assert link is not None
        address = f"/sign-agreement/{token(link)}"
        say_left(made.named, actor=Principal(), now=NOW)
        committed(made)
    client.forbidden = {"Our words about"}
    assert "Somebody else signs for The food bank now" in client.page(address).text


def test_the_supervisors_home_asks_them_to_sign_nothing(database: Flask, client: PageClient) -> None:
    with database.app_context():
        made = Named()
        proposed(made)
        committed(made)
    client.sign_in_as(made.supervisor)
    assert "Sign the Challenge Agreement" not in client.page("/").text
