"""States of a message to many, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class BulletinState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    HELD = "held"
    SENT = "sent"
    STOPPED = "stopped"
    DISCARDED = "discarded"


B = BulletinState
GOES = (B.SCHEDULED, B.SENDING, B.SENT)  # its mails may leave; sent: those that are tried again

BULLETIN = Workflow(
    "message",
    BulletinState,
    [
        verb("write", [B.DRAFT]),
        verb("send", [B.DRAFT], B.SCHEDULED),  # now, or at a moment to come
        verb("take_back", [B.SCHEDULED, B.HELD], B.DRAFT),  # before anybody was written to
        verb("discard", [B.DRAFT], B.DISCARDED),
        verb("hold", [B.SCHEDULED, B.SENDING], B.HELD),
        verb("go_on", [B.HELD], B.SCHEDULED),  # at once where its moment has passed
        verb("stop", [B.SCHEDULED, B.SENDING, B.HELD], B.STOPPED),  # for good
        verb("begin", [B.SCHEDULED], B.SENDING),
        verb("finish", [B.SENDING], B.SENT),
    ],
)
