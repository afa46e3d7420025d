"""An Agreement is written and signed by three, and the first week after it is confirmed from a mail, one visit late."""

from datetime import date

import pytest

from placements.cohorts.models import ComponentKind
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.browser import PHONE
from tests.journeys.people import Person, Town, member, person

pytestmark = pytest.mark.browser

SECTIONS = {
    "The challenge": "Nobody outside knows what the club does on Fridays.",
    "What the student does": "Films two evenings, cuts, and shows young people how to go on.",
    "What is left behind": "Three films and a page that says how to make the next.",
    "When the student is there": "Wednesdays and Fridays until Easter.",
    "How the student is supervised": "Ten minutes with Olu before each evening.",
    "What stays confidential": "No names or faces without a parent’s word.",
    "Who owns what is made": "The club; Sam may show the films in the portfolio.",
}
OBJECTIVES = {
    "Objective 1": "Three short films that the club shows to parents by March.",
    "Objective 2": "Two young people can cut a film without me.",
}
LOGGED = "Filmed the first evening and asked six people what they like."
REFLECTION = "I was shyer than I had thought."


def test_a_week_is_confirmed(town: Town) -> None:
    with town.prepared():
        a_placement_that_is_to_begin()
    sam, tariq = town.signs_in("Sam Adeyemi", PHONE), town.signs_in("Tariq Bell", PHONE)
    olu = town.somebody("Olu Martins", PHONE)
    he_writes_the_agreement(sam)
    he_sends_it_round_and_signs(sam)
    his_supervisor_signs_without_an_account(olu, sam)
    his_tutor_makes_it_three(tariq, sam)
    he_logs_two_visits(sam)
    his_supervisor_confirms_one_and_asks_about_the_other(olu, sam)
    he_answers(sam)
    his_supervisor_is_content(olu)
    his_tutor_reads_and_grades(tariq)
    he_sees_how_far_he_has_come(sam)


def a_placement_that_is_to_begin() -> None:
    run = make.run()
    make.component(ComponentKind.PORTFOLIO, run)
    make.checkpoint(run)
    make.checkpoint(run, title="Final check", is_final=True)
    group = make.group(run, member("Tariq Bell"))
    club = make.organisation(name="Dalston Youth")
    film = make.challenge(club, title="Film what the youth club does", supervisor=person("Olu Martins"))
    days = {"starts_on": date(2026, 10, 26), "ends_on": date(2027, 4, 30)}
    make.placement(make.enrolment(group, member("Sam Adeyemi")), film, state=PlacementState.PREPARING, **days)


def he_writes_the_agreement(sam: Person) -> None:
    sam.follows("Write it", sam.main)
    sam.presses("Start writing")
    sam.sees("45 hours")
    first, *others = SECTIONS.items()
    sam.writes(dict([first]))
    sam.presses("Save, then plan the weeks")
    sam.sees("These weeks come to 45 hours")
    sam.presses("Save, then check the Agreement")
    sam.sees("Write every part first. Still empty:", "Who owns what is made")
    sam.follows("Go on writing", sam.main)
    sam.writes({**dict(others), **OBJECTIVES})
    sam.presses("Save, then plan the weeks")
    sam.presses("Save, then check the Agreement")


def he_sends_it_round_and_signs(sam: Person) -> None:
    sam.is_at("Check the Agreement before it is signed")
    sam.sees(*SECTIONS.values(), "Olu Martins, supervisor: by a link in the email, with no account")
    sam.presses("Send it for signing")
    sam.ticks("I have read this Agreement and agree to it")
    sam.writes({"Your full name": "Somebody Else"})
    sam.presses("Sign the Agreement")
    sam.sees("There is a problem")
    sam.writes({"Your full name": "Sam Adeyemi"})
    sam.presses("Sign the Agreement")
    sam.sees("You have signed this. It waits for Olu Martins and Tariq Bell to sign.")


def his_supervisor_signs_without_an_account(olu: Person, sam: Person) -> None:
    for _ in range(2):  # opening it, by whoever and however often, signs nothing
        olu.opens_mail("Please sign Sam Adeyemi’s Challenge Agreement", "Read and sign")
    sam.looks_again()
    sam.sees("It waits for Olu Martins and Tariq Bell to sign.")
    olu.sees(*SECTIONS.values())
    olu.ticks("I have read this Agreement and agree to it")
    olu.writes({"Your full name": "olu martins"})
    olu.presses("Sign the Agreement")
    olu.sees("You have signed the Challenge Agreement. Thank you.")


def his_tutor_makes_it_three(tariq: Person, sam: Person) -> None:
    tariq.chooses_from_menu("Agreements")
    tariq.follows("Read and sign the Agreement of Sam Adeyemi")
    tariq.ticks("I have read this Agreement and agree to it")
    tariq.writes({"Your full name": "Tariq Bell"})
    tariq.presses("Sign the Agreement")
    tariq.sees("This Agreement is in force since Tue 20 Oct 2026, 9am.")
    assert "Hours that you log from now on can count." in sam.opens_mail("In force: your Challenge Agreement")


def he_logs_two_visits(sam: Person) -> None:
    sam.town.it_is("2026-10-28 18:00")
    sam.chooses_from_menu("Log hours")
    sam.follows("Log a visit")
    sam.writes({"Started": "1pm", "Finished": "17:00", "Break, in minutes": "30"})
    sam.ticks("At the organisation")
    sam.writes({"What did you do?": LOGGED, "Reflection (optional)": REFLECTION})
    sam.presses("Send to be confirmed")
    sam.sees("Sent. Olu Martins will be asked to confirm it.", "3 h 30 min")
    sam.town.it_is("2026-10-30 20:00")
    sam.follows("Log a visit")
    sam.writes(
        {"Started": "15:00", "Finished": "20:00", "Break, in minutes": "0", "What did you do?": "Cut the first film."}
    )
    sam.presses("Send to be confirmed")
    sam.sees("5 h")


def his_supervisor_confirms_one_and_asks_about_the_other(olu: Person, sam: Person) -> None:
    olu.town.it_is("2026-11-02 09:30")
    olu.opens_mail("8 hours 30 minutes to confirm for Sam Adeyemi", "See and confirm")
    olu.sees(LOGGED, "Sam Adeyemi")
    olu.does_not_see(REFLECTION)
    sam.looks_again()
    sam.sees("Confirmed 0 h", "Waiting 8 h 30 min")
    friday = olu.part("Fri 30 Oct 2026, 3pm to 8pm")
    olu.ticks("Ask about this visit instead", within=friday)
    olu.writes({"What should Sam look at?": "We closed at half past six."}, friday)
    olu.presses("Confirm 8 hours 30 minutes")
    olu.sees("Look once more, please.")
    olu.presses("Confirm 3 hours 30 minutes and ask about 1 visit")
    olu.sees("You confirmed 3 hours 30 minutes. You asked about 1 visit, and the student is told.")


def he_answers(sam: Person) -> None:
    sam.town.it_is("2026-11-02 17:30")
    sam.opens_mail("1 question about your visits", "See what is asked")
    sam.sees("Olu Martins asks: We closed at half past six.")
    sam.follows("Answer and send again")
    sam.writes({"Finished": "18:30"})
    sam.presses("Send again")
    sam.sees("3 h 30 min")


def his_supervisor_is_content(olu: Person) -> None:
    olu.opens_mail("to confirm for Sam Adeyemi", "See and confirm")
    olu.sees("You asked: We closed at half past six. Sam has looked at it and sent it again.")
    olu.presses("Confirm 3 hours 30 minutes")
    olu.sees("You confirmed 3 hours 30 minutes.", "Nothing waits for you")


def his_tutor_reads_and_grades(tariq: Person) -> None:
    tariq.chooses_from_menu("Logbooks")
    tariq.follows("Sam Adeyemi")
    tariq.sees(LOGGED, REFLECTION)
    tariq.writes({"Comment on Wed 28 Oct 2026, 1pm to 5pm": "What made you shy?"})
    tariq.presses("Comment", tariq.part("Wed 28 Oct 2026, 1pm to 5pm"))
    tariq.sees("Your comment is there, and Sam Adeyemi has been told.")
    tariq.follows("Grade this logbook")
    tariq.sees("It never counts towards the mark.")
    tariq.writes({"Comment on the whole logbook (optional)": "Ask one more question of each visit."})
    tariq.presses("Save, and show it to Sam")
    tariq.sees("Enter a score for Logbook and reflection")
    tariq.writes({"Score for Logbook and reflection": "64"})
    tariq.presses("Save, and show it to Sam")
    tariq.sees("Saved. Sam Adeyemi can see it now, and has been told.")


def he_sees_how_far_he_has_come(sam: Person) -> None:
    sam.opens_mail("3 hours 30 minutes confirmed", "Read the feedback")
    sam.sees("Logbook and reflection: 64", "Ask one more question of each visit.", "Never counts towards your mark")
    sam.follows("Your log")
    sam.sees("Confirmed 7 h", "Target 45 h")
    sam.follows("Wed 28 Oct 2026, 1pm to 5pm")
    sam.sees("What made you shy?")
