"""The words that proposals send, whom, and when somebody is reminded."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.mail.notices import Notice
from placements.proposals import notices
from placements.proposals.workflow import ProposalState
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.proposals.scene import Scene

FIRST_TRUE_IN = {
    notices.WAITING: ProposalState.PROPOSED,
    notices.TO_DECIDE: ProposalState.ORGANISATION_CHECKED,
    notices.LATE: ProposalState.PROPOSED,
    notices.LAST_CALL: ProposalState.MORE_ASKED,
    notices.MORE_ASKED: ProposalState.MORE_ASKED,
    notices.APPROVED: ProposalState.APPROVED,
    notices.REFUSED: ProposalState.REFUSED,
}
TO_STUDENT = {notices.MORE_ASKED, notices.APPROVED, notices.REFUSED}


@pytest.fixture
def scene(session: Any) -> Scene:
    made = Scene()
    made.run.period = "YEAR"
    return made


@pytest.mark.parametrize("notice", FIRST_TRUE_IN, ids=lambda notice: notice.name)
def test_what_each_mail_says(scene: Scene, notice: Notice) -> None:
    proposal = scene.proposal(public_id="own-place-01", state=FIRST_TRUE_IN[notice])
    to = scene.student if notice in TO_STUDENT else scene.leader
    text = said(notice, proposal.id, to.person)
    assert text is not None
    assert notice in TO_STUDENT or "Ada" not in text
    check_golden(notice.name.replace(".", "/"), text)


def test_what_is_late_may_wait_for_the_leader(scene: Scene) -> None:
    proposal = scene.checked(public_id="own-place-01")
    check_golden("proposals/late_to_decide", said(notices.LATE, proposal.id, scene.leader.person) or "")


def test_a_refusal_after_choices_closed_sends_to_the_tutor(scene: Scene) -> None:
    proposal = scene.proposal(public_id="own-place-01", state=ProposalState.REFUSED)
    closed = scene.run.ranking_closes_at
    check_golden("proposals/refused_late", said(notices.REFUSED, proposal.id, scene.student.person, closed) or "")


@pytest.mark.parametrize("notice", FIRST_TRUE_IN, ids=lambda notice: notice.name)
def test_nothing_is_said_once_it_is_withdrawn(scene: Scene, notice: Notice) -> None:
    proposal = scene.proposal(state=ProposalState.WITHDRAWN)
    assert said(notice, proposal.id, scene.leader.person) is None


def reminded(notice: Notice, now: datetime) -> set[int]:
    remind(now)
    return set(db.session.scalars(select(Notification.recipient_id).where(Notification.notice == notice.name)))


def the_officer(scene: Scene) -> Account:
    return scene.officer


def the_leader(scene: Scene) -> Account:
    return scene.leader


@pytest.mark.parametrize(
    ("state", "who"),
    [(ProposalState.PROPOSED, the_officer), (ProposalState.ORGANISATION_CHECKED, the_leader)],
)
def test_who_has_not_seen_to_it_in_time_is_reminded_once(
    scene: Scene, state: ProposalState, who: Callable[[Scene], Account]
) -> None:
    sided = make.account(make.person(), GlobalRole.ENGAGEMENT)
    make.interest(scene.garden, sided.person)
    proposal = scene.proposal(state=state, organisation=scene.garden, due_at=NOW)
    assert reminded(notices.LATE, NOW - DAY) == set()
    assert reminded(notices.LATE, NOW) == {who(scene).person_id}
    reminded(notices.LATE, NOW + DAY)
    rows = db.session.scalars(select(Notification).where(Notification.notice == "proposals.late")).all()
    assert [(row.about_id, row.due_at) for row in rows] == [(proposal.id, NOW)]


@pytest.mark.parametrize(
    ("state", "hears"),
    [
        (ProposalState.PROPOSED, True),
        (ProposalState.MORE_ASKED, True),
        (ProposalState.ORGANISATION_CHECKED, True),
        (ProposalState.REFUSED, False),
        (ProposalState.WITHDRAWN, False),
    ],
)
def test_the_leader_hears_what_is_not_decided_when_choices_are_about_to_close(
    scene: Scene, state: ProposalState, hears: bool
) -> None:
    scene.proposal(state=state)
    last_call = NOW.replace(month=11, day=11, hour=15)  # three working days before Mon 16 Nov, 3pm
    assert reminded(notices.LAST_CALL, last_call - DAY) == set()
    assert reminded(notices.LAST_CALL, last_call) == ({scene.leader.person_id} if hears else set())


@pytest.mark.parametrize(
    ("steps", "day", "told"),
    [
        ((-5, -1), 8, []),
        ((-5, -1), 9, [9]),
        ((-5, -1), 12, [9]),
        ((-5, -1), 13, [13]),
        ((0, 3), 16, []),
        ((-30,), 11, []),
    ],
)
def test_a_run_may_make_the_last_call_on_working_days_of_its_own(
    scene: Scene, steps: tuple[int, ...], day: int, told: list[int]
) -> None:
    scene.proposal()
    [timed] = [each for each in notices.REMINDERS if each.notice is notices.LAST_CALL]
    db.session.flush()
    rows = db.session.execute(timed.due(NOW.replace(month=11, day=day, hour=15), steps)).all()
    assert [at for _, _, at, _, _ in rows] == [NOW.replace(month=11, day=each, hour=15) for each in told]


def test_a_last_call_does_not_come_when_choices_have_closed(scene: Scene) -> None:
    scene.proposal()
    assert reminded(notices.LAST_CALL, scene.run.ranking_closes_at) == set()
