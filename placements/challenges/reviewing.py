"""Verbs of those who review: what is said about a brief, how risky it is, and whether and when it is published."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from placements.challenges import notices
from placements.challenges.actions import FOLLOWS, move
from placements.challenges.models import BriefRisk, Challenge, ReviewComment
from placements.challenges.publication import to_publish, why_not_published
from placements.challenges.queries import reviewers, to_tell
from placements.challenges.rules import publishes_at
from placements.core.clock import say_date, today
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db, new_public_id
from placements.enquiries.models import Route
from placements.enquiries.referrals import receiver_of, refer
from placements.history.actions import record
from placements.mail.actions import tell
from placements.mail.notices import Notice
from placements.partners.queries import engagement_officers, keepers
from placements.people.models import Person
from placements.vetting.models import Risk
from placements.vetting.rules import worst


def comment(
    challenge: Challenge, text: str, *, form_key: str, field: str | None = None, actor: Principal, now: datetime
) -> None:
    """Say something about the brief, or one question of it; the other side is told. The same form twice is one."""
    move(challenge, "comment")
    said = _say(challenge, text, form_key, field=field, actor=actor, now=now)
    if said is not None:
        told = _reviewing(challenge) if actor.has("contact", challenge.organisation_id) else set(to_tell(challenge))
        record("commented", challenge, actor=actor, now=now, ability=FOLLOWS)
        tell(notices.COMMENTED, said.id, told - {said.author_id}, now)


def _reviewing(challenge: Challenge) -> set[int]:
    """Who is asked to review, and those of the engagement team who took part in their place."""
    took_part = {each.author_id for each in challenge.comments}
    return {*reviewers(challenge), *(took_part & set(engagement_officers(about=challenge.organisation_id)))}


def ask_for_changes(
    challenge: Challenge, text: str, *, form_key: str, field: str | None = None, actor: Principal, now: datetime
) -> None:
    """Give the brief back to its organisation with what should change."""
    if move(challenge, "ask_for_changes"):
        said = _say(challenge, text, form_key, field=field, actor=actor, now=now)
        record("changes asked for", challenge, actor=actor, now=now, ability=FOLLOWS)
        _tell_why(notices.CHANGES_ASKED, said, challenge, now)


def decline(
    challenge: Challenge, reason: str, route: Route | None = None, *, form_key: str, actor: Principal, now: datetime
) -> None:
    """Say that this brief cannot be a placement, and why; with a `route`, pass it on to whoever receives for that."""
    if move(challenge, "decline"):
        if route is not None:
            _pass_on(challenge, route, reason, actor, now)
        said = _say(challenge, reason, form_key, actor=actor, now=now)
        record("declined", challenge, actor=actor, now=now, ability=FOLLOWS)
        _tell_why(notices.DECLINED, said, challenge, now)


def _tell_why(notice: Notice, said: ReviewComment | None, challenge: Challenge, now: datetime) -> None:
    if said is None:
        raise Refused("This was sent already, for an earlier version. Open the page again to say more.")
    tell(notice, said.id, to_tell(challenge), now)


def _pass_on(challenge: Challenge, route: Route, note: str, actor: Principal, now: datetime) -> None:
    here = to_tell(challenge)
    asker = challenge.submitted_by_id if challenge.submitted_by_id in here else here[0]
    refer(
        route,
        receiver_of(route, None, now),
        subject=challenge.title,
        words=challenge.need,
        asker=db.session.get_one(Person, asker),
        note=note,
        organisation=challenge.organisation,
        actor=actor,
        now=now,
    )
    record("passed on", challenge, actor=actor, now=now, ability=FOLLOWS, reason=route.name)


def approve(challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Find the brief good. It is not published by that."""
    if move(challenge, "approve"):
        record("approved", challenge, actor=actor, now=now, ability=FOLLOWS)
        tell(notices.APPROVED, challenge.id, to_tell(challenge), now)


def _say(
    challenge: Challenge, text: str, form_key: str, *, field: str | None = None, actor: Principal, now: datetime
) -> ReviewComment | None:
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
        field=field,
        text=text,
        at=now,
    )
    db.session.add(said)
    db.session.flush()
    return said


def assess(challenge: Challenge, facts: Mapping[str, Any], *, actor: Principal, now: datetime) -> None:
    """Say how risky the work and the people are, what is done about it, and what is left then.

    Refused where something is left, and nothing is said of what is done about it; or more is left than there was.
    """
    parts, left = [facts["work"], facts["people"]], facts["residual"]
    if left is not Risk.LOW and not facts["actions"]:
        raise Refused("Say what is done about the risk, or choose low", "actions")
    if worst([left, *parts]) is not worst(parts):
        raise Refused("What is left cannot be worse than the work and the people", "residual")
    move(challenge, "assess")
    found = db.session.scalar(select(BriefRisk).where(BriefRisk.challenge_id == challenge.id))
    if found is None:
        found = BriefRisk(challenge_id=challenge.id)
        db.session.add(found)
    changed = [name for name, value in facts.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, facts[name])
    if changed:
        assert actor.person_id is not None
        found.assessed_at, found.assessed_by_id = now, actor.person_id
        record("risk assessed", challenge, actor=actor, now=now, ability="challenges.read_risk", fields=changed)


def publish_later(challenge: Challenge, day: date | None, *, actor: Principal, now: datetime) -> None:
    """Have it published by itself on that day, at 8am in London; None: only by hand. Refused for a day that is past."""
    if day is not None and day < today(now):
        raise Refused("Choose a day that has not passed", "day")
    move(challenge, "publish_later")
    if day != challenge.publish_on:
        challenge.publish_on = day
        said = f"to be published on {say_date(day)}" if day else "to be published by hand"
        record(said, challenge, actor=actor, now=now, ability=FOLLOWS)


def publish(challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Show it to students and on the public site.

    Refused while its organisation is not approved, a place of it not cleared, its risk high or a supervisor gone.
    """
    obstacle = why_not_published(challenge, now)
    if obstacle:
        raise Refused(obstacle)
    if move(challenge, "publish"):
        challenge.published_at, challenge.publish_on = now, None
        record("published", challenge, actor=actor, now=now)
        tell(notices.PUBLISHED, challenge.id, to_tell(challenge), now)


def publish_due(now: datetime) -> None:
    """Publish what was to be published by now, or as soon as it can be; for the worker.

    Where it cannot be, who keeps the relationship is told once.
    """
    for challenge in db.session.scalars(to_publish(now).with_for_update(of=Challenge, skip_locked=True)).all():
        if why_not_published(challenge, now) is None:
            publish(challenge, actor=NOBODY, now=now)
        elif challenge.publish_on is not None:
            told = keepers(challenge.organisation)
            tell(notices.COULD_NOT_PUBLISH, challenge.id, told, publishes_at(challenge.publish_on))
