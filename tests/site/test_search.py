"""Word search: what is found, the same on both databases, kept in step by the database, and never a fault."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from placements.challenges.models import Challenge
from placements.challenges.queries import Search, search_published
from placements.db import db
from placements.enquiries.models import Enquiry
from placements.partners.models import Organisation
from placements.search import matches, words_of
from tests import factories as make


def named(text: str) -> list[str]:
    found = select(Organisation.name).where(matches(text, Organisation)).order_by(Organisation.id)
    return list(db.session.scalars(found))


@pytest.fixture
def three(session: Any) -> None:
    make.organisation(name="Bankside Food-Bank", charity_number="1034567")
    make.organisation(name="Café Zürich (St. John’s)")
    make.organisation(name="Food for All", company_number="08123456")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bank", ["Bankside Food-Bank"]),
        ("FOOD", ["Bankside Food-Bank", "Food for All"]),
        ("food bank", ["Bankside Food-Bank"]),
        ("bank food", ["Bankside Food-Bank"]),
        ("foo al", ["Food for All"]),
        ("food-bank", ["Bankside Food-Bank"]),
        ("side", []),  # how a word begins, not what it holds
        ("cafe", ["Café Zürich (St. John’s)"]),
        ("ZÜRICH", ["Café Zürich (St. John’s)"]),
        ("zuri", ["Café Zürich (St. John’s)"]),
        ("st john's", ["Café Zürich (St. John’s)"]),
        ("1034567", ["Bankside Food-Bank"]),
        ("0812", ["Food for All"]),
        ("food AND bank", []),  # no operators: “and” is a word like any other
        ("food OR nothing", []),
        ('"food" (bank)*', ["Bankside Food-Bank"]),
        ("name:food", []),
        ("food & bank | !x", []),
        ("", []),
        ("?!…", []),
        ("\0food\0", ["Bankside Food-Bank", "Food for All"]),
        ("\u202efood\u202c", ["Bankside Food-Bank", "Food for All"]),  # marks that turn the direction of writing
    ],
)
def test_what_is_found(three: None, text: str, found: list[str]) -> None:
    assert named(text) == found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.text())
@pytest.mark.parametrize("model", [Organisation, Enquiry, Challenge])
def test_nothing_that_is_typed_is_a_fault(session: Any, model: Any, text: str) -> None:
    db.session.scalars(select(model.id).where(matches(text, model))).all()


@pytest.mark.parametrize("text", ["a" * 10**6, "q " * 10**6, "'\\" * 10**6, "ﷺ" * 10**6, "\ud800 x"])
def test_no_length_is_a_fault(three: None, text: str) -> None:
    assert named(text) == []


def test_at_most_eight_words_of_forty_letters_are_looked_for() -> None:
    assert words_of("É" * 50 + " 2 3 4 5 6 7 8 9") == ["e" * 40, "2", "3", "4", "5", "6", "7", "8"]


def test_the_index_follows_its_rows(session: Any) -> None:
    kept = make.organisation(name="Old name")
    assert named("old") == ["Old name"]
    kept.name = "New name"
    db.session.flush()
    assert (named("old"), named("new")) == ([], ["New name"])
    db.session.execute(update(Organisation).values(name="Third", charity_number="7"))
    assert (named("new"), named("third 7")) == ([], ["Third"])
    db.session.delete(kept)
    db.session.flush()
    assert named("third") == []


def test_an_enquiry_is_found_by_its_organisation_and_what_it_wrote(session: Any) -> None:
    made = make.enquiry(organisation_name="Dalston Carers", challenges_faced="Nobody reads our leaflets.")
    for text, keys in (("dalston", [made.id]), ("leaflet carers", [made.id]), ("dalston choir", [])):
        assert list(db.session.scalars(select(Enquiry.id).where(matches(text, Enquiry)))) == keys


def test_a_challenge_is_found_by_its_words_and_those_of_its_organisation(session: Any) -> None:
    made = make.challenge(make.organisation(name="Kilburn Choir"), title="Map the halls", need="We sing in too few.")
    make.challenge(make.organisation(name="Other"), title="Map the parks", need="They are far away.")
    rows = select(Challenge).join(Challenge.organisation).order_by(Challenge.id)
    for text, keys in (
        ("halls", [made.id]),
        ("kilburn map", [made.id]),
        ("sing choir", [made.id]),
        ("kilburn parks", []),
    ):
        found = db.session.scalars(search_published(rows, Search(text=text)))
        assert [challenge.id for challenge in found] == keys


def test_skills_are_found_by_themselves_and_follow_their_challenge(session: Any) -> None:
    made = make.challenge(title="Map the halls", skills="Déjà some French", skills_learnt="Drawing maps")

    def skilled(text: str) -> list[int]:
        return list(db.session.scalars(select(Challenge.id).where(matches(text, Challenge, part="skills"))))

    assert [skilled(text) for text in ("deja", "french draw", "halls", "german")] == [[made.id], [made.id], [], []]
    made.skills = "German"
    db.session.flush()
    assert [skilled(text) for text in ("german", "french")] == [[made.id], []]
    db.session.execute(update(Challenge).values(title="Map the parks"))
    assert skilled("german map") == [made.id]
