"""What the page of an organisation shows: its record, places and people, what it asks of students, what happened."""

from datetime import datetime
from typing import Any

from placements.core.clock import today
from placements.core.policy import Abilities, Principal
from placements.correspondence.sight import looked_after_among
from placements.directory.doubles import doubles_of
from placements.directory.loads import loads_of
from placements.history.queries import timeline
from placements.mail.reached import reach_of
from placements.partners import queries
from placements.partners.models import CONTACT_ROLES, INTERESTS, SIZES, TYPES, Organisation
from placements.vetting.queries import last_days

VERBS = (
    *("partners.edit_organisation", "partners.add_site", "partners.decline", "partners.pause", "partners.archive"),
    *("vetting.approve", "vetting.checks"),
)


def record_of(organisation: Organisation, who: Principal, now: datetime, abilities: Abilities) -> dict[str, Any]:
    """The values of its page, as far as `who` may know them."""
    works_here = who.has("contact", organisation.id)
    may_merge = abilities["directory.merge"](who, organisation, now)
    contacts = queries.current_contacts(organisation.id)
    people = [each.person_id for each in contacts]
    may_read_notes = abilities["partners.read_notes"](who, organisation, now)
    return {
        "organisation": organisation,
        "types": TYPES,
        "sizes": SIZES,
        "today": today(now),
        "works_here": works_here,
        "sites": queries.sites(organisation),
        "contacts": contacts,
        "reach": reach_of(people) if who.has("engagement") else {},
        "looked_after": looked_after_among(who, people),
        "interests": queries.interests_in(organisation) if may_read_notes else None,
        "load": loads_of([organisation], today(now))[organisation.id] if may_read_notes or works_here else None,
        "doubles": doubles_of(organisation) if may_merge else (),
        "may_merge": may_merge,
        "may_pass_on": abilities["directory.pass_on"](who, organisation, now),
        "can": {verb.partition(".")[2]: abilities[verb](who, organisation, now) for verb in VERBS},
        "checked": sum(until is not None and until >= today(now) for until in last_days(organisation.id)),
        "is_approved": organisation.is_approved(today(now)),
        "happened": timeline(organisation, who, now, abilities, also=queries.became_part_of(organisation)),
        "roles": CONTACT_ROLES,
        "kinds": INTERESTS,
    }
