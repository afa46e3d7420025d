"""Whose a case is, and who may read what of it: the words of the world of tests/site, of which each is one thing."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from placements.accounts.queries import principal_of
from placements.agreements.models import GroupPart
from placements.cases.packing import packed
from placements.cases.rules import LEADERS_READ
from placements.cases.telling import told, words_of
from placements.core.clock import today
from placements.core.policy import NOBODY, Answer, Principal
from placements.db import db
from placements.double_marking.models import SecondMark
from placements.double_marking.workflow import Role
from placements.history.actions import record
from placements.mail.models import Message, MessageState, Notification
from placements.web.site import site
from tests import factories as make
from tests.cases.factories import case_export
from tests.cases.scene import Year, year
from tests.cases.test_packing import section, words
from tests.factories import NOW
from tests.site.world import World, build

NEVER = (  # of the student's own
    *("~access-need~", "~caring-hours~", "~visa-address~", "~dbs-duties~", "~own-risk~", "~own-risk-actions~"),
    *("~adjustment-asked~", "~adjustment-agreed~", "~adjustment-shared~", "~restricted~", "~about-the-host~"),
    *("~feedback-draft~", "~typed~", "~cannot-come~", "~board-note~", "~warning-action~", "~record~"),
    *("~draft-statement~", "~draft-addition~", "~application~", "~match~"),
)
TOLD = (
    *("~name~", "~number~", "~placement-reason~", "~agreement-draft~", "~activity~", "~supervisor-feedback~"),
    *("~feedback-comment~", "~concern~", "~concern-note~", "~mitigation~", "~waiver-reason~", "~task-brief~"),
    *("~task-reason~", "~extension-reference~", "~extension-reason~"),
)
OTHERS = ("~other-name~", "~other-number~", "~other-agreement~", "~other-statement~", "~sponsored~", "~other-mail~")


@pytest.fixture
def world(session: Any) -> World:
    return build()


def leader_of(world: World, app: Flask) -> Principal:
    """The leader of the run, with every role."""
    return principal_of(world.accounts["leader"], app.extensions["placements.roles_of"], today(NOW))


def everything(world: World, app: Flask, thing: str) -> str:
    """All that the case of that enrolment says, and every file that is made for it."""
    export, who = case_export(world.things[thing], world.person("leader")), leader_of(world, app)
    case = told(export, who, NOW)
    made = b"\n".join(each.made for each in packed(case))
    return f"{words_of(case, export, NOW)} {made.decode()}"


def test_it_holds_what_its_leader_reads_and_nothing_beyond(world: World, app: Flask) -> None:
    said = everything(world, app, "enrolment")
    assert [each for each in TOLD if each not in said] == []
    assert [each for each in (*NEVER, *OTHERS) if each in said] == []


def test_why_a_mark_is_withheld_stands_in_the_case_of_its_student_alone(world: World, app: Flask) -> None:
    assert "~withheld-because~" in everything(world, app, "seeking")
    assert "~withheld-because~" not in everything(world, app, "enrolment")


def test_what_reads_the_history_is_an_ability_that_leaders_have(case: Year, app: Flask) -> None:
    of = case.of
    of.portfolio.is_double_marked, case.mark.fixed_at = True, NOW  # else there is nothing to be read of two marks
    things = {
        "enrolment": case.enrolment,
        "placement": of.placements[0],
        "submission": case.submission,
        "mark": case.mark,
        "run": of.run,
        "offer": of.placements[0].offer,
    }
    about = {
        "assessment.read_mark": "mark",
        "attendance.plan": "placement",
        "board.correction": "submission",
        "board.mark": "mark",
        "cases.student": "enrolment",
        "cohorts.students": "run",
        "double_marking.read_history": "mark",
        "double_marking.read_outcome": "mark",
        "examining.run": "run",
        "offers.read_reasons": "offer",
        "placing.people": "placement",
        "placing.read_reasons": "placement",
        "reading.read_final": "placement",
        "reassessment.read_claim": "enrolment",
        "reassessment.student": "enrolment",
        "scripts.give": "mark",
    }
    assert {*about, "concerns.concern"} == {*LEADERS_READ}
    leader = of.who(of.leader)
    abilities = site().abilities
    refused = [
        name for name, thing in about.items() if abilities[name].ask(leader, things[thing], NOW) is Answer.NOT_YOU
    ]
    assert refused == []  # by role; some wait for a state


@pytest.fixture
def case(session: Any) -> Year:
    return year()


def test_history_that_leaders_do_not_read_is_not_told(case: Year) -> None:
    placement = case.of.placements[0]
    record("cleared, as all could tell", placement, actor=NOBODY, now=NOW)
    record("cleared, as few may know", placement, actor=NOBODY, now=NOW, ability="placing.read_clearance")
    said = section(words(case), "History")
    assert "cleared, as all could tell" in said
    assert "cleared, as few may know" not in said


def test_a_second_mark_is_told_once_both_are_in(case: Year) -> None:
    second = SecondMark(mark=case.mark, role=Role.SECOND, marker=make.person(), given=41, allotted_at=NOW)
    second.feedback = "~second-words~"
    db.session.add(second)
    db.session.flush()
    export, who = case_export(case.enrolment, case.of.leader.person), case.of.who(case.of.leader)

    def said() -> str:
        told_now = told(export, who, NOW)
        return f"{words_of(told_now, export, NOW)} {[each.made for each in packed(told_now)]}"

    assert "second marker" in said()
    assert "~second-words~" not in said()
    case.mark.fixed_at = NOW
    db.session.flush()
    assert said().count("~second-words~") == 2  # in the document, and in the sheet


def mail(case: Year, notice: str, about: Any, to: Any, subject: str, *also: int) -> None:
    """One that was sent; `also`: what else it said, about other things."""
    message = Message(recipient_id=to.id, subject=subject, state=MessageState.SENT, created_at=NOW, next_try_at=NOW)
    message.sent_at = NOW
    db.session.add(message)
    db.session.flush()
    for key in (about.id, *also):
        row = Notification(notice=notice, about_id=key, recipient_id=to.id, due_at=NOW - timedelta(hours=1))
        row.message_id = message.id
        db.session.add(row)
    db.session.flush()


def test_mails_are_told_by_role_and_without_what_others_have_in_them(case: Year) -> None:
    placement = case.of.placements[0]
    other = make.enrolment(case.of.group, make.person())
    mail(case, "placing.paused", placement, placement.supervisor, "The placement is paused")
    mail(case, "placing.paused", placement, case.of.tutor.person, "Two students’ placements", 99_999)
    mail(case, "placing.paused", placement, other.person, "To another student")
    mail(case, "concerns.news", placement, case.enrolment.person, "About a concern")
    said = next(each for each in words(case)["sections"] if each["title"] == "Mails")["parts"][0]["rows"]
    assert sorted(row[1:] for row in said) == [
        ["Student", "Not sent yet", "Waiting to be sent"],
        ["Supervisor", "The placement is paused", "Sent"],
        ["Tutor", "One of several things in a mail", "Sent"],
    ]


def test_of_a_groups_agreement_the_own_part_alone_is_told(case: Year) -> None:
    db.session.add(GroupPart(placement=case.of.placements[0], joined_at=NOW))
    db.session.flush()
    said = section(words(case), "Challenge Agreements")
    assert "Yes: this is the student’s own part, and the others’ are not told" in said
