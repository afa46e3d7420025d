"""On a phone, a student says that they cannot come; the supervisor, who has no account, answers with a day of their own."""

from datetime import date

import pytest

from tests import factories as make
from tests.browser import PHONE
from tests.journeys.people import Town, member, person

pytestmark = pytest.mark.browser


def test_a_student_cannot_come(town: Town) -> None:
    with town.prepared():
        a_placement_on_wednesdays()
    sam, olu = town.signs_in("Sam Adeyemi", PHONE), town.somebody("Olu Martins", PHONE)
    sam.goes_to("/placements/placementpub")
    sam.sees("You are expected next on Wed 21 Oct 2026")
    sam.follows("I can’t come on Wed 21 Oct 2026")
    sam.writes({"Why? (optional)": "The dentist could not see me on another day."})
    sam.presses("I can’t come")
    sam.sees("We are telling Olu Martins and Tariq Bell now.", "The student cannot come")
    assert "dentist" not in olu.opens_mail("Sam Adeyemi cannot come", "See the planned days")
    olu.sees("Sam cannot come")
    olu.presses("Not here that day Wed 28 Oct 2026")
    olu.sees("Wed 28 Oct 2026 is off. We are telling Sam Adeyemi and Tariq Bell now.")
    sam.opens_mail("Wed 28 Oct 2026: nobody is there", "See the planned days")
    sam.sees("The organisation said so")


def a_placement_on_wednesdays() -> None:
    group = make.group(make.run(), member("Tariq Bell"))
    club = make.organisation(name="Dalston Youth")
    film = make.challenge(club, title="Film what the youth club does", supervisor=person("Olu Martins"), days=0b100)
    placement = make.placement(make.enrolment(group, member("Sam Adeyemi")), film, public_id="placementpub")
    make.agreement(placement)
    for day in (date(2026, 10, 21), date(2026, 10, 28)):
        make.planned_day(placement, day)
