"""Photos written again: upright, small enough, and without a word of what the camera knew."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from werkzeug.datastructures import FileStorage

from placements.core.errors import Refused
from placements.files.actions import receive_evidence
from placements.files.photos import stripped
from placements.files.store import store
from tests.files.samples import DOCX, PDF, PNG

ORIENTATION, DESCRIPTION, GPS = 0x0112, 0x010E, 0x8825
WORDS = b"<script>where I live</script>"


def photo(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **said: Any) -> bytes:
    """A photo with a place, a description and a comment in it, taken with the telephone held upright."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[DESCRIPTION] = 6, WORDS.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (IFDRational(51), IFDRational(30), IFDRational(12))})
    more = {"comment": WORDS} if kind == "JPEG" else {"xmp": WORDS} if kind == "WEBP" else {}
    made = BytesIO()
    Image.new(mode, size, "red").save(made, kind, exif=exif, **more, **said)
    return made.getvalue()


def again(content: bytes) -> tuple[bytes, Image.Image]:
    clean = stripped("a", BytesIO(content)).read()
    return clean, Image.open(BytesIO(clean))


@pytest.mark.pure
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_is_left_but_what_can_be_seen(kind: str) -> None:
    before = photo(kind)
    assert WORDS in before
    clean, seen = again(before + WORDS)
    for trace in (WORDS, b"Exif", b"eXIf", b"EXIF", b"XMP ", b"ICCP", b"iCCP", b"\xff\xe1", b"\xff\xfe"):
        assert trace not in clean, trace
    assert (seen.format, seen.size, dict(seen.getexif())) == (kind, (40, 60), {})  # turned as it was held


@pytest.mark.pure
def test_a_large_photo_becomes_as_large_as_anybody_looks_at_it() -> None:
    assert again(photo(size=(4000, 3000)))[1].size == (1920, 2560)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("content", "mode"),
    [
        (photo("PNG", mode="RGBA"), "RGBA"),
        (photo("PNG", mode="P", transparency=0), "RGBA"),
        (photo("PNG", mode="I;16"), "RGB"),
        (photo("JPEG", mode="CMYK"), "RGB"),
        (photo("JPEG", mode="L"), "RGB"),
        (photo("WEBP", mode="RGBA"), "RGB"),  # nothing shines through it
    ],
)
def test_every_way_of_keeping_colours_is_read(content: bytes, mode: str) -> None:
    assert again(content)[1].mode == mode


@pytest.mark.pure
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (photo()[:-40], "“a.jpg” is damaged or incomplete. Open it, save it again, then send it."),
        (photo("PNG")[:60], "“a.jpg” is damaged or incomplete. Open it, save it again, then send it."),
        (PNG, "“a.jpg” is damaged or incomplete. Open it, save it again, then send it."),
        (PDF, "“a.jpg” is damaged or incomplete. Open it, save it again, then send it."),
        (b"", "“a.jpg” is damaged or incomplete. Open it, save it again, then send it."),
        (photo("PNG", (9000, 6000), "1"), "“a.jpg” has more than 50 million pixels. Send a smaller copy of it."),
        (photo("PNG", (12000, 8000), "1"), "“a.jpg” has more than 50 million pixels. Send a smaller copy of it."),
        (photo("PNG", (16000, 16000), "1"), "“a.jpg” has more than 50 million pixels. Send a smaller copy of it."),
    ],
)
def test_what_cannot_be_read_or_would_swell_says_so(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        stripped("a.jpg", BytesIO(content))
    assert refusal.value.sentence == sentence


def test_what_is_stored_is_the_photo_without_its_metadata(session: Any) -> None:
    received = receive_evidence(FileStorage(BytesIO(photo("WEBP")), "IMG 1.webp"))
    kept = store().path(received.sha256).read_bytes()
    assert WORDS not in kept
    assert (received.name, received.media_type, received.size) == ("IMG 1.webp", "image/webp", len(kept))


@pytest.mark.parametrize(("name", "content"), [("a.pdf", PDF), ("a.docx", DOCX)])
def test_other_files_are_kept_as_they_are(session: Any, name: str, content: bytes) -> None:
    received = receive_evidence(FileStorage(BytesIO(content), name))
    assert store().path(received.sha256).read_bytes() == content


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 300


@pytest.mark.parametrize("name", ["IMG_1.HEIC", "IMG_1.jpg", "IMG_1.heif"])
def test_an_iphones_own_format_is_refused_with_how_to_send_it(session: Any, name: str) -> None:
    with pytest.raises(Refused) as refusal:
        receive_evidence(FileStorage(BytesIO(HEIC), name))
    assert refusal.value.sentence == (
        f"“{name}” is a HEIC photo, which many computers cannot show. On an iPhone, choose Settings, Camera, Formats, "
        "“Most Compatible” and take it again, or send a screenshot of it. Send it as JPEG."
    )


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.png", b"", "“a.png” is empty. Choose the file again."),
        ("a.png", photo(), "“a.png” is not really a PNG file. Save it as PNG again, then send it."),
        ("a.webp", PDF, "“a.webp” is not really a WEBP file. Save it as WEBP again, then send it."),
    ],
)
def test_a_photo_is_what_its_name_says(session: Any, name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        receive_evidence(FileStorage(BytesIO(content), name))
    assert refusal.value.sentence == sentence
