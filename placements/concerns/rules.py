"""Who looks after a concern and who may read it, by what it is, how serious, and whom it is about; and its clock."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from placements.core.clock import add_working_days, in_london, today

OWNED_WITHIN, ACTED_WITHIN = 1, 5  # working days; ours
CLOSE_OF_DAY = time(17)
REMINDED_BEFORE = timedelta(hours=8)  # at 9am on the day itself: a working day, whatever day it is told


class Kind(StrEnum):
    HOURS = "hours"
    SUPERVISION = "supervision"
    FIT = "fit"
    SAFETY = "safety"
    PERSON = "person"
    HOST = "host"
    ACCIDENT = "accident"
    NEAR_MISS = "near_miss"


class Severity(StrEnum):
    CAN_WAIT = "can_wait"
    SOON = "soon"
    HARM = "harm"


class About(StrEnum):
    """Whom it is about, as they stand to the placement."""

    NOBODY = "nobody"
    STUDENT = "student"
    SUPERVISOR = "supervisor"
    ORGANISATION = "organisation"
    TUTOR = "tutor"
    LEADER = "leader"
    SAFEGUARDING = "safeguarding"
    SOMEBODY = "somebody"


class Role(StrEnum):
    """Who can own a concern."""

    TUTOR = "tutor"
    LEADER = "leader"
    SAFEGUARDING = "safeguarding"


class Readers(StrEnum):
    """Who may read it beside its reporter: tutor, leader and safeguarding; all but tutors; safeguarding alone."""

    TEAM = "team"
    LEADERS = "leaders"
    ALONE = "alone"


OWNERS = {  # who is asked first to own it, and who stands above
    Readers.TEAM: (Role.TUTOR, Role.LEADER, Role.SAFEGUARDING),
    Readers.LEADERS: (Role.LEADER, Role.SAFEGUARDING),
    Readers.ALONE: (Role.SAFEGUARDING,),
}

INCIDENTS = (Kind.ACCIDENT, Kind.NEAR_MISS)
ANY_KIND, ANY_SEVERITY, ANYBODY = tuple(Kind), tuple(Severity), tuple(About)

ROUTES: tuple[tuple[Collection[Kind], Collection[Severity], Collection[About], Readers], ...] = (
    ((Kind.SAFETY, Kind.PERSON, Kind.HOST), ANY_SEVERITY, ANYBODY, Readers.ALONE),
    (INCIDENTS, (Severity.HARM,), ANYBODY, Readers.ALONE),
    (ANY_KIND, ANY_SEVERITY, (About.LEADER, About.SAFEGUARDING), Readers.ALONE),
    (ANY_KIND, ANY_SEVERITY, (About.TUTOR,), Readers.LEADERS),
    (ANY_KIND, ANY_SEVERITY, ANYBODY, Readers.TEAM),
)


def readers_of(kind: Kind, severity: Severity, about: About) -> Readers:
    """Who may read such a concern: the first row of ROUTES that it fits."""
    return next(row[3] for row in ROUTES if kind in row[0] and severity in row[1] and about in row[2])


def may_go_to_leader(kind: Kind, about: About) -> bool:
    """Whether a restricted concern can be passed on to a module leader: not one about a host, or about a leader."""
    return kind is not Kind.HOST and about not in (About.LEADER, About.SAFEGUARDING)


@dataclass(frozen=True)
class Report:
    """What somebody tells: what it is, how serious, about whom, in their words; of an incident when and where."""

    kind: Kind
    severity: Severity
    about: About
    about_id: int | None
    words: str
    happened_on: date | None = None
    place: str | None = None
    done: str | None = None


def deadlines(now: datetime, closed: Collection[date]) -> tuple[datetime, datetime]:
    """By when what is told now is owned, and first acted on: 5pm of a working day each (UTC).

    What is told on a day that nobody works is told on the next that somebody does.
    """
    own_by, act_by = (add_working_days(today(now), days, closed) for days in (OWNED_WITHIN, ACTED_WITHIN))
    return in_london(own_by, CLOSE_OF_DAY), in_london(act_by, CLOSE_OF_DAY)


class Alarm(StrEnum):
    """What a clock says, and to whom."""

    DUE_TO_BE_OWNED = "due_to_be_owned"  # to whoever is asked first
    NOT_OWNED = "not_owned"  # to them, and to the next above
    NOT_OWNED_NOR_ACTED_ON = "not_owned_nor_acted_on"  # to everybody who can own it
    DUE_TO_BE_ACTED_ON = "due_to_be_acted_on"  # to its owner
    NOT_ACTED_ON = "not_acted_on"  # to its owner, and to the next above


def alarm_at(
    now: datetime, own_by: datetime, act_by: datetime, *, is_owned: bool, is_acted_on: bool
) -> tuple[Alarm, datetime] | None:
    """The latest thing that the clock of an open concern has had to say by `now`, and since when."""
    if is_acted_on:
        return None
    if is_owned:
        said = [(Alarm.DUE_TO_BE_ACTED_ON, act_by - REMINDED_BEFORE), (Alarm.NOT_ACTED_ON, act_by)]
    else:
        said = [
            (Alarm.DUE_TO_BE_OWNED, own_by - REMINDED_BEFORE),
            (Alarm.NOT_OWNED, own_by),
            (Alarm.NOT_OWNED_NOR_ACTED_ON, act_by),
        ]
    return next(((alarm, at) for alarm, at in reversed(said) if at <= now), None)
