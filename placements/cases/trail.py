"""What history and mail know of one student's things: who did what and when, who was written to."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload

from placements.board.models import Correction
from placements.cases.judging import Judged
from placements.cases.reading import Placed
from placements.cases.rules import LEADERS_READ, MAILS
from placements.cohorts.models import Enrolment
from placements.concerns.models import Concern
from placements.db import db
from placements.history.models import History
from placements.mail.models import Message, MessageState, Notification
from placements.partners.models import Contact
from placements.people.models import Person

FATES = {
    MessageState.QUEUED: "Waiting to be sent",
    MessageState.SENT: "Sent",
    MessageState.FAILED: "Could not be delivered",
    MessageState.DROPPED: "Not sent: no longer true",
}
Keys = Mapping[str, Collection[int]]


@dataclass(frozen=True)
class Written:
    """One mail about the case: when, to whom by what they are to the student, its subject, and how far it came."""

    at: datetime
    to: str
    subject: str
    fate: str


def keys_of(placed: Placed, judged: Judged) -> Keys:
    """The student's things by table; of concerns those that the reader of this file may read."""
    return {
        "enrolment": [placed.enrolment.id],
        "offer": [each.id for each in placed.offers],
        "clearing": [each.id for each in placed.clearings],
        "placement": [each.id for each in placed.placements],
        "agreement": [each.id for each in placed.agreements],
        "log_entry": [each.id for each in placed.entries],
        "supervisor_feedback": [each.id for each in placed.feedback],
        "logbook_grade": [each.id for each in placed.grades],
        "submission": [each.id for each in judged.submissions],
        "extension": [each.id for each in judged.extensions],
        "mitigation": [each.id for each in judged.claims],
        "waiver": [each.id for each in judged.waivers],
        "mark": [each.id for each in judged.marks],
        "second_mark": [each.id for each in judged.seconds],
        Correction.__tablename__: [each.id for each in judged.corrections],
        Concern.__tablename__: [each.id for each in placed.concerns],
    }


def history_of(keys: Keys) -> Sequence[History]:
    """What was done to those things, as far as a leader of the run reads it, the first first. One query."""
    about = [and_(History.about_kind == kind, History.about_id.in_(ids)) for kind, ids in keys.items()]
    found = select(History).where(or_(*about), or_(History.ability.is_(None), History.ability.in_(LEADERS_READ)))
    return db.session.scalars(found.options(joinedload(History.actor)).order_by(History.at, History.id)).all()


def mails_of(keys: Keys, placed: Placed) -> list[Written]:
    """What was written about those things, the first first; never to another student. Three queries.

    The subject of a mail that said other things too could name others, so it is not told.
    """
    about = [
        and_(Notification.notice.in_(names), Notification.about_id.in_(keys[kind])) for kind, names in MAILS.items()
    ]
    studies = select(Enrolment.id).where(Enrolment.person_id == Person.id).exists()
    found = (
        select(Notification, Person, Message)
        .join(Person, Person.id == Notification.recipient_id)
        .outerjoin(Message, Message.id == Notification.message_id)
        .where(or_(*about), Notification.dropped_at.is_(None))
        .where(or_(Person.id == placed.enrolment.person_id, ~studies))
        .order_by(Notification.due_at, Notification.id)
    )
    rows = db.session.execute(found).all()
    ours = Counter(message.id for _, _, message in rows if message)
    whole = _things_said(ours)
    roles = _roles(placed)
    return [
        Written(
            at=message.sent_at if message and message.sent_at else notification.due_at,
            to=roles.get(person.id, "Somebody else of the university or the organisation"),
            subject=_subject(message, is_ours=message is not None and ours[message.id] == whole[message.id]),
            fate=FATES[message.state if message else MessageState.QUEUED],
        )
        for notification, person, message in rows
    ]


def _things_said(message_ids: Collection[int]) -> dict[int, int]:
    counted = select(Notification.message_id, func.count()).where(Notification.message_id.in_(message_ids))
    return {key: count for key, count in db.session.execute(counted.group_by(Notification.message_id)) if key}


def _subject(message: Message | None, *, is_ours: bool) -> str:
    if message is None or not message.subject:
        return "Not sent yet"
    return message.subject if is_ours else "One of several things in a mail"


def _roles(placed: Placed) -> dict[int, str]:
    """What people are to the student, by key: the nearest counts."""
    challenges = [*(each.challenge for each in placed.placements), *(each.challenge for each in placed.offers)]
    at = [each.organisation_id for each in challenges]
    there = db.session.scalars(select(Contact.person_id).where(Contact.organisation_id.in_(at)))
    group = placed.enrolment.group
    return {
        **dict.fromkeys(there, "Contact of the organisation"),
        **dict.fromkeys((each.id for each in placed.leaders), "Module leader"),
        **({group.tutor_id: "Tutor"} if group.tutor_id else {}),
        **{each.tutor_id: "Tutor" for each in placed.placements if each.tutor_id},
        **{each.supervisor_id: "Supervisor" for each in placed.placements},
        placed.enrolment.person_id: "Student",
    }
