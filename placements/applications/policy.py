"""Who may do what with applications. When choosing is open is a rule, which says its own sentence; not an ability."""

from datetime import datetime

from placements.applications.models import Application
from placements.applications.workflow import APPLICATION
from placements.challenges.policy import is_its_contact
from placements.cohorts.models import Enrolment
from placements.cohorts.policy import leads
from placements.cohorts.workflow import EnrolmentState
from placements.core.policy import Abilities, Principal, condition, has_role

CHOOSING = (EnrolmentState.REGISTERED, EnrolmentState.SEEKING)  # enrolments that are still to be placed


@condition
def is_its_student(who: Principal, application: Application, now: datetime) -> bool:
    """It is one's own application."""
    return who.has("student", application.enrolment_id)


@condition
def leads_its_run(who: Principal, application: Application, now: datetime) -> bool:
    """Leads the run of the applicant."""
    return who.has("leader", application.enrolment.run_id)


@condition
def is_its_tutor(who: Principal, application: Application, now: datetime) -> bool:
    """Is the tutor of the applicant's timeslot group."""
    return who.has("group_tutor", application.enrolment.group_id)


is_student = has_role("student")

ABILITIES: Abilities = {
    "applications.find": is_student,
    "applications.challenge": is_student,
    "applications.needs": is_student,
    "applications.choose": is_student,
    "applications.bookmark": is_student,
    "applications.remove_bookmark": is_student,
    "applications.choices": is_student,
    "applications.save_draft": is_student,
    "applications.submit": is_its_student & APPLICATION.can("submit"),
    "applications.receipt": is_student,
    "applications.withdraw": is_its_student & APPLICATION.can("withdraw"),
    "applications.applicants": is_its_contact,
    "applications.overview": leads,
    "applications.nudge": leads,
    "applications.application": leads_its_run | is_its_tutor,
    "applications.ranks": leads_its_run,
}


def is_choosing(enrolment: Enrolment) -> bool:
    """Whether the enrolment is still to be placed."""
    return enrolment.state in CHOOSING
