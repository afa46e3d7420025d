"""Verbs on challenges: drafting by the organisation, review by a champion, and what follows publication."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from placements.challenges import notices
from placements.challenges.models import Challenge, ReviewComment, WorkMode
from placements.challenges.queries import reviewers, to_tell
from placements.challenges.rules import missing, parts
from placements.challenges.workflow import CHALLENGE
from placements.cohorts.models import Theme
from placements.core.clock import today
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, new_public_id
from placements.history.actions import record
from placements.mail.actions import tell
from placements.mail.notices import Notice
from placements.partners.models import Organisation
from placements.partners.queries import current_contacts, sites

FOLLOWS = "challenges.preview"  # the ability of those who follow a challenge from the first draft on
REASONS = "challenges.read_reasons"  # the ability to read why it is paused


def _move(challenge: Challenge, verb: str) -> bool:
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
    actor: Principal,
    now: datetime,
) -> Challenge:
    """Begin a draft. Until they say otherwise whoever begins it supervises it, at their only place if it has one.

    The same form twice is one draft.
    """
    known = db.session.scalar(
        select(Challenge).where(Challenge.form_key == form_key, Challenge.organisation_id == organisation.id)
    )
    if form_key and known is not None:
        return known
    assert actor.person_id is not None
    places = sites(organisation) if mode is not WorkMode.REMOTE else []
    challenge = Challenge(
        form_key=form_key or new_public_id(),
        organisation=organisation,
        academic_year=academic_year,
        title=title,
        need="",
        theme=theme,
        mode=mode,
        site_id=places[0].id if len(places) == 1 else None,
        supervisor_id=actor.person_id,
        created_at=now,
    )
    db.session.add(challenge)
    record("draft begun", challenge, actor=actor, now=now, ability=FOLLOWS)
    return challenge


def edit(challenge: Challenge, facts: Mapping[str, Any], *, version: int, actor: Principal, now: datetime) -> list[str]:
    """Save the draft as far as it is written. Returns the names of what changed.

    Refused (Conflict) where somebody saved a newer version than the one that was being edited.
    """
    _move(challenge, "edit")
    if version != challenge.version:
        raise Conflict("Somebody saved this challenge while you were writing. Compare the two, then save again.")
    changed = [name for name, value in facts.items() if getattr(challenge, name) != value]
    for name in changed:
        setattr(challenge, name, facts[name])
    if changed:
        challenge.version += 1
        record("draft saved", challenge, actor=actor, now=now, ability=FOLLOWS, fields=changed)
    return changed


def submit(challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Send it for review, and tell whoever reviews. Refused while something that students need is missing."""
    here = {contact.person_id for contact in current_contacts(challenge.organisation_id)}
    lacking = missing(parts(challenge, is_remote=challenge.mode is WorkMode.REMOTE, contacts=here))
    if lacking:
        raise Refused("Before you can send it: " + "; ".join(part.what[0].lower() + part.what[1:] for part in lacking))
    if _move(challenge, "submit"):
        challenge.submitted_at, challenge.submitted_by_id = now, actor.person_id
        record("sent for review", challenge, actor=actor, now=now, ability=FOLLOWS)
        tell(notices.SUBMITTED, challenge.id, reviewers(challenge), now)


def comment(challenge: Challenge, text: str, *, form_key: str, actor: Principal, now: datetime) -> None:
    """Say something about the brief; the other side is told. The same form twice is one comment."""
    _move(challenge, "comment")
    said = _say(challenge, text, form_key, actor, now)
    if said is not None:
        is_ours = actor.has("contact", challenge.organisation_id)
        recipients = set(reviewers(challenge) if is_ours else to_tell(challenge)) - {actor.person_id}
        record("commented", challenge, actor=actor, now=now, ability=FOLLOWS)
        tell(notices.COMMENTED, said.id, [each for each in recipients if each is not None], now)


def ask_for_changes(challenge: Challenge, text: str, *, form_key: str, actor: Principal, now: datetime) -> None:
    """Give the brief back to its organisation with what should change."""
    if _move(challenge, "ask_for_changes"):
        _say(challenge, text, form_key, actor, now)
        _answer(challenge, "changes asked for", notices.CHANGES_ASKED, actor=actor, now=now)


def decline(challenge: Challenge, reason: str, *, form_key: str, actor: Principal, now: datetime) -> None:
    """Say that this brief cannot be a placement, and why."""
    if _move(challenge, "decline"):
        _say(challenge, reason, form_key, actor, now)
        _answer(challenge, "declined", notices.DECLINED, actor=actor, now=now)


def approve(challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Find the brief good. It is not published by that."""
    if _move(challenge, "approve"):
        _answer(challenge, "approved", notices.APPROVED, actor=actor, now=now)


def _answer(challenge: Challenge, said: str, notice: Notice, *, actor: Principal, now: datetime) -> None:
    record(said, challenge, actor=actor, now=now, ability=FOLLOWS)
    tell(notice, challenge.id, to_tell(challenge), now)


def _say(challenge: Challenge, text: str, form_key: str, actor: Principal, now: datetime) -> ReviewComment | None:
    """Keep a comment; None where this form's is kept already."""
    known = select(ReviewComment.id).where(
        ReviewComment.form_key == form_key, ReviewComment.challenge_id == challenge.id
    )
    if form_key and db.session.scalar(known) is not None:
        return None
    said = ReviewComment(
        form_key=form_key or new_public_id(),
        challenge_id=challenge.id,
        version=challenge.version,
        author_id=actor.person_id,
        text=text,
        at=now,
    )
    db.session.add(said)
    db.session.flush()
    return said


def publish(challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Show it to students and on the public site. Refused while its organisation is not approved."""
    if not challenge.organisation.is_approved(today(now)):
        raise Refused(f"{challenge.organisation.name} is not approved, so its challenges cannot be published yet.")
    if _move(challenge, "publish"):
        challenge.published_at = now
        record("published", challenge, actor=actor, now=now)
        tell(notices.PUBLISHED, challenge.id, to_tell(challenge), now)


def pause(challenge: Challenge, reason: str, *, actor: Principal, now: datetime) -> None:
    """Take it out of sight until it is resumed: what the university paused, by the university.

    Everybody who follows it may know that it is paused; only who may read reasons, why.
    """
    if _move(challenge, "pause"):
        challenge.is_held = not actor.has("contact", challenge.organisation_id)
        record("paused", challenge, actor=actor, now=now)
        record("reason noted for “paused”", challenge, actor=actor, now=now, ability=REASONS, reason=reason)


def resume(challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Show a paused challenge again."""
    if _move(challenge, "resume"):
        challenge.is_held = False
        record("resumed", challenge, actor=actor, now=now)


def close(challenge: Challenge, reason: str, *, actor: Principal, now: datetime) -> None:
    """Take no more students; those who are placed stay."""
    if _move(challenge, "close"):
        record("closed", challenge, actor=actor, now=now, ability=FOLLOWS, reason=reason)


def withdraw(challenge: Challenge, reason: str, *, actor: Principal, now: datetime) -> None:
    """Take it back: the work will not happen."""
    if _move(challenge, "withdraw"):
        record("withdrawn", challenge, actor=actor, now=now, ability=FOLLOWS, reason=reason)


def archive(challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Put it away with everything that happened."""
    if _move(challenge, "archive"):
        record("archived", challenge, actor=actor, now=now)
