"""The case as one ZIP file: the same case as at the same moment gives the same bytes, on whatever machine.

Nothing is compressed, since most of what it holds is already, and compressors differ; files go from the store to the
disk a piece at a time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from placements.assessment.models import HandIn, Submission
from placements.cases.models import CaseExport
from placements.cases.rules import file_part, numbered
from placements.cases.telling import Case, sheets_of
from placements.cases.verdicts import attempt_of
from placements.core.csv_out import BOM, csv_text
from placements.core.version import VERSION
from placements.documents.rendering import render
from placements.files.models import StoredFile
from placements.files.store import CHUNK, store
from placements.reading.models import LogbookSnapshot

TITLE = "A student’s case"
FORMAT = 1  # of the ZIP file: which files there are and what they are called
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP file can say
TYPED = "text.txt"
CHANGED = "These are not the bytes that were received"
GONE = "It is not in the store"
BOOK = (
    *("Day", "Starts", "Ends", "Break (minutes)", "Minutes", "Counted (minutes)", "Not counted (minutes)", "Stands at"),
    *("Activity", "Reflection", "Objective", "Files", "What became of it"),
)


@dataclass(frozen=True)
class Packed:
    """One file of the case: bytes that were made, or what to copy from the store and the hash that it came with."""

    name: str
    made: bytes = b""
    sha256: str | None = None


def packed(case: Case) -> list[Packed]:
    """What goes in between the document and the manifest, in order."""
    return [
        *_agreements(case),
        *(file for each in case.judged.submissions for file in _handed_in(case, each)),
        *(Packed(f"tables/{each.name}.csv", _csv(each.columns, each.rows)) for each in sheets_of(case)),
    ]


def _csv(columns: Sequence[str], rows: Any) -> bytes:
    return (BOM + csv_text(columns, rows)).encode()


def _stored(folder: str, files: Sequence[StoredFile], case: Case) -> Iterator[Packed]:
    names = case.placed.others.hidden(numbered(each.name for each in files))
    for name, file in zip(names, files, strict=True):
        yield Packed(f"{folder}/{name}", sha256=file.sha256)


def _agreements(case: Case) -> Iterator[Packed]:
    for number, placement in enumerate(case.placed.placements, 1):
        for agreement in case.placed.agreements_of(placement):
            copy = case.placed.copies.get(agreement.id)
            if copy is not None:
                name = f"files/agreements/placement {number}, version {agreement.number}.pdf"
                yield Packed(name, sha256=copy.file.sha256)


def _handed_in(case: Case, submission: Submission) -> Iterator[Packed]:
    folder = f"files/{file_part(attempt_of(submission))}"
    before = [each.file for each in submission.files if each.hand_in_id is None]
    yield from _stored(f"{folder}/before receipts", before, case)
    for number, hand_in in enumerate(submission.hand_ins, 1):
        yield from _hand_in(f"{folder}/{number} {file_part(hand_in.receipt)}", hand_in, case)


def _hand_in(folder: str, hand_in: HandIn, case: Case) -> Iterator[Packed]:
    yield from _stored(folder, [each.file for each in hand_in.files], case)
    if hand_in.text:
        yield Packed("/".join((folder, TYPED)), hand_in.text.encode())
    if hand_in.snapshot:
        yield Packed(f"{folder}/logbook as it stood.csv", _book(hand_in.snapshot, case))


def _book(snapshot: LogbookSnapshot, case: Case) -> bytes:
    rows = [
        [
            *(said[name] for name in ("on", "starts", "ends", "break_minutes", "minutes", "counted", "not_counted")),
            *(said[name] for name in ("state", "activity", "reflection", "objective")),
            "; ".join(said["files"]),
            "; ".join(" ".join(part for part in each if part) for each in said["said"]),
        ]
        for said in snapshot.content["visits"]
    ]
    return _csv(BOOK, case.placed.others.hidden(rows))


def manifest_of(export: CaseExport, as_at: datetime) -> dict[str, object]:
    """What the manifest says beside the list of files."""
    return {
        "format": FORMAT,
        "software": f"Placements {VERSION}",
        "asked_by": export.asked_by.name,
        "asked_at": export.asked_at.isoformat(),
        "reason": export.reason,
        "as_at": as_at.isoformat(),
    }


def pack(words: Mapping[str, Any], files: Sequence[Packed], about: Mapping[str, object], into: IO[bytes]) -> None:
    """Write the ZIP file: the document of these words, the files, and a manifest of all that went in.

    Nothing is read from the database: call it between transactions.
    """
    document = Packed("case.pdf", render("case", TITLE, words))
    with ZipFile(into, "w", ZIP_STORED) as archive:
        listed = [_add(archive, each) for each in (document, *files)]
        said = json.dumps({**about, "files": listed}, ensure_ascii=False, indent=1, sort_keys=True)
        _add(archive, Packed("manifest.json", f"{said}\n".encode()))


def _add(archive: ZipFile, file: Packed) -> dict[str, object]:
    info = ZipInfo(file.name, LONG_AGO)
    info.create_system, info.external_attr = 3, 0o644 << 16
    path = store().path(file.sha256) if file.sha256 else None
    if path is not None and not path.is_file():
        return {"name": file.name, "bytes": 0, "sha256": file.sha256, "remark": GONE}
    digest, size = sha256(), 0
    with path.open("rb") if path else BytesIO(file.made) as source, archive.open(info, "w", force_zip64=True) as target:
        while piece := source.read(CHUNK):
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    is_true = file.sha256 in (None, digest.hexdigest())
    return {"name": file.name, "bytes": size, "sha256": digest.hexdigest(), "remark": "" if is_true else CHANGED}
