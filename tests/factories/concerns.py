"""Concerns."""

from typing import Any

from placements.concerns.models import Concern, ConcernNote
from placements.concerns.rules import About, Kind, Severity, deadlines, readers_of
from placements.concerns.workflow import CLOSED, ConcernState
from placements.people.models import Person
from placements.placing.models import Placement
from tests.factories.base import NOW, add, number
from tests.factories.placing import placement


def concern(of: Placement | None = None, owner: Person | None = None, **said: Any) -> Concern:
    """Told by the student at NOW; with `owner`, taken on, unless `state` says that it is further."""
    of = of or placement()
    said = {
        "form_key": f"concern-{next(number)}",
        "reporter_id": of.enrolment.person_id,
        "kind": Kind.HOURS,
        "severity": Severity.SOON,
        "about": About.NOBODY,
        "words": "I was sent home twice because nobody had work for me.",
        "raised_at": NOW,
        "state": ConcernState.OWNED if owner else ConcernState.RAISED,
        **said,
    }
    own_by, act_by = deadlines(said["raised_at"], ())
    said.setdefault("own_by_at", own_by)
    said.setdefault("act_by_at", act_by)
    said.setdefault("readers", readers_of(said["kind"], said["severity"], said["about"]))
    if owner:
        said.setdefault("owned_at", NOW)
    if said["state"] in CLOSED:
        said = {"outcome": "The hours are as agreed again.", "closed_at": NOW, "acted_at": NOW, **said}
    return add(Concern(placement=of, owner=owner, **said))


def concern_note(of: Concern, author: Person, **said: Any) -> ConcernNote:
    said = {"form_key": f"note-{next(number)}", "text": "I rang both of them.", "at": NOW, **said}
    return add(ConcernNote(concern=of, author=author, **said))
