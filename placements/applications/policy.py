"""Who may do what with applications and answers about them. Nobody answers or decides on both sides.

When choosing is open, and until when answers count, are rules, which say their own sentences; not abilities.
"""

from datetime import datetime

from placements.applications.models import Application, HostAnswer
from placements.applications.workflow import ANSWER, APPLICATION
from placements.challenges.policy import is_its_contact
from placements.cohorts.models import Enrolment
from placements.cohorts.policy import leads
from placements.cohorts.workflow import EnrolmentState
from placements.core.policy import Abilities, Principal, condition, has_role
from placements.partners.policy import has_no_side

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


@condition
def answers_for_the_organisation(who: Principal, answer: HostAnswer, now: datetime) -> bool:
    """Works at the organisation, and is neither the applicant nor their tutor or module leader."""
    enrolment = answer.application.enrolment
    is_of_ours = who.has("group_tutor", enrolment.group_id) or who.has("leader", enrolment.run_id)
    works_there = who.has("contact", answer.challenge.organisation_id)
    return works_there and not is_of_ours and not who.has("student", enrolment.id)


@condition
def decides_for_the_module(who: Principal, answer: HostAnswer, now: datetime) -> bool:
    """Leads the run of the applicant, is not the applicant, and has no side in the organisation."""
    enrolment = answer.application.enrolment
    leads_it = who.has("leader", enrolment.run_id) and not who.has("student", enrolment.id)
    return leads_it and has_no_side(who, answer.challenge.organisation_id)


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
    "applications.answer": answers_for_the_organisation,
    "applications.not_suitable": has_role("leader"),
    "applications.agree": decides_for_the_module & ANSWER.can("agree"),
    "applications.disagree": decides_for_the_module & ANSWER.can("disagree"),
    "applications.overview": leads,
    "applications.nudge": leads,
    "applications.application": leads_its_run | is_its_tutor,
    "applications.ranks": leads_its_run,
}


def is_choosing(enrolment: Enrolment) -> bool:
    """Whether the enrolment is still to be placed."""
    return enrolment.state in CHOOSING
