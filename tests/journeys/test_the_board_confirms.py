"""The board reads its report and confirms; a mark is corrected after it by two people, and Evision hears of that alone."""

from datetime import date

import pytest

from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import ComponentKind, RunRole
from tests import factories as make
from tests.journeys.people import Person, Town, member

pytestmark = pytest.mark.browser

MARKED = "Marks of WL6W50 2026/27"
WHY = "The last two pages of the portfolio were not read."


def test_the_board_confirms(town: Town) -> None:
    with town.prepared():
        marks_that_are_out()
    town.it_is("2027-06-23 17:00")
    lena = town.signs_in("Lena Marsh")
    one_mark_is_kept_back(lena)
    the_report_is_read(lena)
    the_board_is_recorded(lena)
    everything_is_exported(lena)
    town.it_is("2027-06-30 10:00")
    a_correction_is_asked_for(lena)
    lena.does_not_see("Agree: 39 becomes 42")
    a_second_leader_agrees(town.signs_in("Sam Second"))
    evision_hears_of_the_change_alone(lena)
    she_reads_why(town.signs_in("Ama Mensah"))


def marks_that_are_out() -> None:
    """Three students whose two marks are released; one of the three is under a question."""
    run = make.run(period="YEAR", board_on=date(2027, 6, 23))
    make.run_role(RunRole.LEADER, member("Lena Marsh"), run)
    make.run_role(RunRole.LEADER, member("Sam Second"), run)
    group = make.group(run, member("Tariq Bell"), occurrence="A")
    agreement = make.component(ComponentKind.AGREEMENT, run, title="Challenge Agreement", weight=25, due_at=None)
    portfolio = make.component(ComponentKind.PORTFOLIO, run, title="Final Project Portfolio", weight=75)
    for number, (name, first, second) in enumerate([("Ama Mensah", 44, 39), ("Ben Okoro", 62, 71), ("Cam Li", 58, 66)]):
        student = make.enrolment(group, member(name, student_number=f"2600123{number}"))
        make.placement(student)
        for component, mark in ((agreement, first), (portfolio, second)):
            make.submission(student, component, state=SubmissionState.RECEIVED, received_at=make.NOW)
            said = {"state": MarkState.PROVISIONAL, "mark": mark, "released_at": make.NOW, "feedback": "Good work."}
            make.mark(student, component, group.tutor, **said)


def one_mark_is_kept_back(lena: Person) -> None:
    lena.chooses_from_menu("Marking")
    lena.follows(MARKED)
    lena.follows("Look at Final Project Portfolio of Cam Li")
    lena.follows("Withhold this mark")
    lena.sees("Tutors, moderators, the external examiner and the board see it as a mark that is not released yet.")
    lena.writes({"Why it is withheld": "Two portfolios share four pages."})
    lena.presses("Withhold this mark")
    lena.sees("The mark is withheld. Nobody is written to.", "Two portfolios share four pages.")
    lena.follows(MARKED)
    lena.sees("1 mark is withheld.")


def the_report_is_read(lena: Person) -> None:
    lena.follows("Board report")
    lena.is_at("Board report WL6W50 2026/27")
    lena.sees("26001230", "Pass", "Not known yet", "Not released yet", "Standard deviation")
    lena.does_not_see("Ama Mensah", "Cam Li", "Two portfolios")
    assert lena.downloads("Download as PDF").read_bytes().startswith(b"%PDF")
    assert lena.downloads("Download as a workbook (XLSX)").name == "board-report-wl6w50-2026-27.xlsx"


def the_board_is_recorded(lena: Person) -> None:
    lena.follows(MARKED)
    lena.follows("Record the board")
    lena.writes({"Who chaired it": "Professor Ada Bell", "Note": "Minute 4."})
    lena.presses("Confirm 5 marks")
    lena.sees("Confirmed: 5. They can be exported now.")


def everything_is_exported(lena: Person) -> None:
    lena.ticks("Confirmed by the board")
    lena.presses("Make the file")
    lena.sees("The export is ready: 7 rows.", "Nothing differs.")


def a_correction_is_asked_for(lena: Person) -> None:
    lena.follows(MARKED)
    lena.sees("The board of Wed 23 Jun 2027, chaired by Professor Ada Bell, confirmed 5 marks.")
    lena.follows("Look at Final Project Portfolio of Ama Mensah")
    lena.follows("Correct this mark")
    lena.writes({"The mark should be": "42", "Why": WHY})
    lena.presses("Ask for this correction")
    lena.sees("From 39 to 42", "Waits for a second person")


def a_second_leader_agrees(sam: Person) -> None:
    sam.opens_mail("Please decide: a correction after the board, WL6W50 2026/27", "Read it and decide")
    sam.sees("From 39 to 42", WHY)
    sam.presses("Agree: 39 becomes 42")
    sam.sees("The mark is corrected, and its student is written to.")


def evision_hears_of_the_change_alone(lena: Person) -> None:
    lena.chooses_from_menu("Marking")
    lena.follows(MARKED)
    lena.follows("Export for Evision")
    lena.sees("Changed: 2")
    lena.ticks("Confirmed by the board", "Only what is new or changed since the last export")
    lena.presses("Make the file")
    lena.sees("The export is ready: 2 rows.")
    sheet = lena.downloads("Download the confirmed marks of Wed 30 Jun 2027, 10am")
    assert sheet.read_text(encoding="utf-8-sig").splitlines()[1:] == [
        "26001230,WL6W50,2026/27,YEAR,A,Final Project Portfolio,1,42,,Confirmed",
        "26001230,WL6W50,2026/27,YEAR,A,Module,1,43,,Confirmed",
    ]


def she_reads_why(ama: Person) -> None:
    mail = ama.opens_mail("Your mark was corrected: Final Project Portfolio", "See my marks")
    assert WHY not in mail
    ama.sees("42 of 100 Confirmed", "Your module mark is 43, confirmed by the board. That is a pass.")
    ama.sees("The mark was corrected after the board")
