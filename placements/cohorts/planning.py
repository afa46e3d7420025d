"""What a planned run is made of: a copy of another run's parts, or the module's preset."""

from placements.cohorts import presets, rules
from placements.cohorts.models import Checkpoint, Component, Criterion, ModuleRun, RoleOnRun, TimeslotGroup
from placements.cohorts.queries import team_of
from placements.cohorts.rules import examined_until
from placements.db import db


def copy_parts(source: ModuleRun, run: ModuleRun) -> None:
    """Give the planned run the groups, tutors, staff, components, rubrics and checkpoints of another one.

    Nothing of it is locked: nothing was judged by it yet.
    """
    run.shortfall = source.shortfall
    for group in source.groups:
        run.groups.append(TimeslotGroup(occurrence=group.occurrence, name=group.name, tutor_id=group.tutor_id))
    for part in source.components:
        run.components.append(
            Component(
                kind=part.kind,
                title=part.title,
                weight=part.weight,
                qualifying_mark=part.qualifying_mark,
                days_after_placing=part.days_after_placing,
                late_policy=dict(part.late_policy),
                marked_by=part.marked_by,
                is_anonymous=part.is_anonymous,
                is_double_marked=part.is_double_marked,
                agree_within=part.agree_within,
                feedback_weeks=part.feedback_weeks,
                moderation=dict(part.moderation),
                scale=part.scale,
                points=list(part.points),
                criteria=[
                    Criterion(
                        position=line.position,
                        title=line.title,
                        weight=line.weight,
                        is_about_logbook=line.is_about_logbook,
                        bands=dict(line.bands),
                    )
                    for line in part.criteria
                ],
            )
        )
    run.checkpoints = [Checkpoint(title=each.title, is_final=each.is_final) for each in source.checkpoints]
    for held in team_of(source):
        until_on = examined_until(run.academic_year) if held.until_on else None
        held_again = {"person_id": held.person_id, "role": held.role, "theme": held.theme, "until_on": until_on}
        db.session.add(RoleOnRun(run=run, **held_again))


def make_parts(run: ModuleRun) -> None:
    """Give the planned run the groups, components, rubrics and checkpoints that its module starts from."""
    run.groups = [TimeslotGroup(occurrence=occurrence, name=name) for occurrence, name in presets.GROUPS]
    run.checkpoints = [Checkpoint(title=title, is_final=is_final) for title, is_final in presets.CHECKPOINTS]
    run.components = [
        Component(
            kind=part.kind,
            title=part.name,
            weight=part.weight,
            marked_by=part.marked_by,
            days_after_placing=rules.DAYS_AFTER_PLACING if part.kind is rules.ComponentKind.AGREEMENT else None,
            criteria=[
                Criterion(
                    position=position,
                    title=line.title,
                    weight=line.weight,
                    is_about_logbook=line.is_about_logbook,
                    bands=line.bands(run.level),
                )
                for position, line in enumerate(presets.RUBRICS[part.kind], 1)
            ],
        )
        for part in rules.MODULES[run.code].components
    ]
