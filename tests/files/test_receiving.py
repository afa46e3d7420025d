"""Uploads: checked, given a row, sent back as a download, and swept."""

import hashlib
import io
import os
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage

from placements.core.clock import machine_now
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.files.actions import keep, receive, sweep
from placements.files.models import StoredFile
from placements.files.serving import send
from placements.files.store import store
from tests import factories
from tests.factories import NOW
from tests.files.samples import DOCX, PDF


def upload(name: str, content: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


def stored(session: Any, name: str = "My work.pdf", content: bytes = PDF) -> StoredFile:
    who = factories.person()
    return keep(receive(upload(name, content)), actor=Principal(who.id), now=NOW)


def test_a_file_gets_a_row_that_names_its_bytes(session: Any) -> None:
    row = stored(session, "../My\r\nwork.pdf")
    assert (row.name, row.media_type, row.size) == ("My work.pdf", "application/pdf", len(PDF))
    assert row.sha256 == hashlib.sha256(PDF).hexdigest()
    assert row.uploaded_at == NOW
    assert store().path(row.sha256).read_bytes() == PDF


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("cv.pdf", b"", "“cv.pdf” is empty. Choose the file again."),
        (
            "cv.pdf",
            b"<!doctype html>",
            "“cv.pdf” is not really a PDF file. Save it as PDF again, then send it.",
        ),
        ("a.docx", DOCX[:-30], "“a.docx” is damaged or incomplete. Open it, save it again, then send it."),
        ("cv.pdf", PDF + b"x" * 26 * 1024 * 1024, "“cv.pdf” is larger than 25 MB. Send a smaller file."),
    ],
)
def test_a_bad_file_is_refused_and_leaves_nothing(session: Any, name: str, content: bytes, sentence: str) -> None:
    before = {path.name for path in store().folder.glob("*")}
    with pytest.raises(Refused) as refusal:
        receive(upload(name, content))
    assert refusal.value.sentence == sentence
    assert {path.name for path in store().folder.glob("*")} == before


def test_it_is_sent_as_a_download_whatever_it_is_called(session: Any, database: Flask) -> None:
    row = stored(session, 'wörk "final"; x=1.pdf')
    with database.test_request_context():
        answer = send(row)
        answer.direct_passthrough = False
        assert answer.data == PDF
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == (
            'attachment; filename="work \\"final\\"; x=1.pdf"; filename*=UTF-8\'\'w%C3%B6rk%20%22final%22%3B%20x%3D1.pdf'
        )
        renamed = send(row, "26000001-1.pdf")
        assert renamed.headers["Content-Disposition"] == "attachment; filename=26000001-1.pdf"
        renamed.close()
        answer.close()


def test_the_sweep_spares_what_has_a_row(session: Any) -> None:
    sweep(machine_now())  # what other tests left behind in this worker's store
    row = stored(session, content=PDF + b"kept")
    orphan = receive(upload("a.pdf", PDF + b"orphan"))
    for each in (row.sha256, orphan.sha256):
        at = (machine_now() - timedelta(days=2)).timestamp()
        os.utime(store().path(each), (at, at))
    session.commit()
    assert sweep(machine_now()) == 1
    assert store().path(row.sha256).exists()
    assert not store().path(orphan.sha256).exists()
