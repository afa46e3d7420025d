"""A student chooses on a phone, the allocation is run, changed in one place and published, and everybody has a next step."""

from datetime import UTC, datetime

import pytest

from placements.challenges.models import Challenge, WorkMode
from placements.cohorts.models import RunRole, Theme
from tests import factories as make
from tests.applications.scene import needs
from tests.browser import PHONE
from tests.journeys.people import Person, Town, email_of, member, person

pytestmark = pytest.mark.browser

WARM = "Map the warm spaces of Islington"
GARDEN = "Plan a quiet garden"
FILM = "Film what the youth club does"
STUDENTS = ("Sam Adeyemi", "Ivy Doyle", "Noor Haddad", "Kai Wren")
NOOR_SAYS, NOOR_NEEDS = "I have run a kitchen for forty people.", "A chair with arms"
STATEMENT = "I grew up two streets away and want to make things that stay useful."


def test_a_student_is_placed(town: Town) -> None:
    with town.prepared():
        a_run_with_three_challenges()
    sam, lena, tariq = town.signs_in("Sam Adeyemi", PHONE), town.signs_in("Lena Marsh"), town.signs_in("Tariq Bell")
    sam.never = not_of("Sam Adeyemi")
    he_finds_challenges(sam)
    he_puts_them_in_order(sam)
    he_submits_what_he_has_read(sam)
    town.it_is("2026-10-30 17:05")
    he_cannot_change_them_any_more(sam)
    the_module_leader_runs_an_allocation(lena)
    she_changes_one_match(lena)
    she_publishes(lena)
    he_accepts_his_place(sam)
    kai, ivy = town.signs_in("Kai Wren", PHONE), town.signs_in("Ivy Doyle", PHONE)
    kai.never, ivy.never = not_of("Kai Wren"), not_of("Ivy Doyle")
    another_declines(kai)
    the_tutor_places_one_by_hand(tariq)
    she_accepts_too(ivy)
    one_is_still_looked_after(tariq)
    no_mail_tells_one_of_another(town)


def a_run_with_three_challenges() -> None:
    """Noor and Kai have chosen already; Ivy never does."""
    closes_at = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)
    run = make.run(ranking_closes_at=closes_at)
    make.run_role(RunRole.LEADER, member("Lena Marsh"), run)
    group = make.group(run, member("Tariq Bell"))
    warm = a_challenge(WARM, "Warm Corner", places_max=1)
    garden = a_challenge(GARDEN, "Quiet Green", theme=Theme.ENVIRONMENT, places_max=1)
    a_challenge(FILM, "Dalston Youth", theme=Theme.CRIME, mode=WorkMode.REMOTE, supervisor=person("Olu Martins"))
    make.enrolment(group, member("Sam Adeyemi"))
    make.enrolment(group, member("Ivy Doyle"))
    noor = make.enrolment(group, member("Noor Haddad"))
    make.application(noor, [warm, garden], statement=NOOR_SAYS)
    needs(noor, access=NOOR_NEEDS)
    make.application(make.enrolment(group, member("Kai Wren")), [garden])


def a_challenge(title: str, host: str, **said: object) -> Challenge:
    return make.challenge(make.organisation(name=host), title=title, **said)


def not_of(student: str) -> tuple[str, ...]:
    """What that student never reads: the names of the others, and what one of them says and needs."""
    return (*(name.split()[1] for name in STUDENTS if name != student), NOOR_SAYS, NOOR_NEEDS)


def he_finds_challenges(sam: Person) -> None:
    sam.follows("Find challenges", sam.main)
    sam.sees("3 challenges found.")
    sam.unfolds("Search and filter")
    sam.writes({"Search": "quiet"})
    sam.presses("Show results")
    sam.sees("1 challenge found.", GARDEN)
    sam.presses(f"Add to my choices {GARDEN}")
    sam.sees(f"“{GARDEN}” is your 1st choice. Nothing is submitted yet.")
    sam.follows("Clear all")
    sam.unfolds("Search and filter")
    sam.picks("Challenge area", "Crime")
    sam.picks("Where you work", "Remote")
    sam.presses("Show results")
    sam.does_not_see(WARM)
    sam.follows(FILM)
    sam.sees("Dalston Youth", "You have 1 choice so far, of six.")
    sam.presses(f"Add to my choices {FILM}")
    sam.follows("Find challenges", sam.page.get_by_role("navigation", name="Breadcrumb"))
    sam.presses(f"Add to my choices {WARM}")


def he_puts_them_in_order(sam: Person) -> None:
    sam.chooses_from_menu("My choices")
    sam.presses_by_key(f"Up : {WARM}")
    order = sam.main.get_by_role("heading", level=3)
    assert order.all_inner_texts() == [GARDEN, WARM, FILM]
    sam.presses("Check before submitting")
    sam.sees("You cannot submit these choices yet.")
    sam.follows("Back to my choices")
    sam.writes({"Your statement": STATEMENT})
    first = sam.main.get_by_role("listitem").filter(has_text=GARDEN)
    first.get_by_text("Add a line for Quiet Green").click()
    sam.writes({"Only for this organisation (optional)": "My grandmother kept bees."}, first)
    sam.presses("Check before submitting")


def he_submits_what_he_has_read(sam: Person) -> None:
    for rank, host in (("1st", "Quiet Green"), ("2nd", "Warm Corner"), ("3rd", "Dalston Youth")):
        shown = sam.main.get_by_role("listitem").filter(has_text=f"Your {rank} choice").inner_text()
        assert f"{host} reads:" in shown
        assert STATEMENT in shown
        assert ("My grandmother kept bees." in shown) is (rank == "1st")
    sam.presses("Submit my choices")
    sam.is_at("Your choices are in")
    mail = sam.opens_mail("Your choices are in: receipt", "See my choices")
    assert STATEMENT in mail
    assert "My grandmother kept bees." in mail
    sam.sees("You may change your choices until Fri 30 Oct 2026, 5pm")


def he_cannot_change_them_any_more(sam: Person) -> None:
    sam.chooses_from_menu("My choices")
    sam.sees("Choosing closed on Fri 30 Oct 2026, 5pm, so your choices can no longer be changed.")
    assert sam.page.get_by_role("button", name="Check before submitting").count() == 0


def the_module_leader_runs_an_allocation(lena: Person) -> None:
    lena.chooses_from_menu("Allocation")
    lena.follows("Open a round")
    lena.writes({"Name": "Main round"})
    lena.ticks("WL6W50 2026/27")
    lena.presses("Open this round")
    lena.sees("3\nin this round", "1\nnot in it")
    lena.presses("Run the allocation")
    lena.sees("The allocation waits for its turn")
    lena.town.works()
    if not lena.town.has_script:  # else the page looks again by itself
        lena.follows("Check again")
    lena.sees("3 of 3 students have a place.", "No allocation places more than 3 students.")
    assert lena.cells("Sam Adeyemi")[1:] == [f"{FILM} Dalston Youth", "3rd choice"]
    lena.presses("Stage this result")


def she_changes_one_match(lena: Person) -> None:
    lena.follows("Change the match of Noor Haddad")
    lena.sees(f"Noor Haddad now has “{WARM}” with Warm Corner, their 1st choice.")
    lena.picks("Place this student in", f"{FILM}, Dalston Youth (not one of their choices, 1 left)")
    lena.presses("Change this match")
    lena.sees("Say why, in a sentence")
    lena.writes({"Why?": "Noor’s brother is a trustee of Warm Corner."})
    lena.presses("Change this match")
    lena.sees("Noor Haddad is moved. Placed: 3 before, 3 now. Total rank: 5 before, 4 now.")
    lena.sees("By hand: Noor’s brother is a trustee of Warm Corner.")


def she_publishes(lena: Person) -> None:
    lena.follows("Check and publish")
    lena.presses("Continue")
    lena.is_at("Check before you publish")
    lena.sees("Looked after by Tariq Bell")
    lena.presses("Publish 3 offers")
    lena.sees("The round is published. Everybody whom it concerns is being told by email.")


def he_accepts_his_place(sam: Person) -> None:
    sam.opens_mail(f"You are offered a place: {FILM}", "See your offer")
    sam.sees("Accept or decline by", "Olu Martins")
    sam.does_not_see("3rd choice", "Noor")
    sam.presses("Accept this place")
    sam.sees("The place is yours")
    sam.follows("Go to your home page")
    sam.sees("Write your Challenge Agreement", "Dalston Youth")
    sam.town.it_is("2026-11-02 09:15")  # the next working day's mail is there
    olu = sam.town.somebody("Olu Martins")
    assert "Sam" in olu.opens_mail(f"Sam Adeyemi will work on {FILM}")


def another_declines(kai: Person) -> None:
    kai.opens_mail(f"You are offered a place: {GARDEN}", "See your offer")
    kai.follows("Decline")
    kai.sees("You stay on the module.")
    kai.writes({"Why does this place not suit you? (optional)": "I start a job near home."})
    kai.presses("Decline this place")
    kai.sees("Ask for one of the places that are still open: Tariq Bell looks for a place with you, by")
    kai.follows("See the open places")
    kai.follows(f"Ask for this place {WARM}")
    kai.writes({"Anything to add about this place? (optional)": "I could begin at once."})
    kai.presses("Ask for this place")
    kai.sees("You have asked for 1 place: Tariq Bell sees to it by")


def the_tutor_places_one_by_hand(tariq: Person) -> None:
    tariq.opens_mail("without a place", "Open the clearing list")
    tariq.follows("Offer a place to Ivy Doyle")
    tariq.ticks(f"{WARM}, Warm Corner (1 left)")
    tariq.writes({"Why this place?": "Ivy lives around the corner and knows the place."})
    tariq.presses("Offer this place")
    tariq.sees(f"{WARM} is offered to Ivy Doyle, who has been told.")


def she_accepts_too(ivy: Person) -> None:
    ivy.opens_mail(f"You are offered a place: {WARM}", "See your offer")
    ivy.does_not_see("around the corner")
    ivy.presses("Accept this place")
    ivy.sees("The place is yours")


def one_is_still_looked_after(tariq: Person) -> None:
    tariq.chooses_from_menu("Clearing")
    tariq.does_not_see("Ivy Doyle", "Sam Adeyemi")
    why, asks, owner, by, _ = tariq.cells("Kai Wren")[1:]
    assert why.startswith("Declined an offer waits since Mon 2 Nov 2026")
    assert (asks, owner.split()[0], by) == (WARM, "You", "Mon 16 Nov 2026 in 14 days")


def no_mail_tells_one_of_another(town: Town) -> None:
    for student in STUDENTS:
        mails = town.mails_to(email_of(student))
        assert mails
        assert [words for words in not_of(student) for mail in mails if words in "".join(mail)] == []
