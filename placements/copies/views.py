"""Pages of copies: have one, and check one."""

from hashlib import file_digest
from typing import Any

from flask import request

from placements.agreements.models import Agreement
from placements.agreements.queries import agreement_of, signers
from placements.agreements.rules import short
from placements.copies import forms, queries
from placements.core.errors import Refused
from placements.files.serving import send
from placements.web.area import Area, page, prepared
from placements.web.site import who

copies = Area("copies", __name__)


@copies.get("/agreements/<public_id>/copy", can="copies.copy", of=agreement_of)
def copy(agreement: Agreement) -> Any:
    """The copy, or that it is being made; and how anybody can check it."""
    assert agreement.sha256 is not None
    made = queries.copy_of(agreement.id)
    return page(agreement=agreement, placement=agreement.placement, copy=made, short_hash=short(agreement.sha256))


@copies.get("/agreements/<public_id>/copy.pdf", can="copies.download", of=agreement_of)
def download(agreement: Agreement) -> Any:
    """The PDF itself."""
    copy = queries.copy_of(agreement.id)
    if copy is None:
        raise Refused("The copy is being made. Try again in a minute.")
    return send(copy.file)


def _posted_digest() -> str | None:
    """The SHA-256 of the posted file, read before the transaction begins; None where none was chosen."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return None
    with sent.stream as stream:
        return file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


@copies.form("/check-a-document", can="copies.check", prepare=_posted_digest)
def check() -> Any:
    """Whether a file is a copy that we made, and of which Agreement. It is not kept, and nothing changes."""
    form = forms.CheckForm()
    if not form.accepted():
        return page(form=form)
    digest = prepared()
    if digest is None:
        raise Refused(forms.MISSING, "file")
    agreement = queries.agreement_with_bytes(who(), digest)
    holds = agreement is not None and queries.still_says_what_was_signed(agreement)
    return page(
        form=form,
        is_checked=True,
        agreement=agreement,
        holds=holds,
        signers=signers(agreement) if agreement else [],
    )
