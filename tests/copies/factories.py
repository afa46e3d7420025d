"""The copy of a version, with the bytes that a test gives it."""

from placements.agreements.models import Agreement
from placements.copies.models import AgreementCopy
from placements.core.policy import NOBODY
from placements.db import db
from placements.files.actions import keep, put
from tests.factories import NOW


def signed_copy(of: Agreement, content: bytes) -> AgreementCopy:
    """Made when the version came into force."""
    file = keep(put(f"Challenge Agreement, version {of.number}.pdf", content), actor=NOBODY, now=NOW)
    made = AgreementCopy(agreement=of, file=file, made_at=NOW)
    db.session.add(made)
    db.session.flush()
    return made
