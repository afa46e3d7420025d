"""A group's Agreement goes round as one: every order of its signers, and who signs again after a change."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.queries import facts_of
from placements.agreements.rules import digest
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.links.actions import latest_link, token
from placements.signing import actions as signing
from placements.signing import notices
from placements.signing.invitations import SIGN_BY_LINK, invitation_of
from placements.signing.together import hash_of, waiting_with
from tests.agreements.group import ADA, BEA, SIGNERS, Pair
from tests.agreements.mails import said
from tests.agreements.scene import ADDRESS
from tests.client import PageClient
from tests.factories import NOW
from tests.golden import check_golden
from tests.placing.scene import committed

ALL = (ADA, BEA, "supervisor", "tutor")


@pytest.fixture
def pair(session: Any) -> Pair:
    return Pair()


def waiting(pair: Pair, who: str) -> Agreement | None:
    """The first part that waits for somebody: a student's own, or one of both."""
    key = principal(pair, who)
    mine = [who] if who in (ADA, BEA) else [ADA, BEA]
    found = (waiting_with(pair.newest(name), key) for name in mine)
    return next((parts[0] for parts in found if parts), None)


def principal(pair: Pair, who: str) -> Principal:
    return pair.student_of(who) if who in (ADA, BEA) else Principal(getattr(pair, who).person_id)


def press(pair: Pair, who: str, *, by_link: bool = False) -> None:
    """One press of the button under what waits for somebody, and the same form sent again."""
    part, actor = waiting(pair, who), principal(pair, who)
    if part is None:
        return
    seen, typed = hash_of(waiting_with(part, actor)), SIGNERS.get(who, who)
    link = latest_link(SIGN_BY_LINK, part.id, actor.person_id or 0) if by_link else None
    if link is not None:
        signing.sign_by_link(invitation_of(link), typed, ADDRESS, seen=seen, now=NOW)
    else:
        signing.sign_together(part, typed, ADDRESS, seen=seen, actor=actor, now=NOW)
    signing.sign_together(part, typed, ADDRESS, seen=seen, actor=actor, now=NOW)  # already done


def signed(session: Any, agreement: Agreement) -> set[Party]:
    """Who has signed it, each over its own hash, but for whose signature holds from before."""
    rows = session.scalars(select(Signature).where(Signature.agreement_id == agreement.id)).all()
    assert agreement.sha256 == digest(agreement.number, facts_of(agreement), agreement.content)
    assert {row.sha256 for row in rows if row.carried_from_id is None} <= {agreement.sha256}
    return {row.party for row in rows if row.carried_from_id is None}


def in_force(pair: Pair) -> None:
    pair.ready()
    pair.send(ADA)
    for who in ALL:
        press(pair, who)


@contextmanager
def undone(session: Any) -> Iterator[None]:
    with session.begin_nested() as made:
        yield
        made.rollback()


def test_every_order_of_the_four_and_a_part_taken_back_at_every_place(pair: Pair, session: Any) -> None:
    pair.ready()
    pair.send(BEA)
    assert (pair.states(ADA), pair.states(BEA)) == ("signing", "signing")
    stories = [(order, place) for nth, order in enumerate(permutations(ALL)) for place in (None, nth % 4)]
    # Bea's part is in force once the three others have signed, and cannot be taken back
    stories = [(order, place) for order, place in stories if place != 3 or order[3] != ADA]
    assert {place for _, place in stories} == {None, 0, 1, 2, 3}
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    for order, place in stories if on_sqlite else stories[::5]:
        with undone(session):
            sign_in_order(pair, order, place)
            session.flush()
            again = "in_force" if place is None else "taken_back in_force"
            assert (pair.states(ADA), pair.states(BEA)) == ("in_force", again)
            assert signed(session, pair.newest(ADA)) == signed(session, pair.newest(BEA)) == set(Party)


def sign_in_order(pair: Pair, order: tuple[str, ...], place: int | None) -> None:
    """All sign; before `place` Bea takes her part back, and sends it again when the others have signed."""
    for nth, who in enumerate(order):
        if nth == place:
            signing.take_back(pair.newest(BEA), actor=pair.student_of(BEA), now=NOW)
            assert waiting(pair, BEA) is None
        press(pair, who, by_link=nth % 2 == 0)
    if place is not None:
        assert (pair.states(ADA), pair.states(BEA)) == ("in_force", "taken_back draft")
        pair.send(BEA)
        for who in order:
            press(pair, who)


def test_one_press_signs_both_parts_and_a_student_only_their_own(pair: Pair, session: Any) -> None:
    pair.ready()
    pair.send(ADA)
    press(pair, "tutor")
    press(pair, ADA)
    session.flush()
    assert signed(session, pair.newest(ADA)) == {Party.STUDENT, Party.TUTOR}
    assert signed(session, pair.newest(BEA)) == {Party.TUTOR}


def test_a_change_of_what_is_shared_is_signed_by_all_again(pair: Pair, session: Any) -> None:
    in_force(pair)
    pair.write(ADA, output="A guide for both.")
    assert pair.states(BEA) == "in_force draft"
    assert pair.told("agreements.group_changed") == {"mate"}
    pair.send(BEA)
    assert (pair.states(ADA), pair.states(BEA)) == ("in_force signing", "in_force signing")
    for who in ALL:
        press(pair, who)
    session.flush()
    for name in (ADA, BEA):
        assert pair.states(name) == "superseded in_force"
        assert signed(session, pair.newest(name)) == set(Party)


def test_a_change_of_one_part_concerns_nobody_else(pair: Pair, session: Any) -> None:
    in_force(pair)
    pair.write(ADA, activities="Ada counts alone.")
    pair.send(ADA)
    assert pair.states(BEA) == "in_force"
    assert (waiting(pair, BEA), waiting(pair, "tutor")) == (None, None)
    for who in (ADA, "supervisor"):
        press(pair, who)
    session.flush()
    assert pair.states(ADA) == "superseded in_force"
    assert signed(session, pair.newest(ADA)) == {Party.STUDENT, Party.SUPERVISOR}


def test_a_part_that_is_not_ready_keeps_the_others_back(pair: Pair) -> None:
    pair.join(ADA)
    pair.join(BEA)
    pair.write(ADA)
    with pytest.raises(Refused, match="The part of Bea Mate is not ready"):
        pair.send(ADA)
    assert pair.states(ADA) == "draft"


def test_what_was_read_before_another_part_came_is_not_signed(pair: Pair) -> None:
    pair.ready()
    pair.send(ADA)
    ada, tutor = pair.newest(ADA), principal(pair, "tutor")
    with pytest.raises(Conflict):
        signing.sign_together(ada, SIGNERS["tutor"], ADDRESS, seen=ada.sha256 or "", actor=tutor, now=NOW)
    assert ada.signatures == []


def test_parts_that_do_not_share_what_they_should_are_signed_apart(pair: Pair, session: Any) -> None:
    pair.ready()
    pair.send(ADA)
    ada, bea, tutor = pair.newest(ADA), pair.newest(BEA), principal(pair, "tutor")
    assert waiting_with(ada, tutor) == waiting_with(bea, tutor) == [ada, bea]
    bea.ownership = "All of it is Bea’s."
    session.flush()
    assert (waiting_with(ada, tutor), waiting_with(bea, tutor)) == ([ada], [bea])


def test_supervisor_and_tutor_are_written_to_once_for_all(pair: Pair) -> None:
    pair.ready()
    pair.send(BEA)
    first, second = pair.newest(ADA), pair.newest(BEA)
    mails = [f"To the {to}\n\n{said(pair, notices.PLEASE_SIGN, first, to)}" for to in ("supervisor", "tutor")]
    check_golden("signing/group", "\n----\n".join(mails))
    for to in ("supervisor", "tutor"):
        assert said(pair, notices.PLEASE_SIGN, second, to) is None
    assert said(pair, notices.PLEASE_SIGN, second, "mate") is not None
    signing.take_back(first, actor=pair.student_of(ADA), now=NOW)
    assert said(pair, notices.UNSIGNED, second, "supervisor") is not None


def test_the_supervisors_link_shows_and_signs_both_parts(database: Flask, client: PageClient) -> None:
    with database.app_context():
        made = Pair()
        made.ready()
        made.write(BEA, activities="Bea counts.")
        made.send(ADA)
        link = latest_link(SIGN_BY_LINK, made.newest(ADA).id, made.supervisor.person_id)
        assert link is not None
        address = f"/sign-agreement/{token(link)}"
        committed(made)
    page = client.page(address)
    assert "Ada Okoro and Bea Mate have one Agreement, with a part each. You sign both parts here" in page.text
    assert page.text.count("Our words about confidentiality.") == 1
    assert "Bea counts." in page.text
    typed = {"has_read": True, "typed_name": "Sue Supervisor"}
    page = client.submit(next(form for form in page.forms if "/sign-agreement/" in form.action), typed)
    assert "You signed this on" in page.text
    with database.app_context():
        rows = db.session.scalars(select(Signature.party)).all()
        assert rows == [Party.SUPERVISOR, Party.SUPERVISOR]


def test_a_part_taken_back_leads_to_the_one_that_still_waits(pair: Pair) -> None:
    pair.ready()
    pair.send(ADA)
    link = latest_link(SIGN_BY_LINK, pair.newest(ADA).id, pair.supervisor.person_id)
    assert link is not None
    signing.take_back(pair.newest(ADA), actor=pair.student_of(ADA), now=NOW)
    invitation = invitation_of(link)
    assert not invitation.can_sign(NOW)
    assert invitation.can_be_renewed
    assert invitation.newest == pair.newest(BEA)
