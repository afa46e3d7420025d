"""What the engagement team keeps in order: somebody leaves and a colleague takes over; one is there twice."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from placements.challenges.models import Challenge
from placements.db import db
from placements.demo.hosts import ENGAGEMENT
from placements.demo.stage import LATEST, Beat, Season, person_at, principal
from placements.directory.adding import add_organisation
from placements.partners.actions import say_left
from placements.partners.models import Contact, ContactRole, Organisation, OrganisationType
from placements.partners.queries import current_contacts
from placements.partners.workflow import OrganisationState
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON

HELD_A_STALL = "demo-twice"  # the form by which the double was added


def chapter(season: Season) -> Iterator[Beat]:
    """This winter's housekeeping."""
    if season.starts == LATEST:
        yield Beat(season.at(2, 5, 11, 20), _add_again)
        yield Beat(season.at(2, 11, 9, 40), _hand_over)


def _add_again(now: datetime) -> None:
    """A colleague meets them at a fair, and does not look whether we know them."""
    known = db.session.scalars(select(Organisation).order_by(Organisation.id).limit(1)).one()
    facts = {"form_key": HELD_A_STALL, "name": f"The {known.name} CIO", "type": OrganisationType.CHARITY}
    officer = principal(person_at(ENGAGEMENT).id)
    add_organisation({**facts, "borough": known.borough}, invites=False, actor=officer, now=now)


def _hand_over(now: datetime) -> None:
    """The main contact of a host without students at the moment leaves; a colleague takes over."""
    leaver = _leaver()
    if leaver is not None:
        successor = next(each for each in current_contacts(leaver.organisation_id) if each.id != leaver.id)
        say_left(leaver, successor, actor=principal(leaver.person_id), now=now)


def _leaver() -> Contact | None:
    busy = select(Challenge.organisation_id).join(Placement).where(Placement.state.in_(GOING_ON))
    quiet = select(Organisation.id).where(Organisation.state == OrganisationState.APPROVED)
    main = select(Contact).where(Contact.role == ContactRole.PRIMARY, Contact.left_on.is_(None))
    here = main.where(Contact.organisation_id.in_(quiet), Contact.organisation_id.not_in(busy)).order_by(Contact.id)
    return next((each for each in db.session.scalars(here) if len(current_contacts(each.organisation_id)) > 1), None)
