"""What a tutor does at the desk: mark visits as read, say something of one, keep phrases, nudge several at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select

from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, insert_new, new_public_id
from placements.history.actions import record
from placements.logbook import actions as logbook
from placements.logbook.actions import MODULE_TEAM
from placements.logbook.models import Entry
from placements.mail.actions import tell
from placements.reading import notices
from placements.reading.models import CommentPhrase, EntryRead, Nudge, NudgeRecipient
from placements.reading.nudging import Candidate
from placements.reading.rules import Why

MOST_PHRASES = 50  # ours: a longer list is not found one's way in


def mark_read(read: Iterable[tuple[int, int]], *, actor: Principal, now: datetime) -> None:
    """Keep that these entries were read in these versions. What was read before stays as it is."""
    rows = [{"entry_id": entry, "version": version, "reader_id": actor.person_id, "at": now} for entry, version in read]
    insert_new(EntryRead, rows)


def say(entry: Entry, text: str, *, is_kept: bool = False, actor: Principal, now: datetime) -> None:
    """Comment on an entry, which is read thereby; the student is told. With `is_kept`, keep the words as a phrase."""
    logbook.comment(entry, text, actor=actor, now=now)
    mark_read([(entry.id, entry.version)], actor=actor, now=now)
    if is_kept:
        keep_phrase(text, actor=actor)


def keep_phrase(text: str, *, actor: Principal) -> None:
    """Keep words to be used again; the same words twice are kept once. Raises Refused for one too many."""
    kept = db.session.scalar(select(func.count(CommentPhrase.id)).where(CommentPhrase.owner_id == actor.person_id))
    if (kept or 0) >= MOST_PHRASES:
        raise Refused(f"You have {MOST_PHRASES} phrases. Remove one before you keep another.")
    insert_new(CommentPhrase, [{"public_id": new_public_id(), "owner_id": actor.person_id, "text": text}])


def drop_phrase(phrase: CommentPhrase) -> None:
    """Remove a phrase. What was written with it stays."""
    db.session.delete(phrase)


def nudge(
    why: Why, chosen: Sequence[Candidate], text: str, *, form_key: str, actor: Principal, now: datetime
) -> Nudge | None:
    """Send the same words to each person chosen, one mail each. The same form twice is sent once: then None.

    Raises Refused where nobody is left to write to.
    """
    if db.session.scalar(select(Nudge.id).where(Nudge.form_key == form_key)) is not None:
        return None
    if not chosen:
        raise Refused("Choose at least one person to write to.", "people")
    sent = Nudge(form_key=form_key, why=why, sent_by_id=actor.person_id, at=now, text=text)
    sent.recipients = [NudgeRecipient(placement=each.placement, person=each.person) for each in chosen]
    db.session.add(sent)
    db.session.flush()
    tell(notices.NUDGE, sent.id, [each.person.id for each in chosen], now)
    for each in chosen:
        to = "supervisor" if why is Why.UNANSWERED else "student"
        student = each.placement.enrolment.person_id
        record(f"wrote to the {to}", each.placement, actor=actor, now=now, person_id=student, ability=MODULE_TEAM)
    return sent
