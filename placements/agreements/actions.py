"""Writing an Agreement: a version begun, saved, and commented on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from placements.agreements import notices, rules, weeks
from placements.agreements.models import Agreement, AgreementComment, Objective, PlannedWeek
from placements.agreements.queries import dates_of, prefilled, versions_of
from placements.agreements.reading import asked_to_read
from placements.agreements.workflow import AGREEMENT, OPEN, AgreementState
from placements.core.clock import today
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, insert_new, new_public_id
from placements.history.actions import record
from placements.mail.actions import tell
from placements.placing.actions import hold as hold_placement
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor_id

CHANGED = "This was changed somewhere else since you opened it."


def start(placement: Placement, *, actor: Principal, now: datetime) -> Agreement:
    """The version being worked on, begun now if there is none: with the last one's words, or the organisation's.

    Raises Refused where the placement has ended.
    """
    hold_placement(placement)
    if not placement.goes_on:
        raise Refused("This placement has ended, so there is nothing to agree any more.")
    versions = versions_of(placement)
    if versions and versions[0].state in OPEN:
        return versions[0]
    return next_version(placement, versions[0] if versions else None, actor=actor, now=now)


def next_version(placement: Placement, last: Agreement | None, *, actor: Principal, now: datetime) -> Agreement:
    """A draft with the words, objectives and hours of the last version; with its dates where it was taken back."""
    words = last.words if last else prefilled(placement.challenge)
    number = last.number + 1 if last else 1
    agreement = Agreement(placement=placement, number=number, created_at=now, **words)
    db.session.add(agreement)
    if last:
        _set_objectives(agreement, rules.no_more_than_six(last.content.objectives))
        set_weeks(agreement, last.content.weeks)
    if last and last.state is AgreementState.TAKEN_BACK:
        agreement.starts_on, agreement.ends_on = last.starts_on, last.ends_on
    record("begun", agreement, actor=actor, now=now, person_id=placement.enrolment.person_id)
    return agreement


def _set_objectives(agreement: Agreement, texts: Sequence[str]) -> None:
    """Write them over those that there are: a row that goes and one that comes in its place would meet."""
    for row, text in zip(agreement.objectives, texts, strict=False):
        row.text = text
    del agreement.objectives[len(texts) :]
    first = len(agreement.objectives)
    agreement.objectives += [Objective(position=first + nth, text=text) for nth, text in enumerate(texts[first:], 1)]


def set_weeks(agreement: Agreement, planned: Mapping[date, int]) -> None:
    """Plan the version's hours by week, in place of whatever was planned."""
    known = {row.monday: row for row in agreement.weeks}
    for row in known.values():
        row.minutes = planned.get(row.monday, row.minutes)
    kept = [row for monday, row in known.items() if monday in planned]
    new = [PlannedWeek(monday=monday, minutes=planned[monday]) for monday in planned if monday not in known]
    agreement.weeks = [*kept, *new]


def save_draft(
    agreement: Agreement,
    words: Mapping[str, str],
    objectives: Sequence[str],
    *,
    seen: int | None,
    actor: Principal,
    now: datetime,
) -> None:
    """Keep what the student has written so far. `seen`: the edit_version that they wrote over.

    Raises Conflict where somebody saved other words meanwhile, Refused where it is no draft any more.
    """
    hold(agreement)
    AGREEMENT.move(agreement, "edit")
    if (dict(words), tuple(objectives)) == (agreement.words, agreement.content.objectives):
        return
    if seen != agreement.edit_version:
        raise Conflict(
            f"{CHANGED} Your words are below, and what is saved stands under them. Save again to keep yours."
        )
    for name, text in words.items():
        setattr(agreement, name, text)
    _set_objectives(agreement, objectives)
    _saved(agreement, actor=actor, now=now)


def save_weeks(
    agreement: Agreement, planned: Mapping[date, int], *, seen: int | None, actor: Principal, now: datetime
) -> None:
    """Keep the student's minutes by week. `seen`: the edit_version that they planned beside.

    Raises Refused where the sum or a week cannot be agreed, or where it is no draft any more, Conflict where somebody
    saved something else meanwhile.
    """
    hold(agreement)
    AGREEMENT.move(agreement, "edit")
    if dict(planned) == agreement.content.weeks:
        return
    if seen != agreement.edit_version:
        raise Conflict(f"{CHANGED} Your hours are below. Save again to keep them.")
    problem = problem_with_weeks(agreement, planned)
    if problem:
        raise Refused(problem)
    set_weeks(agreement, planned)
    _saved(agreement, actor=actor, now=now)


def problem_with_weeks(agreement: Agreement, planned: Mapping[date, int]) -> str | None:
    """Why these hours cannot be agreed, as a sentence; None where they can."""
    run = agreement.placement.enrolment.run
    dates = dates_of(agreement.placement, agreement)
    return weeks.plan_problem(planned, *dates, run.minutes_minimum, run.minutes_ceiling)


def _saved(agreement: Agreement, *, actor: Principal, now: datetime) -> None:
    agreement.edit_version += 1
    agreement.saved_at = now
    if agreement.edit_version == 2:  # once a version, not once a save
        record("written on", agreement, actor=actor, now=now, person_id=agreement.placement.enrolment.person_id)


def comment(agreement: Agreement, text: str, form_key: str, *, actor: Principal, now: datetime) -> None:
    """Say something about the version; the student is told.

    Where the student says it, the tutor is, and the supervisor who reads it by a link.
    """
    AGREEMENT.move(agreement, "comment")
    placement = agreement.placement
    told: list[int | None] = [placement.enrolment.person_id]
    if actor.person_id in told:
        asked = asked_to_read(placement)
        told = [acting_tutor_id(placement, today(now)), asked.holder_id if asked and asked.is_open(now) else None]
    add_comment(agreement, text, form_key, tells=[key for key in told if key], actor=actor, now=now)


def add_comment(
    agreement: Agreement,
    text: str,
    form_key: str,
    *,
    tells: Collection[int] = (),
    actor: Principal,
    now: datetime,
) -> None:
    """Keep what `actor` says about the version, and tell those people; the same form sent twice is one comment."""
    row = {"form_key": form_key or new_public_id(), "agreement_id": agreement.id, "author_id": actor.person_id}
    insert_new(AgreementComment, [{**row, "text": text, "at": now}])
    record("commented on", agreement, actor=actor, now=now, person_id=agreement.placement.enrolment.person_id)
    tell(notices.COMMENTED, agreement.id, tells, now)


def hold(agreement: Agreement) -> None:
    """Read its placement and the version again, in that order, and keep everybody else off both to the end."""
    hold_placement(agreement.placement)
    hold_row(agreement, "state", "edit_version", "sha256")
    db.session.expire(agreement, ["signatures"])  # they may have come while we waited
