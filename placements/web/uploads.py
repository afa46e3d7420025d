"""Files that are posted: a sheet read, others taken in, before the transaction begins, for those who may bring one."""

from collections.abc import Callable
from typing import TypeVar

from flask import request
from werkzeug.datastructures import FileStorage

from placements.core.errors import Refused
from placements.core.sheets import MAX_BYTES
from placements.web.site import who

Read = TypeVar("Read")
Taken = TypeVar("Taken")


def posted_sheet(read: Callable[[str, bytes], Read], role: str, missing: str) -> Read | None:
    """What `read` makes of the posted file's name and bytes; None for who does not hold the role.

    Raises Refused, beside the field `file`, where there is none (`missing`) or `read` refuses it.
    """
    if not who().has_any(role):
        return None
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Refused(missing, "file")
    data = sent.read(MAX_BYTES + 1)
    sent.close()
    try:
        return read(sent.filename, data)
    except Refused as refused:
        raise Refused(refused.sentence, "file") from refused


def posted_files(take: Callable[[FileStorage], Taken], role: str, most: int) -> list[Taken]:
    """What `take` makes of each file posted as `files`; none for who does not hold the role.

    Raises Refused, beside that field, for more than `most` of them, or where `take` refuses one.
    """
    if not who().has_any(role):
        return []
    sent = [each for each in request.files.getlist("files") if each.filename]  # without one, none was chosen
    if len(sent) > most:
        raise Refused(f"Choose at most {most} files at a time.", "files")
    try:
        return [take(each) for each in sent]
    except Refused as refused:
        raise Refused(refused.sentence, "files") from refused
