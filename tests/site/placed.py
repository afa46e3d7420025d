"""What stands in the world around its one placement: worries, days, checks, warnings, feedback, a group that shrank.

Each is added to the world that `world.py` builds, and its words are canaries as there.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from placements.assessment.workflow import MarkState, SubmissionState
from placements.attendance.workflow import DayState
from placements.bulletins.rules import Audience
from placements.bulletins.workflow import BulletinState
from placements.cases.workflow import ExportState
from placements.challenges.models import Dbs
from placements.cohorts.models import ComponentKind
from placements.concerns.rules import About, Kind
from placements.feedback.rules import Occasion
from placements.mail.models import MessageState
from placements.placing.rules import Exit, GateKind
from placements.placing.workflow import GateState, PlacementState
from placements.watch.rules import Kind as WarningKind
from tests import factories as make
from tests.bulletins.factories import bulletin, bulletin_recipient
from tests.cases.factories import case_export
from tests.clearance import making as gates
from tests.correspondence.factories import message
from tests.factories.feedback import feedback
from tests.mailing import scene as mailing
from tests.reassessment import factories as again
from tests.watch.making import action, warning

if TYPE_CHECKING:
    from tests.site.world import World


def rubrics(world: World) -> None:
    """A criterion that can be changed, and elsewhere one of a rubric that something was marked by."""
    things = world.things
    things["criterion"], things["other_criterion"] = (things[f"{of}component"].criteria[0] for of in ("", "other_"))
    things["other_component"].locked_at = make.NOW - make.DAY


def shrunk_groups(world: World) -> None:
    """A challenge for two that one of its two students has left."""
    things = world.things
    shrunk = things["shrunk"] = make.challenge(things["organisation"], title="For two together", places_min=2)
    ended = {"ended_at": make.NOW - make.DAY, "ended_on": date(2026, 10, 19)}
    make.placement(make.enrolment(things["group"]), shrunk)
    make.placement(make.enrolment(things["group"]), shrunk, state=PlacementState.ENDED_EARLY, **ended)


def concerns(world: World) -> None:
    """One that waits for an owner, one that the tutor has taken on; a restricted one each, the last about the host."""
    who, things = world.person, world.things
    place, words = things["placement"], {"words": "~concern~"}
    things["concern"] = make.concern(place, **words)
    things["concern_owned"] = make.concern(place, who("tutor"), **words)
    make.concern_note(things["concern_owned"], who("tutor"), text="~concern-note~")
    about = {"kind": Kind.PERSON, "about": About.SUPERVISOR, "about_id": who("supervisor").id}
    things["concern_restricted"] = make.concern(place, words="~restricted~", **about)
    host = {"kind": Kind.HOST, "about": About.ORGANISATION, "words": "~about-the-host~"}
    things["concern_host"] = make.concern(place, who("safeguarding"), **host)


def attendance(world: World) -> None:
    """A day to come and one that the student cannot make, a closure, and a visit with both sides' notes."""
    things, placement = world.things, world.things["placement"]
    things["planned_day"] = make.planned_day(placement, date(2026, 11, 4))
    cancelled = {"state": DayState.CANCELLED, "cancelled_by": world.person("student"), "why": "~cannot-come~"}
    make.planned_day(placement, date(2026, 11, 11), **cancelled)
    make.host_closure(things["organisation"], date(2026, 12, 21), date(2026, 12, 23))
    notes = {"note_university": "~contact-university~", "note_host": "~contact-host~"}
    things["contact_point"] = make.contact_point(placement, **notes)


def clearance(world: World) -> None:
    """A gate of each kind: duties without a check, a visa to look at again, what is shared, and a risk to look at."""
    who, things, placement = world.person, world.things, world.things["placement"]
    settled = {"state": GateState.EXITED, "exit": Exit.WITHOUT_DBS, "settled_by": who("safeguarding")}
    things["gate_dbs"] = gates.gate(placement, GateKind.DBS, **settled)
    gates.dbs_seen(things["gate_dbs"], level=Dbs.NONE, seen_on=None, duties="~dbs-duties~")
    things["gate_visa"] = gates.gate(placement, GateKind.VISA)
    gates.visa_detail(things["gate_visa"], who("visa_officer"), address="~visa-address~")
    things["gate_adjustment"] = gates.gate(placement, GateKind.ADJUSTMENT, state=GateState.HELD)
    words = {"asked": "~adjustment-asked~", "agreed": "~adjustment-agreed~", "to_share": "~adjustment-shared~"}
    gates.adjustment(things["gate_adjustment"], is_shared=True, answered_at=make.NOW, **words)
    things["gate_risk"] = gates.gate(placement, GateKind.OWN_RISK)
    gates.own_risk(things["gate_risk"], who("tutor"), what="~own-risk~", actions="~own-risk-actions~")


def at_the_desk(world: World) -> None:
    """A tutor's own phrase, and when logbooks are graded."""
    make.checkpoint(world.things["run"])
    make.checkpoint(world.things["run"], title="Final check", is_final=True)
    world.things["phrase"] = make.phrase(world.person("tutor"), "~phrase~")


def watch(world: World) -> None:
    """A warning about the student, and one about a sponsored student elsewhere, which is the visa officer's alone.

    That student's move was asked for, and not approved.
    """
    who, things = world.person, world.things
    things["warning"] = warning(things["placement"])
    action(things["warning"], who("tutor"), "~warning-action~")
    sponsored = make.enrolment(things["other_group"], make.person(family_name="~sponsored~"), is_visa_sponsored=True)
    elsewhere = things["sponsored_placement"] = make.placement(sponsored)
    things["sponsored_organisation"] = elsewhere.challenge.organisation
    refused = {"state": GateState.EXITED, "exit": Exit.REFUSED, "settled_by": who("visa_officer")}
    things["gate_move"] = gates.gate(elsewhere, GateKind.MOVE, **refused)
    gates.move_asked(things["gate_move"], who("other_leader"), words="~move-asked~", answer="~move-answer~")
    said = {"why": "~attendance-why~", "is_urgent": True}
    things["warning_attendance"] = warning(elsewhere, WarningKind.ATTENDANCE, **said)
    action(things["warning_attendance"], who("visa_officer"), "~attendance-action~")


def reassessment(world: World) -> None:
    """A claim that waits, a task given instead, a component waived; and another student's second attempt."""
    who, things = world.person, world.things
    leader = who("leader")
    things["mitigation"] = again.mitigation(things["submission"], leader, reference="~mitigation~")
    again.given_task(things["submission"], leader, brief="~task-brief~", reason="~task-reason~")
    feedback_part = make.component(ComponentKind.FEEDBACK, things["run"], title="Supervisor Feedback", weight=0)
    unasked = make.submission(things["enrolment"], feedback_part)
    things["waiver"] = again.waiver(unasked, leader, reason="~waiver-reason~")
    later = {"attempt": 2, "due_at": make.NOW + 90 * make.DAY}
    things["attempt_again"] = make.submission(make.enrolment(things["group"]), things["component"], **later)


def supervisors_feedback(world: World) -> None:
    """Interim feedback with the student's comment, final feedback that is being written; a placement without any."""
    placement = world.things["placement"]
    given = {"comment": "~feedback-comment~", "read_number": 1, "read_at": make.NOW}
    world.things["feedback"] = feedback(placement, "~supervisor-feedback~", **given)
    typed = {"ratings": {}, "strengths": "~feedback-draft~", "next_steps": ""}
    final = {"occasion": Occasion.FINAL, "draft": typed, "reason": "~feedback-reason~"}
    world.things["feedback_asked"] = feedback(placement, **final)
    unasked = make.placement(make.enrolment(world.things["group"]), world.things["challenge"])
    world.things["placement_unasked"] = make.agreement(unasked).placement


def the_board(world: World) -> None:
    """A withheld mark, a release that waits for its moment, a board, and corrections after it by two people."""
    who, things = world.person, world.things
    run, enrolment, agreement = things["run"], things["seeking"], things["mark"].component
    make.submission(enrolment, agreement, state=SubmissionState.RECEIVED, received_at=make.NOW - make.DAY)
    given = {"state": MarkState.SUBMITTED, "mark": 64, "feedback": "Well made.", "withheld_at": make.NOW}
    things["mark_withheld"] = make.mark(enrolment, agreement, who("tutor"), **given)
    make.withholding(things["mark_withheld"], who("leader"), "~withheld-because~")
    things["staged_release"] = make.staged_release(run, agreement, who("leader"))
    make.board_meeting(run, who("leader"), note="~board-note~")
    confirmed = {"state": MarkState.CONFIRMED, "mark": 58, "board_on": date(2026, 10, 14)}
    make.submission(enrolment, things["component"], state=SubmissionState.RECEIVED, received_at=make.NOW)
    mark = things["mark_confirmed"] = make.mark(enrolment, things["component"], who("tutor"), **confirmed)
    things["correction"] = make.correction(mark, make.person(), reason="~corrected-because~")
    again = things["waiting_enrolment"]
    make.submission(again, agreement, state=SubmissionState.RECEIVED, received_at=make.NOW)
    things["correction_own"] = make.correction(make.mark(again, agreement, who("tutor"), **confirmed), who("leader"))


def case_files(world: World) -> None:
    """One that its leader had made and one that came to nothing; and what another leader of the run asked for."""
    enrolment, leader, another = world.things["enrolment"], world.person("leader"), make.person()
    asked = {"reason": "~case-reason~"}
    world.things["case_export"] = case_export(enrolment, leader, b"~case-file~", **asked)
    world.things["case_stopped"] = case_export(enrolment, leader, state=ExportState.STOPPED, **asked)
    world.things["case_asked"] = case_export(enrolment, another, **asked)
    world.things["case_of_another"] = case_export(enrolment, another, b"another", **asked)


def mail(world: World) -> None:
    """A mail to each who stands around the placement."""
    subjects = {
        "student": "~subject-student~",
        "supervisor": "~subject-supervisor~",
        "contact": "~subject-contact~",
        "tutor": "~subject-tutor~",
        "leader": "~subject-leader~",
    }
    for name, subject in subjects.items():
        person = world.things[f"{name}_person"] = world.person(name)
        world.things[f"message_to_{name}"] = message(person, ["closing.thanks", "clearance.yours"], subject=subject)
    world.things["message"] = world.things["message_to_student"]
    world.things["private_message"] = message(world.person("student"), ["concerns.news"], subject="~subject-private~")


def returned_mail(world: World) -> None:
    """A mail that waits, one that failed, and one to the contact that came back."""
    things = world.things
    things["mail_waiting"] = mailing.message(
        world.person("supervisor"), state=MessageState.QUEUED, subject="~mail-subject~"
    )
    came_back = things["mail_failed"] = mailing.message(world.person("contact"), subject="~mail-subject~")
    mailing.comes_back(came_back)
    came_back.problem = "CameBack: 5.1.1 ~diagnostic~"
    things["contact_reached"] = things["organisation"].contacts[1]


def bulletins(world: World) -> None:
    """A leader's messages to the run: a draft, one that is being sent, one that is held; and one to organisations."""
    things, leader = world.things, world.person("leader")
    of_run = {"sender": leader, "run": things["run"]}
    draft = {"state": BulletinState.DRAFT, "send_at": None, "words": "~bulletin-draft~"}
    things["bulletin_draft"] = bulletin(**of_run, **draft)
    sending = {"state": BulletinState.SENDING, "begun_at": make.NOW, "words": "~bulletin~"}
    things["bulletin"] = bulletin(**of_run, **sending)
    bulletin_recipient(things["bulletin"], world.person("student"))
    things["bulletin_held"] = bulletin(**of_run, state=BulletinState.HELD)
    to_organisations = {"audience": Audience.PARTNERS, "words": "~bulletin-partners~"}
    things["bulletin_partners"] = bulletin(sender=world.person("engagement"), **to_organisations)
