"""Documents: the same bytes of the same values, readable by a screen reader, and words are never markup."""

import re
import subprocess
import sys
import zlib
from typing import Any

import pytest
import typst

from placements.documents import rendering
from placements.documents.rendering import TEMPLATES, render

pytestmark = pytest.mark.pure

RECORD: dict[str, Any] = {
    "student": "Łucja Ó Brien",
    "subtitle": "45 hours with The food bank",
    "facts": [["Student", "Łucja Ó Brien"], ["Hours", "45 hours"]],
    "objectives": ["Count the stock every week."],
    "said": [{"words": "She left us a guide.\nWe use it daily.", "who": "Sue Supervisor"}],
    "proof": "Each hour was confirmed by the organisation.",
}
CERTIFICATE: dict[str, Any] = {
    "organisation": "The food bank",
    "year": "2026/27",
    "thanks": "for taking 3 students.",
    "challenges": ["Count the stock"],
    "results": [],
    "signed": "London Metropolitan University, Fri 11 Jun 2027",
}
AGREEMENT: dict[str, Any] = {
    "student": "Ada Okoro",
    "number": 2,
    "subtitle": "Ada Okoro at The food bank",
    "short_hash": "abcd abcd abcd",
    "sha256": "ab" * 32,
    "in_force": "Version 2, in force since Wed 14 Oct 2026, 3pm, London time.",
    "facts": [["Student", "Ada Okoro"]],
    "parts": [{"title": "Objectives", "text": "1. Count.\n2. Leave a guide."}],
    "signatures": [{"party": "Student", "name": "Ada Okoro", "at": "Wed 14 Oct 2026, 3pm"}],
}
ALL = {"record": RECORD, "certificate": CERTIFICATE, "agreement": AGREEMENT}


def insides(pdf: bytes) -> bytes:
    """A PDF with its streams unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    unpacked = []
    for stream in streams:
        try:
            unpacked.append(zlib.decompress(stream))
        except zlib.error:
            unpacked.append(stream)
    return pdf + b"".join(unpacked)


@pytest.mark.parametrize("template", sorted(ALL))
def test_it_is_tagged_in_british_english_with_a_title_and_no_date(template: str) -> None:
    pdf = render(template, "A title of its own", ALL[template])
    inside = insides(pdf)
    assert pdf.startswith(b"%PDF-1.7")
    for said in (b"<pdfuaid:part>1</pdfuaid:part>", b"/Lang(en-GB)", b"/MarkInfo<</Marked true", b"A title of its own"):
        assert said in inside
    assert b"CreationDate" not in inside
    assert b"CreateDate" not in inside


def test_every_template_is_tried() -> None:
    assert {path.stem for path in TEMPLATES.glob("*.typ")} == {
        *ALL,
        "page",
        "board",
        "case",
    }  # the board's: tests/board/test_report.py; a case's: tests/cases/test_packing.py


@pytest.mark.parametrize("template", sorted(ALL))
def test_the_same_values_make_the_same_bytes_in_another_process_and_another_order(template: str) -> None:
    shuffled = dict(reversed(ALL[template].items()))
    code = (
        "import sys; from placements.documents.rendering import render; "
        f"sys.stdout.buffer.write(render({template!r}, 'Title', {shuffled!r}))"
    )
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert other.stdout == render(template, "Title", ALL[template])


def test_another_letter_makes_other_bytes() -> None:
    assert render("record", "T", RECORD) != render("record", "T", {**RECORD, "student": "Łucja Ó Briem"})


@pytest.mark.parametrize(
    "words",
    ["#panic()", '#read("rendering.py")', "$x$ @ref <label> *b* _i_", "= heading", "\\", '"#', "- list\n+ list"],
)
def test_words_are_never_markup(words: str) -> None:
    assert len(render("agreement", "T", {**AGREEMENT, "parts": [{"title": words, "text": words}]})) > 1000


@pytest.mark.parametrize("words", ["王芳", "বাংলা", "🙂", "ทดสอบ"])
def test_letters_that_our_fonts_have_not_make_a_tagged_document_all_the_same(words: str) -> None:
    pdf = render("record", "T", {**RECORD, "student": words})
    assert b"/MarkInfo<</Marked true" in insides(pdf)
    assert b"pdfuaid:part" not in insides(pdf)


def test_any_other_fault_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(typst.TypstError):
        render("record", "T", {"student": "half of what it wants"})


def test_no_font_of_the_machine_is_used() -> None:
    """Fonts that come with the typesetter are there; were the machine's taken too, a bare one would make other bytes."""
    own = typst.Fonts(include_system_fonts=False).families()
    assert "Libertinus Serif" in own
    fonts = set(re.findall(rb"/FontName/[A-Z]{6}\+([\w-]+)", insides(render("agreement", "T", AGREEMENT))))
    assert {name.split(b"-")[0] for name in fonts} <= {b"LibertinusSerif", b"DejaVuSansMono"}
    assert rendering.STANDARD == "ua-1"
