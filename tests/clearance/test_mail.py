"""The words that keepers, students and supervisors are sent: neither which check, nor what was found."""

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from placements.challenges.models import Dbs
from placements.clearance import actions, notices
from placements.core.seen import fingerprint
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.placing.rules import GateKind
from tests.clearance.scene import Cleared
from tests.factories import NOW
from tests.golden import check_golden, said


def mail(*told: str | None) -> str:
    words = "\n----\n".join(each or "nothing" for each in told)
    return re.sub(r"(?<=/placements/)[\w-]{12}", "ADDRESS", re.sub(r"(?<=/clearance/)\S+", "ADDRESS", words))


def test_a_check_waits_until_it_is_settled(session: Any) -> None:
    scene = Cleared()
    scene.challenge.dbs = Dbs.BASIC
    actions.ask_keepers(NOW)
    gate, keeper, late = scene.gate(GateKind.DBS), scene.safeguarding.person, NOW + timedelta(days=13)
    mails = [said(notices.WAITS, gate.id, keeper), said(notices.WAITS, gate.id, keeper, late)]
    check_golden("clearance/waits", mail(*mails))
    assert said(notices.WAITS, gate.id, scene.visa.person) is None
    check_golden("clearance/yours", mail(said(notices.YOURS, gate.id, scene.student.person)))
    for now in (NOW, late, late + timedelta(days=1)):
        remind(now)
    rows = session.scalars(select(Notification.due_at).where(Notification.notice == "clearance.waits")).all()
    assert [at.isoformat() for at in rows] == ["2026-10-20T08:00:00+00:00", "2026-11-02T09:00:00+00:00"]
    actions.record_dbs(gate, Dbs.BASIC, NOW.date(), actor=scene.as_("safeguarding"), now=NOW)
    assert said(notices.WAITS, gate.id, keeper) is None
    assert said(notices.YOURS, gate.id, scene.student.person) is None


def test_a_supervisor_hears_that_there_is_something_to_read(session: Any) -> None:
    scene = Cleared()
    actions.ask_adjustment(scene.placement, "Breaks.", actor=scene.as_("student"), now=NOW)
    gate = scene.gate(GateKind.ADJUSTMENT)
    actions.agree_adjustment(gate, "A break.", "A break.", actor=scene.as_("adviser"), now=NOW)
    actions.answer_adjustment(scene.placement, True, fingerprint("A break."), actor=scene.as_("student"), now=NOW)
    told = said(notices.SHARED, gate.id, scene.supervisor.person)
    assert told is not None
    assert "break" not in told
    check_golden("clearance/shared", mail(told))
    actions.answer_adjustment(scene.placement, False, fingerprint("A break."), actor=scene.as_("student"), now=NOW)
    assert said(notices.SHARED, gate.id, scene.supervisor.person) is None
