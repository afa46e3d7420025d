"""Every order of the signers, by link or account, with each thing that can come between, at every place.

Each button is pressed twice, and everybody looks at the page before each press. What must come of it is typed by hand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import permutations, product
from typing import Any

import pytest
from sqlalchemy import select

from placements.agreements import actions
from placements.agreements.differences import differences_of
from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.queries import facts_of, is_out_of_date, versions_of
from placements.agreements.rules import digest
from placements.agreements.workflow import AgreementState
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.links.actions import latest_link
from placements.placing.actions import change_dates, change_supervisor
from placements.signing import actions as signing
from placements.signing.amending import amend_dates
from placements.signing.invitations import SIGN_BY_LINK, invitation_of
from tests.agreements.scene import ADDRESS, evenly, in_force, principal, proposed, sign, sign_by_link
from tests.factories import NOW
from tests.placing.scene import Scene

OLD = (date(2026, 11, 16), date(2027, 4, 30))
NEW = (date(2026, 11, 23), date(2027, 5, 28))
NEWER = (date(2026, 11, 23), date(2027, 6, 25))
STUDENT, SUPERVISOR, TUTOR = Party
BETWEEN = ("nothing", "taken back", "tutor asks", "supervisor asks", "other dates", "other supervisor")


@dataclass(frozen=True)
class End:
    """What must have come of a story: its versions, the placement's dates, and whose signature was carried."""

    states: str
    dates: tuple[date, date]
    carried: frozenset[Party] = frozenset()


# Typed by hand. A first version: nothing is carried, and before it is in force the dates move at once.
FIRST = {
    "nothing": End("in_force", OLD),
    "taken back": End("taken_back in_force", OLD),
    "tutor asks": End("taken_back in_force", OLD),
    "supervisor asks": End("taken_back in_force", OLD),
    "other dates": End("taken_back in_force", NEW),
    "other supervisor": End("taken_back in_force", OLD),
}
# Other dates for what is in force: the tutor's signature holds, unless somebody else supervises.
HOLDS = frozenset({TUTOR})
AMENDED = {
    "nothing": End("superseded in_force", NEW, HOLDS),
    "taken back": End("superseded taken_back in_force", NEW, HOLDS),
    "tutor asks": End("superseded taken_back in_force", NEW, HOLDS),
    "supervisor asks": End("superseded taken_back in_force", NEW, HOLDS),
    "other dates": End("superseded taken_back in_force", NEWER, HOLDS),
    "other supervisor": End("superseded taken_back in_force", NEW),
}


@dataclass
class Story:
    """One placement, whose Agreement goes round."""

    scene: Scene
    by_link: bool

    def newest(self) -> Agreement:
        return versions_of(self.scene.placement)[0]

    def look(self) -> None:
        """Whatever a page reads changes nothing."""
        db.session.flush()
        newest = self.newest()
        differences_of(newest)
        is_out_of_date(newest)
        link = latest_link(SIGN_BY_LINK, newest.id, self.scene.placement.supervisor_id)
        if link is not None:
            invitation_of(link).can_sign(NOW)
        assert not (db.session.new or db.session.dirty or db.session.deleted)

    def press(self, party: Party) -> None:
        """The party signs the newest version, and presses again."""
        for _ in range(2):
            self.look()
            newest = self.newest()
            if party is not SUPERVISOR:
                sign(self.scene, newest, party)
                continue
            name = self.scene.placement.supervisor.name
            if self.by_link and newest.signature_of(party) is None:
                sign_by_link(newest, name)
            else:
                actor, seen = Principal(self.scene.placement.supervisor_id), newest.sha256 or ""
                signing.sign(newest, name, ADDRESS, seen=seen, actor=actor, now=NOW)

    def comes_between(self, what: str, key: str) -> None:
        """It happens, twice."""
        scene, newest = self.scene, self.newest()
        placement, tutor = scene.placement, principal(scene, TUTOR)
        dates = NEWER if placement.agreed_at else NEW
        for _ in range(2):
            self.look()
            if what == "taken back":
                signing.take_back(newest, actor=principal(scene, STUDENT), now=NOW)
            elif what == "tutor asks":
                signing.ask_for_changes(newest, "Change it.", key, actor=tutor, now=NOW)
            elif what == "supervisor asks":
                signing.ask_for_changes(newest, "Change it.", key, actor=principal(scene, SUPERVISOR), now=NOW)
            elif what == "other supervisor":
                change_supervisor(placement, scene.contact.person, "Sue is away.", actor=tutor, now=NOW)
            elif placement.agreed_at:
                amend_dates(placement, *dates, "The hall.", key, actor=tutor, now=NOW)
            else:
                change_dates(placement, *dates, "The hall.", actor=tutor, now=NOW)

    def cannot_sign(self, version: Agreement, parties: Iterator[Party]) -> None:
        """Nobody can sign that version now."""
        before = len(version.signatures)
        for party in parties:
            if version.signature_of(party) is None:
                with pytest.raises((Refused, NotAllowed)):
                    sign(self.scene, version, party)
        assert len(version.signatures) == before

    def sends_again(self) -> None:
        """The student sends what has to be sent round again."""
        if is_out_of_date(self.newest()):
            signing.take_back(self.newest(), actor=principal(self.scene, STUDENT), now=NOW)
        draft = self.newest()
        if draft.state is AgreementState.DRAFT:
            if actions.problem_with_weeks(draft, draft.content.weeks):  # the dates moved beneath it
                student = principal(self.scene, STUDENT)
                actions.save_weeks(draft, evenly(self.scene), seen=draft.edit_version, actor=student, now=NOW)
            proposed(self.scene)


@contextmanager
def undone(session: Any) -> Iterator[None]:
    """What is made here is gone afterwards."""
    with session.begin_nested() as made:
        yield
        made.rollback()


def stories(parties: tuple[Party, ...]) -> Iterator[tuple[tuple[Party, ...], bool, str, int]]:
    """Every order, by link and by account, with nothing or one thing between, before each signature."""
    for order, by_link, between in product(permutations(parties), (True, False), BETWEEN):
        for place in range(len(order) if between != "nothing" else 1):
            yield order, by_link, between, place


FIRST_STORIES = list(stories(tuple(Party)))
AMENDED_STORIES = list(stories((STUDENT, SUPERVISOR)))
ONE_IN = {len(FIRST_STORIES): 5, len(AMENDED_STORIES): 3}  # each kind of story is told, and each order and way


def told_on(dialect: str, told: list[Any]) -> list[Any]:
    """Every story on SQLite. What comes of one is decided in Python; PostgreSQL is told some of each kind."""
    return told if dialect == "sqlite" else told[:: ONE_IN[len(told)]]


@pytest.mark.pure
@pytest.mark.parametrize("told", [FIRST_STORIES, AMENDED_STORIES], ids=["first", "amended"])
def test_postgresql_is_told_every_kind_in_every_order_and_way(told: list[Any]) -> None:
    some = told_on("postgresql", told)
    assert {story[2:] for story in some} == {story[2:] for story in told}
    assert {story[:2] for story in some} == {story[:2] for story in told}
    assert len(some) * 2 < len(told)
    assert told_on("sqlite", told) == told


def dialect_of(session: Any) -> str:
    return str(session.get_bind().dialect.name)


def play(story: Story, order: tuple[Party, ...], between: str, place: int) -> None:
    version = story.newest()
    for party in order[: place if between != "nothing" else None]:
        story.press(party)
    if between != "nothing":
        story.comes_between(between, f"{between} {place}")
        story.cannot_sign(version, iter(order))
        story.sends_again()
        for party in (*order, TUTOR):
            if story.newest().signature_of(party) is None:
                story.press(party)


def check(session: Any, story: Story, expected: End) -> None:
    session.flush()
    versions = list(reversed(versions_of(story.scene.placement)))
    found = story.scene.placement
    assert " ".join(each.state for each in versions) == expected.states
    assert (found.starts_on, found.ends_on) == expected.dates
    for each in versions:
        rows = session.scalars(select(Signature).where(Signature.agreement_id == each.id)).all()
        assert {row.sha256 for row in rows if row.carried_from_id is None} <= {each.sha256}
        assert each.sha256 == digest(each.number, facts_of(each), each.content)
        for row in rows:
            if row.carried_from is not None:  # it verifies against what was really signed
                assert row.carried_from.carried_from_id is None
                assert (row.sha256, row.at) == (row.carried_from.agreement.sha256, row.carried_from.at)
    last = versions[-1]
    assert {each.party for each in last.signatures} == set(Party)
    assert {each.party for each in last.signatures if each.carried_from_id} == expected.carried


@pytest.mark.parametrize("by_link", [True, False], ids=["by link", "by account"])
@pytest.mark.parametrize("order", list(permutations(Party)), ids=" ".join)
def test_a_first_version_in_every_order(session: Any, order: tuple[Party, ...], by_link: bool) -> None:
    scene = Scene()
    proposed(scene)
    for signers, is_by_link, between, place in told_on(dialect_of(session), FIRST_STORIES):
        if (signers, is_by_link) == (order, by_link):
            with undone(session):
                story = Story(scene, by_link)
                play(story, order, between, place)
                check(session, story, FIRST[between])


def test_other_dates_in_every_order(session: Any) -> None:
    scene = Scene()
    in_force(scene)
    amend_dates(scene.placement, *NEW, "The hall.", "key", actor=principal(scene, TUTOR), now=NOW)
    assert (scene.placement.starts_on, scene.placement.ends_on) == OLD
    assert len(AMENDED_STORIES) == 2 * 2 * (1 + 2 * 5)
    for order, by_link, between, place in told_on(dialect_of(session), AMENDED_STORIES):
        with undone(session):
            story = Story(scene, by_link)
            play(story, order, between, place)
            check(session, story, AMENDED[between])
