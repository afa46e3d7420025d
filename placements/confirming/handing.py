"""Somebody else answers for visits: a colleague at the same organisation, each with a link of their own."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from placements.cohorts.queries import leaders_of
from placements.confirming import notices
from placements.confirming.queries import colleagues
from placements.confirming.rules import CONFIRM_WEEK, LINK_LASTS
from placements.core.clock import day_began, today
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record
from placements.links.actions import add_link
from placements.logbook.actions import PARTIES
from placements.logbook.models import Entry
from placements.logbook.policy import answers
from placements.logbook.workflow import WAITING
from placements.mail.actions import tell
from placements.partners.actions import contact_left
from placements.partners.models import Contact
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor_id


def hand_on(placements: Collection[Placement], colleague: Person, *, actor: Principal, now: datetime) -> int:
    """Have a colleague answer for all that waits for `actor` on the placements; they get a link of their own by mail.

    No link of anybody else acts for these visits from then on. Returns how many; pressed twice, the second time none.
    Raises Refused where the colleague does not work there, or is on the student's or the university's side.
    """
    waiting = select(Entry).where(Entry.placement_id.in_([each.id for each in placements]), Entry.state.in_(WAITING))
    locked = waiting.order_by(Entry.id).with_for_update().execution_options(populate_existing=True)
    mine = [each for each in db.session.scalars(locked) if answers(actor, each, now)]
    possible = colleagues(placements, but=actor.person_id)
    for entry in mine:
        if colleague not in possible[entry.placement_id]:
            raise Refused(f"Choose somebody else: {colleague.name} cannot answer for this student.", "to")
        entry.handed_to_id = colleague.id if colleague.id != entry.placement.supervisor_id else None
    if mine:
        link = add_link(CONFIRM_WEEK, now.toordinal(), colleague.id, now=now, lasts=LINK_LASTS)
        is_back = all(each.handed_to_id is None for each in mine)
        tell(notices.WEEK_TO_CONFIRM if is_back else notices.HANDED_ON, link.id, [colleague.id], now)
    for placement in dict.fromkeys(each.placement for each in mine):
        _record("asked a colleague to answer about visits", placement, actor=actor, now=now)
    return len(mine)


def ask_for_somebody_else(placements: Collection[Placement], *, actor: Principal, now: datetime) -> None:
    """Tell the tutors that a colleague whom nobody knows should answer, so that they ask who; once a day at most.

    The module leader, where there is no tutor. Raises NotAllowed for a placement none of whose visits are `actor`'s.
    """
    for placement in placements:
        its = select(Entry).where(Entry.placement_id == placement.id, Entry.state.in_(WAITING))
        if not any(answers(actor, each, now) for each in db.session.scalars(its)):
            raise NotAllowed
        leaders = db.session.scalars(leaders_of(placement.enrolment.run_id)).all()
        tutor_id = acting_tutor_id(placement, today(now))
        told = [tutor_id] if tutor_id else leaders
        tell(notices.SOMEBODY_ELSE, placement.id, told, day_began(now))
        _record("said that somebody else should answer about visits", placement, actor=actor, now=now)


@contact_left.connect
def take_back(contact: Contact, *, successor_id: int | None, actor: Principal, now: datetime) -> None:
    """What somebody who left was to answer for goes back to the supervisors, who are asked again on Monday."""
    theirs = select(Entry).where(Entry.handed_to_id == contact.person_id, Entry.state.in_(WAITING))
    for entry in db.session.scalars(theirs.order_by(Entry.id).with_for_update(of=Entry)).all():
        if entry.placement.challenge.organisation_id == contact.organisation_id:
            entry.handed_to_id = None


def _record(verb: str, placement: Placement, *, actor: Principal, now: datetime) -> None:
    record(verb, placement, actor=actor, now=now, person_id=placement.enrolment.person_id, ability=PARTIES)
