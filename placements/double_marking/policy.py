"""Who gives a second mark, who learns what of the two, and who settles them; and the roles that this gives.

Neither of the two reads anything of the other's mark before both are in. Nobody who leads the run is one of them, since
a leader reads every mark.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, literal, or_, select, union_all

from placements.assessment.models import Mark
from placements.assessment.policy import has_no_side_in_it, leads, run_id_of
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Component, ComponentKind
from placements.core.policy import Abilities, Answer, Predicate, Principal, condition, has_role, state
from placements.double_marking.models import SecondMark
from placements.double_marking.workflow import SECOND, SETTLEMENT, Role, SecondState


def mark_of(thing: Any) -> Mark | None:
    """The mark that a thing of ours, or a piece of work, is about."""
    return thing if isinstance(thing, Mark) else thing.mark


def of_its_mark(ability: Predicate) -> Predicate:
    """The ability, asked about the mark that a thing is about."""

    def ask(who: Principal, thing: Any, now: datetime) -> Answer:
        mark = mark_of(thing)
        return Answer.NOT_YOU if mark is None else ability.ask(who, mark, now)

    return Predicate(ask, ability.name)


@condition
def is_its_marker(who: Principal, second: SecondMark, now: datetime) -> bool:
    """Is to give this second or third mark."""
    return isinstance(second, SecondMark) and second.marker_id == who.person_id


@condition
def leads_nothing_of_it(who: Principal, thing: Any, now: datetime) -> bool:
    """Does not lead the run, so has not read the first mark."""
    return not who.has("leader", run_id_of(thing))


@condition
def is_one_of_the_two(who: Principal, mark: Mark, now: datetime) -> bool:
    """Gave the first mark, or the second."""
    return who.person_id in (mark.marker_id, mark.second_id)


@condition
def is_third(who: Principal, mark: Mark, now: datetime) -> bool:
    """Is the third marker."""
    return who.has("third_marker", mark.id)


@state
def is_double_marked(who: Principal, component: Component, now: datetime) -> bool:
    """The component is marked twice."""
    return component.is_double_marked


@condition
def has_both_in(who: Principal, mark: Mark, now: datetime) -> bool:
    """It is compared with its second mark: before that there is nothing to know."""
    return mark.component.is_double_marked and mark.fixed_at is not None


@state
def is_not_compared(who: Principal, second: SecondMark, now: datetime) -> bool:
    """The other mark is not in, so nobody has seen this one."""
    return second.role is Role.SECOND and second.mark.fixed_at is None


@state
def is_unsettled(who: Principal, mark: Mark, now: datetime) -> bool:
    """The two marks have not become one."""
    return mark.agreed is None and mark.state is MarkState.SUBMITTED


@condition
def did_not_propose(who: Principal, settlement: Any, now: datetime) -> bool:
    """Somebody else proposed it: it takes two."""
    return settlement.proposed_by_id != who.person_id


@state
def is_settled(who: Principal, mark: Mark, now: datetime) -> bool:
    """It is one mark: not marked twice, set by rule, or agreed."""
    return mark.is_settled


marks_it = is_its_marker & of_its_mark(has_no_side_in_it) & leads_nothing_of_it
sees_both = (is_one_of_the_two | is_third | leads) & has_both_in
talks = is_one_of_the_two & has_both_in & is_unsettled
answers = of_its_mark(is_one_of_the_two & has_both_in) & did_not_propose

ABILITIES: Abilities = {
    "double_marking.desk": has_role("second_marker", "third_marker", "compared"),
    "double_marking.overview": leads,
    "double_marking.allot": leads & is_double_marked,
    "double_marking.hand_on": leads & SECOND.can("hand_on"),
    "double_marking.mark": marks_it & SECOND.can("draft"),
    "double_marking.reopen": marks_it & SECOND.can("reopen") & is_not_compared,
    "double_marking.compare": sees_both,
    "double_marking.propose": talks,
    "double_marking.agree": answers & SETTLEMENT.can("agree"),
    "double_marking.decline": answers & SETTLEMENT.can("decline"),
    "double_marking.ask_third": leads & has_both_in & is_unsettled,
    "double_marking.read_history": leads,
    "double_marking.read_outcome": of_its_mark(sees_both),
}


def roles_of(person_id: int, on: date) -> Select[str, int | None]:
    """What marking a second time gives a person: (role, the key of what it is held on).

    `blind_to_final` on whose logbook's final grade is part of a mark that they do not know yet; `compared` on the first
    marks of theirs that were. Of what the other marker does none of them tells anything before one's own mark is in.
    """
    own = select(SecondMark).join(SecondMark.mark).join(Mark.component).where(SecondMark.marker_id == person_id)
    is_second, is_third = SecondMark.role == Role.SECOND, SecondMark.role == Role.THIRD
    has_logbook = Component.kind == ComponentKind.PORTFOLIO
    is_blind = or_(SecondMark.state != SecondState.SUBMITTED, Mark.fixed_at.is_(None))
    compared = select(literal("compared").label("role"), SecondMark.mark_id.label("held_on"))
    compared = compared.join(SecondMark.mark).where(is_second, Mark.marker_id == person_id, Mark.fixed_at.is_not(None))

    def held(role: str, on: Any, *where: Any) -> Select[str, int | None]:
        return own.with_only_columns(literal(role), on, maintain_column_froms=True).where(*where)

    rows = union_all(
        compared,
        held("second_marker", SecondMark.mark_id, is_second),
        held("third_marker", SecondMark.mark_id, is_third),
        held("reads_script", SecondMark.mark_id),
        held("reads_logbook", Mark.enrolment_id, has_logbook),
        held("blind_to_final", Mark.enrolment_id, has_logbook, is_second, is_blind),
    ).subquery()
    return select(rows.c.role, rows.c.held_on)
