"""A portfolio is marked twice, blind: 59 and 61 lie two apart with an edge between, so two people agree on one mark."""

from datetime import timedelta

import pytest

from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import ComponentKind, RunRole
from tests import factories as make
from tests.browser import PHONE
from tests.journeys.people import Person, Town, member

pytestmark = pytest.mark.browser

PORTFOLIO = "Final Project Portfolio"


def test_a_mark_is_second_marked(town: Town) -> None:
    with town.prepared():
        a_portfolio_that_waits()
    lena, tariq, bea = town.signs_in("Lena Marsh"), town.signs_in("Tariq Bell"), town.signs_in("Bea Nunn", PHONE)
    the_leader_allots_it(lena)
    she_marks_it_without_knowing_the_first(bea)
    he_marks_it_too(tariq)
    town.it_is("2026-10-20 10:01")
    he_proposes_a_mark(tariq)
    she_agrees(bea)
    it_can_be_released(lena)


def a_portfolio_that_waits() -> None:
    run = make.run(period="YEAR")
    make.run_role(RunRole.LEADER, member("Lena Marsh"), run)
    make.run_role(RunRole.TUTOR, member("Bea Nunn"), run)
    group = make.group(run, member("Tariq Bell"), occurrence="A")
    due_at = make.NOW - timedelta(days=1)
    portfolio = make.component(ComponentKind.PORTFOLIO, run, title=PORTFOLIO, due_at=due_at, is_double_marked=True)
    ama = make.enrolment(group, member("Ama Mensah", student_number="26001234"))
    make.agreement(make.placement(ama))
    make.submission(ama, portfolio, state=SubmissionState.RECEIVED, received_at=due_at, receipt="ABCD-2345")
    assert make.mark(ama, portfolio, None).state is MarkState.DRAFTED


def the_leader_allots_it(lena: Person) -> None:
    lena.chooses_from_menu("Marking")
    lena.follows("Marks of WL6W50 2026/27")
    lena.follows("Second marking")
    lena.sees("No second marker yet: 1")
    lena.follows("Allot second markers")
    lena.sees("1 script has no second marker.")
    lena.presses("Allot these")
    lena.sees("1 script allotted.", "Bea Nunn", "Being marked")


def gives(marker: Person, score: str) -> None:
    criteria = ("Understanding of the challenge", "Logbook and reflection", "Writing")
    marker.writes({f"Score for {criterion}": score for criterion in criteria})


def she_marks_it_without_knowing_the_first(bea: Person) -> None:
    bea.opens_mail(f"{PORTFOLIO}: 1 to mark as second marker", "Go to second marking")
    bea.follows("Ama Mensah")
    bea.sees("You mark without knowing the first mark")
    gives(bea, "61")
    bea.writes({"Reasons for the mark": "Well argued, a little thin on method."})
    bea.presses("Save draft")
    bea.sees("The draft is saved.", "These scores come to 61.")
    bea.presses("Submit the mark")
    bea.sees("Your mark is submitted.", "Yours is in")
    bea.does_not_see("Tariq Bell")


def he_marks_it_too(tariq: Person) -> None:
    tariq.chooses_from_menu("Marking")
    tariq.follows("Ama Mensah")
    gives(tariq, "59")
    tariq.writes({"Feedback on the whole": "You listened first."})
    tariq.presses("Submit the mark")
    tariq.sees("The mark is submitted.", "59, not released yet.")
    tariq.does_not_see("Bea Nunn", "61")


def he_proposes_a_mark(tariq: Person) -> None:
    tariq.opens_mail(f"Two marks to agree on: {PORTFOLIO}", "See both marks")
    tariq.sees("The two marks are 59 and 61.", "Well argued, a little thin on method.")
    tariq.follows("Propose a mark")
    tariq.writes({"Mark for both": "60", "Why this mark?": "Your reading of the method is fairer than mine."})
    tariq.presses("Propose this mark")
    tariq.sees("Tariq Bell proposes 60", "The other marker answers next.")


def she_agrees(bea: Person) -> None:
    bea.opens_mail(f"A mark is proposed to you: {PORTFOLIO}", "See what is proposed")
    bea.presses("Agree to 60")
    bea.sees("The mark of both is 60.", "Agreed by both markers.")


def it_can_be_released(lena: Person) -> None:
    lena.chooses_from_menu("Marking")
    lena.follows("Marks of WL6W50 2026/27")
    lena.follows("Release marks")
    lena.sees("60 Ama Mensah")
