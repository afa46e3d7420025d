"""Copies of Agreements: made by the worker once, of every version that came into force; and found again byte by byte."""

import re
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.agreements.models import Agreement, Party
from placements.agreements.workflow import AgreementState
from placements.copies import making
from placements.copies.making import copy_due
from placements.copies.models import AgreementCopy
from placements.copies.queries import agreement_with_bytes, still_says_what_was_signed, words_of
from placements.db import db
from placements.files.models import StoredFile
from placements.files.store import store
from tests import factories as make
from tests.agreements.scene import in_force, proposed
from tests.client import PageClient
from tests.copies.factories import signed_copy
from tests.factories import DAY, NOW
from tests.placing.scene import Scene, committed


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def pdf_of(agreement: Agreement) -> bytes:
    found = select(StoredFile.sha256).join(AgreementCopy).where(AgreementCopy.agreement_id == agreement.id)
    return store().path(db.session.scalars(found).one()).read_bytes()


# Making


def test_what_came_into_force_is_copied_once(scene: Scene) -> None:
    agreement = in_force(scene)
    db.session.commit()
    assert (copy_due(NOW), copy_due(NOW + DAY)) == (1, 0)
    copy = db.session.scalars(select(AgreementCopy)).one()
    assert (copy.agreement_id, copy.made_at) == (agreement.id, NOW)
    assert (copy.file.name, copy.file.uploaded_by_id) == ("Challenge Agreement, version 1.pdf", None)
    assert pdf_of(agreement).startswith(b"%PDF-1.7")


@pytest.mark.parametrize("state", [AgreementState.DRAFT, AgreementState.SIGNING, AgreementState.TAKEN_BACK])
def test_what_was_never_in_force_is_not_copied(session: Any, state: AgreementState) -> None:
    make.agreement(Scene().placement, state=state)
    session.commit()
    assert copy_due(NOW) == 0


def test_a_replaced_version_keeps_its_copy_and_one_without_gets_it(scene: Scene) -> None:
    old = make.agreement(scene.placement, state=AgreementState.SUPERSEDED)
    new = make.agreement(scene.placement, number=2)
    db.session.commit()
    assert copy_due(NOW) == 2
    assert pdf_of(old) != pdf_of(new)


def test_the_copy_says_all_that_was_signed_and_no_network_address(scene: Scene) -> None:
    agreement = in_force(scene)
    words = words_of(agreement)
    said = str(words)
    for part in (*agreement.words.values(), *agreement.content.objectives, agreement.sha256 or ""):
        assert part in said
    assert [(each["party"], each["name"]) for each in words["signatures"]] == [
        ("Student", "Ada Okoro"),
        ("Supervisor", "Sue Supervisor"),
        ("Tutor", "Tom Tutor"),
    ]
    assert {each["at"] for each in words["signatures"]} == {"Tue 20 Oct 2026, 9am"}
    assert "203.0.113.9" not in said
    assert dict(words["facts"])["Dates"] == "Mon 16 Nov 2026 to Fri 30 Apr 2027"


def test_one_that_cannot_be_made_keeps_back_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = make.agreement(scene.placement, state=AgreementState.SUPERSEDED)
    good = make.agreement(scene.placement, number=2)
    db.session.commit()
    real = making.words_of

    def broken(agreement: Agreement) -> dict[str, Any]:
        if agreement.number == 1:
            raise ValueError
        return real(agreement)

    monkeypatch.setattr(making, "words_of", broken)
    assert copy_due(NOW) == 1
    assert f"the copy of Agreement {bad.id} could not be made" in caplog.text
    assert pdf_of(good)


# Checking


def test_a_byte_altered_anywhere_is_found(scene: Scene, app: Flask) -> None:
    agreement = in_force(scene)
    db.session.commit()
    copy_due(NOW)
    tutor, whole = scene.who(app, "tutor"), pdf_of(agreement)
    assert found(tutor, whole) == agreement
    for place in sorted({0, 1, len(whole) - 2, len(whole) - 1, *range(0, len(whole), len(whole) // 150)}):
        altered = bytearray(whole)
        altered[place] ^= 1
        assert found(tutor, bytes(altered)) is None, place
    for longer_or_shorter in (whole + b"\n", whole[:-1], whole[1:], b""):
        assert found(tutor, longer_or_shorter) is None


def found(who: Any, pdf: bytes) -> Agreement | None:
    return agreement_with_bytes(who, sha256(pdf).hexdigest())


def test_who_does_not_follow_the_placement_learns_nothing(scene: Scene, app: Flask) -> None:
    agreement = in_force(scene)
    db.session.commit()
    copy_due(NOW)
    pdf = pdf_of(agreement)
    knows = {
        name
        for name in (
            "student",
            "supervisor",
            "tutor",
            "leader",
            "contact",
            "engagement",
            "other_student",
            "other_tutor",
        )
        if found(scene.who(app, name), pdf)
    }
    assert knows == {"student", "supervisor", "tutor", "leader"}


def test_the_same_bytes_sent_in_by_somebody_are_no_copy(scene: Scene, app: Flask) -> None:
    other = b"%PDF-1.7\nno copy\n%%EOF\n"
    agreement = in_force(scene)
    signed_copy(agreement, b"%PDF-1.7\nthe copy\n%%EOF\n")
    make.entry_evidence(make.entry(scene.placement), other)
    assert found(scene.who(app, "tutor"), other) is None


def test_a_record_that_was_meddled_with_no_longer_says_what_was_signed(scene: Scene) -> None:
    agreement = in_force(scene)
    assert still_says_what_was_signed(agreement)
    agreement.output = "Something else."
    assert not still_says_what_was_signed(agreement)


# Pages


@pytest.fixture
def agreed(database: Flask) -> Scene:
    with database.app_context():
        scene = Scene()
        scene.agreement = in_force(scene)  # type: ignore[attr-defined]
        committed(scene)
    return scene


def test_a_party_is_told_that_it_is_being_made_then_has_it(database: Flask, client: PageClient, agreed: Any) -> None:
    client.sign_in_as(agreed.student)
    url = f"/agreements/{agreed.agreement.public_id}"
    assert f"{url}/copy" in links(client, url)
    assert "is being made" in client.page(f"{url}/copy").text
    assert client.get(f"{url}/copy.pdf").status_code == 409
    with database.app_context():
        copy_due(NOW)
        db.session.remove()
    assert "Download the PDF" in client.page(f"{url}/copy").text
    answer = client.get(f"{url}/copy.pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Challenge Agreement, version 1.pdf"'
    assert check(client, answer.data) == "This is a true copy"
    assert check(client, answer.data + b" ") == "This is not a copy that we know"


def links(client: PageClient, url: str) -> list[str]:
    return [link.href for link in client.page(url).links]


def check(client: PageClient, pdf: bytes) -> str:
    token = client.token()
    data = {"csrf_token": token, "file": (BytesIO(pdf), "Agreement.pdf")}
    answer = client.post("/check-a-document", data=data, content_type="multipart/form-data")
    assert answer.status_code == 200
    heading = re.search(r"<h2>([^<]+)</h2>", answer.text)
    assert heading is not None
    return heading[1]


def test_a_check_keeps_nothing(database: Flask, client: PageClient, agreed: Any) -> None:
    client.sign_in_as(agreed.tutor)
    before = sorted(path.name for path in store_of(database))
    check(client, b"%PDF-1.7\nanything\n%%EOF\n")
    assert sorted(path.name for path in store_of(database)) == before
    with database.app_context():
        assert db.session.scalar(select(func.count(StoredFile.id))) == 0


def store_of(app: Flask) -> list[Any]:
    with app.app_context():
        folder = store().folder
        return list(folder.iterdir()) if folder.is_dir() else []


def test_without_a_file_it_says_what_to_do(client: PageClient, database: Flask, agreed: Any) -> None:
    client.sign_in_as(agreed.tutor)
    page = client.submit(client.page("/check-a-document").form("Check it"))
    assert page.errors == ["Choose the PDF that you want checked"]


def test_a_version_that_goes_round_has_no_copy(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = Scene()
        scene.agreement = proposed(scene)  # type: ignore[attr-defined]
        committed(scene)
    client.sign_in_as(scene.student)
    url = f"/agreements/{scene.agreement.public_id}"  # type: ignore[attr-defined]
    assert f"{url}/copy" not in links(client, url)
    assert client.get(f"{url}/copy").status_code == 409


def test_whose_signature_still_holds_is_said_with_the_version_it_was_given_on(scene: Scene) -> None:
    first = in_force(scene)
    second = make.agreement(scene.placement, state=AgreementState.SUPERSEDED, number=7)
    signature = second.signature_of(Party.STUDENT)
    assert signature is not None
    signature.carried_from = first.signature_of(Party.STUDENT)
    said = words_of(second)["signatures"][0]["at"]
    assert said.endswith(", on version 1: nothing of this part changed since")
