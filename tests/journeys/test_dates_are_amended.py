"""A tutor changes the dates of a placement that is agreed: student and supervisor sign again, and then the dates move."""

from datetime import date

import pytest

from placements.agreements.models import Party
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.browser import PHONE
from tests.journeys.people import Person, Town, member, person

pytestmark = pytest.mark.browser

OLD, NEW = "Mon 26 Oct 2026 to Fri 30 Apr 2027", "Mon 26 Oct 2026 to Fri 28 May 2027"
STILL_HOLDS = "Your signature on version 1 still holds: nothing of your part changed."


def test_dates_are_amended(town: Town) -> None:
    with town.prepared():
        a_placement_that_is_agreed()
    sam, tariq = town.signs_in("Sam Adeyemi", PHONE), town.signs_in("Tariq Bell", PHONE)
    olu = town.somebody("Olu Martins", PHONE)
    he_asks_for_later_dates(tariq)
    he_is_asked_for_nothing(tariq)
    the_student_reads_what_changes_and_signs(sam)
    the_old_dates_hold(sam)
    the_supervisor_signs_by_link(olu)
    the_new_dates_hold(tariq, sam)


def a_placement_that_is_agreed() -> None:
    group = make.group(make.run(), member("Tariq Bell"))
    club = make.organisation(name="Dalston Youth")
    film = make.challenge(club, title="Film what the youth club does", supervisor=person("Olu Martins"))
    days = {"starts_on": date(2026, 10, 26), "ends_on": date(2027, 4, 30)}
    placement = make.placement(make.enrolment(group, member("Sam Adeyemi")), film, state=PlacementState.CLEARED, **days)
    assert len(make.agreement(placement).signatures) == len(Party)


def he_asks_for_later_dates(tariq: Person) -> None:
    tariq.chooses_from_menu("Agreements")
    tariq.follows("Read the Agreement of Sam Adeyemi")
    tariq.sees(OLD, "This Agreement is in force")
    tariq.follows("Change the dates")
    tariq.writes_date("Last day", "2027-05-28")
    tariq.writes({"Why do the dates change?": "The club closes over Easter."})
    tariq.presses("Ask for these dates")


def he_is_asked_for_nothing(tariq: Person) -> None:
    tariq.sees(
        STILL_HOLDS, "This version waits for Sam Adeyemi and Olu Martins to sign.", "What changes from version 1"
    )
    assert not [subject for subject, _ in tariq.town.mails_to(tariq.email) if "Agreement" in subject]
    tariq.chooses_from_menu("Agreements")
    tariq.sees("No Agreement waits for your signature now.")


def the_student_reads_what_changes_and_signs(sam: Person) -> None:
    sam.opens_mail("Please sign your Challenge Agreement", "Read and sign")
    sam.sees("What changes from version 1", "New: 28 May", "Version 1 holds until this one is in force.")
    sam.does_not_see("What we agreed about ownership.")
    sam.unfolds("What stays as it is (17 parts)")
    sam.sees("What we agreed about ownership.")
    sam.ticks("I have read this Agreement and agree to it")
    sam.writes({"Your full name": "Sam Adeyemi"})
    sam.presses("Sign the Agreement")
    sam.sees("You have signed this. It waits for Olu Martins to sign.")


def the_old_dates_hold(sam: Person) -> None:
    sam.follows("Sam Adeyemi at Dalston Youth")
    sam.sees("Fri 30 Apr 2027")
    sam.does_not_see("28 May 2027")


def the_supervisor_signs_by_link(olu: Person) -> None:
    for _ in range(2):
        olu.opens_mail("Please sign Sam Adeyemi’s Challenge Agreement", "Read and sign")
    olu.sees("What changes from version 1")
    olu.ticks("I have read this Agreement and agree to it")
    olu.writes({"Your full name": "Olu Martins"})
    olu.presses("Sign the Agreement")
    olu.sees("You have signed the Challenge Agreement. Thank you.")


def the_new_dates_hold(tariq: Person, sam: Person) -> None:
    tariq.chooses_from_menu("Agreements")
    tariq.follows("Read the Agreement of Sam Adeyemi")
    tariq.sees(NEW, "Your signature on version 1 holds for it: nothing of your part changed.")
    assert not [subject for subject, _ in tariq.town.mails_to(tariq.email) if "Agreement" in subject]
    assert "The placement runs from Mon 26 Oct 2026 to Fri 28 May 2027." in sam.opens_mail("In force: your Challenge")
