"""Other dates for a placement that is agreed: they go round for signing, and move once they are signed."""

from datetime import date, datetime

from placements.agreements import weeks
from placements.agreements.actions import add_comment, hold, next_version, set_weeks
from placements.agreements.models import Agreement
from placements.agreements.queries import dates_of, versions_of
from placements.agreements.workflow import AGREEMENT, OPEN, AgreementState
from placements.cohorts.queries import closed_days
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record
from placements.placing.actions import hold as hold_placement
from placements.placing.models import Placement
from placements.placing.rules import date_problems
from placements.placing.workflow import NOT_BEGUN
from placements.signing.sending import problem_with_signing, propose


def amend_dates(
    placement: Placement,
    starts_on: date,
    ends_on: date,
    reason: str,
    form_key: str,
    *,
    actor: Principal,
    now: datetime,
) -> Agreement:
    """Send round a new version with these dates; the placement keeps its own until it is in force.

    Hours planned outside the dates are spread over the weeks inside. What goes round now is taken back for it. A
    draft that the student writes gets the dates and stays a draft, as does one that cannot go round yet; the student
    is told. Returns the version. Raises Refused for dates that cannot be, and before there is an Agreement in force.
    """
    hold_placement(placement)
    versions = versions_of(placement)
    for version in versions[:1]:
        hold(version)
    if placement.agreed_at is None or not placement.goes_on:
        raise Refused("Nothing is in force that could be changed. Change the dates of the placement itself.")
    latest = versions[0]
    if (starts_on, ends_on) == dates_of(placement, latest if latest.state in OPEN else None):
        return latest
    _check(placement, starts_on, ends_on, now)
    student = placement.enrolment.person_id
    is_being_written = latest.state is AgreementState.DRAFT
    if latest.state is AgreementState.SIGNING:
        AGREEMENT.move(latest, "take_back")
        record("taken back", latest, actor=actor, now=now, person_id=student)
        db.session.flush()  # only one version of a placement may be open
    draft = latest if is_being_written else next_version(placement, latest, actor=actor, now=now)
    draft.starts_on, draft.ends_on, draft.edit_version = starts_on, ends_on, (draft.edit_version or 1) + 1
    planned = draft.content.weeks
    if planned:
        set_weeks(draft, weeks.fitted(planned, starts_on, ends_on, closed_days()))
    db.session.flush()
    waits = is_being_written or problem_with_signing(draft) is not None
    tells = {student} - {actor.person_id} if waits else ()
    add_comment(draft, reason, form_key, tells=tells, actor=actor, now=now)
    record("given other dates", draft, actor=actor, now=now, person_id=student, reason=reason)
    if not waits:
        propose(draft, seen=draft.edit_version, actor=actor, now=now)
    return draft


def _check(placement: Placement, starts_on: date, ends_on: date, now: datetime) -> None:
    has_begun = placement.state not in NOT_BEGUN
    problems = date_problems(starts_on, ends_on, today(now), was=placement.starts_on, has_begun=has_begun)
    for field, sentence in problems.items():
        raise Refused(sentence, field)
