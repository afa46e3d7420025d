"""Components as they are seen: one with its rubric, its settings as one value, what a page showed of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.cohorts.models import Component, ComponentKind, Criterion, Enrolment, ModuleRun
from placements.cohorts.queries import visible_runs
from placements.cohorts.rules import MarkedBy, Scale
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.db import db
from placements.specification.rules import Late, Line


def component_of(who: Principal, public_id: str) -> Component | None:
    """A component, with its rubric, of a run that `who` may see or studies on."""
    seen = visible_runs(who).with_only_columns(ModuleRun.id)
    studied = select(Enrolment.run_id).where(Enrolment.person_id == who.person_id)
    found = select(Component).where(
        Component.public_id == public_id, or_(Component.run_id.in_(seen), Component.run_id.in_(studied))
    )
    return db.session.scalar(found.options(joinedload(Component.run), selectinload(Component.criteria)))


def criterion_of(who: Principal, public_id: str) -> Criterion | None:
    """A criterion of a run that `who` may see, with its component."""
    seen = visible_runs(who).with_only_columns(ModuleRun.id)
    found = select(Criterion).join(Criterion.component).where(Criterion.public_id == public_id)
    found = found.where(Component.run_id.in_(seen))
    return db.session.scalar(found.options(contains_eager(Criterion.component).joinedload(Component.run)))


@dataclass(frozen=True)
class Settings:
    """How a component is marked, all but its weight, deadline and rubric."""

    title: str
    qualifying_mark: int | None
    late: Late
    marked_by: MarkedBy
    is_anonymous: bool
    is_double_marked: bool
    agree_within: int
    feedback_weeks: int
    moderation: str
    borderline: int
    scale: Scale
    points: tuple[int, ...]


def settings_of(component: Component) -> Settings:
    """As they stand."""
    late: dict[str, Any] = component.late_policy
    moderation: dict[str, Any] = component.moderation
    return Settings(
        title=component.title,
        qualifying_mark=component.qualifying_mark,
        late=Late(**late),
        marked_by=component.marked_by,
        is_anonymous=component.is_anonymous,
        is_double_marked=component.is_double_marked,
        agree_within=component.agree_within,
        feedback_weeks=component.feedback_weeks,
        moderation=moderation["kind"],
        borderline=component.borderline,
        scale=component.scale,
        points=tuple(component.points),
    )


def line_of(criterion: Criterion) -> Line:
    """A criterion as a line of its rubric says it."""
    return Line(criterion.title, criterion.weight, criterion.is_about_logbook, dict(criterion.bands))


def rubric_of(component: Component) -> list[Line]:
    """The whole rubric, in order."""
    return [line_of(each) for each in component.criteria]


def is_judged(run: ModuleRun) -> bool:
    """Whether something of the run was marked already. Load the run with its components."""
    return any(each.locked_at for each in run.components)


def seen_settings(component: Component) -> str:
    """What changes with the settings."""
    return fingerprint(settings_of(component))


def seen_rubric(component: Component) -> str:
    """What changes with any criterion of the rubric, but not with what its bands show."""
    return fingerprint([(each.id, each.title, each.weight, each.is_about_logbook) for each in component.criteria])


def seen_replacing(component: Component, lines: Sequence[Line]) -> str:
    """What changes with the whole rubric, bands included, and with the lines that are to take its place."""
    said = [
        (each.title, each.weight, each.is_about_logbook, sorted(each.bands.items()))
        for each in (*rubric_of(component), *lines)
    ]
    return fingerprint((len(lines), said))


def seen_bands(criterion: Criterion) -> str:
    """What changes with what the criterion's bands show."""
    return fingerprint(sorted(criterion.bands.items()))


def takes_logbook(component: Component) -> bool:
    """Whether its criteria may be about the logbook."""
    return component.kind is ComponentKind.PORTFOLIO
