"""A sheet that is posted: read before the transaction begins, for those alone who may bring one."""

from collections.abc import Callable
from typing import TypeVar

from flask import request

from placements.core.errors import Refused
from placements.core.sheets import MAX_BYTES
from placements.web.site import who

Read = TypeVar("Read")


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
