"""A portfolio goes in two days before its deadline; six weeks later its mark is confirmed and on its way to Evision."""

from datetime import date
from pathlib import Path

import pytest

from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import ComponentKind, RunRole
from tests import factories as make
from tests.browser import PHONE
from tests.files.samples import PDF
from tests.journeys.people import Person, Town, member

pytestmark = pytest.mark.browser

PORTFOLIO = "Final Project Portfolio"
MARKED = "Marks of WL6W50 2026/27"
FEEDBACK = "You listened before you drew. Next time, say what you left out."


def test_a_mark_is_released(town: Town, tmp_path: Path) -> None:
    with town.prepared():
        the_end_of_a_year()
    town.it_is("2027-05-10 19:00")
    ama, lena = town.signs_in("Ama Mensah", PHONE), town.signs_in("Lena Marsh")
    she_hands_in_her_portfolio(ama, tmp_path)
    town.signs_in("Ben Okoro", PHONE).finds_nothing_at(ama.page.url)
    town.it_is("2027-05-13 10:00")
    her_tutor_marks_it_without_a_mouse(town.signs_in("Tariq Bell"))
    she_sees_nothing_of_it(ama)
    the_module_leader_releases_it_on_friday_at_three(lena)
    she_sees_nothing_of_it(ama)
    town.it_is("2027-05-14 15:00")
    she_reads_her_mark(ama)
    town.it_is("2027-06-23 17:00")
    the_board_confirms_it(lena)
    it_goes_to_evision(lena)
    she_sees_that_it_is_final(ama)


def the_end_of_a_year() -> None:
    """Ama's Agreement was marked and released long ago; Ben, who sits beside her, hands nothing in."""
    run = make.run(period="YEAR", board_on=date(2027, 6, 23))
    make.run_role(RunRole.LEADER, member("Lena Marsh"), run)
    group = make.group(run, member("Tariq Bell"), occurrence="A")
    agreement = make.component(ComponentKind.AGREEMENT, run, title="Challenge Agreement", weight=25, due_at=None)
    make.component(ComponentKind.PORTFOLIO, run, title=PORTFOLIO, weight=75)
    ama = make.enrolment(group, member("Ama Mensah", student_number="26001234"))
    ben = make.enrolment(group, member("Ben Okoro", student_number="26005678"))
    for enrolment in (ama, ben):
        make.agreement(make.placement(enrolment))
    make.submission(ama, agreement, state=SubmissionState.RECEIVED, received_at=make.NOW)
    make.mark(ama, agreement, group.tutor, state=MarkState.PROVISIONAL, mark=58, released_at=make.NOW)


def she_hands_in_her_portfolio(ama: Person, folder: Path) -> None:
    for name, content in (("portfolio.html", b"<html>Mine</html>"), ("Portfolio.pdf", PDF)):
        (folder / name).write_bytes(content)
    ama.opens_mail(f"Your {PORTFOLIO} is due Wed 12 May 2027, 3pm", "Hand it in")
    ama.sees("Write your text, send files, or both, by Wed 12 May 2027, 3pm (in 2 days)", "Logbook and reflection")
    ama.attaches("Your files", folder / "portfolio.html")
    ama.presses("Hand in now")
    ama.sees("There is a problem")
    ama.attaches("Your files", folder / "Portfolio.pdf")
    ama.presses("Hand in now")
    ama.sees("Received. Your receipt number is", "Portfolio.pdf", "Your tutor marks it next.")
    receipt = ama.main.get_by_role("strong").first.inner_text()
    mail = ama.opens_mail(f"Your {PORTFOLIO} is in: receipt {receipt}", "See what you handed in")
    assert "Portfolio.pdf" in mail
    assert "You can replace it until Wed 12 May 2027, 3pm" in mail
    ama.sees(receipt)


def her_tutor_marks_it_without_a_mouse(tariq: Person) -> None:
    tariq.chooses_from_menu("Marking")
    tariq.follows("Ama Mensah", tariq.row("To be marked"))
    tariq.is_at(f"Ama Mensah: {PORTFOLIO}")
    for criterion, score in (("Understanding of the challenge", "68"), ("Logbook and reflection", "72")):
        tariq.types({f"Score for {criterion}": score, f"Comment for {criterion}": f"Good on {criterion.lower()}."})
    tariq.types({"Feedback on the whole": FEEDBACK})
    tariq.presses_by_key("Submit the mark")
    tariq.sees("There is a problem")
    tariq.types({"Score for Writing": "55", "Comment for Writing": "Shorter sentences."})
    tariq.presses_by_key("Save draft")
    tariq.sees("The draft is saved.", "These scores come to 66.")
    tariq.presses_by_key("Submit the mark")
    tariq.sees("The mark is submitted.", "66, not released yet.")


def she_sees_nothing_of_it(ama: Person) -> None:
    ama.chooses_from_menu("My marks")
    ama.sees("58 of 100", "The module mark follows when every part that counts has been released.", "Not released yet.")
    ama.does_not_see("66 of 100", FEEDBACK)
    ama.chooses_from_menu("Assessment")
    ama.follows("See what you handed in")
    ama.sees("Your tutor marks it next.")
    ama.does_not_see("The mark", FEEDBACK)


def the_module_leader_releases_it_on_friday_at_three(lena: Person) -> None:
    lena.chooses_from_menu("Marking")
    lena.follows(MARKED)
    lena.sees("2 marks are ready to release.")
    lena.follows("Release marks")
    lena.sees(f"Choose whose marks for {PORTFOLIO} to release.")
    lena.unticks("0 Ben Okoro, Wednesday afternoon: by rule, not handed in")
    lena.presses("Check what will be released")
    lena.is_at("Check this release")
    lena.sees("1 student will see this mark", "Ama Mensah")
    lena.does_not_see("Ben Okoro")
    lena.ticks("At a moment that you choose")
    lena.writes_date("Day", "2027-05-14")
    lena.writes({"Time on that day": "3pm"})
    lena.presses("Release 1 mark")
    lena.sees("Staged: 1 mark is released on Fri 14 May 2027, 3pm.", "Waiting")


def she_reads_her_mark(ama: Person) -> None:
    mail = ama.opens_mail(f"Your mark is ready: {PORTFOLIO}", "See my marks")
    assert "66" not in mail
    ama.sees("Your module mark is 64, provisional until the board has confirmed it.")
    ama.sees("66 of 100 Provisional", FEEDBACK, "Shorter sentences.", "Marked by Tariq Bell.")


def the_board_confirms_it(lena: Person) -> None:
    lena.chooses_from_menu("Marking")
    lena.follows(MARKED)
    lena.follows("Record the board")
    lena.writes({"Who chaired it": "Professor Ada Bell"})
    lena.presses("Confirm 2 marks")
    lena.sees("Confirmed: 2. They can be exported now.")


def it_goes_to_evision(lena: Person) -> None:
    lena.ticks("Confirmed by the board")
    lena.presses("Make the file")
    lena.sees("The export is ready: 3 rows.")
    sheet = lena.downloads("Download the confirmed marks of Wed 23 Jun 2027, 5pm")
    assert sheet.name == "marks-wl6w50-2026-27-confirmed.csv"
    assert sheet.read_text(encoding="utf-8-sig").splitlines() == [
        "Student number,Module code,Academic year,Period,Occurrence,Component,Attempt,Mark,Result,Stage",
        "26001234,WL6W50,2026/27,YEAR,A,Challenge Agreement,1,58,,Confirmed",
        "26001234,WL6W50,2026/27,YEAR,A,Final Project Portfolio,1,66,,Confirmed",
        "26001234,WL6W50,2026/27,YEAR,A,Module,1,64,,Confirmed",
    ]


def she_sees_that_it_is_final(ama: Person) -> None:
    ama.chooses_from_menu("My marks")
    ama.sees(
        "Your module mark is 64, confirmed by the board. That is a pass.", "The board of Wed 23 Jun 2027 confirmed it."
    )
