"""A sample is drawn and read; the whole set goes down by three, and no mark by itself; then marks can be released."""

from datetime import timedelta

import pytest

from placements.assessment.models import CriterionScore
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import ComponentKind, RunRole
from tests import factories as make
from tests.browser import PHONE
from tests.journeys.people import Person, Town, member

pytestmark = pytest.mark.browser

PORTFOLIO = "Final Project Portfolio"
NAMES = {"Ama Mensah": 41, "Ben Okoro": 55, "Cai Lloyd": 65}


def test_marks_are_moderated(town: Town) -> None:
    with town.prepared():
        three_marked_portfolios()
    lena, mona = town.signs_in("Lena Marsh"), town.signs_in("Mona Hale", PHONE)
    nothing_can_be_released_yet(lena)
    she_draws_a_sample(lena)
    the_moderator_reads_it(mona)
    she_closes_it(mona)
    the_leader_adjusts_the_whole_set(lena)
    the_marks_can_be_released(lena)


def three_marked_portfolios() -> None:
    run = make.run(period="YEAR")
    make.run_role(RunRole.LEADER, member("Lena Marsh"), run)
    make.run_role(RunRole.MODERATOR, member("Mona Hale"), run)
    group = make.group(run, member("Tariq Bell"), occurrence="A")
    due_at = make.NOW - timedelta(days=1)
    rule = {"kind": "sample", "within": 2}
    portfolio = make.component(ComponentKind.PORTFOLIO, run, title=PORTFOLIO, due_at=due_at, moderation=rule)
    for name, given in NAMES.items():
        enrolment = make.enrolment(group, member(name))
        make.agreement(make.placement(enrolment))
        handed_in = {"state": SubmissionState.RECEIVED, "received_at": due_at, "receipt": f"ABCD-{given}"}
        make.submission(enrolment, portfolio, **handed_in)
        said = {"mark": given, "state": MarkState.SUBMITTED, "submitted_at": make.NOW, "feedback": "Clear."}
        mark = make.mark(enrolment, portfolio, group.tutor, **said)
        mark.scores = [CriterionScore(criterion=each, score=given) for each in portfolio.criteria]


def nothing_can_be_released_yet(lena: Person) -> None:
    lena.chooses_from_menu("Marking")
    lena.follows("Marks of WL6W50 2026/27")
    lena.follows("Release marks")
    lena.sees("No mark waits for release")


def she_draws_a_sample(lena: Person) -> None:
    lena.chooses_from_menu("Marking")
    lena.follows("Marks of WL6W50 2026/27")
    lena.follows("Moderation")
    lena.sees("3 marks wait for moderation.")
    lena.follows("Draw a sample")
    lena.sees(
        "Every fail (below 40) and every mark within 2 of 40, 50, 60 or 70.", "3 scripts of 3 marks will be drawn."
    )
    lena.picks("Moderator", "Mona Hale")
    lena.presses("Draw this sample")
    lena.sees("Drawn: 3 scripts.", "3 scripts left to read.")


def the_moderator_reads_it(mona: Person) -> None:
    mona.opens_mail(f"{PORTFOLIO}: 3 scripts to moderate", "See the sample")
    for name, given in NAMES.items():
        mona.follows(name)
        mona.sees(f"Tariq Bell gave {given}.")
        mona.ticks("I would have marked it otherwise")
        mona.writes({"Comment (needed where you would have marked otherwise)": "Three too many."})
        mona.presses("Keep this record")
        mona.sees("Your record of this script is kept.")


def she_closes_it(mona: Person) -> None:
    mona.follows("Close moderation")
    mona.ticks("The whole set, or one marker’s, is to be adjusted")
    mona.writes({"Record on the set": "Generous by three throughout."})
    mona.presses("Close moderation")
    mona.sees("the whole set is to be adjusted", "Generous by three throughout.")
    mona.does_not_see("Adjust the set")


def the_leader_adjusts_the_whole_set(lena: Person) -> None:
    lena.opens_mail(f"Moderation is closed: {PORTFOLIO}", "See the record")
    lena.follows("Adjust the set")
    lena.ticks("Take away")
    lena.writes({"How many points?": "3", "Why?": "As the moderator found."})
    lena.presses("See what it does")
    lena.sees("3 marks by every marker: -3 each", "Nothing is changed yet.", "Comes into another band")
    lena.presses("Adjust 3 marks")
    lena.sees("3 marks adjusted.", "-3 for every mark of the set")
    lena.presses("The marks may be released")
    lena.sees("Moderation is done.")


def the_marks_can_be_released(lena: Person) -> None:
    lena.chooses_from_menu("Marking")
    lena.follows("Marks of WL6W50 2026/27")
    lena.follows("Release marks")
    lena.sees("38 Ama Mensah", "52 Ben Okoro", "62 Cai Lloyd")
