"""Who may do what with a supervisor's feedback: the supervisor gives it, the student comments, staff ask for it."""

from datetime import datetime
from typing import Any

from placements.core.policy import Abilities, Principal, condition, has_role, signed_in, state
from placements.feedback.models import Feedback
from placements.feedback.rules import Occasion
from placements.feedback.workflow import FEEDBACK
from placements.placing import policy as placing
from placements.placing.models import Placement
from placements.placing.policy import is_student, is_tutor, leads, may_manage, of_its_placement, stands_outside


def placement_of(thing: Any) -> Placement:
    """The placement that feedback is about, or the placement itself."""
    return thing if isinstance(thing, Placement) else thing.placement


@condition
def gives(who: Principal, thing: Any, now: datetime) -> bool:
    """Is the organisation's supervisor on the placement, and not its student."""
    placement = placement_of(thing)
    return placement.supervisor_id == who.person_id and placement.enrolment.person_id != who.person_id


@state
def is_agreed(who: Principal, placement: Placement, now: datetime) -> bool:
    """There is an Agreement, whose objectives feedback is about."""
    return placement.agreed_at is not None


@state
def is_final(who: Principal, feedback: Feedback, now: datetime) -> bool:
    """It is a required part of the module, so only a waiver lets the student do without."""
    return feedback.occasion is Occasion.FINAL


students = of_its_placement(is_student, placement_of)
managers = of_its_placement(may_manage, placement_of)
leaders = of_its_placement(leads & stands_outside, placement_of)
staff = of_its_placement(is_tutor | leads, placement_of)
may_give = gives & FEEDBACK.can("give")

ABILITIES: Abilities = {
    "feedback.requests": placing.tutors | has_role("supervisor", "leader"),
    "feedback.show": signed_in,  # whoever sees it
    "feedback.write": may_give,
    "feedback.share": may_give,
    "feedback.comment": students & FEEDBACK.can("comment"),
    "feedback.ask": may_manage & is_agreed,
    "feedback.ask_again": managers & FEEDBACK.can("ask"),
    "feedback.give_up": managers & FEEDBACK.can("give_up"),
    "feedback.waive": leaders & is_final & FEEDBACK.can("waive"),
    "feedback.read_reasons": staff,
}
