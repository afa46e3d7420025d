"""What the engagement team finds of a place that a student proposes: which organisation, and whose address it is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from placements.challenges.models import WorkMode
from placements.cohorts.queries import closed_days
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, new_public_id
from placements.history.actions import record
from placements.mail.actions import tell
from placements.partners.actions import add_site
from placements.partners.models import Organisation, OrganisationType, Site
from placements.partners.policy import has_no_side
from placements.partners.queries import sites
from placements.partners.workflow import CURRENT
from placements.proposals import notices, rules
from placements.proposals.actions import hold, undo_verification
from placements.proposals.models import Proposal
from placements.proposals.queries import checks_of, deciders, person_at
from placements.proposals.rules import Means
from placements.proposals.workflow import PROPOSAL

CHECKS = "proposals.read_checks"  # the ability to read how the address was verified


@dataclass(frozen=True)
class NewOrganisation:
    """What a proposal tells of an organisation that we did not know. `form_key`: the same form twice is one."""

    form_key: str
    name: str
    type: OrganisationType


def find_organisation(
    proposal: Proposal, organisation: Organisation | NewOrganisation, *, actor: Principal, now: datetime
) -> Organisation:
    """Say which organisation it is, one that we know or a new one, and make the place where it happens known.

    Nobody there is written to. Another than before undoes what was verified with that one. Refused where the
    organisation is over, or `actor` has a side in it.
    """
    hold(proposal)
    PROPOSAL.move(proposal, "find_organisation")
    is_new = isinstance(organisation, NewOrganisation)
    found = _new(proposal, organisation, actor, now) if isinstance(organisation, NewOrganisation) else organisation
    if found.state not in CURRENT:
        raise Refused(f"We do not work with {found.name} any more. Choose another organisation, or a new one.", "match")
    if not has_no_side(actor, found.id):
        raise Refused(f"You have an interest in {found.name}, so somebody else must do this.", "match")
    if proposal.organisation_id == found.id:
        return found
    if proposal.organisation_id is not None:
        undo_verification(proposal)  # it was another organisation that was asked
    proposal.organisation, proposal.site = found, _place_of(proposal, found, actor, now)
    said = "organisation added" if is_new else "organisation found among those we know"
    record(said, proposal, actor=actor, now=now, person_id=proposal.enrolment.person_id)
    return found


def _new(proposal: Proposal, new: NewOrganisation, actor: Principal, now: datetime) -> Organisation:
    known = db.session.scalar(select(Organisation).where(Organisation.form_key == new.form_key))
    if new.form_key and known is not None:
        return known
    made = Organisation(
        form_key=new.form_key or new_public_id(),
        name=new.name,
        type=new.type,
        about=proposal.organisation_about,
        borough=proposal.borough,
        owner_id=actor.person_id,
        created_at=now,
    )
    db.session.add(made)
    record("added by hand", made, actor=actor, now=now)  # its people read this, and nothing of a student yet
    return made


def _place_of(proposal: Proposal, organisation: Organisation, actor: Principal, now: datetime) -> Site | None:
    """The place where it happens: the organisation's own at that postcode, or a new one; none for remote work."""
    if proposal.mode is WorkMode.REMOTE:
        return None
    known = next((site for site in sites(organisation) if site.postcode == proposal.postcode), None)
    if known is not None:
        return known
    where = {"address": proposal.address, "postcode": proposal.postcode, "borough": proposal.borough}
    facts = {"name": organisation.name, **where}
    return add_site(organisation, facts, form_key=new_public_id(), actor=actor, now=now)


def verify(proposal: Proposal, email: str, means: Means, how: str, *, actor: Principal, now: datetime) -> None:
    """Write down which address the organisation itself gave for the supervisor, and how it was reached.

    Refused for the student's own address, or that of whoever writes it down.
    """
    hold(proposal)
    PROPOSAL.move(proposal, "verify")
    known = person_at(email)
    if known is not None and known.id == proposal.enrolment.person_id:
        raise Refused("This is the student’s own address. Ask the organisation for the supervisor’s", "email")
    if known is not None and known.id == actor.person_id:
        raise Refused("This is your own address, so somebody else has to see to this proposal", "email")
    if (proposal.verified_email, proposal.verified_means, proposal.verified_how) == (email, means, how):
        return
    proposal.verified_email, proposal.verified_means, proposal.verified_how = email, means, how
    proposal.verified_at, proposal.verified_by_id = now, actor.person_id
    student = proposal.enrolment.person_id
    record("supervisor’s address verified", proposal, actor=actor, now=now, person_id=student)
    record("how it was verified", proposal, actor=actor, now=now, person_id=student, ability=CHECKS, reason=how)


def check(proposal: Proposal, *, actor: Principal, now: datetime) -> None:
    """Say that everything about the organisation holds; the module leaders are told that it is theirs to decide.

    Refused while something does not hold.
    """
    hold(proposal)
    refuse_unless_checked(proposal, now)
    if not PROPOSAL.move(proposal, "check"):
        return
    proposal.due_at = rules.see_to_by(now, closed_days())
    record("organisation checked", proposal, actor=actor, now=now, person_id=proposal.enrolment.person_id)
    tell(notices.TO_DECIDE, proposal.id, deciders(proposal), now)


def refuse_unless_checked(proposal: Proposal, now: datetime) -> None:
    """Raises Refused, saying the first of them, while something that must hold does not."""
    missing = [each.what for each in checks_of(proposal, now) if not each.holds]
    if missing:
        raise Refused(f"This has to hold first: {missing[0][0].lower()}{missing[0][1:]}.")
