"""Changing how a run is assessed until something of it was marked; locking it then."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from placements.cohorts.models import Component, ComponentKind, Criterion, ModuleRun
from placements.cohorts.rules import MarkedBy, Shortfall
from placements.core.clock import say_when
from placements.core.errors import Conflict, Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db, hold_row, read_again
from placements.history.actions import record
from placements.specification import queries, rules
from placements.specification.queries import Settings
from placements.specification.rules import Line

OVERTAKEN = "Somebody else saved this while you had it open. Both are below: save yours again, or leave theirs."
TEAM_ONLY = "specification.rules"  # students are not to learn when marking began
Wanted = tuple[Criterion | None, Line]  # one that is there, or a new one; and what it is to say


def lock(component: Component, *, now: datetime) -> None:
    """Something is judged by it: its rules and rubric stay as they are from now on. Again changes nothing.

    Where this is the first time, its rubric is read anew: whoever changed it just before was sooner.
    """
    if component.locked_at is not None:
        return
    unlocked = update(Component).where(Component.id == component.id, Component.locked_at.is_(None))
    is_first = db.session.execute(unlocked.values(locked_at=now)).rowcount  # type: ignore[attr-defined]
    read_again(component, "criteria")
    if is_first:
        record("locked", component, actor=NOBODY, now=now, ability=TEAM_ONLY, reason="something is marked by it")


def lock_portfolio(run_id: int, *, now: datetime) -> None:
    """The same for the portfolio of a run, whose rubric the final grade of a logbook is part of."""
    found = select(Component).where(Component.run_id == run_id, Component.kind == ComponentKind.PORTFOLIO)
    for component in db.session.scalars(found):
        lock(component, now=now)


def _hold(component: Component) -> None:
    """Nobody else changes or locks it until the transaction ends. Raises Refused once it is locked."""
    hold_row(component)
    read_again(component, "criteria")
    if component.locked_at is not None:
        since = say_when(component.locked_at)
        raise Refused(f"{component.title} has been marked by these rules since {since}, so they stay as they are.")


def set_weights(run: ModuleRun, weights: Mapping[ComponentKind, int], *, actor: Principal, now: datetime) -> None:
    """Change the weights of the run's components, in per cent.

    Refused where they do not make 100, where one is locked, and where a supervisor's feedback would move the mark.
    """
    if weights.get(ComponentKind.FEEDBACK):
        raise Refused("What a supervisor says never moves the mark: keep this at 0.", "feedback")
    for sentence in rules.weights_problems(list(weights.values())).values():
        raise Refused(sentence, "portfolio")
    for part in run.components:
        _hold(part)
    changed = [part.kind.value for part in run.components if part.weight != weights[part.kind]]
    for part in run.components:
        part.weight = weights[part.kind]
    if changed:
        record("weights changed", run, actor=actor, now=now, fields=changed)


def set_shortfall(run: ModuleRun, wanted: Shortfall, *, actor: Principal, now: datetime) -> None:
    """Say what fewer confirmed hours than the minimum do to a result. Refused once something of the run is marked."""
    for part in run.components:
        _hold(part)
    if run.shortfall is not wanted:
        run.shortfall = wanted
        record("changed what too few hours do", run, actor=actor, now=now, fields=["shortfall"])


def set_settings(component: Component, wanted: Settings, *, seen: str, actor: Principal, now: datetime) -> None:
    """Change how a component is marked. `seen`: the `seen_settings` that the change was made of.

    Raises Refused, by field, for what cannot be; Refused once it is locked; Conflict where somebody changed it since.
    """
    for name, sentence in _settings_problems(component, wanted):
        raise Refused(sentence, name)
    _hold(component)
    before = queries.settings_of(component)
    changed = [each.name for each in fields(wanted) if getattr(before, each.name) != getattr(wanted, each.name)]
    if not changed:
        return
    if seen != queries.seen_settings(component):
        raise Conflict(OVERTAKEN)
    for name in ("title", "qualifying_mark", "marked_by", "is_anonymous", "is_double_marked"):
        setattr(component, name, getattr(wanted, name))
    for name in ("agree_within", "feedback_weeks", "scale"):
        setattr(component, name, getattr(wanted, name))
    component.late_policy, component.points = wanted.late.kept(), list(wanted.points)
    component.moderation = {"kind": wanted.moderation, "within": wanted.borderline}
    record("rules changed", component, actor=actor, now=now, fields=changed)


def _settings_problems(component: Component, wanted: Settings) -> Sequence[tuple[str, str]]:
    is_feedback = component.kind is ComponentKind.FEEDBACK
    problems = [] if wanted.title else [("title", "Give the component a title.")]
    if is_feedback != (wanted.marked_by is MarkedBy.SUPERVISOR):
        problems.append(("marked_by", "A supervisor gives feedback, and marks nothing. Choose who marks this."))
    if is_feedback and wanted.qualifying_mark is not None:
        problems.append(("qualifying_mark", "Feedback gets no mark, so leave this empty."))
    problems += [(f"late_{name}", sentence) for name, sentence in wanted.late.problems().items()]
    if sentence := rules.points_problem(wanted.points):
        problems.append(("points", sentence))
    return problems


def set_days_after_placing(component: Component, days: int, *, actor: Principal, now: datetime) -> None:
    """Say how long after being placed each student's deadline is, at 15:00. It may change when all else is locked."""
    hold_row(component, "days_after_placing")
    if component.days_after_placing != days:
        component.days_after_placing = days
        record("deadline changed", component, actor=actor, now=now, fields=["days_after_placing"])


def set_rubric(component: Component, wanted: Sequence[Wanted], *, seen: str, actor: Principal, now: datetime) -> None:
    """Change a component's criteria: those of `wanted`, in that order; who is not among them goes.

    `seen`: the `seen_rubric` that the change was made of. Raises Conflict where it is another by now; Refused, with
    the field as `name_place` counted from 1, for what cannot be; Refused once it is locked, and for taking away a
    criterion that logbooks were graded against on the way.
    """
    lines = [line for _, line in wanted]
    _refuse_problems(component, lines)
    _hold(component)
    if lines == queries.rubric_of(component) and _keeps_its_order(component, wanted):
        return
    if seen != queries.seen_rubric(component):
        raise Conflict(OVERTAKEN)
    _write(component, wanted)
    record("rubric changed", component, actor=actor, now=now)


def replace_rubric(component: Component, lines: Sequence[Line], *, seen: str, actor: Principal, now: datetime) -> None:
    """Put other lines in the place of the rubric, whole; a criterion of the same title stays the same criterion.

    `seen`: the fingerprint of rubric and lines that was looked at. Raises as `set_rubric` does.
    """
    _refuse_problems(component, lines)
    _hold(component)
    if list(lines) == queries.rubric_of(component):
        return
    if seen != queries.seen_replacing(component, lines):
        raise Conflict("The rubric has changed since you looked. Look at what would change now, then press again.")
    there = {each.title.casefold(): each for each in component.criteria}
    _write(component, [(there.get(line.title.casefold()), line) for line in lines])
    record("rubric replaced", component, actor=actor, now=now)


def set_bands(criterion: Criterion, bands: Mapping[str, str], *, seen: str, actor: Principal, now: datetime) -> None:
    """Say what work of each band shows, for one criterion. `seen`: the `seen_bands` that the change was made of.

    Raises Conflict where it is another by now, Refused by band (`band_70`), and Refused once it is locked.
    """
    said = {band: rules.tidy(words) for band, words in bands.items() if rules.tidy(words)}
    for band, words in said.items():
        if sentence := rules.words_problem(words, rules.SHOWS_LENGTH):
            raise Refused(sentence, f"band_{band}")
    _hold(criterion.component)
    db.session.refresh(criterion, ["bands"])
    if said == criterion.bands:
        return
    if seen != queries.seen_bands(criterion):
        raise Conflict(OVERTAKEN)
    changed = [band for band in rules.BANDS if said.get(band) != criterion.bands.get(band)]
    criterion.bands = said
    record("rubric changed", criterion.component, actor=actor, now=now, fields=changed)


def _refuse_problems(component: Component, lines: Sequence[Line]) -> None:
    for at, name, sentence in rules.rubric_problems(lines, takes_logbook=queries.takes_logbook(component)):
        raise Refused(sentence, f"{name}_{at + 1}")


def _keeps_its_order(component: Component, wanted: Sequence[Wanted]) -> bool:
    return [criterion for criterion, _ in wanted] == component.criteria


def _write(component: Component, wanted: Sequence[Wanted]) -> None:
    kept = {criterion.id for criterion, _ in wanted if criterion is not None}
    for criterion in component.criteria:
        if criterion.id not in kept:
            _remove(criterion)
    db.session.refresh(component, ["criteria"])
    for number, criterion in enumerate(component.criteria, 1):
        criterion.position = rules.MOST_CRITERIA + number  # out of the way of where the others go
    db.session.flush()
    for number, (known, line) in enumerate(wanted, 1):
        made = known or Criterion(component_id=component.id)
        made.position, made.title, made.weight = number, line.title, line.weight
        made.is_about_logbook, made.bands = line.is_about_logbook, dict(line.bands)
        db.session.add(made)
    db.session.flush()
    db.session.refresh(component, ["criteria"])


def _remove(criterion: Criterion) -> None:
    try:
        with db.session.begin_nested():
            db.session.delete(criterion)
    except IntegrityError as refused:
        title = criterion.title
        raise Refused(
            f"Logbooks were graded against “{title}” on the way, so it stays. You can change its words and weight."
        ) from refused
