"""States of a submission and of a mark, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class SubmissionState(StrEnum):
    OPEN = "open"
    RECEIVED = "received"
    LATE = "late"
    NOT_SUBMITTED = "not_submitted"
    WITHDRAWN = "withdrawn"  # a second attempt that was opened by mistake


class MarkState(StrEnum):
    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    PROVISIONAL = "provisional"  # released to the student
    CONFIRMED = "confirmed"  # by the board


class Why(StrEnum):
    """Why a mark was kept as it then was."""

    HANDOVER = "handover"  # somebody else goes on with the draft
    SUBMITTED = "submitted"
    REOPENED = "reopened"
    RECOMPUTED = "recomputed"  # its deadline was moved
    MODERATED = "moderated"
    BY_RULE = "by_rule"  # nothing that counts was handed in
    AGREED = "agreed"  # of two markers: by rule, by both, or by a third
    CORRECTED = "corrected"  # after the board


U, M = SubmissionState, MarkState

SUBMISSION = Workflow(
    "submission",
    SubmissionState,
    [
        verb("receive", [U.OPEN, U.RECEIVED, U.LATE], U.RECEIVED),  # late only until the deadline is moved
        verb("receive_late", [U.OPEN, U.NOT_SUBMITTED, U.LATE], U.LATE),
        verb("find_missing", [U.OPEN], U.NOT_SUBMITTED),
        verb("reopen", [U.NOT_SUBMITTED], U.OPEN),  # the deadline was moved
        verb("withdraw", [U.OPEN], U.WITHDRAWN),
    ],
)

MARK = Workflow(
    "mark",
    MarkState,
    [
        verb("draft", [M.DRAFTED]),
        verb("submit", [M.DRAFTED], M.SUBMITTED),
        verb("reopen", [M.SUBMITTED], M.DRAFTED),
        verb("release", [M.SUBMITTED], M.PROVISIONAL),
        verb("retract", [M.PROVISIONAL], M.DRAFTED),  # a 0 by rule, after the deadline was moved
        verb("confirm", [M.PROVISIONAL], M.CONFIRMED),
        verb("withhold", [M.DRAFTED, M.SUBMITTED, M.PROVISIONAL]),
        verb("take_back", [M.PROVISIONAL], M.SUBMITTED),  # it was released, and is withheld now
        verb("put_off", [M.PROVISIONAL], M.SUBMITTED),  # its attempt is deferred after all
    ],
)
