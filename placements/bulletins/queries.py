"""What may be seen of messages to many, who is in their audience, and what became of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload

from placements.bulletins.audience import members, organisations_of
from placements.bulletins.models import Bulletin, BulletinRecipient
from placements.bulletins.rules import AT_ORGANISATIONS, MAY_MUTE, Outcome, Result
from placements.bulletins.workflow import BulletinState
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import visible_runs
from placements.cohorts.workflow import RunState
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.db import db, slice_of
from placements.mail.models import Message, MessageState, Mute, Notification
from placements.mail.reached import CAME_BACK, SET_ASIDE, is_returned
from placements.people.models import Person

STUDY, TO_ORGANISATIONS = "bulletins.bulletin", "bulletins.to_organisations"  # as notices.py declares them
R = BulletinRecipient
# The notification by which somebody was told last: its key is unique.
TOLD = and_(
    Notification.notice.in_((STUDY, TO_ORGANISATIONS)),
    Notification.about_id == R.bulletin_id,
    Notification.recipient_id == R.person_id,
    Notification.due_at == R.told_at,
)


def visible_to(who: Principal) -> Select[Bulletin]:
    """Those of the runs that `who` leads; for the engagement team, those to organisations. Drafts: one's own."""
    theirs: ColumnElement[bool] = Bulletin.run_id.in_(who.held_on("leader"))
    if who.has("engagement"):
        theirs = or_(theirs, Bulletin.run_id.is_(None))
    is_shown = or_(Bulletin.state != BulletinState.DRAFT, Bulletin.sender_id == who.person_id)
    return select(Bulletin).where(theirs, is_shown, Bulletin.state != BulletinState.DISCARDED)


def bulletin_of(who: Principal, public_id: str) -> Bulletin | None:
    """One that `who` may see, with its sender and its run."""
    found = visible_to(who).where(Bulletin.public_id == public_id)
    return db.session.scalar(found.options(joinedload(Bulletin.sender), joinedload(Bulletin.run)))


def bulletins(who: Principal, size: int, number: int) -> tuple[Sequence[Bulletin], int]:
    """One page of those that `who` may see, the newest first. One query."""
    newest = visible_to(who).order_by(Bulletin.id.desc())
    return slice_of(newest, size, number, joinedload(Bulletin.sender), joinedload(Bulletin.run))


def runs_to_write_to(who: Principal) -> Sequence[ModuleRun]:
    """The runs that `who` leads and that are not over, the newest year first. One query."""
    led = visible_runs(who).where(ModuleRun.id.in_(who.held_on("leader")), ModuleRun.state != RunState.CLOSED)
    newest = led.order_by(ModuleRun.academic_year.desc(), ModuleRun.code, ModuleRun.period)
    return db.session.scalars(newest).all()


@dataclass(frozen=True)
class Row:
    """Somebody on a list, the organisations that they are there for, and what became or would become of their mail."""

    person: Person
    organisations: Sequence[str]
    result: Result | None = None
    recipient: BulletinRecipient | None = None


def people_in(bulletin: Bulletin, size: int, number: int) -> tuple[list[Row], int]:
    """One page of those who are in the audience now, by name, and how many they are. Two queries at most.

    Each with why they would not get it, where that is known before.
    """
    wants_none = exists().where(Mute.person_id == Person.id, Mute.notice == _may_be_muted(bulletin))
    why = case((is_returned(Person.email_key), Result.BOUNCES.value), (wants_none, Result.MUTED.value))
    by_name = select(Person, why).where(Person.id.in_(members(bulletin)))
    rows, count = slice_of(by_name.order_by(Person.family_name, Person.given_name, Person.id), size, number)
    names = _organisations(bulletin, [person for person, _ in rows])
    return [Row(each, names.get(each.id, ()), Result(said) if said else None) for each, said in rows], count


def _may_be_muted(bulletin: Bulletin) -> str | None:
    return TO_ORGANISATIONS if bulletin.audience in MAY_MUTE else None


def muted_by(bulletin: Bulletin, people: Iterable[int]) -> set[int]:
    """Which of these people want no such messages. One query."""
    muted = select(Mute.person_id).where(Mute.notice == _may_be_muted(bulletin), Mute.person_id.in_(list(people)))
    return set(db.session.scalars(muted))


def seen_of(bulletin: Bulletin) -> tuple[str, int]:
    """What tells whether audience and words are still what was looked at; and how many there are. One query."""
    keys = sorted(db.session.scalars(members(bulletin)))
    return fingerprint((bulletin.version, keys)), len(keys)


def one_in(bulletin: Bulletin, public_id: str | None) -> Person | None:
    """The person at that address if they are in the audience, else the first by name; None where nobody is."""
    found = select(Person).where(Person.id.in_(members(bulletin)))
    asked = db.session.scalar(found.where(Person.public_id == public_id)) if public_id else None
    return asked or db.session.scalar(found.order_by(Person.family_name, Person.given_name, Person.id).limit(1))


def result_of(bulletin: Bulletin) -> ColumnElement[str]:
    """How a recipient's result is told, beside its row and its last notification's message."""
    waits = Result.STOPPED if bulletin.state is BulletinState.STOPPED else Result.WAITING
    comes_back = or_(Message.problem == SET_ASIDE, Message.problem.startswith(f"{CAME_BACK}:"))
    return case(
        (and_(Message.state == MessageState.FAILED, comes_back), Result.BOUNCES.value),
        (Message.state == MessageState.FAILED, Result.FAILED.value),
        *((R.outcome == each, each.value) for each in Outcome),
        else_=waits.value,
    )


def recipients(bulletin: Bulletin) -> Select[*tuple[Any, ...]]:
    """Everybody whom it went or goes to, with their result, by name."""
    found: Select[*tuple[Any, ...]] = (
        select(R, result_of(bulletin).label("result")).join(R.person).outerjoin(Notification, TOLD)
    )
    found = found.outerjoin(Message, Message.id == Notification.message_id).where(R.bulletin_id == bulletin.id)
    return found.order_by(Person.family_name, Person.given_name, R.id)


def results(bulletin: Bulletin) -> dict[Result, int]:
    """How many came how far. One query."""
    rows = recipients(bulletin).order_by(None).subquery()
    counted = db.session.execute(select(rows.c.result, func.count()).group_by(rows.c.result))
    counts: dict[str, int] = dict(counted.all())
    return {each: counts[each] for each in Result if each in counts}


def recipients_listed(bulletin: Bulletin, wanted: Result | None, size: int, number: int) -> tuple[list[Row], int]:
    """One page of them, narrowed to a result. Two queries at most."""
    found = recipients(bulletin)
    if wanted is not None:
        found = found.where(result_of(bulletin) == wanted)
    rows, count = slice_of(found, size, number, joinedload(R.person))
    return _rows(bulletin, rows), count


def every_recipient(bulletin: Bulletin) -> list[Row]:
    """All of them, for a sheet. Two queries at most."""
    found = db.session.execute(recipients(bulletin).options(joinedload(R.person)))
    return _rows(bulletin, [(each, said) for each, said in found])


def _rows(bulletin: Bulletin, rows: Sequence[tuple[BulletinRecipient, str]]) -> list[Row]:
    names = _organisations(bulletin, [each.person for each, _ in rows])
    return [Row(each.person, names.get(each.person_id, ()), Result(said), each) for each, said in rows]


def _organisations(bulletin: Bulletin, people: Sequence[Person]) -> dict[int, list[str]]:
    at_one = bulletin.audience in AT_ORGANISATIONS and people
    return organisations_of(bulletin, [each.id for each in people]) if at_one else {}
