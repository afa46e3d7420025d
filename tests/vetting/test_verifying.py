"""We read each answer and say what we find; approval follows from the checks; what is found is told in one mail."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.cohorts.models import RunRole
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from placements.partners.workflow import OrganisationState
from placements.vetting import actions
from placements.vetting.rules import Answer, CheckKind, Standing
from placements.vetting.workflow import CheckState
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.vetting.scene import PDF, Scene, build, check, organisation, scene

__all__ = ["scene"]
OFFICER = Principal(None, frozenset({("engagement", None)}))
ANSWERED = {"state": CheckState.ANSWERED}


@pytest.fixture
def answered(database: Flask) -> Scene:
    """All six are answered; the insurance by a certificate."""

    def add(scene: Scene) -> None:
        for kind in CheckKind:
            said: dict[str, Any] = {"answered_by": scene.accounts["contact"].person, **ANSWERED}
            if kind is CheckKind.INSURANCE:
                said |= {"answer": Answer.PAPER, "paper_until": date(2027, 3, 5)}
            made = make.check(scene.organisation, kind, **said)
            if kind is CheckKind.INSURANCE:
                make.evidence(made, PDF)
        make.check(scene.organisation, CheckKind.HEALTH_AND_SAFETY, scene.site, **ANSWERED)

    with database.app_context():
        return build(add)


def test_an_officer_goes_from_one_answer_to_the_next_and_approves(
    database: Flask, client: PageClient, answered: Scene
) -> None:
    client.sign_in_as(answered.accounts["officer"])
    page = client.page(client.page(f"{answered.url}/checks").link("Check the answer : Who you are"))
    usual = {CheckKind.INSURANCE: ["05", "03", "2027"], CheckKind.IDENTITY: ["20", "10", "2029"]}
    for kind in CheckKind:
        assert page.form().values["until"] == usual.get(kind, ["20", "10", "2027"])
        page = client.submit(page.form(), finding="passed")
    assert page.h1 == "Check: Health and safety of this place"
    page = client.submit(page.form(), finding="conditional", words="Keep the kitchen locked.")
    assert page.h1 == "Checks of Holloway Larder"
    assert "All five checks hold." in page.text
    page = client.page(page.link("Approve it"))
    assert "until Fri 5 Mar 2027 (in 136 days). Employers’ liability insurance decides that day" in page.text
    page = client.submit(page.form())
    assert "Holloway Larder is approved." in page.text
    assert "5 of 5 checks are done; approved until Fri 5 Mar 2027 (in 136 days)." in page.text
    with database.app_context():
        kept = organisation()
        assert (kept.state, kept.approved_until) == (OrganisationState.APPROVED, date(2027, 3, 5))
        assert kept.owner_id == answered.accounts["officer"].person_id
        assert kept.sites[0].cleared_until == date(2027, 10, 20)
        told = db.session.scalars(select(Notification).where(Notification.notice == "vetting.findings")).all()
        assert [(each.recipient_id, each.due_at.hour) for each in told] == [(answered.accounts["contact"].person_id, 9)]
    assert client.get(f"{answered.url}/approve").status_code == 409


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (
            OrganisationState.PROSPECTIVE,
            "All five checks have passed. We approve Holloway Larder next, and write to you",
        ),
        (OrganisationState.APPROVED, "All is in order. We write to you before anything runs out."),
        (OrganisationState.PAUSED, "All five checks hold. Holloway Larder is paused for now, so students do not see"),
        (OrganisationState.DECLINED, "We do not work with Holloway Larder now, so nothing is asked of it."),
    ],
)
def test_its_people_are_told_how_it_stands(
    database: Flask, client: PageClient, state: OrganisationState, told: str
) -> None:
    with database.app_context():
        scene = build(
            lambda scene: make.five_checks(scene.organisation),
            lambda scene: make.check(scene.organisation, CheckKind.HEALTH_AND_SAFETY, scene.site),
            state=state,
            approved_until=date(2027, 8, 31),
        )
    client.sign_in_as(scene.accounts["contact"])
    text = client.page(f"{scene.url}/checks").text
    assert told in text
    assert ("Next: " in text, "Answer" in text) == (False, False)


def test_what_is_missing_for_approval_is_said_with_links(client: PageClient, answered: Scene) -> None:
    client.sign_in_as(answered.accounts["officer"])
    page = client.page(client.page(answered.url).link("Approve it"))
    assert page.h1 == "Not yet: approve Holloway Larder"
    assert "Still to pass: Who you are, Employers’ liability insurance, Health and safety, Safeguarding" in page.text
    assert client.page(page.link("Safeguarding")).h1 == "Check: Safeguarding"
    token = page.forms[0].values["csrf_token"][0]
    answer = client.post(f"{answered.url}/approve", data={"csrf_token": token})
    assert answer.status_code == 409


def test_what_an_officer_finds_has_words_and_a_day_that_can_be(client: PageClient, answered: Scene) -> None:
    client.sign_in_as(answered.accounts["officer"])
    page = client.page(client.page(f"{answered.url}/checks").link("Check the answer : Employers’ liability insurance"))
    form = page.form()
    assert client.submit(form, finding="failed").errors == ["Write what they have to do"]
    assert client.submit(form, finding="passed", words="Lock the door.").errors == [
        "Choose “It passes on a condition”, or leave this empty"
    ]
    late = {"until": ["6", "3", "2027"]}
    assert client.submit(form, late, finding="passed").errors == [
        "The certificate ends on Fri 5 Mar 2027. Enter a day by then"
    ]
    assert client.submit(form, {"until": ["19", "10", "2026"]}, finding="passed").errors == [
        "Enter a last day that has not passed"
    ]
    page = client.page(client.page(f"{answered.url}/checks").link("Check the answer : Safeguarding"))
    far = client.submit(page.form(), {"until": ["21", "10", "2029"]}, finding="passed").errors
    assert far == ["Enter a day by Sat 20 Oct 2029: after that one of us looks at it again"]


def test_an_answer_that_changed_meanwhile_is_read_again_first(
    database: Flask, client: PageClient, answered: Scene
) -> None:
    client.sign_in_as(answered.accounts["officer"])
    form = client.page(client.page(f"{answered.url}/checks").link("Check the answer : Safeguarding")).form()
    theirs = PageClient(database)
    theirs.sign_in_as(answered.accounts["contact"])
    page = theirs.page(answered.question("safeguarding"))
    theirs.submit(page.form(), {"files": (BytesIO(PDF), "policy.pdf")}, answer="paper")
    page = client.submit(form, finding="passed")
    assert page.errors == ["They have changed their answer since you opened this page. Read it again, then decide."]
    with database.app_context():
        assert check(CheckKind.SAFEGUARDING).state is CheckState.ANSWERED


def test_the_organisation_reads_the_condition_and_why_not_and_no_notes(
    database: Flask, client: PageClient, answered: Scene
) -> None:
    client.sign_in_as(answered.accounts["officer"])
    for title, finding, words in (
        ("Safeguarding", "failed", "Name somebody to tell."),
        ("Health and safety", "conditional", "Hang up the fire plan."),
    ):
        page = client.page(client.page(f"{answered.url}/checks").link(f"Check the answer : {title}"))
        client.submit(page.form(), finding=finding, words=words)
    client.sign_in_as(answered.accounts["contact"])
    page = client.page(f"{answered.url}/checks")
    rows = {row[0]: row[1] for row in page.rows}
    assert rows["Safeguarding"] == "Not passed Name somebody to tell."
    assert rows["Health and safety"] == (
        "Passed on condition Until Wed 20 Oct 2027 (in 365 days). Hang up the fire plan."
    )
    assert "Next: Safeguarding." in page.text
    page = client.submit(client.page(page.link("Answer again : Safeguarding")).form(), answer="template")
    assert {row[0]: row[1].split(" Answered")[0] for row in page.rows}["Safeguarding"] == "Being checked"


def test_the_same_finding_twice_is_one(session: Any) -> None:
    kept = make.organisation()
    made = make.check(kept, **ANSWERED)
    for _ in range(2):
        actions.verify(
            made,
            Standing.PASSED,
            until=date(2027, 5, 1),
            words="",
            seen=made.answered_at,
            actor=OFFICER,
            now=NOW,
        )
    assert session.scalars(select(History.verb).where(History.about_id == kept.id)).all() == ["check passed"]
    with pytest.raises(Conflict):
        actions.verify(made, Standing.FAILED, until=None, words="No.", seen=NOW, actor=OFFICER, now=NOW)


def test_one_button_renews_in_the_last_month_and_not_before(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = build(
            lambda scene: make.five_checks(scene.organisation, valid_until=date(2026, 11, 19)),
            lambda scene: setattr(scene.organisation, "approved_until", date(2026, 11, 19)),
            state="approved",
        )
        check(CheckKind.SAFEGUARDING).valid_until = date(2026, 11, 20)
        identity = check(CheckKind.IDENTITY)
        identity.verified_at = NOW - 1090 * DAY
        db.session.commit()
    client.sign_in_as(scene.accounts["contact"])
    page = client.page(f"{scene.url}/checks")
    what = {row[0]: row[2] for row in page.rows}
    assert what["Safeguarding"] == "Change your answer : Safeguarding"
    assert what["Who you are"] == "Answer again : Who you are"  # one of us looks at it every third year
    assert what["Personal information"].startswith("Still true? : Personal information")
    button = page.form("Still true? : Personal information")
    for _ in range(2):
        page = client.submit(button)
        assert "Thank you. Personal information is renewed." in page.text
    with database.app_context():
        assert check(CheckKind.DATA_SHARING).valid_until == date(2027, 11, 19)
        refused = check(CheckKind.SAFEGUARDING)
        with pytest.raises(Refused, match="Safeguarding cannot be renewed like this now"):
            actions.renew(refused, actor=OFFICER, now=NOW)


def test_the_risk_of_a_place_is_weighed_and_its_people_read_the_actions_without_names(
    database: Flask, client: PageClient, scene: Scene
) -> None:
    url = f"/organisations/sites/{scene.site.public_id}/risk"
    client.sign_in_as(scene.accounts["safety"])
    form = client.page(client.page(f"{scene.url}/checks").link("Weigh the risk : The larder")).form()
    low = {"travel": "low", "location": "low", "insurance": "low"}
    assert client.submit(form, **low, environment="high").errors == [
        "Choose what is left. With these answers it is usually high"
    ]
    assert client.submit(form, **low, environment="high", residual="medium").errors == ["Write what is done about it"]
    assert client.submit(form, **low, environment="medium", residual="high", actions="x").errors == [
        "What is left cannot be worse than each of its parts"
    ]
    page = client.submit(form, **low, environment="high", residual="medium", actions="Two are in the kitchen.")
    officer = scene.accounts["safety"].person.name
    assert f"Weighed by {officer}" in page.text
    client.forbidden = {officer}
    client.sign_in_as(scene.accounts["contact"])
    assert "Two are in the kitchen." in client.page(f"{scene.url}/checks").text
    client.forbidden = set()
    assert client.get(url).status_code == 403


def test_the_safety_officer_reads_and_decides_nothing(database: Flask, client: PageClient, answered: Scene) -> None:
    with seeding(database):
        leader = make.account()
        make.run_role(RunRole.LEADER, leader.person, make.run())
        verify = f"/organisations/checks/{check(CheckKind.SAFEGUARDING).public_id}/verify"
        file = f"/organisations/checks/files/{check(CheckKind.INSURANCE).evidence[0].public_id}"
    for reader in (answered.accounts["safety"], leader):
        client.sign_in_as(reader)
        paths = (f"{answered.url}/checks", file, verify, f"{answered.url}/approve", answered.question("safeguarding"))
        assert [client.get(path).status_code for path in paths] == [200, 200, 403, 403, 403]
