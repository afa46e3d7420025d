"""A tutor talks to a supervisor who does not answer, and says what came of it."""

from collections.abc import Collection
from datetime import datetime

from placements.confirming import notices
from placements.confirming.models import SupervisorCall
from placements.confirming.rules import CONFIRM_WEEK, LINK_LASTS, Spoken
from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record
from placements.links.actions import add_link
from placements.logbook.actions import PARTIES
from placements.mail.actions import tell
from placements.people.models import Person
from placements.placing.models import Placement

CAME_OF_IT = {
    Spoken.WILL_ANSWER: "they are asked again on Monday",
    Spoken.NEW_LINK: "they were mailed a new link",
    Spoken.SOMEBODY_ELSE: "somebody else is to answer",
}


def spoke(
    supervisor: Person, placements: Collection[Placement], outcome: Spoken, *, actor: Principal, now: datetime
) -> None:
    """Write down what came of it: they are asked again on Monday, or mailed a new link now, or somebody else answers.

    `placements` are those whose visits wait for them. Said twice it is written down twice, and changes nothing more.
    """
    call = SupervisorCall(supervisor_id=supervisor.id, by_id=actor.person_id, at=now, outcome=outcome)
    db.session.add(call)
    db.session.flush()
    if outcome is Spoken.NEW_LINK:
        link = add_link(CONFIRM_WEEK, now.toordinal(), supervisor.id, now=now, lasts=LINK_LASTS)
        tell(notices.LINK, link.id, [supervisor.id], now)
    for placement in placements:
        student = placement.enrolment.person_id
        said = "spoke to the supervisor about hours that wait"
        came = CAME_OF_IT[outcome]
        record(said, placement, actor=actor, now=now, person_id=student, ability=PARTIES, reason=came)
