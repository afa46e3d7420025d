"""A community organisation meets the university on a phone, and a week later students can choose its challenge."""

from pathlib import Path

import pytest

from placements.accounts.models import GlobalRole
from placements.cohorts.models import RunRole, Theme
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.browser import PHONE
from tests.journeys.people import Person, Town, member

pytestmark = pytest.mark.browser

TITLE = "Make our stock list one that a volunteer can keep"
NEED = "We count our stock on paper every Friday, and by Monday it is wrong. Families come for food that is not there."
KNOWN_BEFORE = "known-before"
CLEARER = f"{NEED} Eight volunteers take turns, and each counts in their own way."


def test_a_partner_posts_a_challenge(town: Town) -> None:
    with town.prepared():
        run = make.run()
        member("Erin Okafor", GlobalRole.ENGAGEMENT)
        make.run_role(RunRole.CHAMPION, member("Petra Lindqvist"), run, Theme.POVERTY)
        make.enrolment(make.group(run), member("Sam Adeyemi"))
        make.organisation(name="The Holloway Larder", state=OrganisationState.PROSPECTIVE, public_id=KNOWN_BEFORE)

    farida, erin, petra = (
        town.somebody("Farida Rahman", PHONE),
        town.signs_in("Erin Okafor"),
        town.signs_in("Petra Lindqvist"),
    )
    she_enquires(farida)
    an_officer_accepts(erin)
    she_chooses_a_password(farida)
    she_writes_a_brief(farida)
    it_was_little_to_ask(farida)
    an_officer_merges_what_is_there_twice(erin)
    a_champion_asks_for_a_change(petra)
    she_edits_it_and_sends_it_again(farida)
    a_champion_approves_it(petra)
    she_answers_what_is_asked_of_every_organisation(farida)
    an_officer_approves_the_organisation_and_publishes(erin)
    everybody_reads_it(town)


def she_enquires(farida: Person) -> None:
    farida.goes_to("/")
    farida.is_at("Students and communities, working on London’s challenges together")
    farida.follows("Tell us about a challenge")
    farida.writes({"Name of your organisation": "Holloway Larder", "Your name": farida.name})
    farida.writes({"Your email address": farida.email})
    farida.presses("Send it")
    farida.sees("Tell us about a challenge that you face")
    farida.writes({"What challenges do you face?": "We never know what is on our shelves."})
    farida.presses("Send it")
    farida.is_at("Thank you. Now look for our email")
    farida.opens_mail("We have your enquiry about Holloway Larder: please confirm it", "Yes, I sent this")
    farida.is_at("Did you send us this?")
    farida.sees("We never know what is on our shelves.")
    farida.presses("Yes, I sent this")
    farida.is_at("Thank you. Your enquiry is with us")
    farida.sees("answers you about Holloway Larder by Tue 27 Oct 2026")


def an_officer_accepts(erin: Person) -> None:
    erin.town.it_is("2026-10-20 09:15")  # the day's mail is there
    erin.opens_mail("New enquiry: Holloway Larder", "Read the enquiry")
    erin.sees("We never know what is on our shelves.", "An answer is due by Tue 27 Oct 2026")
    erin.presses("Take it up")
    erin.writes({"Next step": "Ring Farida about a visit"})
    erin.writes_date("By when", "2026-10-22")
    erin.presses("Save the next step")
    erin.sees("Next: Ring Farida about a visit, by Thu 22 Oct 2026")
    erin.town.it_is("2026-10-22 14:00")
    erin.follows("Accept")
    erin.ticks("A new organisation")  # which it is not, as she finds out later
    erin.picks("What kind of organisation it is", "Charity")
    erin.picks("Borough where it mainly works", "Islington")
    erin.presses("Accept and invite Farida")
    erin.is_at("Holloway Larder")
    erin.sees("Farida Rahman is invited by email", "Its challenges can be published once it is approved.")


def she_chooses_a_password(farida: Person) -> None:
    farida.town.it_is("2026-10-23 09:15")
    farida.opens_mail("We would like to work with Holloway Larder", "Choose a password and start")
    farida.is_at("Choose a password")
    farida.writes({"New password": "tins beans and rice", "The same password again": "tins beans and rice"})
    farida.presses("Save password and sign in")
    farida.sees("Your password is saved.")
    farida.is_at("Post a challenge")


def she_writes_a_brief(farida: Person) -> None:
    farida.writes({"What would you call it?": TITLE})
    farida.ticks("Poverty and deprivation: food, fuel, debt, housing, and getting by on little")
    farida.writes({"Address": "12 Hornsey Road", "Postcode": "n7 7dd"})
    farida.presses("Save and go on")
    farida.is_at("Tell students about it")
    farida.writes({"What do you need?": NEED})
    farida.presses("Save and check your answers")
    farida.sees("Before you can send it:")
    farida.follows("Say what is left behind at the end")
    farida.writes({"What will be left behind at the end?": "A stock list that a volunteer can keep on a phone."})
    farida.presses("Save and check your answers")
    farida.sees("This is what students will read.", "12 Hornsey Road")
    farida.presses("Send it for review")
    farida.sees("It is being reviewed. You hear by email, by Fri 30 Oct 2026")


def it_was_little_to_ask(farida: Person) -> None:
    """From the enquiry to the brief: the questions that she had to answer, and the pages that she sent."""
    assert list(dict.fromkeys(farida.answered)) == [
        *("Name of your organisation", "Your name", "Your email address", "What challenges do you face?"),
        *("New password", "The same password again"),
        *("What would you call it?", "Poverty and deprivation: food, fuel, debt, housing, and getting by on little"),
        *("Address", "Postcode", "What do you need?", "What will be left behind at the end?"),
    ]
    assert list(dict.fromkeys(farida.sent)) == [
        *("Tell us about a challenge", "Did you send us this?", "Choose a password"),
        *("Post a challenge", "Tell students about it", "Check your answers"),
    ]


def an_officer_merges_what_is_there_twice(erin: Person) -> None:
    erin.chooses_from_menu("Organisations")
    erin.follows("Possible duplicates")
    erin.follows("Look at both records: The Holloway Larder and Holloway Larder")
    erin.sees("This cannot be taken back.", "Challenges")
    erin.ticks("Holloway Larder, Islington (prospective)")
    erin.presses("Merge the two")
    erin.is_at("Holloway Larder")
    erin.sees("The Holloway Larder is part of this record now.")
    erin.goes_to(f"/organisations/{KNOWN_BEFORE}")
    erin.is_at("Holloway Larder")


def a_champion_asks_for_a_change(petra: Person) -> None:
    petra.town.it_is("2026-10-26 09:15")
    petra.opens_mail(f"A challenge to review: {TITLE}", "Review the challenge")
    petra.sees("Could a student take this on and finish it in 45 hours?")
    petra.follows("Ask for changes")
    petra.picks("About which question?", "What is needed")
    petra.writes({"What should change?": "Say who counts now, so that a student knows whom to ask."})
    petra.presses("Ask for these changes")
    petra.sees("It is with the organisation, who were asked for changes.")


def she_edits_it_and_sends_it_again(farida: Person) -> None:
    farida.town.it_is("2026-10-27 09:15")
    question = farida.opens_mail(f"A question about your challenge: {TITLE}", "See your challenge")
    assert "Say who counts now" in question
    farida.follows("Edit it")
    farida.sees("What was said about your answers", "Say who counts now, so that a student knows whom to ask.")
    farida.writes({"What do you need?": CLEARER})
    farida.presses("Save and check your answers")
    farida.sees("each counts in their own way")
    farida.presses("Send it for review")
    farida.sees("Your challenge is sent.")


def a_champion_approves_it(petra: Person) -> None:
    petra.chooses_from_menu("Challenges")
    petra.follows(TITLE)
    petra.sees("Eight volunteers take turns")
    petra.presses("Approve the brief")
    petra.sees("It can be published once Holloway Larder is approved by the engagement team.")


def she_answers_what_is_asked_of_every_organisation(farida: Person) -> None:
    farida.chooses_from_menu("Your organisation")
    farida.sees("0 of 5 checks are done")
    farida.follows("See and answer them")
    farida.follows("Answer : Who you are")
    words = {"If you have none: what you do instead": "Six neighbours since 2019. Councillor Ali knows us well."}
    farida.ticks("Neither: we are an informal group")
    farida.writes(words)
    farida.presses("Send this answer")
    farida.follows("Answer : Employers’ liability insurance")
    farida.ticks("Yes, we have a certificate")
    farida.writes_date("If you have one: the last day on it", "2027-06-30")
    farida.attaches("If you have one: a copy or a photograph of it", certificate(farida))
    farida.presses("Send this answer")
    for policy in ("Health and safety", "Safeguarding", "Personal information"):
        farida.follows(f"Answer : {policy}")
        farida.follows("Read our one-page template")
        farida.sees("Holloway Larder")
        farida.follows("Adopt this page as our policy")
        farida.presses("Send this answer")
    farida.follows("Answer : Health and safety of this place, Holloway Larder")
    farida.ticks("No: this is what we look out for")
    farida.writes(
        {"If you have none: what you do instead": "A step at the door, and a kettle. The way out is the front."}
    )
    farida.presses("Send this answer")
    farida.sees("You need do nothing now: we look at your answers and write to you.")


def certificate(farida: Person) -> Path:
    file = farida.town.copy.settings.instance / "certificate.pdf"
    file.write_bytes(b"%PDF-1.7\nInsured until June\n%%EOF\n")
    return file


def an_officer_approves_the_organisation_and_publishes(erin: Person) -> None:
    erin.goes_to("/open-challenges")
    erin.does_not_see(TITLE)
    erin.chooses_from_menu("Checks")
    erin.follows("Who you are")
    for _ in range(6):
        erin.ticks("It passes")
        erin.presses("Save what you found")
    erin.sees("All five checks hold.")
    erin.chooses_from_menu("Organisations")
    erin.follows("Holloway Larder")
    erin.follows("Approve it")
    erin.sees("until Wed 30 Jun 2027", "Employers’ liability insurance decides that day")
    erin.presses("Approve it")
    erin.sees("Holloway Larder is approved.", "5 of 5 checks are done; approved until Wed 30 Jun 2027")
    erin.follows("See the challenges of Holloway Larder")
    erin.sees("Organisation: Holloway Larder")
    erin.follows(TITLE)
    erin.presses("Publish it")
    erin.sees("Students can see this challenge and choose it.")


def everybody_reads_it(town: Town) -> None:
    stranger = town.somebody("A Stranger", PHONE)
    stranger.goes_to("/open-challenges")
    stranger.follows(TITLE)
    stranger.sees(CLEARER, "Holloway Larder", "Islington")
    stranger.does_not_see("Farida", "Hornsey Road")
    sam = town.signs_in("Sam Adeyemi", PHONE)
    sam.chooses_from_menu("Find challenges")
    sam.follows(TITLE)
    sam.sees(CLEARER, "A stock list that a volunteer can keep on a phone.")
    sam.does_not_see("Farida", "Hornsey Road")
