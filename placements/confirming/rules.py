"""When supervisors are asked to confirm, when the tutor decides instead, and how many confirmed hours are enough."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from placements.core import clock

CONFIRM_WEEK = "logbook.confirm_week"  # what the links of mails are signed for, those sent long ago too

LINK_LASTS = timedelta(days=21)
REMIND_AFTER = (timedelta(days=7), timedelta(days=14))  # of a mail to a supervisor that is not answered
ASKED_AT = time(9)  # on Mondays
QUIET_AFTER = timedelta(days=14, hours=-1)  # two Mondays on, an hour less where the clocks go forward
LEADER_TOLD_AFTER = timedelta(days=7)  # after the tutor was asked to telephone
OBJECTED_WITHIN = 5  # working days that the other has once one wants to finish; ours
FINISH_LINK_LASTS = timedelta(days=60)
TOLD_AT = time(17)  # when a student hears of the answers of a day, in one mail
UNANSWERED_DAYS = 15  # working days after which an unanswered visit goes to the tutor
DECIDED_WITHIN = 5  # working days that the tutor has then; ours
DISPUTED = 2  # questions about one visit, after which the two are not going to settle it; ours


def last_asking(now: datetime) -> datetime:
    """The last Monday, 9am in London, at or before `now`: when supervisors are asked to confirm (UTC)."""
    day = clock.today(now)
    monday = day - timedelta(days=day.weekday())
    at = clock.in_london(monday, ASKED_AT)
    return at if at <= now else clock.in_london(monday - timedelta(days=7), ASKED_AT)


def next_asking(now: datetime) -> datetime:
    """The first Monday, 9am in London, after `now` (UTC)."""
    return clock.in_london(clock.today(last_asking(now)) + timedelta(days=7), ASKED_AT)


class Spoken(StrEnum):
    """What came of talking to a supervisor who does not answer."""

    WILL_ANSWER = "will_answer"  # they are asked again on Monday
    NEW_LINK = "new_link"  # they are mailed one at once
    SOMEBODY_ELSE = "somebody_else"  # another supervisor is named; until then they are not asked again


class Choice(StrEnum):
    """What somebody wants once the target is confirmed."""

    FINISH = "finish"
    GO_ON = "go_on"  # to the ceiling, or the last day


class Outcome(StrEnum):
    """What follows from what both said."""

    OPEN = "open"
    COMPLETE = "complete"
    GOES_ON = "goes_on"
    DISAGREED = "disagreed"  # the tutor decides


def outcome(student: Choice | None, supervisor: Choice | None, has_waited: bool) -> Outcome:
    """What follows: going on needs both; finishing needs both too, or one whom the other has left waiting."""
    said = {student, supervisor}
    if said == {Choice.FINISH, Choice.GO_ON}:
        return Outcome.DISAGREED
    if said == {Choice.GO_ON}:
        return Outcome.GOES_ON
    if said == {Choice.FINISH} or (Choice.FINISH in said and has_waited):
        return Outcome.COMPLETE
    return Outcome.OPEN


def waited_before(now: datetime, closed: Collection[date]) -> datetime:
    """The instant (UTC) before which one must have said so for the other to have had long enough to object."""
    return _before(now, OBJECTED_WITHIN, closed)


def told_on(now: datetime) -> date:
    """The day on which a student is told of an answer that is given at `now`."""
    day = clock.today(now)
    return day if now <= told_at(day) else day + timedelta(days=1)


def told_at(day: date) -> datetime:
    """When on that day they are told (UTC)."""
    return clock.in_london(day, TOLD_AT)


def goes_to_tutor_on(asked_on: date, closed: Collection[date]) -> date:
    """The day on which a visit that was sent, or asked about, on `asked_on` has waited for long enough."""
    return clock.add_working_days(asked_on, UNANSWERED_DAYS, closed)


def unanswered_before(now: datetime, closed: Collection[date]) -> datetime:
    """The instant (UTC) before which a visit must have been sent, or asked about, to be the tutor's by `now`."""
    return _before(now, UNANSWERED_DAYS, closed)


def _before(now: datetime, days: int, closed: Collection[date]) -> datetime:
    """The instant (UTC) before which something happened so many working days before the day of `now`, or earlier."""
    day = clock.today(now)
    while clock.add_working_days(day, days, closed) > clock.today(now):
        day -= timedelta(days=1)
    return clock.in_london(day + timedelta(days=1), time())


def came_to_tutor_on(asked_on: date, questions: int, closed: Collection[date]) -> date:
    """The day on which a visit became the tutor's: at once where it was asked about again."""
    return asked_on if questions >= DISPUTED else goes_to_tutor_on(asked_on, closed)


def decided_by(came_on: date, closed: Collection[date]) -> date:
    """The day by which the tutor decides about a visit that came to them on `came_on`."""
    return clock.add_working_days(came_on, DECIDED_WITHIN, closed)


def too_few_hours(confirmed: int, least: int) -> str | None:
    """Why a placement cannot be completed with that many minutes confirmed, as a sentence; None where it can."""
    if confirmed >= least:
        return None
    hours, minutes = divmod(least - confirmed, 60)
    missing = " ".join(f"{amount} {unit}" for amount, unit in ((hours, "h"), (minutes, "min")) if amount)
    return f"{missing} more must be confirmed before this placement can be completed."
