"""Names made harmless, and files that are what their names say."""

import io
import zipfile

import pytest

from placements.core.errors import Refused
from placements.files.kinds import KINDS, check_bytes, clean_name, media_type
from tests.files.samples import DOCX, JPEG, ODT, PDF, PNG, PPTX, XLSX

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Portfolio.pdf", "Portfolio.pdf"),
        ("C:\\Users\\amina\\My work.PDF", "My work.PDF"),
        ("../../../../etc/passwd.pdf", "passwd.pdf"),
        ("cv.pdf\r\nX-Hostile: 1", "cv.pdf X-Hostile: 1"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("cv\u202efdp.exe", "cvfdp.exe"),
        ("a\0b.pdf", "ab.pdf"),
        ("half\ud800.pdf", "half.pdf"),
        ("  two   spaces .pdf ", "two spaces.pdf"),
        ("..", "file"),
        (".pdf", "pdf"),
        ("", "file"),
        ("no ending", "no ending"),
        ("n" * 5000 + ".pdf", "n" * 196 + ".pdf"),
        ("x." + "e" * 5000, "x." + "e" * 20),
        ("Re\u0301sume\u0301.docx", "Résumé.docx"),
        ("作品集.pdf", "作品集.pdf"),
    ],
)
def test_a_name_is_made_harmless(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF),
        ("a.PDF", PDF),
        ("a.docx", DOCX),
        ("a.pptx", PPTX),
        ("a.xlsx", XLSX),
        ("a.odt", ODT),
        ("a.png", PNG),
        ("a.jpg", JPEG),
        ("a.jpeg", JPEG),
    ],
)
def test_what_a_file_says_it_is_is_taken(name: str, content: bytes) -> None:
    assert media_type(name) == KINDS[name.rpartition(".")[2].lower()].media_type
    check_bytes(name, content, content)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a.zip", "“a.zip” is a zip folder, which cannot be read beside the rubric. Send the files in it."),
        (
            "a.html",
            "“a.html” is not a kind of file that can be read here. "
            "Send PDF, Word, PowerPoint, Excel, OpenDocument text, PNG or JPEG.",
        ),
        (
            "pdf",
            "“pdf” is not a kind of file that can be read here. "
            "Send PDF, Word, PowerPoint, Excel, OpenDocument text, PNG or JPEG.",
        ),
    ],
)
def test_other_kinds_are_refused_with_what_to_do(name: str, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        media_type(name)
    assert refusal.value.sentence == sentence


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"<!doctype html><script>alert(1)</script>"),
        ("a.pdf", DOCX),
        ("a.docx", PDF),
        ("a.odt", DOCX),
        ("a.png", b"MZ\x90\0" + b"\0" * 500),
        ("a.png", JPEG),
        ("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='go()'/>"),
    ],
)
def test_bytes_that_disagree_with_the_name_are_refused(name: str, content: bytes) -> None:
    with pytest.raises(Refused, match="is not really a"):
        check_bytes(name, content, content)


def test_office_files_that_are_cut_short_or_another_zip_are_refused() -> None:
    another = io.BytesIO()
    with zipfile.ZipFile(another, "w") as archive:
        archive.writestr("notes.txt", "not a document")
    for name, content in (("a.docx", DOCX[:-40]), ("a.docx", another.getvalue()), ("a.xlsx", DOCX), ("a.pptx", XLSX)):
        with pytest.raises(Refused, match="damaged or incomplete"):
            check_bytes(name, content, content)
