"""After the board a mark changes only with a reason and by two people; the next export says what changed."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from placements.accounts.models import Account
from placements.assessment.models import Mark
from placements.board.actions import Met, confirm, export
from placements.board.correcting import agree, ask, refuse, withdraw
from placements.board.exporting import changes, difference, sent
from placements.board.models import BoardDecision, Correction, Stage
from placements.board.queries import provisional
from placements.board.releasing import fingerprint_of, release
from placements.board.withholding import withhold
from placements.cohorts.models import RunRole
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, mark_it, scene, seeded
from tests.assessment.scene import agree as agree_to
from tests.client import PageClient
from tests.factories import NOW

WHY = "A page of the portfolio was not read."


def confirmed(students: int = 1) -> tuple[Scene, list[Mark]]:
    """Everybody has passed, and the board has confirmed it; a second leader is on the run."""
    of = scene(students)
    for place in range(students):
        mark_it(of, agree_to(of, place), 60, 60, 60)
        mark_it(of, hand_in(of, place), 58, 58, 58)
    marks = list(db.session.scalars(select(Mark).order_by(Mark.id)))
    release(of.run, marks, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    found = provisional(of.run)
    met = Met(date(2026, 10, 20), "Professor Ada Bell")
    confirm(of.run, found, met, seen=fingerprint_of(found), actor=of.who(of.leader), now=NOW)
    db.session.flush()
    return of, [mark for mark in marks if mark.component_id == of.portfolio.id]


def second(of: Scene) -> Principal:
    """Another leader of the run."""
    other = make.person(given_name="Sam", family_name="Second")
    make.run_role(RunRole.LEADER, other, of.run)
    return Principal(other.id)


def told(session: Any, notice: str) -> list[int]:
    return list(session.scalars(select(Notification.recipient_id).where(Notification.notice == notice)))


def test_one_asks_another_agrees_and_then_the_mark_changes(session: Any) -> None:
    of, (mark,) = confirmed()
    other = second(of)
    asked = ask(mark, 62, WHY, actor=of.who(of.leader), now=NOW)
    assert (mark.mark, told(session, "board.correction_asked")) == (58, [other.person_id])
    with pytest.raises(Refused, match="somebody else has to agree"):
        agree(asked, actor=of.who(of.leader), now=NOW)
    assert mark.mark == 58
    agree(asked, actor=other, now=NOW)
    session.flush()
    assert (mark.mark, mark.corrected_at, asked.decided_by_id) == (62, NOW, other.person_id)
    assert told(session, "board.mark_corrected") == [of.enrolments[0].person_id]
    decided = session.scalars(select(BoardDecision.mark).where(BoardDecision.mark_id == mark.id)).one()
    assert decided == 58


def test_the_page_says_who_can_agree_and_they_find_it_on_their_home(database: Flask, client: PageClient) -> None:
    def build() -> tuple[Scene, Mark, Account]:
        of, (mark,) = confirmed()
        sam = make.account(make.person(given_name="Sam", family_name="Second"))
        make.run_role(RunRole.LEADER, sam.person, of.run)
        gone = make.account(make.person(given_name="Gina", family_name="Gone"), active=False)
        make.run_role(RunRole.LEADER, gone.person, of.run)
        return of, mark, sam

    of, mark, sam = seeded(database, build)
    client.sign_in_as(of.leader)
    page = client.page(f"/run-marks/{mark.public_id}/correct")
    assert "Sam Second can agree to it: it stands among what needs them." in page.text
    assert "Gina Gone" not in page.text
    asked = client.submit(page.form("Ask for this correction"), {"to_mark": "62", "reason": WHY})
    assert "Sam Second can agree to it" in asked.text
    assert "asks you to agree" not in client.page("/home").text
    client.sign_in_as(sam)
    home = client.page("/home")
    assert f"{of.run.title}: Lena Leader asks you to agree to a correction after the board" in home.text
    done = client.submit(client.page(home.link("Read and decide")).form("Agree: 58 becomes 62"), follow=True)
    assert "The mark is corrected" in done.text


def test_who_leads_alone_is_told_how_there_comes_to_be_a_second_person(database: Flask, client: PageClient) -> None:
    of, (mark,) = seeded(database, confirmed)
    client.sign_in_as(of.leader)
    page = client.page(f"/run-marks/{mark.public_id}/correct")
    assert "Nobody else leads this run, so there is nobody who could agree." in page.text
    asked = client.submit(page.form("Ask for this correction"), {"to_mark": "62", "reason": WHY})
    link = asked.link("Give a second person the role of module leader")
    assert client.page(link).url == f"/runs/{of.run.public_id}/people/add"


def test_the_database_itself_wants_two_people(session: Any) -> None:
    of, (mark,) = confirmed()
    make.correction(mark, of.leader.person)
    row = session.scalars(select(Correction)).one()
    row.state, row.decided_by_id = "agreed", of.leader.person_id
    with pytest.raises(IntegrityError, match="two_people"):
        session.flush()


def test_what_is_not_confirmed_is_the_same_already_or_asked_for_already_is_refused(session: Any) -> None:
    of, (mark,) = confirmed()
    with pytest.raises(Refused, match="is that already"):
        ask(mark, 58, WHY, actor=of.who(of.leader), now=NOW)
    ask(mark, 62, WHY, actor=of.who(of.leader), now=NOW)
    with pytest.raises(Refused, match="asked for already"):
        ask(mark, 64, WHY, actor=second(of), now=NOW)
    fresh = scene(1, numbers="2613")
    with pytest.raises(Refused, match="has not confirmed"):
        ask(mark_it(fresh, hand_in(fresh), 50, 50, 50), 62, WHY, actor=fresh.who(fresh.leader), now=NOW)


def test_refused_or_withdrawn_it_changes_nothing(session: Any) -> None:
    of, (mark,) = confirmed()
    other = second(of)
    refuse(ask(mark, 62, WHY, actor=of.who(of.leader), now=NOW), "All pages were read.", actor=other, now=NOW)
    withdraw(ask(mark, 64, WHY, actor=of.who(of.leader), now=NOW), actor=of.who(of.leader), now=NOW)
    assert (mark.mark, mark.corrected_at) == (58, None)
    assert told(session, "board.correction_refused") == [of.leader.person_id]
    assert told(session, "board.mark_corrected") == []


def test_the_next_export_says_what_changed_and_may_hold_that_alone(session: Any) -> None:
    of, marks = confirmed(2)
    first = export(of.run, Stage.CONFIRMED, actor=of.who(of.leader), now=NOW)
    session.flush()
    with pytest.raises(Refused, match="Nothing has changed"):
        export(of.run, Stage.CONFIRMED, only_changes=True, actor=of.who(of.leader), now=NOW)
    agree(ask(marks[1], 62, WHY, actor=of.who(of.leader), now=NOW), actor=second(of), now=NOW)
    session.flush()
    last, found = changes(of.run)[Stage.CONFIRMED]
    assert last is first
    assert [(was[0], was[5], was[7], is_now[7]) for was, is_now in found.changed] == [
        ("26120001", "Final Project Portfolio", 58, 62),
        ("26120001", "Module", 59, 62),
    ]
    assert (found.new, found.gone) == ([], [])
    made = export(of.run, Stage.CONFIRMED, only_changes=True, actor=of.who(of.leader), now=NOW)
    session.flush()
    assert [row[7] for row in sent(made)] == [62, 62]
    assert (len(made.rows), len(sent(first))) == (6, 6)
    assert not changes(of.run)[Stage.CONFIRMED][1]


def test_what_a_board_confirmed_is_not_to_be_taken_out_as_provisional(session: Any) -> None:
    of = scene(2)
    marks = [mark_it(of, hand_in(of, place), 58, 58, 58) for place in range(2)]
    leader = of.who(of.leader)
    release(of.run, marks, seen=fingerprint_of(marks), actor=leader, now=NOW)
    session.flush()
    export(of.run, Stage.PROVISIONAL, actor=leader, now=NOW)
    withhold(marks[1], "An inquiry.", actor=leader, now=NOW)
    met = Met(date(2026, 10, 20), "Professor Ada Bell")
    confirm(of.run, marks[:1], met, seen=fingerprint_of(marks[:1]), actor=leader, now=NOW)
    session.flush()
    _, found = changes(of.run)[Stage.PROVISIONAL]
    assert [(row[0], row[5]) for row in found.gone] == [("26120001", "Final Project Portfolio")]


def test_a_difference_is_of_what_is_new_changed_and_gone() -> None:
    where = ["1", "WL6W50", "2026/27", "YEAR", "A"]
    before = [[*where, "Module", 1, 50, "", "Provisional"], [*where, "Portfolio", 1, 40, "", "Provisional"]]
    after = [[*where, "Module", 1, 51, "", "Provisional"], [*where, "Portfolio", 2, 40, "", "Provisional"]]
    found = difference(before, after)
    assert (found.new, found.changed, found.gone) == ([after[1]], [(before[0], after[0])], [before[1]])
    assert found.rows == [after[1], after[0]]
    assert not difference(before, [list(row) for row in before])


def test_on_pages_two_leaders_correct_a_mark_and_its_student_reads_why(database: Flask, client: PageClient) -> None:
    def build() -> tuple[Scene, Mark, Any]:
        of, (mark,) = confirmed()
        other = make.account(make.person(given_name="Sam", family_name="Second"))
        make.run_role(RunRole.LEADER, other.person, of.run)
        return of, mark, other

    of, mark, other = seeded(database, build)
    client.sign_in_as(of.leader)
    form = client.page(client.page(f"/run-marks/{mark.public_id}").link("Correct this mark")).form(
        "Ask for this correction"
    )
    assert client.submit(form, to_mark="", reason="").errors == [
        "Enter the mark that it should be",
        "Write why the mark has to change",
    ]
    page = client.submit(form, to_mark="62", reason=WHY)
    assert "From 58 to 62, after the board of Tue 20 Oct 2026." in page.text
    assert "Another leader of WL6W50 2026/27 has to agree" in page.text
    client.sign_in_as(other)
    page = client.page(client.page(f"/runs/{of.run.public_id}/marks").link("Student1 Okoro, Final Project Portfolio"))
    page = client.submit(page.form("Agree: 58 becomes 62"))
    assert "The mark is corrected, and its student is written to." in page.text
    page = client.page(f"/runs/{of.run.public_id}/marks/confirm")
    assert "Tue 20 Oct 2026, chaired by Professor Ada Bell: 2 marks confirmed" in page.text
    client.sign_in_as(of.students[0])
    page = client.page("/marks")
    assert "62 of 100 Confirmed" in page.text
    assert "The mark was corrected after the board" in page.text
    page = client.page(page.link("See what was marked: Final Project Portfolio"))
    assert f"Corrected after the board: from 58 to 62. {WHY}" in page.text
