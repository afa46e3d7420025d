"""Organisations, their places, people and checks."""

from datetime import date
from io import BytesIO
from typing import Any

from werkzeug.datastructures import FileStorage

from placements.core.policy import Principal
from placements.directory.models import PartnerImport
from placements.files.actions import keep, receive
from placements.partners.models import (
    Contact,
    ContactRole,
    Interest,
    InterestKind,
    Organisation,
    OrganisationType,
    Site,
)
from placements.partners.workflow import OrganisationState
from placements.people.models import Person
from placements.vetting.models import Check, Evidence, Memorandum, SiteRisk
from placements.vetting.rules import Answer, CheckKind, Risk
from placements.vetting.workflow import CheckState
from tests.factories.base import DAY, NOW, add, changed, number
from tests.factories.people import person


def organisation(**said: Any) -> Organisation:
    said = {
        "name": f"Organisation {next(number)}",
        "type": OrganisationType.CHARITY,
        "borough": "Islington",
        "state": OrganisationState.APPROVED,
        "approved_until": date(2027, 8, 31),
        "created_at": NOW - 200 * DAY,
        **said,
    }
    return add(Organisation(**said))


def partner_import(uploaded_by: Person, **said: Any) -> PartnerImport:
    said = {"file_name": "partners.csv", "sha256": "0" * 64, "rows": [], "errors": [], "uploaded_at": NOW, **said}
    return add(PartnerImport(uploaded_by_id=uploaded_by.id, **said))


def site(of: Organisation | None = None, **said: Any) -> Site:
    said = {"name": "The hall", "address": "1 Example Road", "postcode": "N7 8DB", "borough": "Islington", **said}
    said = {"cleared_until": date(2027, 8, 31), **said}
    return add(Site(organisation=of or organisation(), **said))


def contact(
    of: Organisation | None = None, who: Person | None = None, role: ContactRole = ContactRole.PRIMARY, **said: Any
) -> Contact:
    return add(Contact(organisation=of or organisation(), person=who or person(), role=role, **said))


def check(of: Organisation, kind: CheckKind = CheckKind.IDENTITY, place: Site | None = None, **said: Any) -> Check:
    """Passed until the end of August, unless `state` says otherwise."""
    state = said.setdefault("state", CheckState.PASSED)
    until = date(2027, 8, 31) if state in (CheckState.PASSED, CheckState.CONDITIONAL) else None
    verified = None if state is CheckState.ANSWERED else NOW - 30 * DAY
    words = "We look after it together, every Monday."
    said = {"answer": Answer.INSTEAD, "words": words, "verified_at": verified, "valid_until": until, **said}
    said = {"answered_at": NOW - 40 * DAY, "answered_by": said.get("answered_by") or person(), **said}
    return add(Check(organisation=of, site=place, kind=kind, **said))


def five_checks(of: Organisation, **said: Any) -> list[Check]:
    return [check(of, kind, **said) for kind in CheckKind]


def evidence(of: Check, content: bytes = b"%PDF-1.7\n%%EOF\n", name: str = "Certificate.pdf") -> Evidence:
    """A file of the answer, its bytes in the store."""
    stored = keep(receive(FileStorage(BytesIO(content), name)), actor=Principal(of.answered_by.id), now=NOW)
    return add(Evidence(check=of, file=stored, added_at=of.answered_at))


def site_risk(of: Site, by: Person | None = None, **said: Any) -> SiteRisk:
    low = dict.fromkeys(("travel", "location", "environment", "insurance", "residual"), Risk.LOW)
    said = {"site_id": of.id, "assessed_at": NOW - DAY, "assessed_by": by or person(), **low, **said}
    return changed(SiteRisk, SiteRisk.site_id == of.id, said)


def memorandum(of: Organisation, by: Person | None = None, **said: Any) -> Memorandum:
    said = {"version": 1, "text": "We want to work together.", "made_at": NOW - 5 * DAY, **said}
    return add(Memorandum(organisation=of, made_by=by or person(), **said))


def interest(of: Organisation, who: Person, kind: InterestKind = InterestKind.TRUSTEE, **said: Any) -> Interest:
    return add(Interest(organisation=of, person=who, kind=kind, declared_at=NOW - DAY, **said))
