"""The module leader's decision: the student is placed in the place that they found, or reads why not."""

from datetime import datetime

from placements.challenges.actions import FOLLOWS, keep_version
from placements.challenges.models import Challenge, Working
from placements.challenges.workflow import ChallengeState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, new_public_id
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers.actions import place_at_once
from placements.partners.actions import add_contact
from placements.partners.models import ContactRole, Organisation
from placements.partners.queries import current_contacts
from placements.people.models import Person, email_key
from placements.proposals import notices
from placements.proposals.actions import hold
from placements.proposals.checking import refuse_unless_checked
from placements.proposals.models import Proposal
from placements.proposals.workflow import PROPOSAL, ProposalState

IN_OWN_WORDS = "Found by the student, and approved."


def approve(proposal: Proposal, *, actor: Principal, now: datetime) -> None:
    """Make it a challenge with one place that nobody else can choose, and place the student there; they are told.

    The supervisor, at the verified address, becomes a contact of the organisation. Refused where a check holds no
    more, the student has an offer or needs no place, the organisation is full, or `actor` has a side in it.
    """
    hold(proposal)
    if proposal.state is not ProposalState.APPROVED:
        refuse_unless_checked(proposal, now)
    if not PROPOSAL.move(proposal, "approve"):
        return
    organisation = proposal.organisation
    assert organisation is not None
    supervisor = _supervisor(proposal, organisation, actor, now)
    if supervisor.id == actor.person_id:
        raise Refused("You would supervise this student, so somebody else has to decide.")
    challenge = _challenge(proposal, organisation, supervisor, now)
    record("made of a place that a student found", challenge, actor=actor, now=now, ability=FOLLOWS)
    keep_version(challenge, actor, now)
    proposal.offer = place_at_once(proposal.enrolment, challenge, IN_OWN_WORDS, actor=actor, now=now)
    student = proposal.enrolment.person_id
    record("approved", proposal, actor=actor, now=now, person_id=student)
    tell(notices.APPROVED, proposal.id, [student], now)


def _supervisor(proposal: Proposal, organisation: Organisation, actor: Principal, now: datetime) -> Person:
    """Whoever has the verified address, a current contact of the organisation: its main one if there is no other."""
    address = proposal.verified_email or ""
    here = current_contacts(organisation.id)
    known = next((each.person for each in here if each.person.email_key == email_key(address)), None)
    if known is not None:
        return known
    role = ContactRole.SUPERVISOR if any(each.role is ContactRole.PRIMARY for each in here) else ContactRole.PRIMARY
    contact = add_contact(
        organisation, name=proposal.supervisor_name, email=address, role=role, job_title="", actor=actor, now=now
    )
    return contact.person


def _challenge(proposal: Proposal, organisation: Organisation, supervisor: Person, now: datetime) -> Challenge:
    """One place, for this student's level: closed from the first, so that nobody can find or choose it."""
    run = proposal.enrolment.run
    challenge = Challenge(
        form_key=new_public_id(),
        organisation=organisation,
        academic_year=run.academic_year,
        state=ChallengeState.CLOSED,
        title=proposal.title,
        need=proposal.need,
        theme=proposal.theme,
        suits_level_5=run.level == 5,
        suits_level_6=run.level == 6,
        mode=proposal.mode,
        site=proposal.site,
        supervisor=supervisor,
        times=proposal.times,
        working=Working.ALONE,
        created_at=now,
    )
    db.session.add(challenge)
    db.session.flush()
    return challenge


def refuse(proposal: Proposal, reason: str, *, actor: Principal, now: datetime) -> None:
    """End it with a reason that the student reads; they are told by mail that it is decided."""
    hold(proposal)
    if PROPOSAL.move(proposal, "refuse"):
        proposal.reason = reason
        student = proposal.enrolment.person_id
        record("refused", proposal, actor=actor, now=now, person_id=student)
        tell(notices.REFUSED, proposal.id, [student], now)
