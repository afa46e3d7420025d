"""One Agreement for a group: joining, what is shared, what is one's own, and leaving."""

from typing import Any

import pytest
from flask import Flask

from placements.agreements import notices, sharing
from placements.agreements.groups import group_of
from placements.agreements.rules import SHARED
from placements.agreements.workflow import AgreementState
from placements.core.errors import Conflict, Refused
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.agreements.group import ADA, BEA, Pair
from tests.agreements.mails import compare, said
from tests.agreements.scene import OBJECTIVES, WORDS
from tests.client import PageClient
from tests.factories import NOW
from tests.placing.scene import committed


@pytest.fixture
def pair(session: Any) -> Pair:
    return Pair()


def shared_by(pair: Pair, name: str) -> dict[str, str]:
    return {part: pair.newest(name).words[part] for part in SHARED}


def test_the_first_begins_it_and_the_others_are_asked_once(pair: Pair) -> None:
    for _ in range(2):
        pair.join(ADA)
    assert pair.told("agreements.group_begun") == {"mate"}
    assert [each.enrolment.person.name for each in group_of(pair.second).members] == [ADA]
    assert not group_of(pair.second).is_member


def test_whoever_joins_gets_what_is_shared_and_keeps_their_own(pair: Pair) -> None:
    pair.join(ADA)
    pair.write(ADA, output="A guide for both.")
    pair.write(BEA, activities="Bea counts.", output="Bea’s own guide.")
    pair.join(BEA)
    assert shared_by(pair, BEA) == shared_by(pair, ADA)
    assert pair.newest(BEA).words["activities"] == "Bea counts."


def test_while_somebody_thinks_about_an_offer_nobody_is_known(pair: Pair, session: Any) -> None:
    pair.join(ADA)
    thinking = make.offer(make.enrolment(pair.group), pair.challenge)
    with pytest.raises(Refused, match="Try again when all have answered"):
        pair.join(BEA)
    group = group_of(pair.second)
    assert (group.members, group.others) == ([], [])
    thinking.state = OfferState.DECLINED
    session.flush()
    pair.join(BEA)
    make.offer(make.enrolment(pair.group), pair.challenge)
    assert group_of(pair.second).members == [pair.placement]  # who is known already stays so


def test_what_is_shared_changes_in_both_drafts_and_what_is_not_in_one(pair: Pair) -> None:
    pair.ready()
    before = pair.newest(BEA).edit_version
    pair.write(ADA, output="A guide for both.", activities="Ada counts.")
    bea = pair.newest(BEA)
    assert bea.words["output"] == "A guide for both."
    assert bea.words["activities"] == "Our words about activities."
    assert bea.edit_version == before + 1


def test_whoever_has_the_other_draft_open_overwrites_nothing(pair: Pair) -> None:
    pair.ready()
    seen = pair.newest(BEA).edit_version
    pair.write(ADA, output="A guide for both.")
    with pytest.raises(Conflict):
        words = {**WORDS, "output": "Something else."}
        student = pair.student_of(BEA)
        sharing.save_draft(pair.newest(BEA), words, OBJECTIVES, seen=seen, actor=student, now=NOW)


def test_what_is_shared_waits_while_another_part_goes_round(pair: Pair, session: Any) -> None:
    pair.ready()
    pair.send(ADA)
    pair.newest(ADA).state = AgreementState.TAKEN_BACK
    session.flush()
    with pytest.raises(Refused, match="Bea Mate’s part goes round"):
        pair.write(ADA, output="Another guide.")


def test_what_goes_round_joins_nothing(pair: Pair) -> None:
    pair.write(BEA)
    pair.send(BEA)
    pair.join(ADA)
    with pytest.raises(Refused, match="Take it back first"):
        pair.join(BEA)


def test_whoever_leaves_keeps_what_is_written_and_shares_no_more(pair: Pair) -> None:
    pair.ready()
    pair.write(ADA, output="A guide for both.")
    for _ in range(2):
        sharing.leave(pair.second, actor=pair.student_of(BEA), now=NOW)
    assert pair.newest(BEA).words["output"] == "A guide for both."
    pair.write(ADA, output="Another guide.")
    assert pair.newest(BEA).words["output"] == "A guide for both."


def test_a_placement_that_has_ended_shares_no_more(pair: Pair, session: Any) -> None:
    pair.ready()
    pair.second.state = type(pair.second.state).NOT_STARTED
    session.flush()
    assert group_of(pair.placement).members == []


def test_the_same_again_changes_nothing(pair: Pair) -> None:
    pair.ready()
    bea = pair.newest(BEA)
    before = bea.edit_version
    pair.write(ADA)
    assert bea.edit_version == before


def test_what_the_others_read(pair: Pair) -> None:
    pair.join(ADA)
    compare(pair, notices.GROUP_BEGUN, pair.second, ("mate",))
    pair.join(BEA)
    assert said(pair, notices.GROUP_BEGUN, pair.second, "mate") is None
    compare(pair, notices.GROUP_CHANGED, pair.second, ("mate",))


def test_a_student_joins_and_leaves_on_the_page(database: Flask, client: PageClient) -> None:
    with database.app_context():
        made = Pair()
        made.join(ADA)
        made.write(ADA, output="A guide for both.", activities="Ada’s own steps.")
        committed(made)
        url = f"/placements/{made.second.public_id}"
    client.sign_in_as(made.mate)
    client.forbidden = {"Ada’s own steps."}
    page = client.page(f"{url}/agreement/group")
    assert "Ada Okoro has one Agreement for your group." in page.text
    assert "A guide for both." in page.text
    page = client.submit(next(form for form in page.forms if form.action.endswith("/group")))
    assert "This is your part of one Agreement with Ada Okoro." in page.text
    edit = client.page(page.url + "/edit")
    assert "Shared with Ada Okoro: what you change here changes in all parts." in edit.text
    form = next(form for form in page.forms if form.action.endswith("/leave-group"))
    assert "Your Agreement is your own again." in client.submit(form).text
