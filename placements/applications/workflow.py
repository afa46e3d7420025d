"""States of an application and of an organisation's answer about it, and the verbs between them.

Working on the draft moves nothing, so it is no verb.
"""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


class AnswerState(StrEnum):
    """What an organisation says of one applicant. NOT_SUITABLE waits for the module leader; silence means happy."""

    WAITING = "waiting"
    KEEN = "keen"
    HAPPY = "happy"
    NOT_SUITABLE = "not_suitable"
    AGREED = "agreed"
    DISAGREED = "disagreed"


A, S = ApplicationState, AnswerState

APPLICATION = Workflow(
    "application",
    ApplicationState,
    [
        verb("submit", [A.DRAFT, A.SUBMITTED, A.WITHDRAWN], A.SUBMITTED),
        verb("withdraw", [A.SUBMITTED], A.WITHDRAWN),
    ],
)

ANSWER = Workflow(
    "answer",
    AnswerState,
    [
        verb("say_keen", AnswerState, S.KEEN),
        verb("say_happy", AnswerState, S.HAPPY),
        verb("say_not_suitable", AnswerState, S.NOT_SUITABLE),
        verb("agree", [S.NOT_SUITABLE, S.DISAGREED], S.AGREED),
        verb("disagree", [S.NOT_SUITABLE, S.AGREED], S.DISAGREED),
        verb("ask_again", [S.AGREED], S.NOT_SUITABLE),
    ],
)
