"""What supervisors do with hours, signed in or by their weekly mail link; and the asking, once a week."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from placements.cohorts.models import Enrolment
from placements.confirming import notices
from placements.confirming.finishing import ask_at_target
from placements.confirming.quiet import quiet_at, spoken_since
from placements.confirming.rules import CONFIRM_WEEK, LINK_LASTS, Spoken, last_asking, told_at, told_on
from placements.core.clock import day_began
from placements.core.errors import NotAllowed
from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record
from placements.links.actions import add_link
from placements.links.models import Link
from placements.logbook.actions import PARTIES, post
from placements.logbook.models import Entry, How, LedgerKind
from placements.logbook.policy import answers
from placements.logbook.queries import answerer_id
from placements.logbook.workflow import ENTRY, WAITING, EntryState
from placements.mail.actions import tell
from placements.placing.models import Placement


@dataclass(frozen=True)
class Answered:
    """What came of an answer: minutes and visits confirmed, visits asked about."""

    minutes: int = 0
    confirmed: int = 0
    asked: int = 0


def answer(seen: Mapping[int, int], words: Mapping[int, str], *, how: How, actor: Principal, now: datetime) -> Answered:
    """Confirm the entries of `seen` (key → the version that was read), or query those that `words` has a word for.

    An entry that was answered or changed meanwhile is left as it is. The student is told of all, once a day. Raises
    NotAllowed where `actor` is not the one to answer: the supervisor, or the colleague that a visit was handed to.
    """
    locked = select(Entry).where(Entry.id.in_(seen)).order_by(Entry.id).with_for_update()
    done, confirmed = Answered(), []
    for entry in db.session.scalars(locked.execution_options(populate_existing=True)).all():
        if not answers(actor, entry, now):
            raise NotAllowed
        if entry.state not in WAITING or entry.version != seen[entry.id]:
            continue
        if entry.id in words:
            done = _query(entry, words[entry.id], done, how=how, actor=actor, now=now)
        else:
            done = _confirm(entry, done, how=how, actor=actor, now=now)
            confirmed.append(entry.placement)
    ask_at_target(dict.fromkeys(confirmed), now=now)
    return done


def _confirm(entry: Entry, done: Answered, *, how: How, actor: Principal, now: datetime) -> Answered:
    ENTRY.move(entry, "confirm")
    post(entry, LedgerKind.CONFIRMED, how=how, actor=actor, now=now)
    tell_student(entry, now=now)
    _record("confirmed a visit", entry, how, actor=actor, now=now)
    return Answered(done.minutes + entry.minutes, done.confirmed + 1, done.asked)


def _query(entry: Entry, word: str, done: Answered, *, how: How, actor: Principal, now: datetime) -> Answered:
    if not ENTRY.move(entry, "query"):
        return done
    post(entry, LedgerKind.QUERIED, how=how, word=word, actor=actor, now=now)
    tell_student(entry, now=now)
    _record("asked about a visit", entry, how, actor=actor, now=now)
    return Answered(done.minutes, done.confirmed, done.asked + 1)


def tell_student(entry: Entry, *, now: datetime) -> None:
    """Tell the student of an answer about a visit: with all others of the day, at five."""
    day = told_on(now)
    tell(notices.ANSWERED, day.toordinal(), [entry.placement.enrolment.person_id], told_at(day))


def _record(verb: str, entry: Entry, how: How, *, actor: Principal, now: datetime) -> None:
    student = entry.placement.enrolment.person_id
    said = verb if how is How.ACCOUNT else f"{verb} {how.value}"
    record(said, entry.placement, actor=actor, now=now, person_id=student, ability=PARTIES)


def ask_supervisors(*, now: datetime) -> int:
    """Mail each supervisor one link for all that waits, where something came in since the last. Returns how many.

    Once a week, for what was sent before Monday 9am in London; asked again in the same week it finds nothing to do.
    Whoever answered none of two mails gets no more: the weeks wait for one mail, once they answer or somebody has
    talked to them.
    """
    asked_at = last_asking(now)
    supervisors = db.session.scalars(_to_ask(asked_at)).all()
    for supervisor_id in supervisors:
        link = add_link(CONFIRM_WEEK, asked_at.toordinal(), supervisor_id, now=asked_at, lasts=LINK_LASTS)
        tell(notices.WEEK_TO_CONFIRM, link.id, [supervisor_id], asked_at)
    return len(supervisors)


def _to_ask(asked_at: datetime) -> Select[int]:
    asked_since = select(Link.id).where(
        Link.purpose == CONFIRM_WEEK,
        Link.holder_id == answerer_id(),
        Link.created_at >= Entry.submitted_at,
        ~spoken_since([Spoken.WILL_ANSWER]),
    )
    return (
        select(answerer_id())
        .join(Placement.enrolment)
        .join(Entry, Entry.placement_id == Placement.id)
        .where(Entry.state == EntryState.SUBMITTED, Entry.submitted_at < asked_at, ~asked_since.exists())
        .where(Enrolment.person_id != answerer_id(), answerer_id().not_in(quiet_at(asked_at)))
        .distinct()
    )


def ask_again(link: Link, *, now: datetime) -> None:
    """Mail the holder of a link that has run out the newest one, made now if need be; at most once a day."""
    newest = select(Link).where(Link.purpose == CONFIRM_WEEK, Link.holder_id == link.holder_id)
    latest = db.session.scalar(newest.order_by(Link.id.desc()).limit(1)) or link
    if not latest.is_open(now):
        latest = add_link(CONFIRM_WEEK, last_asking(now).toordinal(), link.holder_id, now=now, lasts=LINK_LASTS)
        record("asked for a new link to confirm hours", link.holder, actor=Principal(link.holder_id), now=now)
    tell(notices.LINK, latest.id, [link.holder_id], day_began(now))
