"""Saying what a tutor takes on, having a plan worked out, fixing a placement by hand, and applying a plan."""

from collections.abc import Collection
from datetime import datetime

from placements.cohorts.models import ModuleRun, RoleOnRun, Theme
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.partners.policy import has_no_side
from placements.people.models import Person
from placements.placing.actions import change_tutor
from placements.placing.models import Placement
from placements.placing.queries import possible_placement_tutors, whole
from placements.placing.workflow import PLACEMENT
from placements.solver.instance import Instance
from placements.solver.objective import GREEDY
from placements.solver.proof import verify
from placements.solver.result import Result
from placements.tutoring import notices
from placements.tutoring.models import TutorFix, TutorLoad, TutorPlan
from placements.tutoring.plans import asked_already, is_still_so, lacking, moves_of
from placements.tutoring.queries import field_of, fix_of, load_of, problems, question_of, shared_by

SHARED_ANEW = "Placements were shared anew among the tutors."
WHO = "placing.read_reasons"  # the ability that the history of what is fixed by hand is read by
AGAIN = "Propose again."


def set_load(role: RoleOnRun, load: int, themes: Collection[Theme], *, actor: Principal, now: datetime) -> None:
    """Say how many placements the tutor looks after at most, and which areas they know. Moves nobody."""
    hold_row(role.run, "state")
    said = load_of(role)
    if said is None:
        said = TutorLoad(run_id=role.run_id, person_id=role.person_id)
        db.session.add(said)
    known = [theme.value for theme in Theme if theme in themes]
    if (said.load, said.themes) != (load, known):
        said.load, said.themes = load, known
        fields = ("load", "themes")
        record("tutor's load set", role.run, actor=actor, now=now, person_id=role.person_id, fields=fields)


def propose(run: ModuleRun, *, actor: Principal, now: datetime) -> TutorPlan:
    """Have it worked out who best looks after whom. Returns the plan, queued; the same one while nothing has changed.

    Raises Refused where there is nothing to share, or what is fixed by hand does not fit.
    """
    hold_row(run, "state")
    field = field_of(run)
    found = problems(field)
    if found:
        raise Refused(found[0])
    instance = question_of(run, field)
    known = asked_already(run, instance, field)
    if known is not None:
        return known
    plan = TutorPlan(
        run=run,
        rule=GREEDY,
        instance=instance.to_json(),
        instance_sha256=instance.sha256(),
        before=field.before,
        created_at=now,
    )
    db.session.add(plan)
    db.session.flush()
    record("asked who best tutors whom", run, actor=actor, now=now)
    return plan


def fix(placement: Placement, tutor: Person, reason: str, *, actor: Principal, now: datetime) -> TutorPlan:
    """Fix the placement to a tutor in every plan, and have a new plan worked out. Returns it; tells nobody yet.

    Raises Refused where the tutor may not look after it, or has no room beside those fixed to them already.
    """
    assert actor.person_id is not None
    run = placement.enrolment.run
    hold_row(run, "state")
    hold_row(placement, "state")
    PLACEMENT.move(placement, "change_tutor")
    if tutor not in possible_placement_tutors(placement):
        raise Refused("Choose a tutor of this run who has no interest in the organisation.", "tutor")
    fixed = fix_of(placement)
    if fixed is None or (fixed.tutor, fixed.reason) != (tutor, reason):
        fixed = fixed or TutorFix(placement=placement)
        fixed.tutor, fixed.fixed_by_id, fixed.reason, fixed.fixed_at = tutor, actor.person_id, reason, now
        db.session.add(fixed)
        student = placement.enrolment.person_id
        record("fixed to a tutor", placement, actor=actor, now=now, person_id=student, ability=WHO, reason=reason)
    return propose(run, actor=actor, now=now)


def let_go(fixed: TutorFix, *, actor: Principal, now: datetime) -> None:
    """Let the next plan choose the placement's tutor freely again."""
    placement = fixed.placement
    hold_row(placement.enrolment.run, "state")
    student = placement.enrolment.person_id
    record("no longer fixed to a tutor", placement, actor=actor, now=now, person_id=student, ability=WHO)
    db.session.delete(fixed)


def apply(plan: TutorPlan, *, actor: Principal, now: datetime) -> None:
    """Give each placement that changes its tutor by the plan; the proof is checked once more. Twice is once.

    Its student and supervisor are told of each, and each tutor once of all of theirs. Raises Refused, changing
    nothing, where anything that the plan was made from has changed, somebody finds no tutor with room, or `actor`
    has a side in a placement that changes.
    """
    hold_row(plan.run, "state")
    hold_row(plan, "applied_at")
    if plan.applied_at is not None:
        return
    _hold_placements(plan.run)
    if not is_still_so(plan, field_of(plan.run)):
        raise Refused(f"Placements, tutors or limits have changed since this was worked out. {AGAIN}")
    if verify(Instance.from_json(plan.instance), Result.from_json(plan.result or "")):
        raise Refused(f"This plan does not pass its check. {AGAIN}")
    moves = moves_of(plan)
    if lacking(plan, moves):
        raise Refused(f"Not everybody finds a tutor with room. Raise a limit. {AGAIN}")
    changed = [move for move in moves if move.changes]
    for move in changed:
        _check_outside(move.placement, actor)
    for move in changed:
        assert move.after is not None
        change_tutor(move.placement, move.after, SHARED_ANEW, actor=actor, now=now, tells_tutors=False)
    plan.applied_at = now
    record("shared among the tutors anew", plan.run, actor=actor, now=now)
    told = {person.id for move in changed for person in (move.before, move.after) if person}
    tell(notices.SHARED, plan.id, told - {actor.person_id}, now)


def _hold_placements(run: ModuleRun) -> None:
    """Read the run's placements again, and keep everybody else off them until the transaction ends."""
    rows = shared_by(run).order_by(None).order_by(Placement.id).options(*whole()).with_for_update(of=Placement)
    db.session.scalars(rows, execution_options={"populate_existing": True}).all()


def _check_outside(placement: Placement, actor: Principal) -> None:
    is_outside = has_no_side(actor, placement.challenge.organisation_id)
    if not is_outside or actor.person_id in {placement.enrolment.person_id, placement.supervisor_id}:
        where = placement.challenge.organisation.name
        raise Refused(f"You have an interest in {where}, so another leader of the run has to apply this plan.")
