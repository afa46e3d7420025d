"""Who may do what with challenges. A champion acts in their own area and year; nobody acts on both sides."""

from datetime import date, datetime

from sqlalchemy import Integer, Select, String, cast, func, literal, select, tuple_, union_all

from placements.challenges.models import Challenge
from placements.challenges.rules import is_review_late
from placements.challenges.workflow import CHALLENGE, ChallengeState
from placements.cohorts.models import ModuleRun, RoleOnRun, RunRole
from placements.cohorts.rules import academic_year
from placements.core.clock import today
from placements.core.policy import Abilities, Answer, Predicate, Principal, condition, has_role, signed_in, state
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
def is_a_champion_that_year(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """A champion of whichever area in the challenge's year."""
    return challenge is not None and any(
        role.startswith("reviewer_") and year == challenge.year for role, year in who.roles
    )


@condition
def waits_for_a_review(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """It was sent for review, and not answered yet."""
    return challenge is not None and challenge.state is ChallengeState.SUBMITTED


@condition
def nobody_else_reviews(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """No champion of the area is free of interest, or none has answered within the days that a review may take."""
    return challenge is not None and (is_review_late(challenge.submitted_at, now) or not challenge.has_champion)


@state
def is_not_held(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """Where it is paused, its own people paused it."""
    return not challenge.is_held


is_held_once = Predicate(lambda who, challenge, now: Answer.DONE if challenge.is_held else Answer.YES, "not held yet")


@state
def its_organisation_is_approved(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """Nothing is published of an organisation that is not approved today."""
    return challenge.organisation.is_approved(today(now))


@state
def its_places_are_cleared(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """Nothing is published of a place whose own checks are not passed today."""
    return all(site.is_cleared(today(now)) for site in challenge.all_sites)


@state
def its_risk_is_borne(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """Nothing is published while what is left of its risk is high."""
    return not challenge.is_too_risky


@state
def may_come_again(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """It was published once and is over: closed, put away, or of a year that is."""
    is_of_past_year = challenge.academic_year < academic_year(today(now))
    is_over = challenge.state in ENDED or (challenge.state is ChallengeState.PUBLISHED and is_of_past_year)
    goes_on = challenge.organisation.state in CURRENT
    return challenge.published_at is not None and is_over and goes_on


@state
def its_organisation_goes_on(who: Principal, organisation: Organisation, now: datetime) -> bool:
    """The organisation is not declined or archived."""
    return organisation.state in CURRENT


ENDED = (ChallengeState.CLOSED, ChallengeState.ARCHIVED)

may_review = (is_its_champion | ((engagement | is_a_champion_that_year) & nobody_else_reviews)) & no_interest
may_publish = (is_its_champion | engagement) & no_interest
steers_for_us = engagement & no_interest
may_steer = is_its_contact | steers_for_us
may_show_again = (is_its_contact & is_not_held) | steers_for_us
takes_over = is_a_champion_that_year & waits_for_a_review & nobody_else_reviews & no_interest
oversees = has_role("engagement", "leader")
follows = is_its_contact | is_its_champion | takes_over | oversees
may_assess = (is_its_champion | takes_over | has_role("engagement", "safety_officer")) & no_interest
ready = its_organisation_is_approved & its_places_are_cleared & its_risk_is_borne

ABILITIES: Abilities = {
    "challenges.overview": has_role("contact", "champion", "engagement", "leader", "safety_officer"),
    "challenges.challenge": signed_in,
    "challenges.preview": follows,
    "challenges.read_reasons": has_role("engagement", "leader"),  # why it is paused
    "challenges.read_risk": is_its_champion | takes_over | oversees | has_role("safety_officer"),
    "challenges.versions": follows,
    "challenges.start": is_contact & its_organisation_goes_on,
    "challenges.edit": is_its_contact & CHALLENGE.can("edit"),
    "challenges.places": is_its_contact & CHALLENGE.can("edit"),
    "challenges.submit": is_its_contact & CHALLENGE.can("submit"),
    "challenges.comment": (is_its_contact | may_review) & CHALLENGE.can("comment"),
    "challenges.ask_for_changes": may_review & CHALLENGE.can("ask_for_changes"),
    "challenges.approve": may_review & CHALLENGE.can("approve"),
    "challenges.decline": may_review & CHALLENGE.can("decline"),
    "challenges.publish": may_publish & CHALLENGE.can("publish") & ready,
    "challenges.publish_later": may_publish & CHALLENGE.can("publish_later"),
    "challenges.assess": may_assess & CHALLENGE.can("assess"),
    "challenges.name_supervisor": may_steer & CHALLENGE.can("name_supervisor"),
    "challenges.pause": may_steer & CHALLENGE.can("pause"),
    "challenges.hold": steers_for_us & CHALLENGE.can("hold") & is_held_once,
    "challenges.resume": may_show_again & CHALLENGE.can("resume"),
    "challenges.close": may_steer & CHALLENGE.can("close"),
    "challenges.withdraw": may_steer & CHALLENGE.can("withdraw"),
    "challenges.archive": steers_for_us & CHALLENGE.can("archive"),
    "challenges.reoffer": is_its_contact & may_come_again,
}


def roles_of(person_id: int, on: date) -> Select[str, int | None]:
    """What being a champion brings: “reviewer_<area>” on a year, “champion_of_brief” on its organisations."""
    year = cast(func.substr(ModuleRun.academic_year, 1, 4), Integer)
    championed = (
        select(RoleOnRun.theme, ModuleRun.academic_year, year.label("year"))
        .join(ModuleRun, ModuleRun.id == RoleOnRun.run_id)
        .where(RoleOnRun.person_id == person_id, RoleOnRun.role == RunRole.CHAMPION)
        .cte("championed")
    )
    of_theirs = tuple_(Challenge.theme, Challenge.academic_year).in_(
        select(championed.c.theme, championed.c.academic_year)
    )
    briefs = select(literal("champion_of_brief"), Challenge.organisation_id).distinct()
    held = union_all(
        select(
            (literal("reviewer_") + cast(championed.c.theme, String)).label("role"), championed.c.year.label("held_on")
        ),
        briefs.where(of_theirs, Challenge.state != ChallengeState.DRAFT),
    ).subquery()
    return select(held.c.role, held.c.held_on)
