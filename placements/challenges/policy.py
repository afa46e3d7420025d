"""Who may do what with challenges. A champion acts in their own area and year; nobody acts on both sides."""

from datetime import datetime

from sqlalchemy import Integer, Select, String, and_, cast, func, literal, select, union_all

from placements.challenges.models import Challenge
from placements.challenges.rules import is_review_late
from placements.challenges.workflow import CHALLENGE, ChallengeState
from placements.cohorts.models import ModuleRun, RoleOnRun, RunRole
from placements.core.clock import today
from placements.core.policy import Abilities, Principal, condition, has_role, signed_in, state
from placements.partners.models import Organisation
from placements.partners.policy import engagement, has_no_side, is_contact
from placements.partners.workflow import CURRENT


@condition
def is_its_contact(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """Works at the challenge's organisation."""
    return challenge is not None and who.has("contact", challenge.organisation_id)


@condition
def no_interest(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """Has no side in a decision about the challenge's organisation."""
    return challenge is not None and has_no_side(who, challenge.organisation_id)


@condition
def is_its_champion(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """A champion of the challenge's lead area in its year."""
    return challenge is not None and who.has(f"reviewer_{challenge.theme}", challenge.year)


@condition
def nobody_else_reviews(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """No champion of the area is free of interest, or none has answered within the days that a review may take."""
    return challenge is not None and (is_review_late(challenge.submitted_at, now) or not challenge.has_champion)


@state
def is_not_held(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """Where it is paused, its own people paused it."""
    return not challenge.is_held


@state
def its_organisation_is_approved(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """Nothing is published of an organisation that is not approved today."""
    return challenge.organisation.is_approved(today(now))


@state
def its_organisation_goes_on(who: Principal, organisation: Organisation, now: datetime) -> bool:
    """The organisation is not declined or archived."""
    return organisation.state in CURRENT


may_review = (is_its_champion | (engagement & nobody_else_reviews)) & no_interest
may_publish = (is_its_champion | engagement) & no_interest
may_steer = is_its_contact | engagement
may_show_again = (is_its_contact & is_not_held) | (engagement & no_interest)
follows = is_its_contact | is_its_champion | has_role("engagement", "leader")

ABILITIES: Abilities = {
    "challenges.overview": has_role("contact", "champion", "engagement", "leader"),
    "challenges.challenge": signed_in,
    "challenges.preview": follows,
    "challenges.read_reasons": has_role("engagement", "leader"),  # why it is paused
    "challenges.start": is_contact & its_organisation_goes_on,
    "challenges.edit": is_its_contact & CHALLENGE.can("edit"),
    "challenges.submit": is_its_contact & CHALLENGE.can("submit"),
    "challenges.comment": (is_its_contact | may_review) & CHALLENGE.can("comment"),
    "challenges.ask_for_changes": may_review & CHALLENGE.can("ask_for_changes"),
    "challenges.approve": may_review & CHALLENGE.can("approve"),
    "challenges.decline": may_review & CHALLENGE.can("decline"),
    "challenges.publish": may_publish & CHALLENGE.can("publish") & its_organisation_is_approved,
    "challenges.pause": may_steer & CHALLENGE.can("pause"),
    "challenges.resume": may_show_again & CHALLENGE.can("resume"),
    "challenges.close": may_steer & CHALLENGE.can("close"),
    "challenges.withdraw": may_steer & CHALLENGE.can("withdraw"),
    "challenges.archive": engagement & CHALLENGE.can("archive"),
}


def roles_of(person_id: int) -> Select[str, int | None]:
    """What being a champion brings: “reviewer_<area>” on a year, “champion_of_brief” on its organisations."""
    year = cast(func.substr(ModuleRun.academic_year, 1, 4), Integer)
    championed = (
        select(RoleOnRun.theme, ModuleRun.academic_year, year.label("year"))
        .join(ModuleRun, ModuleRun.id == RoleOnRun.run_id)
        .where(RoleOnRun.person_id == person_id, RoleOnRun.role == RunRole.CHAMPION)
        .cte("championed")
    )
    brief = and_(
        Challenge.theme == championed.c.theme,
        Challenge.academic_year == championed.c.academic_year,
        Challenge.state != ChallengeState.DRAFT,
    )
    held = union_all(
        select(
            (literal("reviewer_") + cast(championed.c.theme, String)).label("role"), championed.c.year.label("held_on")
        ),
        select(literal("champion_of_brief"), Challenge.organisation_id).join(championed, brief).distinct(),
    ).subquery()
    return select(held.c.role, held.c.held_on)
