"""What is true of a placement on paper: its dates, what it needs before it starts, and how far it has come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from placements.core.clock import add_working_days, in_london, say_date, take_working_days

TOLD_AT = time(9)  # London
LONGEST_CHANGE = timedelta(days=366)  # ours: an end further off than this is a slip of the pen
A_WEEK = 7  # days


def dates_for(run_starts_on: date, run_ends_on: date, today: date) -> tuple[date, date]:
    """First and last day of a placement accepted on `today`: the run's, or from today where the run is under way."""
    starts_on = max(run_starts_on, today)
    return starts_on, max(run_ends_on, starts_on)


def first_day(starts_on: date, days: int) -> date:
    """The first day on or after `starts_on` that the challenge's `days` name (a bit a day, Monday lowest; 0: any)."""
    if not days:
        return starts_on
    following = (starts_on + timedelta(days=ahead) for ahead in range(A_WEEK))
    return next(day for day in following if days & 1 << day.weekday())


def told_at(day: date, days_before: int = 0) -> datetime:
    """When something about `day` is said: 9am in London, `days_before` days ahead of it."""
    return in_london(day - timedelta(days=days_before), TOLD_AT)


def date_problems(starts_on: date, ends_on: date, today: date, *, was: date, has_begun: bool) -> dict[str, str]:
    """Why a placement that was to start on `was` cannot have these dates: field → sentence, or empty."""
    if has_begun and starts_on != was:
        return {"starts_on": f"This placement has begun, so it keeps its first day, {say_date(was)}."}
    if starts_on != was and starts_on < today:
        return {"starts_on": "Choose a first day that is today or later: the placement has not begun."}
    if ends_on < starts_on:
        return {"ends_on": "Choose a last day that is not before the first."}
    if ends_on < today:
        return {"ends_on": "Choose a last day that is today or later. To end the placement, end it early."}
    if ends_on > max(starts_on, today) + LONGEST_CHANGE:
        return {"ends_on": "Choose a last day within a year."}
    return {}


def last_day_problem(last_on: date, starts_on: date, today: date) -> str | None:
    """Why a placement that has begun cannot have ended on `last_on`, as a sentence; None where it can."""
    if last_on > today:
        return "Choose a last day that is today or earlier."
    if last_on < starts_on:
        return f"Choose a last day that is not before the first, {say_date(starts_on)}."
    return None


@dataclass(frozen=True)
class Gate:
    """Something that must hold before a placement starts, and who sees to it while it does not."""

    what: str
    holds: bool
    who: str
    due_on: date | None = None


class GateKind(StrEnum):
    """What the university itself sees to for one placement, beside what follows from organisation, place and work."""

    DBS = "dbs"
    VISA = "visa"
    ADJUSTMENT = "adjustment"
    OWN_RISK = "own_risk"
    MOVE = "move"  # a sponsored student may change organisation; no start waits for it, so `SAID` does not name it


class Exit(StrEnum):
    """How a gate is settled without being held."""

    WITHOUT_DBS = "without_dbs"  # the duties are cut to those that need no check
    NOT_SHARED = "not_shared"  # the student chose that the organisation is not told
    NOT_NEEDED = "not_needed"  # it is asked for no longer
    REFUSED = "refused"  # a move that is not approved: the placement goes on as it is


SAID = {  # what holds, and who sees to it
    GateKind.DBS: ("The DBS check that the role asks for is done", "the safeguarding lead"),
    GateKind.VISA: ("The details for your student visa are recorded", "the visa officer"),
    GateKind.ADJUSTMENT: ("Your adjustments are agreed, and you have said who is told", "the disability adviser"),
    GateKind.OWN_RISK: ("What may make it risky for you is looked at", "the safety officer"),
}
TO_OTHERS = Gate("The university’s own checks are done", False, "the university")  # always the same, held or not

SETTLED_BEFORE, SETTLED_WITHIN = 10, 5  # working days before the first day, after asking; ours


@dataclass(frozen=True)
class Asked:
    """What a gate is asked about: the level of the role's check (0: none), the dates and the place."""

    level: int
    starts_on: date
    ends_on: date
    site_id: int | None


def is_asked_for(kind: GateKind, now: Asked, *, is_sponsored: bool, was_raised: bool) -> bool:
    """Whether the placement needs this gate: by its role, by the student's visa, or because somebody raised it."""
    if kind is GateKind.DBS:
        return now.level > 0
    return is_sponsored if kind is GateKind.VISA else was_raised


def still_answers(kind: GateKind, was: Asked, now: Asked) -> bool:
    """Whether what was settled then settles it now: a lower DBS check does; for a visa nothing may have changed."""
    if kind is GateKind.DBS:
        return now.level <= was.level
    return kind is not GateKind.VISA or was == Asked(was.level, now.starts_on, now.ends_on, now.site_id)


def gate_due_on(starts_on: date, asked_on: date, closed: Collection[date]) -> date:
    """By when a gate is settled: ten working days before the first day, or five after asking where that is later.

    Once the placement has begun, ten working days after asking, as a paper that ran out has.
    """
    if asked_on >= starts_on:
        return add_working_days(asked_on, SETTLED_BEFORE, closed)
    before_it_starts = take_working_days(starts_on, SETTLED_BEFORE, closed)
    return max(before_it_starts, add_working_days(asked_on, SETTLED_WITHIN, closed))


def gates(
    *,
    has_tutor: bool,
    is_agreed: bool,
    is_approved: bool,
    is_cleared: bool = True,
    is_assessed: bool = True,
    is_too_risky: bool = False,
    awaits: Sequence[str] = (),
) -> list[Gate]:
    """What follows from people, papers, organisation, place and work. `awaits`: who must act on the Agreement, by name.

    `is_approved`: the organisation, on the day that the placement starts (today, once that has passed); its checks
    then hold, insurance or what it recorded instead among them. `is_cleared`: the place, on that day. `is_assessed`:
    the risk of the work and of the place; where it is medium, what is done about it is on record or it is not kept.
    """
    return [
        Gate("A tutor is named", has_tutor, "the module leader"),
        Gate("The Challenge Agreement is in force", is_agreed, say_names(awaits) or "student, supervisor and tutor"),
        Gate("The organisation is approved on the first day", is_approved, "the engagement team"),
        Gate("The place’s own checks hold on the first day", is_cleared, "the engagement team"),
        Gate("The risk is assessed", is_assessed, "the safety officer"),
        Gate("What is left of the risk is not high", not is_too_risky, "the safety officer"),
    ]


def say_names(names: Sequence[str]) -> str:
    """“Ana”, “Ana and Ben”, “Ana, Ben and Cem”."""
    *most, last = names or [""]
    return f"{', '.join(most)} and {last}" if most else last


class StageState(StrEnum):
    """Where one stage of a story stands."""

    DONE = "done"
    CURRENT = "current"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Stage:
    """One stage of a placement's story: who must act while it is current, and when it was or will be."""

    label: str
    state: StageState
    who: str = ""
    said: str = ""


@dataclass(frozen=True)
class Story:
    """What the stages are told from. `state` is the placement's, by value; dates are London's."""

    state: str
    accepted_on: date
    starts_on: date
    ends_on: date
    agreed_on: date | None = None
    ended_on: date | None = None


ENDINGS = {
    "completed": "Completed",
    "ended_early": "Ended early",
    "transferred": "Ended early, to move to another placement",
    "not_started": "Called off before it began",
}
BEGUN = ("active", "paused")


def stages(story: Story, open_gates: Sequence[Gate] = ()) -> list[Stage]:
    """The placement's story as a strip: one stage is current while it goes on, all are done once it has ended.

    `open_gates`: what it still needs before it starts, in order; whoever sees to the first must act.
    """
    told = [("Place accepted", say_date(story.accepted_on))]
    if story.agreed_on:
        told.append(("Challenge Agreement", f"in force since {say_date(story.agreed_on)}"))
    if story.state in ENDINGS:
        ending = (ENDINGS[story.state], say_date(story.ended_on) if story.ended_on else "")
        return [Stage(label, StageState.DONE, said=said) for label, said in (*told, ending)]
    done = _done(story, open_gates)
    whole = [
        told[0],
        told[1] if story.agreed_on else ("Challenge Agreement", ""),
        ("Ready to start", ""),
        _there(story),
        ("Completed", ""),
    ]
    waits_for = open_gates[0].who if open_gates and story.state not in BEGUN else ""
    return [
        Stage(label, _standing(place, done), who=waits_for if place == done else "", said=said)
        for place, (label, said) in enumerate(whole)
    ]


def _done(story: Story, open_gates: Sequence[Gate]) -> int:
    """How many of the five stages are behind it."""
    if story.state in BEGUN or (story.state == "cleared" and not open_gates):
        return 3
    return 2 if story.agreed_on else 1


def _there(story: Story) -> tuple[str, str]:
    if story.state not in BEGUN:
        return "On placement", f"from {say_date(story.starts_on)}"
    return "Paused" if story.state == "paused" else "On placement", f"until {say_date(story.ends_on)}"


def _standing(place: int, done: int) -> StageState:
    return StageState.DONE if place < done else StageState.CURRENT if place == done else StageState.AHEAD
