"""Verbs on challenges: drafting by the organisation, and how what was published stops and begins again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from placements.challenges import notices
from placements.challenges.models import Challenge, ChallengeSite, ChallengeVersion, WorkMode
from placements.challenges.publication import parts_of, supervisors_gone
from placements.challenges.queries import first_need, next_year, offered_again, reviewers, to_tell
from placements.challenges.rules import missing
from placements.challenges.versions import SENT, words_of
from placements.challenges.workflow import CHALLENGE, OVER
from placements.cohorts.models import Theme
from placements.core.clock import today
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, new_public_id
from placements.history.actions import record
from placements.mail.actions import tell
from placements.partners.actions import add_site, contact_left
from placements.partners.models import Contact, Organisation, Site
from placements.partners.queries import current_contacts, sites
from placements.people.models import Person

FOLLOWS = "challenges.preview"  # the ability of those who follow a challenge from the first draft on
COPIED = (  # what is the same when it is offered again
    *("organisation_id", "title", "need", "output", "theme", "suits_level_5", "suits_level_6", "places_min"),
    *("places_max", "mode", "site_id", "days", "times", "working", "skills", "skills_learnt", "client_group"),
    *("dbs", "pays_expenses", "access_notes"),
)
REASONS = "challenges.read_reasons"  # the ability to read why it is paused


def move(challenge: Challenge, verb: str) -> bool:
    """Move it, as no other transaction does before this one ends: of two presses at once the second is done already."""
    hold_row(challenge, "state", "version")
    return CHALLENGE.move(challenge, verb)


def start(
    organisation: Organisation,
    *,
    form_key: str,
    title: str,
    theme: Theme,
    mode: WorkMode,
    academic_year: str,
    place: Mapping[str, Any] | None = None,
    actor: Principal,
    now: datetime,
) -> Challenge:
    """Begin a draft. Until they say otherwise whoever begins it supervises it, at their only place if it has one.

    `place` is added to the organisation first. What they told us when they enquired is the need, to begin with.
    The same form twice is one draft.
    """
    known = db.session.scalar(
        select(Challenge).where(Challenge.form_key == form_key, Challenge.organisation_id == organisation.id)
    )
    if form_key and known is not None:
        return known
    assert actor.person_id is not None
    if place is not None:
        add_site(organisation, place, form_key=form_key, actor=actor, now=now)
    places = sites(organisation) if mode is not WorkMode.REMOTE else []
    site = places[0] if len(places) == 1 else None
    challenge = Challenge(
        form_key=form_key or new_public_id(),
        organisation=organisation,
        academic_year=academic_year,
        title=title,
        need=first_need(organisation, actor),
        theme=theme,
        mode=mode,
        site=site,
        access_notes=site.access_notes if site else "",
        supervisor_id=actor.person_id,
        created_at=now,
    )
    db.session.add(challenge)
    record("draft begun", challenge, actor=actor, now=now, ability=FOLLOWS)
    keep_version(challenge, actor, now)
    return challenge


def keep_version(challenge: Challenge, actor: Principal, now: datetime) -> None:
    """Keep its words as they are now. What they are made of is read again: keys may have been set, not things."""
    db.session.flush()
    db.session.refresh(challenge, ["site", "supervisor", "further_sites"])
    assert actor.person_id is not None
    kept = {"version": challenge.version, "saved_at": now, "saved_by_id": actor.person_id}
    db.session.add(ChallengeVersion(challenge_id=challenge.id, words=words_of(challenge), **kept))


def _changed(
    challenge: Challenge, said: str, fields: list[str], actor: Principal, now: datetime, *, reason: str = ""
) -> None:
    """Its words are others than before: a version more."""
    challenge.version += 1
    record(said, challenge, actor=actor, now=now, ability=FOLLOWS, reason=reason, fields=fields)
    keep_version(challenge, actor, now)


def edit(challenge: Challenge, facts: Mapping[str, Any], *, version: int, actor: Principal, now: datetime) -> list[str]:
    """Save the draft as far as it is written. Returns the names of what changed.

    Refused (Conflict) where somebody saved a newer version than the one that was being edited.
    """
    move(challenge, "edit")
    if version != challenge.version:
        raise Conflict("Somebody saved this challenge while you were writing. Compare the two, then save again.")
    changed = [name for name, value in facts.items() if getattr(challenge, name) != value]
    for name in changed:
        setattr(challenge, name, facts[name])
    if changed:
        _changed(challenge, "draft saved", changed, actor, now)
    return changed


def add_place(challenge: Challenge, site: Site, supervisor: Person, *, actor: Principal, now: datetime) -> None:
    """Offer the same at one more place, under a supervisor there; added again, it gets that supervisor."""
    move(challenge, "edit")
    if site.id == challenge.site_id:
        raise Refused(f"{site.name} is where it happens already. Choose another place", "site")
    db.session.refresh(challenge, ["further_sites"])  # as the last press left them
    known = next((each for each in challenge.further_sites if each.site_id == site.id), None)
    if known is not None and known.supervisor_id == supervisor.id:
        return
    if known is None:
        known = ChallengeSite(site_id=site.id)
        challenge.further_sites.append(known)
    known.supervisor_id = supervisor.id
    _changed(challenge, "draft saved", ["further_sites"], actor, now)


def remove_place(challenge: Challenge, site: Site, *, actor: Principal, now: datetime) -> None:
    """Offer it at that place no more."""
    move(challenge, "edit")
    db.session.refresh(challenge, ["further_sites"])
    for each in [each for each in challenge.further_sites if each.site_id == site.id]:
        challenge.further_sites.remove(each)
        _changed(challenge, "draft saved", ["further_sites"], actor, now)


def name_supervisor(challenge: Challenge, supervisor: Person, *, actor: Principal, now: datetime) -> None:
    """Say who supervises in the place of whoever has left, at each of its places where that is so."""
    move(challenge, "name_supervisor")
    _replace(challenge, supervisors_gone(challenge), supervisor.id, actor, now)


@contact_left.connect
def hand_on(contact: Contact, *, successor_id: int | None, actor: Principal, now: datetime) -> None:
    """Briefs that are not over get whoever took over; where nobody did, their organisation is told of each."""
    found = select(Challenge).where(
        Challenge.organisation_id == contact.organisation_id,
        Challenge.state.not_in(OVER),
        or_(
            Challenge.supervisor_id == contact.person_id,
            Challenge.further_sites.any(ChallengeSite.supervisor_id == contact.person_id),
        ),
    )
    for challenge in db.session.scalars(found.order_by(Challenge.id).with_for_update(of=Challenge)).all():
        if successor_id is not None:
            _replace(challenge, {contact.person_id}, successor_id, actor, now)
        else:
            tell(notices.SUPERVISOR_LEFT, challenge.id, set(to_tell(challenge)) - {actor.person_id}, now)


def _replace(challenge: Challenge, gone: set[int], successor_id: int, actor: Principal, now: datetime) -> None:
    places: list[Challenge | ChallengeSite] = [challenge, *challenge.further_sites]
    theirs = [place for place in places if place.supervisor_id in gone]
    for place in theirs:
        place.supervisor_id = successor_id
    if theirs:
        _changed(challenge, "supervisor changed", ["supervisor"], actor, now)


def promise_places(challenge: Challenge, places: int, reason: str, *, actor: Principal, now: datetime) -> None:
    """Let a published challenge have that many places, more than before, as its organisation has agreed.

    `reason` says who agreed; everybody who follows it reads it. Fewer, or as many, change nothing.
    """
    hold_row(challenge)
    CHALLENGE.move(challenge, "promise_places")
    if places > challenge.places_max:
        challenge.places_max = places
        _changed(challenge, "more places agreed", ["places"], actor, now, reason=reason)


def submit(challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Send it for review, and tell whoever reviews. Refused while something that students need is missing."""
    hold_row(challenge)  # what a colleague is saving at this moment counts
    lacking = missing(parts_of(challenge))
    if lacking:
        raise Refused("Before you can send it: " + "; ".join(part.what[0].lower() + part.what[1:] for part in lacking))
    if move(challenge, "submit"):
        challenge.submitted_at, challenge.submitted_by_id = now, actor.person_id
        record(SENT, challenge, actor=actor, now=now, ability=FOLLOWS)
        tell(notices.SUBMITTED, challenge.id, reviewers(challenge), now)


def pause(challenge: Challenge, reason: str, *, actor: Principal, now: datetime) -> None:
    """Take it out of sight until it is resumed: what the university paused, by the university.

    Everybody who follows it may know that it is paused; only who may read reasons, why. Students whom it concerns
    are told by themselves that it is paused, never why.
    """
    if move(challenge, "pause"):
        challenge.is_held = not actor.has("contact", challenge.organisation_id)
        challenge.stopped_at, challenge.stop_reason = now, ""
        record("paused", challenge, actor=actor, now=now)
        record("reason noted for “paused”", challenge, actor=actor, now=now, ability=REASONS, reason=reason)


def hold(challenge: Challenge, reason: str, *, actor: Principal, now: datetime) -> None:
    """Keep what its own people paused out of sight until the university shows it again."""
    if move(challenge, "hold") and not challenge.is_held:
        challenge.is_held = True
        record("kept paused by the university", challenge, actor=actor, now=now)
        record("reason noted for “kept paused”", challenge, actor=actor, now=now, ability=REASONS, reason=reason)


def resume(challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Show a paused challenge again."""
    if move(challenge, "resume"):
        challenge.is_held = False
        challenge.stopped_at = None
        record("resumed", challenge, actor=actor, now=now)


def close(challenge: Challenge, reason: str, told: str = "", *, actor: Principal, now: datetime) -> None:
    """Take no more students; those who are placed stay. Students whom it concerns read what is `told`."""
    if move(challenge, "close"):
        _stop(challenge, "closed", reason, told, actor=actor, now=now)


def withdraw(challenge: Challenge, reason: str, told: str = "", *, actor: Principal, now: datetime) -> None:
    """Take it back: the work will not happen. Students whom it concerns read what is `told`."""
    if move(challenge, "withdraw"):
        _stop(challenge, "withdrawn", reason, told, actor=actor, now=now)


def _stop(challenge: Challenge, said: str, reason: str, told: str, *, actor: Principal, now: datetime) -> None:
    record(said, challenge, actor=actor, now=now, ability=FOLLOWS, reason=reason)
    if challenge.published_at is not None:
        challenge.stopped_at, challenge.stop_reason = now, told


def archive(challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Put it away with everything that happened."""
    if move(challenge, "archive"):
        record("archived", challenge, actor=actor, now=now)


def reoffer(challenge: Challenge, *, actor: Principal, now: datetime) -> Challenge:
    """Copy it into a draft of the next open year, without the people who have left. Pressed twice it is one draft.

    Where the copy came to nothing, another one is made. Refused where no later year is open.
    """
    hold_row(challenge, "state")
    year = next_year(challenge, today(now))
    if year is None:
        raise Refused("There is no later year to offer it in yet. Try again when the next one is set up.")
    known = offered_again(challenge, year)
    if known is not None:
        return known
    assert actor.person_id is not None
    here = {contact.person_id for contact in current_contacts(challenge.organisation_id)}
    supervisor = challenge.supervisor_id if challenge.supervisor_id in here else actor.person_id
    draft = Challenge(
        form_key=new_public_id(),
        academic_year=year,
        supervisor_id=supervisor,
        created_at=now,
        offered_before_id=challenge.id,
        **{name: getattr(challenge, name) for name in COPIED},
    )
    draft.other_areas = challenge.other_areas
    draft.further_sites = [
        ChallengeSite(site_id=each.site_id, supervisor_id=each.supervisor_id)
        for each in challenge.further_sites
        if each.supervisor_id in here
    ]
    db.session.add(draft)
    record(f"offered again, from {challenge.academic_year}", draft, actor=actor, now=now, ability=FOLLOWS)
    keep_version(draft, actor, now)
    return draft
