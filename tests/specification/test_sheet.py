"""A rubric as a spreadsheet: read, refused line by line, laid beside another, and back again as it went."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.cohorts.rules import ComponentKind
from placements.core.csv_out import BOM, csv_text
from placements.core.errors import Refused
from placements.specification.rules import BANDS, Line, rubric_problems, tidy, words_problem
from placements.specification.sheet import HEADINGS, Change, cells_of, compare, preset_of, read_rubric

pytestmark = pytest.mark.pure

HEADER = "Criterion,Weight,About the logbook,70,60,50,40,0\n"


def read(text: str, *, takes_logbook: bool = True) -> list[tuple[int, str, str]]:
    found = read_rubric((HEADER + text).encode(), takes_logbook=takes_logbook)
    return [(each.line, each.column, each.sentence) for each in found.errors]


def test_a_rubric_is_read_with_its_bands():
    text = HEADER + 'Argument,60%,,"Clear, and short.",Clear.,,,None.\nLogbook,40,YES,Full.,,,,\n'
    found = read_rubric(text.encode(), takes_logbook=True)
    assert found.errors == ()
    assert found.lines == (
        Line("Argument", 60, False, {"70": "Clear, and short.", "60": "Clear.", "0": "None."}),
        Line("Logbook", 40, True, {"70": "Full."}),
    )


def test_columns_may_be_missing_but_for_title_and_weight_and_others_are_left_alone():
    found = read_rubric(b"Weight;Notes;CRITERION\n100;x;All of it\n", takes_logbook=False)
    assert (found.lines, found.ignored_columns) == ((Line("All of it", 100),), ("Notes",))
    with pytest.raises(Refused, match="The file has no column “Weight”"):
        read_rubric(b"Criterion,70\nAll,Good\n", takes_logbook=False)


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("One,99\n", [(2, "Weight", "The weights add up to 99. Change them to add up to 100.")]),
        (
            "One,50\nTwo,49\n",
            [(3, "Weight", "The weights add up to 99. Change them to add up to 100.")],
        ),
        (
            "One,50\none,50\n",
            [(3, "Criterion", "There is a criterion “one” already. Give each a title of its own.")],
        ),
        ("=1+1,100\n", [(2, "Criterion", "This is a formula. Put the value itself in the cell.")]),
        (
            "'=1+1,100\n",
            [(2, "Criterion", "Begin with a letter or a number: a spreadsheet would take this for a formula.")],
        ),
        ('One,100,,"=HYPERLINK(""x"")"\n', [(2, "70", "This is a formula. Put the value itself in the cell.")]),
        ("One,100,perhaps\n", [(2, "About the logbook", "“perhaps” is not known here. Enter Yes or No.")]),
        ("One,fifty\n", [(2, "Weight", "Enter a whole number from 1 to 100.")]),
        ("One,0\nTwo,100\n", [(2, "Weight", "Enter a whole number from 1 to 100.")]),
        ("One,=50+50\n", [(2, "Weight", "Enter a whole number from 1 to 100.")]),
        ("One,٥٠\n", [(2, "Weight", "Enter a whole number from 1 to 100.")]),
        (",100\n", [(2, "Criterion", "This is blank. Fill it in.")]),
        (f"{'x' * 201},100\n", [(2, "Criterion", "This is longer than 200 characters. Shorten it.")]),
        (f"One,100,,{'x' * 1001}\n", [(2, "70", "This is longer than 1000 characters. Shorten it.")]),
        (
            "left\u202eright,100\n",
            [(2, "Criterion", "This holds a character that cannot be shown. Type the cell again.")],
        ),
        (
            "One,100,No,a,b,c,d,e,f\n",
            [
                (
                    2,
                    "",
                    "This line has more cells than there are columns. Put quotation marks round a cell with a comma.",
                )
            ],
        ),
        ("", [(1, "Criterion", "A rubric has at least one criterion. Keep one, or add one.")]),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_wrong_is_said_at_its_line_and_column(text, errors):
    assert read(text) == errors


def test_only_the_portfolio_takes_criteria_about_the_logbook():
    assert read("One,100,Yes\n") == []
    assert read("One,100,Yes\n", takes_logbook=False) == [
        (2, "About the logbook", "Only criteria of the portfolio can be about the logbook.")
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"PK\x03\x04 a workbook",
        (HEADER + "x" * 1_000_000 + ",100\n").encode(),
        (HEADER + '"One,100\n').encode(),
        b"Criterion,Criterion,Weight\n",
        b"\0",
    ],
    ids=["empty", "cut short", "workbook", "a million characters", "no partner", "twice", "nul"],
)
def test_a_file_that_is_no_rubric_is_refused_as_a_whole(data):
    with pytest.raises(Refused):
        read_rubric(data, takes_logbook=True)


def test_ten_thousand_lines_are_read_and_refused():
    assert (21 + 1, "Criterion", "A rubric has at most 20 criteria. Join some of them.") in read(
        "".join(f"Number {each},1\n" for each in range(9_999))
    )


WORDS = st.text(st.characters(codec="utf-8"), max_size=60).map(tidy).filter(lambda text: not words_problem(text, 200))
LINES = st.builds(
    lambda title, is_about, bands: Line(title, 1, is_about, {band: said for band, said in bands.items() if said}),
    WORDS.filter(bool),
    st.booleans(),
    st.fixed_dictionaries(dict.fromkeys(BANDS, WORDS)),
)
RUBRICS = st.lists(LINES, min_size=1, max_size=6, unique_by=lambda line: line.title.casefold()).map(
    lambda lines: [Line(lines[0].title, 101 - len(lines), lines[0].is_about_logbook, lines[0].bands), *lines[1:]]
)


@settings(max_examples=300)
@given(RUBRICS)
def test_a_rubric_that_is_exported_and_imported_changes_nothing(lines):
    assert list(rubric_problems(lines, takes_logbook=True)) == []
    data = (BOM + csv_text(list(HEADINGS.values()), cells_of(lines))).encode()
    found = read_rubric(data, takes_logbook=True)
    assert (found.errors, list(found.lines)) == ((), lines)
    assert compare(lines, found.lines) == []


@settings(max_examples=200)
@given(st.text(string.printable, max_size=300), st.binary(max_size=60))
def test_whatever_is_sent_is_read_or_refused(text, data):
    for sent in (HEADER.encode() + text.encode(), data, HEADER.encode() + data):
        try:
            found = read_rubric(sent, takes_logbook=True)
        except Refused:
            continue
        assert found.errors or sum(line.weight for line in found.lines) == 100


def test_what_becomes_of_each_criterion_is_said():
    there = [Line("One", 50), Line("Two", 30, True), Line("Three", 20)]
    wanted = [Line("three", 20), Line("One", 50), Line("Four", 30, False, {"70": "Good."})]
    assert compare(there, wanted) == [
        Change("three", "changed", (("Place", "3", "1"), ("Criterion", "Three", "three"))),
        Change("One", "changed", (("Place", "1", "2"),)),
        Change(
            "Four",
            "new",
            (
                ("Criterion", "", "Four"),
                ("Weight", "", "30%"),
                ("About the logbook", "", "No"),
                ("70 and over", "", "Good."),
            ),
        ),
        Change("Two", "removed"),
    ]
    assert compare(there, there) == []


@pytest.mark.parametrize(
    ("kind", "weights"),
    [
        (ComponentKind.AGREEMENT, [40, 35, 25]),
        (ComponentKind.FEEDBACK, [25, 25, 25, 25]),
        (ComponentKind.PORTFOLIO, [20, 25, 20, 20, 15]),
    ],
)
def test_both_levels_have_presets_that_differ_in_what_bands_show(kind, weights):
    five, six = preset_of(kind, 5), preset_of(kind, 6)
    assert [line.weight for line in five] == [line.weight for line in six] == weights
    is_marked = kind is not ComponentKind.FEEDBACK
    assert [bool(line.bands) for line in five] == [is_marked] * len(weights)
    assert all(one.bands["70"] != other.bands["70"] for one, other in zip(five, six, strict=True) if is_marked)
    assert list(rubric_problems(five, takes_logbook=kind is ComponentKind.PORTFOLIO)) == []
