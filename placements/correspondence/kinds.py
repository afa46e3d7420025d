"""The kinds of notice that reach somebody, and when their day's mail comes."""

from collections.abc import Collection

from sqlalchemy import literal, select, union

from placements.correspondence.rules import Kind
from placements.db import db
from placements.mail.models import MailChoice, Mute, Notification
from placements.mail.notices import Notice, Pace, notices, reminders
from placements.mail.pacing import USUAL_HOUR
from placements.mail.wording import words_of


def kinds_of(person_id: int, also: Collection[str] = ()) -> list[Kind]:
    """What that person was ever told or muted, and `also` that, by what it is called. One query."""
    told = select(Notification.notice).where(Notification.recipient_id == person_id)
    muted = select(Mute.notice, literal(1)).where(Mute.person_id == person_id)
    found = set(db.session.execute(union(told.add_columns(literal(0)), muted)).all())
    names = ({name for name, _ in found} | {*also}) & notices().keys()
    kinds = [_kind(notices()[name], is_muted=(name, 1) in found) for name in names]
    return sorted(kinds, key=lambda kind: (kind.title, kind.name))


def _kind(notice: Notice, *, is_muted: bool) -> Kind:
    words = words_of(notice)
    said = {"title": words.title, "because": words.because, "until": words.until}
    return Kind(notice.name, **said, is_muted=is_muted, is_private=notice.private, why_not=_why_not(notice))


def _why_not(notice: Notice) -> str:
    if notice.may_mute:
        return ""
    if notice.pace is Pace.NOW:
        return "it cannot wait"
    if any(each.notice is notice for each in reminders()):
        return "it is about something that you are to do by a day"
    return "it tells you of something that you need to know"


def hour_of(person_id: int) -> int:
    """When the day's mail of that person goes out, on London's clocks. One query."""
    return db.session.scalar(select(MailChoice.hour).where(MailChoice.person_id == person_id)) or USUAL_HOUR


def private_names() -> tuple[str, ...]:
    """The notices of which nobody but their reader sees that they were sent, in order."""
    return tuple(sorted(name for name, notice in notices().items() if notice.private))
