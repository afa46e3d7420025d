"""The text that is signed, and its hash, on paper."""

import json
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.agreements.rules import (
    PARTS,
    SECTIONS,
    Content,
    Facts,
    canonical,
    digest,
    facts_of,
    is_name,
    missing,
    no_more_than_six,
    short,
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
OBJECTIVES = ("Count it all.", "Leave a guide.")
WEEKS = {date(2026, 11, 16): 120, date(2026, 11, 23): 2580}
CONTENT = Content(WORDS, OBJECTIVES, WEEKS)
# The first digits of the digests of these, so that the way they are taken can never change unseen.
KNOWN = "6c2812efe9d7"
KNOWN_OF_THE_SECOND_FORMAT = "a367eb4566aa"
KNOWN_OF_THE_FIRST_FORMAT = "ef13880b6d27"

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NAMES = [section.name for section in SECTIONS]


def written(words=None, objectives=OBJECTIVES, weeks=WEEKS):
    return Content({**WORDS, **(words or {})}, objectives, weeks)


def test_the_parts_are_those_that_an_agreement_has():
    assert [part.name for part in PARTS] == [
        *("challenge", "objectives", "activities", "output"),
        *("hours_plan", "weeks", "supervision", "confidentiality", "ownership"),
    ]
    assert [part.name for part in PARTS if part.name not in NAMES] == ["objectives", "weeks"]


def test_the_hash_of_known_words_is_known():
    assert digest(1, FACTS, CONTENT).startswith(KNOWN)
    assert len(digest(1, FACTS, CONTENT)) == 64


def test_a_hash_of_the_first_format_is_what_it_was():
    """Objectives were one text then; the rows that were made of it are its lines, with the empty ones after them."""
    assert digest(1, FACTS, Content(WORDS, ("About objectives.",)), 1).startswith(KNOWN_OF_THE_FIRST_FORMAT)
    before = canonical(1, FACTS, Content(WORDS, ("1. Count.\n", "2. Write.")), 1)
    assert json.loads(before)["words"]["objectives"] == "1. Count.\n\n2. Write."


def test_a_hash_of_the_second_format_is_what_it_was():
    """Nobody but the supervisor signed for the organisation then, and facts that were kept do not say so."""
    kept = {name: value for name, value in FACTS.kept().items() if not name.startswith("signatory")}
    assert digest(1, facts_of(kept), CONTENT, 2).startswith(KNOWN_OF_THE_SECOND_FORMAT)


def test_the_canonical_text_holds_every_word_and_fact():
    held = json.loads(canonical(3, FACTS, CONTENT))
    assert (held["format"], held["version"]) == (3, 3)
    assert held["words"] == WORDS
    assert held["objectives"] == ["Count it all.", "Leave a guide."]
    assert held["weeks"] == {"2026-11-16": 120, "2026-11-23": 2580}
    assert held["facts"]["starts_on"] == "2026-11-16"
    assert set(held["facts"]) == {field.name for field in fields(Facts)}


@pytest.mark.parametrize(
    "other",
    [
        written(objectives=("Leave a guide.", "Count it all.")),
        written(objectives=("Count it all.",)),
        written(objectives=("Count it all.\nLeave a guide.",)),
        written(weeks={date(2026, 11, 16): 120}),
        written(weeks={date(2026, 11, 16): 105, date(2026, 11, 23): 2580}),
        written(weeks={date(2026, 11, 16): 120, date(2026, 11, 30): 2580}),
    ],
)
def test_other_objectives_or_hours_give_another_hash(other):
    assert digest(1, FACTS, other) != digest(1, FACTS, CONTENT)


def test_facts_come_back_as_they_were_kept():
    assert facts_of(json.loads(json.dumps(FACTS.kept()))) == FACTS


@given(name=st.sampled_from(NAMES), text=TEXT)
@settings(max_examples=200)
def test_any_other_word_gives_another_hash(name, text):
    changed = written({name: text})
    assert (digest(1, FACTS, changed) == digest(1, FACTS, CONTENT)) == (text == WORDS[name])


@given(st.dictionaries(st.sampled_from(NAMES), TEXT), st.dictionaries(st.sampled_from(NAMES), TEXT))
@settings(max_examples=200)
def test_texts_are_equal_exactly_where_their_bytes_are(one, other):
    first, second = written(one), written(other)
    assert (canonical(1, FACTS, first) == canonical(1, FACTS, second)) == (first == second)


@given(place=st.integers(min_value=0), flip=st.integers(1, 255))
@settings(max_examples=200)
def test_words_moved_between_sections_or_changed_by_one_letter_show(place, flip):
    name = NAMES[place % len(NAMES)]
    at = place % len(WORDS[name])
    changed = WORDS[name][:at] + chr(ord(WORDS[name][at]) ^ flip) + WORDS[name][at + 1 :]
    assert digest(1, FACTS, written({name: changed})) != digest(1, FACTS, CONTENT)
    swapped = written({"challenge": WORDS["output"], "output": WORDS["challenge"]})
    assert digest(1, FACTS, swapped) != digest(1, FACTS, CONTENT)


@pytest.mark.parametrize("field", [field.name for field in fields(Facts)])
def test_any_other_fact_gives_another_hash(field):
    others = {date: date(2026, 12, 1), int: 2400, str: "Somebody else"}
    changed = replace(FACTS, **{field: others[type(getattr(FACTS, field))]})
    assert digest(1, changed, CONTENT) != digest(1, FACTS, CONTENT)


def test_another_version_number_gives_another_hash():
    assert digest(2, FACTS, CONTENT) != digest(1, FACTS, CONTENT)


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
    assert missing(CONTENT) == []
    found = missing(written({"output": " \n", "challenge": ""}, ("Only one.",), {}))
    assert [section.title for section in found] == [
        "The challenge",
        "What is to be achieved and learnt",
        "What is left behind",
        "Hours week by week",
    ]


def test_a_part_reads_as_a_list_or_as_it_was_written():
    assert CONTENT.said("objectives") == "1. Count it all.\n2. Leave a guide."
    assert CONTENT.said("output") == "About output."
    assert CONTENT.said("weeks") == "16 Nov 2026 to 22 Nov 2026: 2 hours\n23 Nov 2026 to 29 Nov 2026: 43 hours"


@pytest.mark.parametrize(
    ("before", "boxes"),
    [
        ([], []),
        (["One.\n", " ", "Two."], ["One.", "Two."]),
        (list("abcdef"), list("abcdef")),
        (list("abcdefgh"), ["a", "b", "c", "d", "e", "f g h"]),
    ],
)
def test_a_form_has_six_boxes_however_many_there_were(before, boxes):
    assert no_more_than_six(before) == boxes
