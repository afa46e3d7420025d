"""States of a message, and what moves it between them."""

from placements.core.workflow import Workflow, verb
from placements.mail.models import MessageState as M

MESSAGE = Workflow(
    "message",
    M,
    [
        verb("send", [M.QUEUED], M.SENT),
        verb("drop", [M.QUEUED], M.DROPPED),  # nothing in it was true any more
        verb("give_up", [M.QUEUED], M.FAILED),  # after the last try, or as mail to that address comes back
        verb("come_back", [M.SENT], M.FAILED),
        verb("try_again", [M.FAILED], M.QUEUED),
    ],
)
