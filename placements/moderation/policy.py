"""Who draws, moderates and adjusts: the module leader, and a moderator who marked none of the sample."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, literal, select, union_all

from placements.assessment.models import Mark
from placements.assessment.policy import has_no_side_in_it, leads
from placements.cohorts.models import Component, ComponentKind
from placements.cohorts.rules import ModerationKind
from placements.core.policy import Abilities, Answer, Predicate, Principal, condition, has_role, state
from placements.moderation.models import ModeratedMark, Moderation
from placements.moderation.workflow import MODERATION, ModerationState, Outcome


@condition
def moderates(who: Principal, moderation: Moderation, now: datetime) -> bool:
    """Is its moderator."""
    return isinstance(moderation, Moderation) and moderation.moderator_id == who.person_id


def of_its_moderation(ability: Predicate) -> Predicate:
    """The ability, asked about the draw that a script belongs to."""

    def ask(who: Principal, thing: Any, now: datetime) -> Answer:
        return ability.ask(who, thing.moderation if isinstance(thing, ModeratedMark) else thing, now)

    return Predicate(ask, ability.name)


@condition
def has_no_side(who: Principal, script: Any, now: datetime) -> bool:
    """Has none in the script; of a draw as a whole nothing is asked, for whoever had one then was not to moderate."""
    return not isinstance(script, ModeratedMark) or has_no_side_in_it(who, script.mark, now)


@state
def is_to_be_moderated(who: Principal, component: Component, now: datetime) -> bool:
    """Somebody else looks at its marks before they are released."""
    return component.moderation["kind"] != ModerationKind.NONE


@state
def is_open(who: Principal, moderation: Moderation, now: datetime) -> bool:
    """Its moderator has not closed it, and nobody has called it off."""
    return MODERATION.allows(moderation.state, "note")


@state
def is_to_be_adjusted(who: Principal, moderation: Moderation, now: datetime) -> bool:
    """Its moderator found that the set is to be adjusted."""
    return moderation.outcome is Outcome.ADJUST


@state
def is_to_be_marked_again(who: Principal, moderation: Moderation, now: datetime) -> bool:
    """Its moderator found that the set is to be marked again."""
    return moderation.outcome is Outcome.REMARK


@state
def is_moderated(who: Principal, mark: Mark, now: datetime) -> bool:
    """Moderation has nothing against its release."""
    return mark.is_moderated


ABILITIES: Abilities = {
    "moderation.desk": has_role("moderator"),
    "moderation.overview": leads,
    "moderation.draw": leads & is_to_be_moderated,
    "moderation.show": moderates | leads,
    "moderation.note": of_its_moderation(moderates & is_open) & has_no_side,
    "moderation.ask": (moderates | leads) & MODERATION.can("ask"),
    "moderation.close": moderates & MODERATION.can("close"),
    "moderation.discard": leads & MODERATION.can("discard"),
    "moderation.adjust": leads & is_to_be_adjusted & MODERATION.can("adjust"),
    "moderation.settle": leads & is_to_be_adjusted & MODERATION.can("settle"),
    "moderation.send_back": leads & is_to_be_marked_again & MODERATION.can("settle"),
}


def roles_of(person_id: int, on: date) -> Select[str, int | None]:
    """A moderator reads the scripts of their samples, and the logbooks that are evidence of them: nobody else's."""
    sampled = select(ModeratedMark).join(ModeratedMark.moderation).join(ModeratedMark.mark).join(Mark.component)
    sampled = sampled.where(Moderation.moderator_id == person_id, ModeratedMark.why.is_not(None))
    sampled = sampled.where(Moderation.state != ModerationState.DISCARDED)

    def held(role: str, held_on: Any, *where: Any) -> Select[str, int | None]:
        chosen = sampled.with_only_columns(
            literal(role).label("role"), held_on.label("held_on"), maintain_column_froms=True
        )
        return chosen.where(*where)

    logbooks = Component.kind == ComponentKind.PORTFOLIO
    rows = union_all(
        held("reads_script", ModeratedMark.mark_id), held("reads_logbook", Mark.enrolment_id, logbooks)
    ).subquery()
    return select(rows.c.role, rows.c.held_on)
