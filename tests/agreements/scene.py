"""The placement of tests/placing/scene.py with an Agreement as far along as a test needs it."""

from datetime import date
from typing import Any

from placements.agreements import actions
from placements.agreements.models import Agreement, Party
from placements.agreements.rules import SECTIONS
from placements.agreements.weeks import even_spread
from placements.core.policy import Principal
from placements.links.actions import latest_link, token
from placements.links.models import Link
from placements.signing import actions as signing
from placements.signing import sending
from placements.signing.invitations import SIGN_BY_LINK, invitation_of
from tests.factories import NOW
from tests.placing.scene import Scene

WORDS = {section.name: f"Our words about {section.name}." for section in SECTIONS}
OBJECTIVES = ["Count the stock in an hour.", "Leave a guide that volunteers use."]
NAMES = {Party.STUDENT: "Ada Okoro", Party.SUPERVISOR: "Sue Supervisor", Party.TUTOR: "Tom Tutor"}
ADDRESS = "203.0.113.9"


def principal(scene: Scene, party: Party) -> Principal:
    """Whoever signs for the party, without roles: for tests of actions."""
    return Principal(getattr(scene, party.value).person_id)


def drafted(scene: Scene, words: dict[str, str] | None = None) -> Agreement:
    """A draft with every part written."""
    student = principal(scene, Party.STUDENT)
    agreement = actions.start(scene.placement, actor=student, now=NOW)
    seen = {"actor": student, "now": NOW}
    actions.save_draft(agreement, words or WORDS, OBJECTIVES, seen=agreement.edit_version, **seen)
    if not agreement.weeks:
        actions.save_weeks(agreement, evenly(scene), seen=agreement.edit_version, **seen)
    return agreement


def evenly(scene: Scene) -> dict[date, int]:
    """The agreed hours over the weeks of the placement."""
    placement = scene.placement
    return even_spread(placement.minutes_agreed, placement.starts_on, placement.ends_on, ())


def proposed(scene: Scene, **said: Any) -> Agreement:
    """A version that goes round for signing."""
    agreement = drafted(scene, **said)
    student = principal(scene, Party.STUDENT)
    sending.propose(agreement, seen=agreement.edit_version, actor=student, now=NOW)
    return agreement


def sign(scene: Scene, agreement: Agreement, party: Party, **said: Any) -> None:
    """The party signs as its account lets it."""
    said = {"typed_name": NAMES[party], "address": ADDRESS, "seen": agreement.sha256, "now": NOW, **said}
    signing.sign(agreement, actor=principal(scene, party), **said)


def in_force(scene: Scene, **said: Any) -> Agreement:
    """A version that all three have signed."""
    agreement = proposed(scene, **said)
    for party in Party:
        sign(scene, agreement, party)
    return agreement


def link_to_sign(agreement: Agreement) -> Link:
    """The supervisor's newest link."""
    link = latest_link(SIGN_BY_LINK, agreement.id, agreement.placement.supervisor_id)
    assert link is not None
    return link


def sign_by_link(agreement: Agreement, typed_name: str = NAMES[Party.SUPERVISOR], **said: Any) -> None:
    """The supervisor signs by mail link."""
    invitation = invitation_of(link_to_sign(agreement))
    signing.sign_by_link(invitation, typed_name, ADDRESS, **{"now": NOW, **said})


def link_address(agreement: Agreement) -> str:
    """Where the supervisor's link leads."""
    return f"/sign-agreement/{token(link_to_sign(agreement))}"
