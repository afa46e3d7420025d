"""An organisation answers what we ask, once: files, words or our page; each answer reopens its own check alone."""

from datetime import date
from io import BytesIO

from flask import Flask
from sqlalchemy import func, select

from placements.db import db
from placements.history.models import History
from placements.vetting.models import Check, Evidence
from placements.vetting.rules import Answer, CheckKind
from placements.vetting.workflow import CheckState
from tests import factories as make
from tests.client import PageClient
from tests.vetting.scene import PDF, Scene, build, check, organisation, scene

__all__ = ["scene"]


def test_a_contact_answers_with_a_number_a_paper_our_page_and_words(
    database: Flask, client: PageClient, scene: Scene
) -> None:
    with database.app_context():
        organisation().charity_number = "1234567"
        db.session.commit()
    client.sign_in_as(scene.accounts["contact"])
    page = client.page(f"{scene.url}/checks")
    assert "Next: Who you are. A few lines or a photograph will do." in page.text
    assert [row[:2] for row in page.rows] == [
        ["Who you are", "To answer"],
        ["Employers’ liability insurance", "To answer"],
        ["Health and safety", "To answer"],
        ["Safeguarding", "To answer"],
        ["Personal information", "To answer"],
        ["Health and safety of this place: The larder", "To answer"],
    ]
    form = client.page(page.link("Answer : Who you are"))
    assert "charity number 1234567" in form.text
    page = client.submit(form.form(), answer="paper")
    assert "Thank you. Who you are is answered, and we look at it next." in page.text

    form = client.page(scene.question("insurance"))
    until = {"paper_until": ["5", "3", "2027"]}
    page = client.submit(form.form(), {**until, "files": (BytesIO(PDF), "cover.pdf")}, answer="paper")
    form = client.page(scene.question("health-and-safety"))
    page = client.submit(form.form(), answer="template")
    form = client.page(scene.question("safeguarding"))
    page = client.submit(form.form(), answer="instead", words="We tell Dev.")
    assert [row[1].split(" Answered")[0] for row in page.rows][:4] == ["Being checked"] * 4
    with database.app_context():
        found = {each.kind: each for each in db.session.scalars(select(Check))}
        assert found[CheckKind.INSURANCE].paper_until == date(2027, 3, 5)
        assert [each.file.name for each in found[CheckKind.INSURANCE].evidence] == ["cover.pdf"]
        assert found[CheckKind.HEALTH_AND_SAFETY].answer is Answer.TEMPLATE
        assert found[CheckKind.SAFEGUARDING].words == "We tell Dev."
        assert {each.state for each in found.values()} == {CheckState.ANSWERED}


def test_the_place_has_a_check_of_its_own(database: Flask, client: PageClient, scene: Scene) -> None:
    client.sign_in_as(scene.accounts["contact"])
    form = client.page(scene.question("place"))
    assert "The larder, 1 Example Road, N7 8DB" in form.text
    client.submit(form.form(), answer="instead", words="Two steps at the door; a kitchen.")
    with database.app_context():
        assert check(CheckKind.HEALTH_AND_SAFETY, of_place=True).site is not None


def test_what_is_missing_is_said_at_its_field_and_nothing_is_kept(
    database: Flask, client: PageClient, scene: Scene
) -> None:
    client.sign_in_as(scene.accounts["contact"])
    form = client.page(scene.question("insurance"))
    assert client.submit(form.form()).errors == ["Choose one"]
    page = client.submit(form.form(), answer="paper")
    assert page.errors == ["Enter the last day on the certificate"]
    page = client.submit(form.form(), {"paper_until": ["1", "10", "2026"]}, answer="paper")
    assert page.errors == ["This certificate has run out. Send the one that holds now"]
    page = client.submit(form.form(), answer="instead", words=" ")
    assert page.errors == ["Write what you do instead"]
    page = client.submit(form.form(), {"files": (BytesIO(b"no picture"), "cover.png")}, answer="paper")
    assert page.errors == ["“cover.png” is not really a PNG file. Save it as PNG again, then send it."]
    with database.app_context():
        assert db.session.scalar(select(func.count(Check.id))) == 0


def test_the_same_answer_twice_is_one_and_its_file_is_kept_once(
    database: Flask, client: PageClient, scene: Scene
) -> None:
    client.sign_in_as(scene.accounts["contact"])
    form = client.page(scene.question("safeguarding")).form()
    for _ in range(2):
        client.submit(form, {"files": (BytesIO(PDF), "policy.pdf")}, answer="paper")
    with database.app_context():
        assert db.session.scalar(select(func.count(Check.id))) == 1
        assert db.session.scalar(select(func.count(Evidence.id))) == 1
        rows = select(func.count(History.id)).where(History.verb == "check answered")
        assert db.session.scalar(rows) == 1


def test_a_new_answer_reopens_its_check_alone_and_a_paper_holds_on_meanwhile(
    database: Flask, client: PageClient
) -> None:
    with database.app_context():
        scene = build(
            lambda scene: make.five_checks(scene.organisation),
            state="approved",
            approved_until=date(2027, 8, 31),
        )
    client.sign_in_as(scene.accounts["contact"])
    form = client.page(scene.question("safeguarding"))
    page = client.submit(form.form(), {"files": (BytesIO(PDF), "policy.pdf")}, answer="paper")
    assert "What was passed before holds until Tue 31 Aug 2027." in page.text
    with database.app_context():
        states = {each.kind: each.state for each in db.session.scalars(select(Check))}
        assert states.pop(CheckKind.SAFEGUARDING) is CheckState.ANSWERED
        assert set(states.values()) == {CheckState.PASSED}
        assert organisation().approved_until == date(2027, 8, 31)

    form = client.page(scene.question("safeguarding"))
    client.submit(form.form(), answer="instead", words="Nobody has the time.")
    with database.app_context():
        assert check(CheckKind.SAFEGUARDING).valid_until is None
        assert organisation().approved_until == date(2026, 10, 19)


def test_a_certificate_that_ends_earlier_ends_what_was_passed_before(database: Flask, client: PageClient) -> None:
    until = date(2027, 8, 31)
    with database.app_context():
        scene = build(
            lambda scene: make.five_checks(scene.organisation, answer=Answer.PAPER),
            state="approved",
            approved_until=until,
        )
    client.sign_in_as(scene.accounts["contact"])
    form = client.page(scene.question("insurance")).form()
    said = {"paper_until": ["5", "3", "2027"], "files": (BytesIO(PDF), "cover.pdf")}
    client.submit(form, said, answer="paper")
    with database.app_context():
        assert check(CheckKind.INSURANCE).valid_until == date(2027, 3, 5)
        assert organisation().approved_until == date(2027, 3, 5)


def test_our_page_has_their_name_in_it_and_can_be_adopted(client: PageClient, scene: Scene) -> None:
    client.sign_in_as(scene.accounts["contact"])
    for kind, heading in (
        ("health-and-safety", "Health and safety policy of Holloway Larder"),
        ("safeguarding", "Safeguarding policy of Holloway Larder"),
        ("data-sharing", "Policy about personal information of Holloway Larder"),
    ):
        page = client.page(f"{scene.question(kind)}/template")
        assert page.h1 == heading
        form = client.page(page.link("Adopt this page as our policy"))
        assert form.form().values["answer"] == ["template"]
    for kind in ("identity", "insurance", "place"):
        assert client.get(f"{scene.question(kind)}/template").status_code == 404


def test_an_officer_answers_for_them_and_it_is_recorded_so(database: Flask, client: PageClient, scene: Scene) -> None:
    client.sign_in_as(scene.accounts["officer"])
    form = client.page(client.page(f"{scene.url}/checks").link("Answer for them : Safeguarding"))
    page = client.submit(form.form(), answer="template")
    page = client.page(page.link("Check the answer : Safeguarding"))
    assert "Erin Okafor (for the organisation), Tue 20 Oct 2026, 9am." in page.text
    with database.app_context():
        row = db.session.scalars(select(History).where(History.about_id == organisation().id)).one()
        assert (row.verb, row.reason) == ("check answered for them", "Safeguarding")


def test_nobody_elsewhere_reaches_any_of_it(database: Flask, client: PageClient, scene: Scene) -> None:
    with database.app_context():
        kept = make.check(organisation(), CheckKind.IDENTITY, state=CheckState.ANSWERED)
        file = make.evidence(kept)
        paths = [
            *(f"{scene.url}/checks", f"{scene.url}/memorandum", scene.question("identity"), scene.question("place")),
            *(f"{scene.question('safeguarding')}/template", f"/organisations/checks/files/{file.public_id}"),
            *(f"/organisations/checks/{kept.public_id}/verify", f"{scene.url}/approve"),
            f"/organisations/sites/{scene.site.public_id}/risk",
        ]
        db.session.commit()
    client.sign_in_as(scene.accounts["stranger"])
    assert {client.get(path).status_code for path in paths} == {404}
    client.sign_in_as(scene.accounts["contact"])
    assert [client.get(path).status_code for path in paths] == [*[200] * 6, 403, 403, 403]
