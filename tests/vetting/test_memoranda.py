"""Memoranda: versions, drafted, signed, renewed and ended, read by both sides; nothing depends on them."""

from datetime import date, datetime
from io import BytesIO

from flask import Flask
from sqlalchemy import select

from placements.challenges.models import live_on
from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.vetting.models import Memorandum
from placements.vetting.notices import MEMORANDUM_ENDING
from placements.vetting.workflow import MemorandumState
from tests import factories as make
from tests.client import PageClient
from tests.factories import DAY, NOW
from tests.golden import said
from tests.vetting.scene import PDF, Scene, build, organisation, scene

__all__ = ["scene"]


def states() -> list[MemorandumState]:
    return list(db.session.scalars(select(Memorandum.state).order_by(Memorandum.version)))


def test_a_memorandum_is_drafted_changed_signed_and_followed_by_another(
    database: Flask, client: PageClient, scene: Scene
) -> None:
    client.sign_in_as(scene.accounts["officer"])
    form = client.page(client.page(f"{scene.url}/memorandum").link("Draft a memorandum")).form()
    assert "Holloway Larder and London Metropolitan University" in form.values["text"][0]
    for _ in range(2):
        page = client.submit(form)
    page = client.submit(client.page(page.link("Edit it")).form(), text="We bake together.")
    assert "We bake together." in page.text
    with database.app_context():
        assert states() == [MemorandumState.DRAFT]
    edit = page.link("Edit it")
    form = client.page(page.link("Note that it is signed")).form()
    assert form.values["signed_for_us"] == ["Erin Okafor"]
    tomorrow = {"signed_on": ["21", "10", "2026"]}
    errors = client.submit(form, tomorrow, signed_for_them="Amina Yusuf").errors
    assert errors == ["Enter a day that is not in the future"]
    same = {"expires_on": ["20", "10", "2026"]}
    errors = client.submit(form, same, signed_for_them="Amina Yusuf").errors
    assert errors == ["Enter a last day after the day on which it was signed"]
    page = client.submit(form, {"file": (BytesIO(PDF), "signed.pdf")}, signed_for_them="Amina Yusuf")
    assert page.rows == [
        ["Version 1", "Signed", "Tue 20 Oct 2026", "Sat 20 Oct 2029", "Download the paper of version 1"]
    ]
    assert client.get(edit).status_code == 409
    form = client.page(page.link("Make a new version")).form()
    assert form.values["text"] == ["We bake together."]
    page = client.submit(form)
    page = client.submit(client.page(page.link("End it")).form())
    assert [row[:2] for row in page.rows] == [["Version 2", "Ended"], ["Version 1", "Signed"]]

    client.sign_in_as(scene.accounts["contact"])
    page = client.page(client.page(f"{scene.url}/checks").link("See the memorandum"))
    assert client.get(page.link("Download the paper of version 1")).data == PDF
    assert "We bake together." in client.page(page.link("Version 1")).text
    assert client.get(f"{scene.url}/memorandum/new").status_code == 403


def test_two_who_edit_a_draft_lose_nothing(database: Flask, client: PageClient, scene: Scene) -> None:
    with database.app_context():
        url = f"/memoranda/{make.memorandum(organisation()).public_id}/edit"
        db.session.commit()
    client.sign_in_as(scene.accounts["officer"])
    first, second = (client.page(url).form() for _ in range(2))
    for _ in range(2):  # pressed twice
        client.submit(first, text="We bake.")
    page = client.submit(second, text="We cook.")
    assert page.errors == ["Somebody saved this draft since you opened it. Read it in another tab, then save yours."]
    assert page.form().values["text"] == ["We cook."]
    assert "We cook." in client.submit(page.form()).text


def test_only_one_draft_at_a_time(client: PageClient, scene: Scene) -> None:
    client.sign_in_as(scene.accounts["officer"])
    first, second = (client.page(f"{scene.url}/memorandum/new").form() for _ in range(2))
    client.submit(first)
    assert client.submit(second).errors == ["Version 1 is a draft still. Sign or end it first."]


def test_nothing_depends_on_it(database: Flask, client: PageClient, clock: object) -> None:
    """Run out, ended or never there: approval and what students see stay as they are."""
    with database.app_context():
        scene = build(
            lambda scene: make.challenge(scene.organisation, site=make.site(scene.organisation)),
            lambda scene: make.memorandum(
                scene.organisation,
                state=MemorandumState.SIGNED,
                signed_on=date(2025, 1, 1),
                expires_on=date(2026, 1, 1),
            ),
            state="approved",
            approved_until=date(2027, 8, 31),
        )
        kept = organisation()
        brief = make.challenge(kept)
        assert brief.is_live(NOW.date())
        assert db.session.scalar(select(live_on(NOW.date())).join(type(brief).organisation).limit(1))
        assert kept.is_approved(NOW.date())
    client.sign_in_as(scene.accounts["contact"])
    assert client.page(f"{scene.url}/memorandum").rows[0][1] == "Run out"


def test_its_keeper_is_reminded_sixty_days_before_and_not_once_there_is_another(database: Flask) -> None:
    with database.app_context():
        scene = build(lambda scene: setattr(scene.organisation, "owner", scene.accounts["officer"].person))
        signed = {"state": MemorandumState.SIGNED, "signed_on": date(2024, 1, 1), "expires_on": date(2027, 1, 20)}
        make.memorandum(organisation(), **signed)
        make.memorandum(organisation(), version=2, state=MemorandumState.ENDED)  # drafted, and put away
        at_nine = datetime.combine(date(2026, 11, 21), NOW.timetz()) + DAY / 24
        for now in (at_nine - DAY, at_nine, at_nine + DAY):
            remind(now)
        found = db.session.scalars(select(Notification)).all()
        assert [(each.notice, each.recipient_id) for each in found] == [
            ("vetting.memorandum_ending", scene.accounts["officer"].person_id)
        ]
        assert found[0].due_at == at_nine
        assert said(MEMORANDUM_ENDING, found[0].about_id, scene.accounts["officer"].person) is not None
