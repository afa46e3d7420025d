"""What happens because its moment has come, and what falls due to be said: by the worker, or rehearsed ahead."""

from collections.abc import Callable
from datetime import datetime

from placements.assessment.collecting import collect
from placements.attendance.planning import plan_due
from placements.board.releasing import release_due
from placements.bulletins.sending import send_due
from placements.cases.actions import delete_due
from placements.challenges.reviewing import publish_due
from placements.clearance.actions import ask_keepers
from placements.closing.actions import draft_due
from placements.closing.making import close_due
from placements.concerns.actions import chase
from placements.confirming.actions import ask_supervisors
from placements.confirming.completing import complete_due
from placements.confirming.finishing import finish_due
from placements.db import begin_to_write, db
from placements.double_marking.actions import compare_due
from placements.enquiries.receiving import lapse_unconfirmed
from placements.feedback.actions import ask_due
from placements.mail.actions import remind
from placements.offers.actions import lapse_due
from placements.placing.actions import start_due
from placements.placing.endings import resume_due
from placements.placing.stopping import stop_and_go
from placements.vetting.renewing import make_links
from placements.watch.actions import look_out

DUE: tuple[Callable[[datetime], object], ...] = (
    publish_due,
    lapse_due,
    ask_keepers,
    start_due,
    resume_due,
    stop_and_go,
    plan_due,
    complete_due,
    finish_due,
    collect,
    compare_due,
    release_due,
    lapse_unconfirmed,
    chase,
    draft_due,
    delete_due,
)


def let_time_pass(now: datetime) -> None:
    """Briefs are published, offers lapse, placements go on: each kind in a transaction of its own, as at `now`."""
    for due in DUE:
        begin_to_write()
        due(now)
        db.session.commit()


def remind_people(now: datetime) -> None:
    """Queue the supervisors' weekly mail, and the reminders that are due at `now`: not of what was just asked anew."""
    begin_to_write()
    ask_supervisors(now=now)
    ask_due(now=now)
    make_links(now=now)
    remind(now)
    db.session.commit()


def do_all(now: datetime) -> None:
    """Everything of a worker's work that mail comes of, once, as at `now`: what days to come are rehearsed by."""
    let_time_pass(now)
    look_out(now)
    close_due(now)
    send_due(now)
    remind_people(now)
