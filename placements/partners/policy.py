"""Who may do what with organisations, and the roles that belong to organisations."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, literal, select, union_all

from placements.core.policy import Abilities, Answer, Predicate, Principal, condition, has_role, signed_in
from placements.partners.models import Contact, Interest, Organisation, Site
from placements.partners.workflow import ORGANISATION

engagement = has_role("engagement")


def on_its_organisation(ability: Predicate) -> Predicate:
    """The ability, asked about the organisation that a site or contact belongs to."""

    def ask(who: Principal, thing: Any, now: datetime) -> Answer:
        return ability.ask(who, thing.organisation, now) if isinstance(thing, Site | Contact) else Answer.NOT_YOU

    return Predicate(ask, ability.name)


@condition
def is_contact(who: Principal, organisation: Organisation, now: datetime) -> bool:
    """Works at the organisation."""
    return isinstance(organisation, Organisation) and who.has("contact", organisation.id)


def has_no_side(who: Principal, organisation_id: int) -> bool:
    """Neither works at the organisation nor has declared an interest in it: may decide about it."""
    return not (who.has("contact", organisation_id) or who.has("interest", organisation_id))


@condition
def no_interest(who: Principal, organisation: Organisation, now: datetime) -> bool:
    """Has no side in a decision about the organisation."""
    return isinstance(organisation, Organisation) and has_no_side(who, organisation.id)


may_keep = (is_contact | engagement) & ORGANISATION.can("edit")
may_decide = engagement & no_interest


ABILITIES: Abilities = {
    "partners.organisations": has_role("engagement", "leader", "champion"),
    "partners.your_organisation": has_role("contact"),
    "partners.read_notes": has_role("engagement", "leader"),  # reasons in its history; the interests declared in it
    "partners.edit_organisation": may_keep,
    "partners.decline": may_decide & ORGANISATION.can("decline"),
    "partners.pause": may_decide & ORGANISATION.can("pause"),
    "partners.archive": may_decide & ORGANISATION.can("archive"),
    "partners.add_site": may_keep,
    "partners.edit_site": on_its_organisation(may_keep),
    "partners.add_contact": may_keep,
    "partners.invite_contact": on_its_organisation(may_keep),
    "partners.edit_contact": on_its_organisation(may_keep),
    "partners.say_left": on_its_organisation(may_keep),
    "partners.interests": signed_in,
    "partners.declare_interest": signed_in,
    "partners.end_interest": signed_in,
}


def roles_of(person_id: int, on: date) -> Select[str, int | None]:
    """“contact” on each organisation that the person works at, “interest” on each that they declared one in."""
    held = union_all(
        select(literal("contact").label("role"), Contact.organisation_id.label("held_on")).where(
            Contact.person_id == person_id, Contact.left_on.is_(None)
        ),
        select(literal("interest"), Interest.organisation_id).where(
            Interest.person_id == person_id, Interest.ended_at.is_(None)
        ),
    ).subquery()
    return select(held.c.role, held.c.held_on)
