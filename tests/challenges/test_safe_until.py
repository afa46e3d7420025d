"""What queries say is live is what the models say, whatever is changed, in whichever order, by one or by two at once."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import flask_migrate
import pytest
from sqlalchemy import select, update

from placements.challenges.models import Challenge, ChallengeSite, live_on
from placements.challenges.workflow import ChallengeState
from placements.db import db
from placements.partners.models import Organisation, Site
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.databases import Copy
from tests.races import at_once

TODAY = date(2026, 10, 20)
DAYS = [TODAY + timedelta(days=away) for away in (-1, 0, 1)]
ENDS = [*DAYS, None]


def _approve_until(random: Random, challenge: Challenge) -> None:
    challenge.organisation.approved_until = random.choice(ENDS)


def _move_organisation(random: Random, challenge: Challenge) -> None:
    challenge.organisation.state = random.choice([OrganisationState.APPROVED] * 9 + [*OrganisationState])


def _clear_until(random: Random, challenge: Challenge) -> None:
    random.choice(challenge.organisation.sites).cleared_until = random.choice(ENDS)


def _move(random: Random, challenge: Challenge) -> None:
    challenge.state = random.choice([ChallengeState.PUBLISHED] * 9 + [*ChallengeState])


def _elsewhere(random: Random, challenge: Challenge) -> None:
    challenge.site = random.choice([None, *challenge.organisation.sites])


def _add_place(random: Random, challenge: Challenge) -> None:
    free = [site for site in challenge.organisation.sites if site not in challenge.all_sites]
    if free:
        challenge.further_sites.append(ChallengeSite(site=random.choice(free), supervisor_id=challenge.supervisor_id))


def _swap_place(random: Random, challenge: Challenge) -> None:
    free = [site for site in challenge.organisation.sites if site not in challenge.all_sites]
    if free and challenge.further_sites:
        random.choice(challenge.further_sites).site = random.choice(free)


def _drop_place(random: Random, challenge: Challenge) -> None:
    if challenge.further_sites:
        challenge.further_sites.remove(random.choice(challenge.further_sites))


def _post_another(random: Random, challenge: Challenge) -> None:
    make.challenge(challenge.organisation, site=random.choice(challenge.organisation.sites))


def _merge(random: Random, challenge: Challenge) -> None:
    into = random.choice(db.session.scalars(select(Organisation)).all())
    old = challenge.organisation_id
    moved: list[Any] = random.sample([Challenge, Site], 2)
    for model in moved:
        db.session.execute(update(model).where(model.organisation_id == old).values(organisation_id=into.id))
    db.session.expire_all()


def _all_at_once(random: Random, _: Challenge) -> None:
    db.session.execute(update(Organisation).values(approved_until=random.choice(ENDS)))
    db.session.execute(update(Site).values(cleared_until=random.choice(ENDS)))
    db.session.expire_all()


CHANGES: list[Callable[[Random, Challenge], None]] = [
    *(_approve_until, _move_organisation, _clear_until, _move, _elsewhere),
    *(_post_another, _merge, _all_at_once),
    *(_add_place, _swap_place, _drop_place) * 3,  # what is seen of these depends on all the others
]


def _live(day: date) -> tuple[set[int], set[int]]:
    """The keys of what is live, as a query says it and as the models do."""
    asked = set(db.session.scalars(select(Challenge.id).where(live_on(day))))
    return asked, {each.id for each in db.session.scalars(select(Challenge)) if each.is_live(day)}


@pytest.mark.parametrize("seed", range(10))
def test_what_queries_call_live_is_what_models_call_live(session: Any, seed: int) -> None:
    random = Random(seed)
    for _ in range(3):
        there = make.organisation(approved_until=TODAY)
        first, *_ = [make.site(there, cleared_until=random.choice([*DAYS, TODAY])) for _ in range(5)]
        make.challenge(there, site=first)
    seen = set()
    for _ in range(50):
        all_of_them = db.session.scalars(select(Challenge).order_by(Challenge.id)).all()
        change = random.choice(CHANGES)
        change(random, random.choice(all_of_them))
        db.session.flush()
        for day in DAYS:
            asked, said = _live(day)
            assert asked == said, change.__name__
            seen |= {bool(asked)}
    assert seen == {True, False}, "what happens here must sometimes show briefs and sometimes none"


@pytest.mark.parametrize("ends_on", [TODAY, TODAY - timedelta(days=1)])
def test_written_or_published_while_its_organisation_is_decided_upon_it_follows_the_decision(
    fresh_database: Copy, ends_on: date
) -> None:
    def decide(until: date | None = ends_on) -> None:
        db.session.scalars(select(Organisation)).one().approved_until = until

    def write() -> None:
        make.challenge(db.session.scalars(select(Organisation)).one(), state=ChallengeState.DRAFT)

    def publish() -> None:
        db.session.scalars(select(Challenge).order_by(Challenge.id)).all()[-1].state = ChallengeState.PUBLISHED

    with fresh_database.app.app_context():
        make.challenge(make.organisation(approved_until=TODAY), state=ChallengeState.APPROVED)
        db.session.commit()
    for act in (publish, write):
        assert at_once(fresh_database, lambda: decide(None)) == [None]
        assert at_once(fresh_database, decide, act) == [None] * 2
    assert at_once(fresh_database, publish) == [None]
    with fresh_database.app.app_context():
        asked, said = _live(TODAY)
        assert asked == said
        assert len(said) == (2 if ends_on == TODAY else 0)


def test_what_was_there_before_the_column_is_worked_out(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        make.challenge(make.organisation(approved_until=TODAY))
        make.challenge(make.organisation(approved_until=DAYS[0]))
        db.session.commit()
        for migrate, revision in ((flask_migrate.downgrade, "0003"), (flask_migrate.upgrade, "head")):
            db.session.remove()
            migrate(revision=revision)
        assert [_live(day) for day in DAYS] == [({1, 2}, {1, 2}), ({1}, {1}), (set(), set())]
