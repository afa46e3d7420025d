"""What is over, asked of the tables alone: an oracle for mail, which knows nothing of the notices' own conditions.

`TRUE_WHILE` says of each notice, in SQL, when it may be said: it finds a row as long as there is something to do or to
know. What speaks of something that was done on purpose, and stays true, stands in `DONE_ON_PURPOSE`. Whoever has left
the module is told nothing of it, but what `TO_WHO_LEFT` names.
"""

# ruff: noqa: E501 - SQL is read a rule a line

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, bindparam, text
from sqlalchemy.sql.elements import TextClause

from placements.core.clock import today
from placements.db import UTCDateTime, db
from placements.mail.models import Notification

WEEK = timedelta(days=7)
GOES_ON = "state IN ('preparing', 'cleared', 'active', 'paused')"
NOT_BEGUN = "state IN ('preparing', 'cleared')"
IN = "state IN ('received', 'late')"
TO_CHOOSE = (  # the student has still to choose: choosing is open, and nothing is handed in
    "SELECT 1 FROM enrolment e JOIN module_run r ON r.id = e.run_id WHERE e.id = :about AND r.ranking_opens_at <= :now"
    " AND r.ranking_closes_at > :now AND e.state NOT IN ('withdrawn', 'deferred', 'placed')"
    " AND NOT EXISTS (SELECT 1 FROM offer o WHERE o.enrolment_id = e.id AND o.state IN ('made', 'accepted'))"
)
CHOSEN = "EXISTS (SELECT 1 FROM application a WHERE a.enrolment_id = e.id AND a.submitted_at IS NOT NULL)"
WITHOUT_PLACE = (
    "NOT EXISTS (SELECT 1 FROM placement p WHERE p.enrolment_id = e.id AND p.state IN ('preparing', 'cleared', 'active',"
    " 'paused', 'completed'))"
)
WAITING_OFFER = "SELECT 1 FROM offer WHERE id = :about AND state = 'made' AND deadline_at > :now"
CHALLENGE_THERE = "SELECT 1 FROM challenge WHERE id = :about AND state NOT IN ('withdrawn', 'declined')"
GOING_ON = f"SELECT 1 FROM placement WHERE id = :about AND {GOES_ON}"
UNSIGNED = (
    "SELECT 1 FROM agreement a JOIN placement p ON p.id = a.placement_id JOIN enrolment e ON e.id = p.enrolment_id"
    f" WHERE a.id = :about AND a.state = 'signing' AND p.{GOES_ON} AND NOT EXISTS (SELECT 1 FROM signature s"
    " WHERE s.agreement_id = a.id AND (s.person_id = :whom OR s.party = CASE WHEN e.person_id = :whom THEN 'student'"
    " WHEN p.supervisor_id = :whom OR a.signatory_id = :whom THEN 'supervisor' ELSE 'tutor' END))"
)
TO_CONFIRM = (  # a visit waits for the recipient's answer
    "SELECT 1 FROM log_entry v JOIN placement p ON p.id = v.placement_id JOIN enrolment e ON e.id = p.enrolment_id"
    " WHERE v.state = 'submitted' AND :whom IN (p.supervisor_id, v.handed_to_id) AND e.person_id <> :whom"
)
UNCONFIRMED_OF = "SELECT 1 FROM log_entry v JOIN placement p ON p.id = v.placement_id WHERE v.state = 'submitted'"
CONTACT_TO_COME = (
    "SELECT 1 FROM contact_point c JOIN placement p ON p.id = c.placement_id WHERE c.id = :about AND c.state = 'planned'"
    f" AND c.at > :now AND p.{GOES_ON}"
)
CONTACT_UNSAID = "SELECT 1 FROM contact_point WHERE id = :about AND state = 'planned' AND at <= :now"
SILENT = (
    "SELECT 1 FROM placement p WHERE p.id = :about AND p.state = 'active' AND NOT EXISTS (SELECT 1 FROM log_entry v"
    " WHERE v.placement_id = p.id AND v.state NOT IN ('draft', 'discarded') AND v.\"on\" > :lately)"
)
FEEDBACK_WANTED = (
    "SELECT 1 FROM supervisor_feedback f JOIN placement p ON p.id = f.placement_id WHERE f.id = :about"
    " AND f.state = 'requested' AND p.state NOT IN ('not_started', 'ended_early', 'transferred')"
)
NOT_IN = (  # the recipient's latest attempt at the component is not in, and is asked for
    "SELECT 1 FROM component c JOIN enrolment e ON e.run_id = c.run_id WHERE c.id = :about AND e.person_id = :whom"
    f" AND NOT EXISTS (SELECT 1 FROM submission s WHERE s.component_id = c.id AND s.enrolment_id = e.id AND (s.{IN}"
    " OR s.waived_at IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM submission n WHERE n.component_id = c.id"
    " AND n.enrolment_id = e.id AND n.attempt > s.attempt AND n.state <> 'withdrawn'))"
)
TO_MARK = (
    "SELECT 1 FROM mark m JOIN submission s ON s.component_id = m.component_id AND s.enrolment_id = m.enrolment_id"
    f" AND s.attempt = m.attempt WHERE m.component_id = :about AND m.state = 'drafted' AND s.{IN}"
)
SECOND_TO_MARK = (
    "SELECT 1 FROM second_mark x JOIN mark m ON m.id = x.mark_id WHERE m.component_id = :about"
    " AND (x.submitted_at IS NULL OR m.fixed_at IS NULL OR m.state = 'drafted')"
)
LISTED = "SELECT 1 FROM clearing c JOIN enrolment e ON e.id = c.enrolment_id WHERE c.closed_at IS NULL"
UNAGREED = f"SELECT 1 FROM placement p WHERE p.id = :about AND p.{NOT_BEGUN} AND p.agreed_at IS NULL"
LEFT_OUT = (
    "SELECT 1 FROM enrolment e JOIN module_run r ON r.id = e.run_id WHERE r.ranking_closes_at <= :now"
    f" AND e.state NOT IN ('withdrawn', 'deferred') AND {WITHOUT_PLACE} AND NOT {CHOSEN}"
)
CHECK_ENDS = "SELECT 1 FROM organisation WHERE id = :about AND state NOT IN ('declined', 'archived')"

TRUE_WHILE = {
    "applications.open": f"{TO_CHOOSE} AND NOT {CHOSEN}",
    "applications.closing": f"{TO_CHOOSE} AND NOT {CHOSEN}",
    "applications.nudge": f"{TO_CHOOSE} AND NOT {CHOSEN}",
    "applications.undecided": "SELECT 1 FROM host_answer WHERE undecided_since IS NOT NULL AND decided_at IS NULL",
    "offers.made": WAITING_OFFER,
    "offers.place_free": WAITING_OFFER,
    "offers.unanswered": WAITING_OFFER,
    "offers.student_unanswered": WAITING_OFFER,
    "offers.changed": "SELECT 1 FROM offer WHERE id = :about AND state = 'withdrawn'",
    "offers.lapsed": "SELECT 1 FROM offer WHERE id = :about AND state = 'expired'",
    "offers.student_lapsed": "SELECT 1 FROM offer WHERE id = :about AND state = 'expired'",
    "offers.withdrawn": "SELECT 1 FROM offer WHERE id = :about AND state = 'withdrawn'",
    "offers.accepted": "SELECT 1 FROM offer WHERE id = :about AND state = 'accepted'",
    "offers.student_accepted": "SELECT 1 FROM offer WHERE id = :about AND state = 'accepted'",
    "offers.student_is_coming": "SELECT 1 FROM offer WHERE id = :about AND state = 'accepted'",
    "offers.no_place_yet": f"{LISTED} AND c.id = :about AND e.person_id = :whom",
    "offers.your_clearing_list": f"{LISTED} AND c.owner_id = :whom",
    "offers.students_offered": "SELECT 1 FROM offer WHERE challenge_id = :about AND state = 'made' AND deadline_at > :now",
    "offers.nobody_came": CHALLENGE_THERE,
    "clearing.nothing_chosen": f"{LEFT_OUT} AND e.id = :about AND e.person_id = :whom",
    "clearing.students_left_out": f"{LEFT_OUT} AND e.run_id = :about",
    "clearing.not_chosen": f"{CHALLENGE_THERE} AND state = 'published' AND NOT EXISTS (SELECT 1 FROM preference f"
    " JOIN application a ON a.id = f.application_id WHERE f.challenge_id = :about AND a.submitted_at IS NOT NULL)",
    "clearing.unfilled": "SELECT 1 FROM challenge WHERE state = 'published'",
    "clearing.asked": f"{LISTED} AND c.id = :about AND c.owner_id = :whom",
    "clearing.date_near": f"{LISTED} AND c.owner_id = :whom AND c.by_on >= :today",
    "clearing.date_passed": f"{LISTED} AND c.owner_id = :whom AND c.by_on < :today",
    "clearing.dates_passed_in_run": f"{LISTED} AND e.run_id = :about AND c.by_on < :today",
    "proposals.waiting": "SELECT 1 FROM proposal WHERE id = :about AND state IN ('proposed', 'organisation_checked')",
    "proposals.to_decide": "SELECT 1 FROM proposal WHERE id = :about AND state = 'organisation_checked'",
    "proposals.late": "SELECT 1 FROM proposal WHERE id = :about AND due_at <= :now"
    " AND state IN ('proposed', 'organisation_checked')",
    "proposals.last_call": "SELECT 1 FROM proposal WHERE id = :about AND state IN ('proposed', 'organisation_checked',"
    " 'more_asked')",
    "placing.first_day": "SELECT 1 FROM placement WHERE id = :about AND state IN ('cleared', 'active')",
    "placing.held_up": f"SELECT 1 FROM placement WHERE id = :about AND {NOT_BEGUN} AND starts_on <= :today",
    "placing.dates_changed": GOING_ON,
    "placing.supervisor_changed": GOING_ON,
    "placing.tutor_changed": GOING_ON,
    "placing.moved": GOING_ON,
    "placing.paused": "SELECT 1 FROM placement WHERE id = :about AND state = 'paused'",
    "placing.resumed": "SELECT 1 FROM placement WHERE id = :about AND state = 'active'",
    "placing.completed": "SELECT 1 FROM placement WHERE id = :about AND state = 'completed'",
    "placing.called_off": "SELECT 1 FROM placement WHERE id = :about AND state = 'not_started'",
    "placing.ended": "SELECT 1 FROM placement WHERE id = :about AND state IN ('ended_early', 'transferred')",
    "placing.challenge_stopped": "SELECT 1 FROM challenge c JOIN organisation o ON o.id = c.organisation_id"
    " WHERE c.id = :about AND (c.state = 'withdrawn' OR o.state <> 'approved')",
    "placing.find_another": "SELECT 1 FROM challenge c JOIN organisation o ON o.id = c.organisation_id"
    " WHERE c.id = :about AND (c.state = 'withdrawn' OR o.state <> 'approved')",
    "clearance.waits": "SELECT 1 FROM placement_gate g JOIN placement p ON p.id = g.placement_id WHERE g.id = :about"
    f" AND g.state IN ('open', 'held') AND p.{GOES_ON}",
    "clearance.yours": f"SELECT 1 FROM placement_gate g JOIN placement p ON p.id = g.placement_id WHERE p.{GOES_ON}",
    "clearance.shared": f"SELECT 1 FROM placement_gate g JOIN placement p ON p.id = g.placement_id WHERE p.{GOES_ON}",
    "groups.shrunk": f"SELECT 1 FROM placement WHERE challenge_id = :about AND {GOES_ON}",
    "agreements.to_write": f"{UNAGREED} AND NOT EXISTS (SELECT 1 FROM agreement a WHERE a.placement_id = p.id"
    " AND a.proposed_at IS NOT NULL)",
    "agreements.not_agreed": UNAGREED,
    "agreements.not_agreed_in_run": "SELECT 1 FROM placement p JOIN enrolment e ON e.id = p.enrolment_id"
    f" WHERE e.run_id = :about AND p.{NOT_BEGUN} AND p.agreed_at IS NULL",
    "agreements.please_read": "SELECT 1 FROM agreement WHERE id = :about AND state = 'draft'",
    "agreements.commented": "SELECT 1 FROM agreement WHERE id = :about AND state IN ('draft', 'signing', 'taken_back')",
    "signing.please_sign": UNSIGNED,
    "signing.unsigned": UNSIGNED,
    "signing.changes_asked": "SELECT 1 FROM agreement WHERE id = :about AND state = 'taken_back'",
    "signing.taken_back": "SELECT 1 FROM agreement WHERE id = :about AND state = 'taken_back'",
    "signing.in_force": "SELECT 1 FROM agreement WHERE id = :about AND state = 'in_force'",
    "attendance.cannot_come": "SELECT 1 FROM planned_visit WHERE id = :about AND \"on\" >= :today AND state = 'cancelled'",
    "attendance.can_come": "SELECT 1 FROM planned_visit WHERE id = :about AND \"on\" >= :today AND state <> 'cancelled'",
    "attendance.your_page": f"SELECT 1 FROM link l JOIN placement p ON p.id = l.about_id WHERE l.id = :about AND p.{GOES_ON}"
    " AND l.expires_at > :now AND p.supervisor_id = :whom",
    "attendance.contact_planned": CONTACT_TO_COME,
    "attendance.contact_near": CONTACT_TO_COME,
    "attendance.contact_past": CONTACT_UNSAID,
    "attendance.contact_long_past": CONTACT_UNSAID,
    "attendance.note_wanted": "SELECT 1 FROM contact_point WHERE id = :about AND state = 'done' AND note_host = ''",
    "logbook.comment": "SELECT 1 FROM entry_comment c JOIN log_entry v ON v.id = c.entry_id WHERE c.id = :about"
    " AND v.state <> 'discarded'",
    "logbook.not_counted": "SELECT 1 FROM log_entry WHERE id = :about AND state IN ('not_counted', 'submitted',"
    " 'confirmed', 'verified', 'queried')",
    "logbook.silent": SILENT,
    "logbook.silent_student": SILENT,
    "confirming.week_to_confirm": TO_CONFIRM,
    "confirming.confirmation_outstanding": TO_CONFIRM,
    "confirming.please_telephone": f"{UNCONFIRMED_OF} AND p.supervisor_id = :about",
    "confirming.not_telephoned": UNCONFIRMED_OF,
    "confirming.handed_on": TO_CONFIRM,
    "confirming.target_reached": "SELECT 1 FROM placement WHERE id = :about AND state = 'active'",
    "reading.to_decide": "SELECT 1 FROM log_entry v JOIN placement p ON p.id = v.placement_id"
    " WHERE v.state IN ('submitted', 'queried')",
    "reading.ungraded": "SELECT 1 FROM checkpoint c WHERE c.id = :about AND EXISTS (SELECT 1 FROM placement p"
    f" JOIN enrolment e ON e.id = p.enrolment_id WHERE e.run_id = c.run_id AND p.{GOES_ON} AND NOT EXISTS (SELECT 1"
    " FROM logbook_grade g WHERE g.placement_id = p.id AND g.checkpoint_id = c.id))",
    "feedback.asked": FEEDBACK_WANTED,
    "feedback.still_asked": FEEDBACK_WANTED,
    "feedback.does_not_come": FEEDBACK_WANTED,
    "feedback.received": "SELECT 1 FROM supervisor_feedback WHERE id = :about AND state <> 'requested'",
    "assessment.not_handed_in": "SELECT 1 FROM submission WHERE id = :about AND state = 'not_submitted'",
    "assessment.portfolio_due": NOT_IN,
    "assessment.agreement_due": NOT_IN,
    "assessment.draft_waits": NOT_IN,
    "assessment.marking_due": TO_MARK,
    "scripts.marking_late": TO_MARK,
    "scripts.given": "SELECT 1 FROM mark WHERE component_id = :about",
    "double_marking.allotted": SECOND_TO_MARK,
    "double_marking.still_to_mark": SECOND_TO_MARK,
    "double_marking.late": SECOND_TO_MARK,
    "double_marking.both_in": "SELECT 1 FROM mark WHERE id = :about AND agreed IS NULL",
    "double_marking.proposed": "SELECT 1 FROM settlement WHERE mark_id = :about AND answered_at IS NULL",
    "double_marking.third_wanted": "SELECT 1 FROM mark WHERE id = :about AND agreed IS NULL",
    "double_marking.third_asked": "SELECT 1 FROM second_mark WHERE id = :about AND submitted_at IS NULL",
    "moderation.drawn": "SELECT 1 FROM moderation WHERE id = :about AND closed_at IS NULL",
    "moderation.still_to_moderate": "SELECT 1 FROM moderation WHERE id = :about AND closed_at IS NULL",
    "moderation.late": "SELECT 1 FROM moderation WHERE id = :about AND closed_at IS NULL",
    "board.mark_ready": "SELECT 1 FROM mark WHERE id = :about AND released_at IS NOT NULL AND withheld_at IS NULL",
    "board.correction_asked": "SELECT 1 FROM correction WHERE id = :about AND decided_at IS NULL",
    "board.marks_missing": "SELECT 1 FROM module_run WHERE id = :about AND board_on >= :today",
    "reassessment.opened": "SELECT 1 FROM enrolment e JOIN submission s ON s.enrolment_id = e.id WHERE e.id = :about"
    " AND s.attempt > 1",
    "examining.report_wanted": "SELECT 1 FROM role_on_run x WHERE x.run_id = :about AND x.person_id = :whom AND NOT EXISTS"
    " (SELECT 1 FROM examiner_report w WHERE w.run_id = :about AND w.by_id = :whom AND w.state <> 'drafted')",
    "challenges.submitted": "SELECT 1 FROM challenge WHERE id = :about AND state = 'submitted'",
    "challenges.review_late": "SELECT 1 FROM challenge WHERE id = :about AND state = 'submitted'",
    "challenges.changes_asked": "SELECT 1 FROM challenge WHERE id = :about AND state = 'changes_requested'",
    "challenges.approved": "SELECT 1 FROM challenge WHERE id = :about AND state IN ('approved', 'published')",
    "challenges.published": "SELECT 1 FROM challenge WHERE id = :about AND state = 'published'",
    "challenges.could_not_publish": "SELECT 1 FROM challenge WHERE id = :about AND state <> 'published'",
    "enquiries.waiting": "SELECT 1 FROM enquiry WHERE id = :about AND owner_id IS NULL",
    "enquiries.silent": "SELECT 1 FROM enquiry WHERE id = :about AND state NOT IN ('closed', 'accepted', 'routed')",
    "enquiries.unconfirmed": "SELECT 1 FROM enquiry WHERE id = :about AND confirmed_at IS NULL",
    "enquiries.unacknowledged": "SELECT 1 FROM referral WHERE id = :about AND acknowledged_at IS NULL",
    "enquiries.nobody_has_it": "SELECT 1 FROM referral WHERE id = :about AND acknowledged_at IS NULL",
    "vetting.approval_ending": f"{CHECK_ENDS} AND approved_until >= :today",
    "vetting.approval_run_out": f"{CHECK_ENDS} AND (approved_until IS NULL OR approved_until <= :today)",
    "vetting.place_ending": "SELECT 1 FROM site WHERE id = :about AND cleared_until >= :today",
    "vetting.place_run_out": "SELECT 1 FROM site WHERE id = :about AND (cleared_until IS NULL OR cleared_until <= :today)",
    "vetting.memorandum_ending": "SELECT 1 FROM memorandum WHERE id = :about AND expires_on >= :today",
    "clearance.papers_run_out": "SELECT 1 FROM placement p JOIN enrolment e ON e.id = p.enrolment_id"
    f" WHERE e.run_id = :about AND p.{GOES_ON}",
    "concerns.waits": "SELECT 1 FROM concern WHERE id = :about AND closed_at IS NULL",
    "concerns.nobody": "SELECT 1 FROM concern WHERE id = :about AND closed_at IS NULL",
    "impact.still_asked": "SELECT 1 FROM result WHERE id = :about AND verified_at IS NULL",
    "impact.asked": "SELECT 1 FROM result WHERE id = :about AND verified_at IS NULL",
    "closing.still_asked": "SELECT 1 FROM closing c WHERE c.id = :about AND NOT EXISTS (SELECT 1 FROM closing_answer a"
    " WHERE a.closing_id = c.id)",
    "watch.attendance": "SELECT 1 FROM enrolment WHERE is_visa_sponsored",
}
DONE_ON_PURPOSE = {
    "accounts.invitation",
    "accounts.sign_in_link",
    "accounts.new_password",
    "agreements.group_begun",
    "agreements.group_changed",
    "applications.submitted",
    "applications.withdrawn",
    "applications.disagreed",
    "assessment.receipt",
    "assessment.mark_corrected",
    "board.mark_corrected",
    "board.release_stopped",
    "board.correction_refused",
    "bulletins.bulletin",
    "bulletins.to_organisations",
    "challenges.commented",
    "challenges.declined",
    "challenges.supervisor_left",
    "clearance.move_answered",
    "clearing.alternative",
    "closing.thanks",
    "cohorts.enrolled",
    "cohorts.role_given",
    "cohorts.run_opened",
    "concerns.link",
    "concerns.news",
    "confirming.answers",  # of the day before, which is over on purpose
    "confirming.link",
    "confirming.somebody_else",
    "enquiries.accepted",
    "enquiries.closed",
    "enquiries.newsletter",
    "enquiries.passed_on",
    "enquiries.received",
    "enquiries.routed",
    "examining.answered",
    "examining.reported",
    "extensions.deadline_moved",
    "feedback.link",
    "groups.decided",
    "impact.answered",
    "impact.published",
    "mailing.stood_still",
    "moderation.closed",
    "offers.refusal_settled",
    "offers.refused",
    "partners.contact_added",
    "partners.declined",
    "partners.handed_over",
    "partners.paused",
    "partners.resumed",
    "proposals.approved",
    "proposals.more_asked",
    "proposals.refused",
    "reading.grade",
    "reading.nudge",
    "reassessment.news",
    "rounds.lock_undone",
    "tutoring.back",
    "tutoring.covered",
    "tutoring.shared",
    "vetting.answers_wait",
    "vetting.findings",
    "vetting.renewal_link",
}
TO_WHO_LEFT = {"placing.ended", "placing.called_off", "offers.withdrawn", "board.mark_ready", "reassessment.news"}
HAS_LEFT = (
    "SELECT 1 FROM enrolment e WHERE e.person_id = :whom AND e.state IN ('withdrawn', 'deferred')"
    " AND NOT EXISTS (SELECT 1 FROM enrolment o WHERE o.person_id = :whom AND o.state NOT IN ('withdrawn', 'deferred'))"
)


class Oracle:
    """Asked about each thing as it is said. `unknown`: the notices of which it has never heard."""

    def __init__(self) -> None:
        self.unknown: set[str] = set()

    def finished(self, told: Notification, now: datetime) -> str | None:
        """Why nobody should be told this any more, or None."""
        on = today(now)
        given = {"about": told.about_id, "whom": told.recipient_id, "now": now, "today": on, "lately": on - WEEK}
        if told.notice not in TO_WHO_LEFT and _finds(HAS_LEFT, given):
            return "they have left"
        rule = TRUE_WHILE.get(told.notice)
        if rule is None:
            if told.notice not in DONE_ON_PURPOSE:
                self.unknown.add(told.notice)
            return None
        return None if _finds(rule, given) else f"{told.about_id} is finished"


TYPES = {"about": Integer(), "whom": Integer(), "now": UTCDateTime(), "today": Date(), "lately": Date()}


def _finds(rule: str, given: dict[str, Any]) -> bool:
    statement = _statement(rule)
    wanted = {name: value for name, value in given.items() if f":{name}" in rule}
    return db.session.execute(statement, wanted).first() is not None


@cache
def _statement(rule: str) -> TextClause:
    named = [bindparam(name, type_=kind) for name, kind in TYPES.items() if f":{name}" in rule]
    return text(f"{rule} LIMIT 1").bindparams(*named)
