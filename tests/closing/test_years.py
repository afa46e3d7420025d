"""The end of an organisation's year: when it is, what is said, once, to one person; and what is never told."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from placements.closing import making, notices
from placements.closing.making import certificate_of, close_due
from placements.closing.models import Closing, ClosingAnswer
from placements.closing.rules import Again, say_thanks
from placements.db import db
from placements.impact.workflow import ResultState
from placements.logbook.workflow import EntryState
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.partners.models import ContactRole
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.closing.scene import LAST_DAY, OVER, Ended, closed, link_of_mail
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.impact.results import result


@pytest.fixture
def scene(session: Any) -> Ended:
    return Ended()


def thanked() -> list[int]:
    return list(db.session.scalars(select(Notification.recipient_id).where(Notification.notice == "closing.thanks")))


@pytest.mark.parametrize(
    ("students", "minutes", "said"),
    [
        (1, 2700, "for taking a student, who completed the placement with you in 2026/27."),
        (4, 10800, "for taking 4 students, who completed their placements with you in 2026/27."),
        (
            5,
            13530,
            "for taking 5 students, who completed their placements with you in 2026/27, together 225 hours of work.",
        ),
    ],
)
def test_hours_are_told_only_of_so_many_that_nobodys_own_follow(students: int, minutes: int, said: str) -> None:
    assert say_thanks(students, minutes, "2026/27") == said


@pytest.mark.parametrize(
    ("days", "closes"), [(6, 0), (7, 1), (60, 1), (61, 0)], ids=["too early", "a week", "still", "long ago"]
)
def test_a_year_is_closed_from_a_week_after_the_last_day(scene: Ended, days: int, closes: int) -> None:
    db.session.commit()
    now = NOW + ((LAST_DAY - NOW.date()).days + days) * DAY
    assert close_due(now) == closes


@pytest.mark.parametrize(
    ("state", "closes"),
    [
        (PlacementState.PREPARING, 0),
        (PlacementState.CLEARED, 0),
        (PlacementState.ACTIVE, 0),
        (PlacementState.PAUSED, 0),
        (PlacementState.COMPLETED, 1),
        (PlacementState.ENDED_EARLY, 1),
        (PlacementState.TRANSFERRED, 1),
        (PlacementState.NOT_STARTED, 1),
    ],
)
def test_it_waits_for_everybody_who_is_still_there(scene: Ended, state: PlacementState, closes: int) -> None:
    scene.another(state=state)
    db.session.commit()
    assert close_due(NOW) == closes


def test_where_nobody_completed_nobody_is_thanked(session: Any) -> None:
    Ended(state=PlacementState.ENDED_EARLY)
    session.commit()
    assert close_due(NOW) == 0


def test_one_mail_for_all_students_and_challenges_and_only_once(scene: Ended) -> None:
    scene.another()
    second = make.challenge(scene.organisation, supervisor=scene.supervisor.person, title="Ring the volunteers")
    make.placement(make.enrolment(scene.group), second, **OVER)
    closing = closed(scene, NOW)
    assert (closing.students, closing.academic_year, closing.asked_id) == (3, "2026/27", scene.contact.person_id)
    assert thanked() == [scene.contact.person_id]
    db.session.commit()
    assert close_due(NOW + DAY) == 0
    assert len(thanked()) == 1


def test_another_year_and_another_organisation_are_other_ends(scene: Ended) -> None:
    elsewhere = make.challenge(make.organisation())
    before = make.challenge(scene.organisation, academic_year="2025/26")
    for challenge in (elsewhere, before):
        make.placement(make.enrolment(), challenge, **OVER)
    db.session.commit()
    assert close_due(NOW) == 3
    assert db.session.scalar(select(func.count(Closing.id))) == 3


def test_who_supervised_is_written_to_where_there_is_no_main_contact(scene: Ended) -> None:
    for contact in scene.organisation.contacts:
        if contact.role is ContactRole.PRIMARY:
            contact.left_on = date(2026, 10, 1)
    assert closed(scene, NOW).asked_id == scene.supervisor.person_id


def test_where_nobody_is_left_the_certificate_is_kept(scene: Ended) -> None:
    for contact in scene.organisation.contacts:
        contact.left_on = date(2026, 10, 1)
    assert closed(scene, NOW).asked_id is None
    assert thanked() == []


def test_one_that_cannot_be_made_keeps_back_no_other(
    scene: Ended, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make.placement(make.enrolment(), make.challenge(make.organisation()), **OVER)
    db.session.commit()
    real = making.certificate_of

    def broken(organisation_id: int, *said: Any) -> Any:
        if organisation_id == scene.organisation.id:
            raise ValueError
        return real(organisation_id, *said)

    monkeypatch.setattr(making, "certificate_of", broken)
    assert close_due(NOW) == 1
    assert "could not be made" in caplog.text


@pytest.mark.parametrize("state", list(ResultState))
def test_a_certificate_says_what_the_organisation_found_true_and_names_no_student(
    scene: Ended, state: ResultState
) -> None:
    result(scene.challenge, scene.engagement.person, state=state, headline="One list")
    words = certificate_of(scene.organisation.id, "2026/27", NOW)
    assert words["challenges"] == ["Count the stock"]
    assert words["results"] == (["One list"] if state in (ResultState.VERIFIED, ResultState.PUBLISHED) else [])
    assert "Okoro" not in str(words)
    assert words["signed"] == "London Met Lab, London Metropolitan University, Tue 20 Oct 2026"


def test_hours_of_five_students_are_summed(scene: Ended) -> None:
    for _ in range(4):
        other = scene.another()
        make.entry(other, state=EntryState.VERIFIED)
        make.entry(other)
    words = certificate_of(scene.organisation.id, "2026/27", NOW)
    assert words["thanks"].endswith("together 17 hours of work.")


def test_whoever_does_not_answer_is_asked_once_more_after_a_fortnight(scene: Ended) -> None:
    closing = closed(scene, NOW)
    contact = scene.contact.person

    def asked_again(now: Any) -> list[tuple[int, Any]]:
        remind(now)
        rows = select(Notification.recipient_id, Notification.due_at)
        found = db.session.execute(rows.where(Notification.notice == "closing.still_asked"))
        return [(person, due_at) for person, due_at in found]

    assert asked_again(NOW + 14 * DAY - timedelta(seconds=1)) == []
    assert asked_again(NOW + 14 * DAY) == [(contact.id, NOW + 14 * DAY)]
    assert asked_again(NOW + 21 * DAY) == [(contact.id, NOW + 14 * DAY)]
    mail = said(notices.STILL_ASKED, closing.id, contact, NOW + 14 * DAY) or ""
    check_golden("closing/still_asked", mail.replace(mail.partition("/thank-you/")[2].split()[0], "TOKEN"))
    closing.answers.append(ClosingAnswer(challenge=scene.challenge, answer=Again.YES, by=scene.contact.person, at=NOW))
    db.session.flush()
    assert said(notices.STILL_ASKED, closing.id, contact, NOW + 14 * DAY) is None


def test_whoever_has_answered_is_not_asked_again(scene: Ended) -> None:
    closing = closed(scene, NOW)
    closing.answers.append(ClosingAnswer(challenge=scene.challenge, answer=Again.YES, by=scene.contact.person, at=NOW))
    db.session.flush()
    remind(NOW + 14 * DAY)
    assert db.session.scalars(select(Notification).where(Notification.notice == "closing.still_asked")).all() == []


def test_the_mail(scene: Ended) -> None:
    scene.another()
    asked = {"state": ResultState.ASKED, "asked": scene.contact.person}
    result(scene.challenge, scene.engagement.person, **asked)
    closing = closed(scene, NOW)
    mail = said(notices.THANKS, closing.id, scene.contact.person) or ""
    token = mail.partition("/thank-you/")[2].split()[0]
    check_golden("closing/thanks", mail.replace(token, "TOKEN"))
    assert said(notices.THANKS, closing.id, scene.supervisor.person) is None
    assert said(notices.THANKS, closing.id, scene.contact.person, link_of_mail(closing).expires_at) is None
