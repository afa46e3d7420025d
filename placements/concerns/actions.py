"""The verbs of a concern: told, taken on, acted on, passed on, brought to an outcome; and the clock that chases it.

History says that something happened, by an ability that few have; every word that people write stands encrypted.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from placements.accounts.queries import works
from placements.accounts.rules import address_version
from placements.cohorts.queries import closed_days
from placements.concerns import notices
from placements.concerns.models import Concern, ConcernNote
from placements.concerns.policy import READS, owns
from placements.concerns.queries import (
    REPORT_BY_LINK,
    Asked,
    above,
    acting_owner_id,
    administrators,
    candidates,
    could_take_over,
    open_and_unacted,
    supervised_by,
)
from placements.concerns.rules import Alarm, Report, alarm_at, deadlines, readers_of
from placements.concerns.workflow import CONCERN, ConcernState
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.links.actions import add_link, latest_link, spend
from placements.links.models import Link
from placements.mail.actions import tell
from placements.people.models import Person, email_key
from placements.placing.actions import hold
from placements.placing.endings import pause, resume
from placements.placing.models import Keeper, Placement
from placements.placing.workflow import PlacementState

LINK_LASTS = timedelta(days=14)
LINK_IS_NEW = timedelta(minutes=10)
HELD = ("state", "owner_id", "acted_at")
FOR_THE_TIME_BEING = "For the time being."


def would_be_owned_by(now: datetime) -> datetime:
    """By when somebody owns what is told now."""
    return deadlines(now, closed_days())[0]


def report(
    placement: Placement, said: Report, form_key: str, *, link: Link | None = None, actor: Principal, now: datetime
) -> Concern:
    """Tell a concern about the placement. Whoever can own it is told that something waits, or that nobody can."""
    own_by_at, act_by_at = deadlines(now, closed_days())
    concern = Concern(
        placement=placement,
        reporter_id=actor.person_id,
        link_id=link.id if link else None,
        form_key=form_key,
        kind=said.kind,
        severity=said.severity,
        about=said.about,
        about_id=said.about_id,
        readers=readers_of(said.kind, said.severity, said.about),
        words=said.words,
        happened_on=said.happened_on,
        place=said.place,
        done=said.done,
        raised_at=now,
        own_by_at=own_by_at,
        act_by_at=act_by_at,
    )
    db.session.add(concern)
    _record("told us something", concern, actor, now)
    levels = candidates(concern, now)
    if levels:
        tell(notices.WAITS, concern.id, [person.id for person in levels[0]], now)
    else:
        tell(notices.NOBODY, concern.id, administrators(), now)
    return concern


def report_by_link(asked: Asked, placement: Placement, said: Report, form_key: str, *, now: datetime) -> Concern:
    """The same by the link of a mail, which is used up. Raises Refused where nothing can be told by it."""
    hold_row(asked.link, "spent_at")
    if not works(asked.link, now) or placement not in asked.placements:
        raise Refused("This link has been used already, or is too old. Ask for a new one.")
    return report(placement, said, form_key, link=asked.link, actor=spend(asked.link, now), now=now)


def ask_link(address: str, *, now: datetime) -> None:
    """Mail a link to tell something by to whoever supervises at that address. Says nothing of whether there is one.

    Asked again within ten minutes nothing more is sent.
    """
    person = db.session.scalar(select(Person).where(Person.email_key == email_key(address)))
    if person is None or not supervised_by(person.id):
        return
    last = latest_link(REPORT_BY_LINK, person.id, person.id)
    if last is not None and works(last, now) and now < last.created_at + LINK_IS_NEW:
        return
    version = address_version(person.email_key)
    add_link(REPORT_BY_LINK, person.id, person.id, now=now, lasts=LINK_LASTS, version=version)
    tell(notices.LINK, person.id, [person.id], now)


def own(concern: Concern, *, actor: Principal, now: datetime) -> None:
    """Take it on; its reporter is told. Raises Refused where somebody else has, or it is not theirs to own."""
    hold_row(concern, *HELD)
    if concern.state is not ConcernState.RAISED and concern.owner_id != actor.person_id:
        raise Refused("Somebody else has taken this on already.")
    if not any(person.id == actor.person_id for level in candidates(concern, now) for person in level):
        raise Refused("Somebody else has to own this.")
    if CONCERN.move(concern, "own"):
        concern.owner_id, concern.owned_at = actor.person_id, now
        _record("took it on", concern, actor, now)
        tell(notices.NEWS, concern.id, [concern.reporter_id], now)


def note(concern: Concern, text: str, form_key: str, *, actor: Principal, now: datetime) -> None:
    """Keep what was done or learned; the first note is the first thing done. Raises Refused where another owns it."""
    _hold_own(concern, actor, now)
    CONCERN.move(concern, "note")
    _act(concern, now)
    db.session.add(ConcernNote(concern=concern, form_key=form_key, author_id=actor.person_id, text=text, at=now))
    _record("kept a note", concern, actor, now)


def pass_on(concern: Concern, to: int, reason: str, form_key: str, *, actor: Principal, now: datetime) -> None:
    """Make somebody else its owner, who is told that it waits; its reporter, that there is news. The clock runs on.

    Raises Refused where that person cannot own it.
    """
    hold_row(concern, *HELD)
    CONCERN.move(concern, "pass_on")
    if to == concern.owner_id:
        return
    if to not in [person.id for person in could_take_over(concern, now)]:
        raise Refused("Choose somebody else: this person cannot own it.", "to")
    said = {"author_id": actor.person_id, "to_id": to, "text": reason, "at": now}
    db.session.add(ConcernNote(concern=concern, form_key=form_key, **said))
    concern.owner_id = to
    _record("passed it on", concern, actor, now)
    tell(notices.WAITS, concern.id, [to], now)
    tell(notices.NEWS, concern.id, [concern.reporter_id], now)


def resolve(concern: Concern, outcome: str, *, actor: Principal, now: datetime) -> None:
    """Close it with what came of it. Raises Refused where another owns it."""
    _close(concern, "resolve", outcome, actor=actor, now=now)


def refer(concern: Concern, to: str, outcome: str, *, actor: Principal, now: datetime) -> None:
    """Close it with whoever outside looks after it now, and what came of it here. Raises Refused as `resolve`."""
    _close(concern, "refer", outcome, to, actor=actor, now=now)


def _close(
    concern: Concern, verb: str, outcome: str, to: str | None = None, *, actor: Principal, now: datetime
) -> None:
    _hold_own(concern, actor, now)
    concern.outcome, concern.referred_to = concern.outcome or outcome, concern.referred_to or to
    if CONCERN.move(concern, verb):
        _act(concern, now)
        concern.closed_at = now
        _record("closed it", concern, actor, now)
        tell(notices.NEWS, concern.id, [concern.reporter_id], now)


def stop(concern: Concern, *, actor: Principal, now: datetime) -> None:
    """Pause its placement at once, in nobody's name and with a word that says nothing; it counts as acting on it.

    Only safeguarding can let it go on; so too where the team had paused it already.
    """
    hold(concern.placement)
    _hold_own(concern, actor, now)
    pause(concern.placement, FOR_THE_TIME_BEING, actor=NOBODY, now=now, kept_by=Keeper.SAFEGUARDING)
    if concern.state is ConcernState.OWNED:
        CONCERN.move(concern, "note")
    _act(concern, now)
    _record("had the placement paused", concern, actor, now)


def let_go_on(concern: Concern, *, actor: Principal, now: datetime) -> None:
    """Let a placement go on that safeguarding paused, in nobody's name. Refused while something else stops it."""
    hold(concern.placement)
    if concern.placement.state is not PlacementState.PAUSED:
        return
    resume(concern.placement, actor=NOBODY, now=now, kept_by=Keeper.SAFEGUARDING)
    _record("had the placement go on", concern, actor, now)


def chase(now: datetime) -> None:
    """Remind whoever is to own or to act, and tell whoever stands above once the time has passed; each once."""
    for concern in db.session.scalars(open_and_unacted()).all():
        is_owned = concern.owner_id is not None
        alarm = alarm_at(now, concern.own_by_at, concern.act_by_at, is_owned=is_owned, is_acted_on=False)
        if alarm is not None:
            tell(notices.WAITS, concern.id, _to_be_told(concern, alarm[0], now), alarm[1])


def _to_be_told(concern: Concern, alarm: Alarm, now: datetime) -> set[int]:
    levels = candidates(concern, now)
    people = {concern.owner_id, acting_owner_id(concern, now)} - {None} or {
        person.id for person in (levels[0] if levels else ())
    }
    if alarm in (Alarm.NOT_OWNED, Alarm.NOT_ACTED_ON):
        people |= {person.id for person in above(concern, levels)}
    if alarm is Alarm.NOT_OWNED_NOR_ACTED_ON:
        people |= {person.id for level in levels for person in level}
    return {key for key in people if key is not None}


def _hold_own(concern: Concern, actor: Principal, now: datetime) -> None:
    hold_row(concern, *HELD)
    if not owns(actor, concern, now):
        raise Refused("Somebody else owns this now.")


def _act(concern: Concern, now: datetime) -> None:
    concern.acted_at = concern.acted_at or now


def _record(verb: str, concern: Concern, actor: Principal, now: datetime) -> None:
    record(verb, concern, actor=actor, now=now, ability=READS)
