"""One plain function a thing: a believable row with whatever the test did not say. Each adds to the session and flushes.

Everything happens around NOW, a Tuesday in term. Names are numbered, so that two of a kind are never equal.
"""

from tests.factories.allocation import allocation_round, application, attempt, clearing, lock, match, offer
from tests.factories.assessment import bank_comment, draft_file, hand_in, mark, submission, submission_file, work_draft
from tests.factories.attendance import contact_point, host_closure, planned_day
from tests.factories.base import DAY, NOW, YEAR, in_days
from tests.factories.board import board_meeting, correction, mark_export, staged_release, withholding
from tests.factories.challenges import brief_risk, challenge
from tests.factories.concerns import concern, concern_note
from tests.factories.enquiries import enquiry, enquiry_note, referral, route, subscription
from tests.factories.partners import (
    check,
    contact,
    evidence,
    five_checks,
    interest,
    memorandum,
    organisation,
    partner_import,
    site,
    site_risk,
)
from tests.factories.people import account, person
from tests.factories.placing import agreement, entry, entry_draft, entry_evidence, pause, placement
from tests.factories.reading import phrase
from tests.factories.runs import checkpoint, component, enrolment, group, roster_import, run, run_role

__all__ = [
    "DAY",
    "NOW",
    "YEAR",
    "account",
    "agreement",
    "allocation_round",
    "application",
    "attempt",
    "bank_comment",
    "board_meeting",
    "brief_risk",
    "challenge",
    "check",
    "checkpoint",
    "clearing",
    "component",
    "concern",
    "concern_note",
    "contact",
    "contact_point",
    "correction",
    "draft_file",
    "enquiry",
    "enquiry_note",
    "enrolment",
    "entry",
    "entry_draft",
    "entry_evidence",
    "evidence",
    "five_checks",
    "group",
    "hand_in",
    "host_closure",
    "in_days",
    "interest",
    "lock",
    "mark",
    "mark_export",
    "match",
    "memorandum",
    "offer",
    "organisation",
    "partner_import",
    "pause",
    "person",
    "phrase",
    "placement",
    "planned_day",
    "referral",
    "roster_import",
    "route",
    "run",
    "run_role",
    "site",
    "site_risk",
    "staged_release",
    "submission",
    "submission_file",
    "subscription",
    "withholding",
    "work_draft",
]
