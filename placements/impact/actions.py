"""Telling what came of a challenge: written by us, verified by the organisation, shown if it agrees, taken down."""

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import select

from placements.challenges.models import Challenge
from placements.core.clock import day_began, today
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.impact import notices
from placements.impact.models import Result
from placements.impact.queries import VERIFY_BY_LINK, Asked, standing_result, whom_to_ask
from placements.impact.rules import Words
from placements.impact.workflow import RESULT, ResultState
from placements.links.actions import add_link, latest_link, spend
from placements.mail.actions import tell
from placements.partners.actions import contact_left
from placements.partners.models import Contact
from placements.people.models import Person

LINK_LASTS = timedelta(days=21)


def write(challenge: Challenge, words: Words, form_key: str, *, actor: Principal, now: datetime) -> Result:
    """Begin to tell what came of the challenge. Raises Refused where something is told of it already."""
    hold_row(challenge, "state")  # of two who write at once the second finds the first's
    if standing_result(challenge.id) is not None:
        raise Refused("Something is told of this challenge already. Open it from the list of results.")
    result = Result(
        challenge=challenge, form_key=form_key, written_by_id=actor.person_id, written_at=now, **asdict(words)
    )
    db.session.add(result)
    record("written", result, actor=actor, now=now)
    return result


def edit(result: Result, words: Words, *, seen: int | None, actor: Principal, now: datetime) -> None:
    """Say it otherwise: what was verified or shown is a draft again. The same words change nothing.

    Raises Conflict where somebody changed it since version `seen`, Refused once it is taken down.
    """
    hold_row(result)
    if Words(**{name: getattr(result, name) for name in asdict(words)}) == words:
        return
    if seen != result.version:
        raise Conflict("Somebody changed this since you opened it. Open it again to see what it says now.")
    RESULT.move(result, "edit")
    for name, value in asdict(words).items():
        setattr(result, name, value)
    result.version += 1
    result.written_by, result.written_at = db.session.get_one(Person, actor.person_id), now
    result.verified_by_id = result.verified_at = result.published_at = None
    result.may_publish = False
    record("changed", result, actor=actor, now=now)


def ask(result: Result, *, actor: Principal, now: datetime) -> Person:
    """Mail the organisation a link by which it says whether this is true. Returns who is asked.

    Asked again while their link still works, they get it again, once a day. Raises Refused where nobody can be asked.
    """
    hold_row(result)
    RESULT.move(result, "ask")
    person = whom_to_ask(result)
    if person is None:
        name = result.challenge.organisation.name
        raise Refused(f"{name} has no main contact, and the supervisor has left. Add a contact first.")
    if not has_open_link(result, person, now):
        _ask(result, person, actor=actor, now=now)
    elif result.asked_at is None or today(result.asked_at) < today(now):
        tell(notices.ASKED, result.id, [person.id], day_began(now))
    return person


@contact_left.connect
def ask_another(contact: Contact, *, successor_id: int | None, actor: Principal, now: datetime) -> None:
    """What somebody who left was asked and has not answered, whoever is the one to ask now is asked instead."""
    theirs = (
        select(Result)
        .join(Result.challenge)
        .where(
            Result.asked_id == contact.person_id,
            Result.state == ResultState.ASKED,
            Challenge.organisation_id == contact.organisation_id,
        )
    )
    for result in db.session.scalars(theirs.order_by(Result.id).with_for_update(of=Result)).all():
        person = whom_to_ask(result)
        if person is not None:
            _ask(result, person, actor=actor, now=now)


def has_open_link(result: Result, person: Person, now: datetime) -> bool:
    """Whether they were sent a link by which these words can still be verified."""
    link = latest_link(VERIFY_BY_LINK, result.id, person.id)
    return link is not None and link.is_open(now) and link.version == str(result.version)


def _ask(result: Result, person: Person, *, actor: Principal, now: datetime) -> None:
    result.asked_id, result.asked_at = person.id, now
    _send_link(result, person.id, now)
    record("sent to the organisation", result, actor=actor, now=now, person_id=person.id)


def _send_link(result: Result, person_id: int, now: datetime) -> None:
    add_link(VERIFY_BY_LINK, result.id, person_id, now=now, lasts=LINK_LASTS, version=str(result.version))
    tell(notices.ASKED, result.id, [person_id], now)


def verify(result: Result, *, may_publish: bool, seen: int | None, actor: Principal, now: datetime) -> None:
    """Say for the organisation that it is true, and whether it may be shown; its writer hears.

    Said again, it changes nothing. Raises Conflict where the words are not those of version `seen`, Refused as `move`.
    """
    if not _answer(result, "verify", seen=seen, actor=actor):
        return
    result.verified_by_id, result.verified_at, result.may_publish = actor.person_id, now, may_publish
    record("verified, to be shown" if may_publish else "verified, not to be shown", result, actor=actor, now=now)
    tell(notices.ANSWERED, result.id, [result.written_by_id], now)


def send_back(result: Result, reason: str, *, seen: int | None, actor: Principal, now: datetime) -> None:
    """Say for the organisation that something is wrong; its writer hears. Refused and raising as `verify`."""
    if _answer(result, "send_back", seen=seen, actor=actor):
        record("sent back", result, actor=actor, now=now, reason=reason)
        tell(notices.ANSWERED, result.id, [result.written_by_id], now)


def _answer(result: Result, verb: str, *, seen: int | None, actor: Principal) -> bool:
    """Move it by the organisation's answer. Returns False where that was given before."""
    hold_row(result)
    if result.written_by_id == actor.person_id:
        raise Refused("You wrote this, so somebody else has to say whether it is true.")
    if result.state is ResultState.ASKED and seen != result.version:
        raise Conflict("The words have been changed since. Read them as they are now.")
    return RESULT.move(result, verb)


def verify_by_link(asked: Asked, *, may_publish: bool, now: datetime) -> None:
    """The same by the link of a mail, which is used up. Raises Refused where it cannot be answered by it."""
    actor = _spend(asked, now)
    verify(asked.result, may_publish=may_publish, seen=asked.result.version, actor=actor, now=now)


def send_back_by_link(asked: Asked, reason: str, *, now: datetime) -> None:
    """The same by the link of a mail, which is used up. Raises Refused where it cannot be answered by it."""
    actor = _spend(asked, now)
    send_back(asked.result, reason, seen=asked.result.version, actor=actor, now=now)


def _spend(asked: Asked, now: datetime) -> Principal:
    hold_row(asked.result)
    if not asked.can_answer(now):
        raise Refused("These words do not wait for your answer any more.")
    return spend(asked.link, now)


def send_new_link(asked: Asked, *, now: datetime) -> None:
    """Mail the link's holder a fresh one for the words as they are. Raises Refused where no answer is wanted."""
    if not asked.waits:
        raise Refused("Nothing waits for your answer now. We write to you when something does.")
    if not has_open_link(asked.result, asked.link.holder, now):
        _send_link(asked.result, asked.link.holder_id, now)


def publish(result: Result, *, actor: Principal, now: datetime) -> None:
    """Show it to anybody; who verified it is thanked. Raises Refused without the organisation's consent."""
    hold_row(result)
    if not result.may_publish:
        raise Refused("The organisation has not agreed that this is shown.")
    if RESULT.move(result, "publish"):
        result.published_at = now
        record("published", result, actor=actor, now=now)
        tell(notices.PUBLISHED, result.id, [result.verified_by_id] if result.verified_by_id else [], now)


def withdraw(result: Result, reason: str, *, actor: Principal, now: datetime) -> None:
    """Take it down for good. Its writer hears of it where the organisation asks for that."""
    hold_row(result)
    if RESULT.move(result, "withdraw"):
        result.may_publish = False
        record("taken down", result, actor=actor, now=now, reason=reason)
        if actor.has("contact", result.challenge.organisation_id):
            tell(notices.ANSWERED, result.id, [result.written_by_id], now)
