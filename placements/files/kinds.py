"""Which files are taken, and whether a file is what its name says. Only bytes are looked at; nothing is ever opened."""

import re
import unicodedata
from dataclasses import dataclass

import filetype

from placements.core.errors import Refused

NAME_LENGTH = 200
OFFICE = "application/vnd.openxmlformats-officedocument"
ZIP_ENDS = b"PK\x05\x06"  # closes every whole zip file; Office documents are zip files


@dataclass(frozen=True)
class Kind:
    """One kind of file: its media type, and for Office documents the part that it cannot be without."""

    media_type: str
    part: bytes = b""


KINDS = {
    "pdf": Kind("application/pdf"),
    "docx": Kind(f"{OFFICE}.wordprocessingml.document", b"word/document.xml"),
    "pptx": Kind(f"{OFFICE}.presentationml.presentation", b"ppt/presentation.xml"),
    "xlsx": Kind(f"{OFFICE}.spreadsheetml.sheet", b"xl/workbook.xml"),
    "odt": Kind("application/vnd.oasis.opendocument.text"),
    "png": Kind("image/png"),
    "jpg": Kind("image/jpeg"),
    "jpeg": Kind("image/jpeg"),
}
PHOTOS = {"png": KINDS["png"], "jpg": KINDS["jpg"], "jpeg": KINDS["jpeg"], "webp": Kind("image/webp")}
MADE = {"pdf": KINDS["pdf"], "zip": Kind("application/zip")}  # what we make ourselves; nobody sends in a zip file
ACCEPT = ",".join(f".{ending}" for ending in KINDS)
ACCEPT_EVIDENCE = f"image/jpeg,image/png,image/webp,{ACCEPT}"  # a camera's; iPhones then send JPEG
SAID = "PDF, Word, PowerPoint, Excel, OpenDocument text, PNG or JPEG"
APPLES = ("heic", "heif")  # what iPhones keep photos as; only some computers can show them
NOT_HEIC = (
    "“{}” is a HEIC photo, which many computers cannot show. On an iPhone, choose Settings, Camera, Formats, "
    "“Most Compatible” and take it again, or send a screenshot of it. Send it as JPEG."
)


def clean_name(name: str) -> str:
    """A file's name without path, control, direction and unpaired characters, at most 200 long, its ending kept."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(" " if each.isspace() else each for each in last if each.isspace() or _is_shown(each))
    stem, dot, ending = " ".join(shown.split()).strip(". ").rpartition(".")
    if not dot:
        return ending[:NAME_LENGTH] or "file"
    ending = ending[:20]
    return f"{stem[: NAME_LENGTH - len(ending) - 1].strip() or 'file'}.{ending}"


def _is_shown(character: str) -> bool:
    """Not a control, a format mark (such as one that turns the reading direction), half of a pair, or unassigned."""
    return unicodedata.category(character)[0] != "C"


def media_type(name: str) -> str:
    """The media type that a cleaned name promises. Raises Refused where its ending is not one that is taken."""
    ending = _ending(name)
    if ending in APPLES:
        raise Refused(NOT_HEIC.format(name))
    if ending == "zip":
        raise Refused(f"“{name}” is a zip folder, which cannot be read beside the rubric. Send the files in it.")
    if ending not in KINDS:
        raise Refused(f"“{name}” is not a kind of file that can be read here. Send {SAID}.")
    return KINDS[ending].media_type


def made_type(name: str) -> str:
    """The media type of a file that we made ourselves."""
    return MADE[_ending(name)].media_type


def check_bytes(name: str, head: bytes, tail: bytes) -> None:
    """Raises Refused where a file's first and last bytes are not those of what its name promises."""
    kind, found, said = KINDS[_ending(name)], filetype.guess(head), _ending(name).upper()
    if found is None or not (_is_office(found.mime) if kind.part else found.mime == kind.media_type):
        raise Refused(f"“{name}” is not really a {said} file. Save it as {said} again, then send it.")
    if kind.part and not (ZIP_ENDS in tail and kind.part in head + tail):
        raise Refused(f"“{name}” is damaged or incomplete. Open it, save it again, then send it.")


def is_photo(name: str) -> bool:
    """Whether a cleaned name promises a photo that `photos.stripped` can write again."""
    return _ending(name) in PHOTOS


def check_photo(name: str, head: bytes) -> Kind:
    """The kind of a photo by its name. Raises Refused where its first bytes are not those of that kind."""
    kind, found, said = PHOTOS[_ending(name)], filetype.guess(head), _ending(name).upper()
    if found is not None and found.extension in APPLES:
        raise Refused(NOT_HEIC.format(name))
    if found is None or found.mime != kind.media_type:
        raise Refused(f"“{name}” is not really a {said} file. Save it as {said} again, then send it.")
    return kind


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _is_office(mime: str) -> bool:
    return mime == "application/zip" or mime.startswith(OFFICE)
