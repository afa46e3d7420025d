"""The text that is signed, and its hash, on paper."""

import json
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.agreements.rules import (
    SECTIONS,
    Facts,
    canonical,
    digest,
    facts_of,
    is_name,
    missing,
    short,
    weekly_hours,
)

pytestmark = pytest.mark.pure

FACTS = Facts(
    module="WL6W50 2026/27",
    challenge="Count the stock",
    organisation="The food bank",
    where="The hall, 1 Example Road, N7 8DB",
    student="Ada Okoro",
    student_id="student-pub1",
    supervisor="Sue Supervisor",
    supervisor_id="superv-publ1",
    tutor="Tom Tutor",
    tutor_id="tutor-publi1",
    starts_on=date(2026, 11, 16),
    ends_on=date(2027, 4, 30),
    minutes=2700,
)
WORDS = {section.name: f"About {section.name}." for section in SECTIONS}
KNOWN = "ef13880b6d27"  # the first digits of the digest of these, so that the way it is taken can never change unseen

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NAMES = [section.name for section in SECTIONS]


def test_the_sections_are_the_columns_that_are_signed():
    assert [
        *("challenge", "objectives", "activities", "output"),
        *("hours_plan", "supervision", "confidentiality", "ownership"),
    ] == NAMES


def test_the_hash_of_known_words_is_known():
    assert digest(1, FACTS, WORDS).startswith(KNOWN)
    assert len(digest(1, FACTS, WORDS)) == 64


def test_the_canonical_text_holds_every_word_and_fact():
    held = json.loads(canonical(3, FACTS, WORDS))
    assert held["version"] == 3
    assert held["words"] == WORDS
    assert held["facts"]["starts_on"] == "2026-11-16"
    assert set(held["facts"]) == {field.name for field in fields(Facts)}


def test_facts_come_back_as_they_were_kept():
    assert facts_of(json.loads(json.dumps(FACTS.kept()))) == FACTS


@given(name=st.sampled_from(NAMES), text=TEXT)
@settings(max_examples=200)
def test_any_other_word_gives_another_hash(name, text):
    changed = {**WORDS, name: text}
    assert (digest(1, FACTS, changed) == digest(1, FACTS, WORDS)) == (text == WORDS[name])


@given(st.dictionaries(st.sampled_from(NAMES), TEXT), st.dictionaries(st.sampled_from(NAMES), TEXT))
@settings(max_examples=200)
def test_texts_are_equal_exactly_where_their_bytes_are(one, other):
    first, second = {**WORDS, **one}, {**WORDS, **other}
    assert (canonical(1, FACTS, first) == canonical(1, FACTS, second)) == (first == second)


@given(place=st.integers(min_value=0), flip=st.integers(1, 255))
@settings(max_examples=200)
def test_words_moved_between_sections_or_changed_by_one_letter_show(place, flip):
    name = NAMES[place % len(NAMES)]
    at = place % len(WORDS[name])
    changed = WORDS[name][:at] + chr(ord(WORDS[name][at]) ^ flip) + WORDS[name][at + 1 :]
    assert digest(1, FACTS, {**WORDS, name: changed}) != digest(1, FACTS, WORDS)
    swapped = {**WORDS, "challenge": WORDS["output"], "output": WORDS["challenge"]}
    assert digest(1, FACTS, swapped) != digest(1, FACTS, WORDS)


@pytest.mark.parametrize("field", [field.name for field in fields(Facts)])
def test_any_other_fact_gives_another_hash(field):
    others = {date: date(2026, 12, 1), int: 2400, str: "Somebody else"}
    changed = replace(FACTS, **{field: others[type(getattr(FACTS, field))]})
    assert digest(1, changed, WORDS) != digest(1, FACTS, WORDS)


def test_another_version_number_gives_another_hash():
    assert digest(2, FACTS, WORDS) != digest(1, FACTS, WORDS)


def test_a_hash_is_shown_by_its_first_twelve_digits():
    assert short("0123456789abcdef" * 4) == "0123 4567 89ab"


@pytest.mark.parametrize(
    ("typed", "name", "is_own"),
    [
        ("Ada Okoro", "Ada Okoro", True),
        ("  ada   OKORO ", "Ada Okoro", True),
        ("Siobhán O'Neill", "Siobhán O’Neill", True),
        ("Siobha\u0301n O’Neill", "Siobhán O’Neill", True),  # an accent typed as a sign of its own
        ("Strauß", "STRAUSS", True),
        ("Ada", "Ada Okoro", False),
        ("Okoro Ada", "Ada Okoro", False),
        ("AdaOkoro", "Ada Okoro", False),
        ("", "Ada Okoro", False),
        ("", "", False),
    ],
)
def test_a_name_is_ones_own_whatever_its_case_and_spaces(typed, name, is_own):
    assert is_name(typed, name) == is_own


def test_what_is_still_empty_is_named_in_order():
    assert missing(WORDS) == []
    found = missing({**WORDS, "output": " \n", "challenge": ""})
    assert [section.title for section in found] == ["The challenge", "What is left behind"]


@pytest.mark.parametrize(
    ("minutes", "ends_on", "hours"),
    [
        (2700, date(2027, 4, 30), 2.0),  # 45 hours over 24 weeks
        (2700, date(2026, 11, 20), 45.0),
        (60, date(2027, 4, 30), 0.5),
        (4200, date(2027, 1, 24), 7.0),  # 70 hours over 10 weeks
    ],
)
def test_hours_a_week_to_the_nearest_half(minutes, ends_on, hours):
    assert weekly_hours(minutes, date(2026, 11, 16), ends_on) == hours
