"""What people choose about their mail. The caller's transaction keeps it, and its history."""

from collections.abc import Collection

from sqlalchemy import delete, select, update

from placements.db import db, insert_new
from placements.mail.models import MailChoice, Mute
from placements.mail.notices import notices


def may_mute(names: Collection[str]) -> list[str]:
    """Those of the notices that may be muted, in order of their names."""
    known = notices()
    return sorted(name for name in set(names) if name in known and known[name].may_mute)


def muted_by(person_id: int) -> set[str]:
    """What that person does not want to be told. One query."""
    return set(db.session.scalars(select(Mute.notice).where(Mute.person_id == person_id)))


def mute(person_id: int, names: Collection[str]) -> list[str]:
    """Say none of these to that person any more, but for those that must be said. Returns what that changes."""
    new = [name for name in may_mute(names) if name not in muted_by(person_id)]
    insert_new(Mute, [{"person_id": person_id, "notice": name} for name in new])
    return new


def unmute(person_id: int, names: Collection[str]) -> list[str]:
    """Say these again. Returns what that changes."""
    gone = sorted(muted_by(person_id) & set(names))
    db.session.execute(delete(Mute).where(Mute.person_id == person_id, Mute.notice.in_(gone)))
    return gone


def choose_hour(person_id: int, hour: int) -> None:
    """Let the person's day's mail go out at that hour, one of `pacing.HOURS`."""
    insert_new(MailChoice, [{"person_id": person_id, "hour": hour}])
    db.session.execute(update(MailChoice).where(MailChoice.person_id == person_id).values(hour=hour))
