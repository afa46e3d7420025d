"""The open places for one student: which fit, which they asked for or chose, and what giving one away costs others."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import func, select

from placements.applications.finding import misfits_of
from placements.applications.models import Application, Preference
from placements.applications.needs import Limits
from placements.applications.queries import answers_for, limits_of
from placements.applications.rules import MOST_CHOICES, Answer
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.workflow import WITHOUT_A_PLACE
from placements.core.policy import NOBODY, Principal
from placements.db import db
from placements.offers.models import AskedPlace, Clearing, Offer
from placements.offers.queries import Place, places_left, suitable, taken
from placements.offers.workflow import LIVE


@dataclass(frozen=True)
class Demand:
    """How many other students want each challenge, and how many of those could go nowhere else, by challenge."""

    wanted: Mapping[int, int]
    only: Mapping[int, int]


@dataclass(frozen=True)
class Candidate:
    """One open place for one student, as whoever places them may see it: that it does not fit, never why.

    `fits`: None where nothing that they need decides. `rank` is for module leaders alone. `is_refused`: the module
    leader agreed with the organisation that the student is not suitable there. `others`, `stranded`: see Demand.
    """

    place: Place
    asked: AskedPlace | None
    is_chosen: bool
    rank: int | None
    fits: bool | None
    is_keen: bool
    is_refused: bool
    others: int
    stranded: int

    @property
    def said(self) -> str:
        """The challenge, whose it is, and how many places are left."""
        challenge = self.place.challenge
        return f"{challenge.title}, {challenge.organisation.name} ({self.place.left} left)"

    @property
    def more(self) -> str:
        """What speaks for it or against it, in a few words."""
        parts = (
            "one of their choices" if self.is_chosen else "",
            "does not fit" if self.fits is False else "",
            f"wanted by {self.others} other{'' if self.others == 1 else 's'}" if self.others else "",
        )
        return "".join(f", {part}" for part in parts if part)

    @property
    def order(self) -> tuple[int, ...]:
        """What comes first: what they asked for, what they chose and fits, what fits, the rest.

        Within, by rank for those who may know it, then by title.
        """
        is_fit = self.fits is not False
        among = (self.is_refused, self.asked is None, not (self.is_chosen and is_fit), not is_fit)
        return (*among, self.rank or MOST_CHOICES + 1)


@dataclass(frozen=True)
class Wishes:
    """What students chose (challenge → rank), asked for and need, and what organisations said of them, by enrolment."""

    ranks: Mapping[int, Mapping[int, int]]
    asked: Mapping[int, Mapping[int, AskedPlace]]
    limits: Mapping[int, Limits]
    answers: Mapping[tuple[int, int], Answer]

    def could_go(self, enrolment_id: int, challenge: Challenge) -> bool:
        """Whether it fits what they need, and its organisation's “not suitable” was not agreed."""
        is_refused = self.answers.get((enrolment_id, challenge.id)) is Answer.NOT_SUITABLE
        return not is_refused and not misfits_of(self.limits.get(enrolment_id), challenge)

    def wanted_by(self, enrolment_id: int) -> set[int]:
        """The challenges that they asked for or chose."""
        return {*self.asked.get(enrolment_id, ()), *self.ranks.get(enrolment_id, ())}


def wishes_of(enrolment_ids: Collection[int]) -> Wishes:
    """The wishes of these students. Four queries."""
    ranks: dict[int, dict[int, int]] = {}
    rows = select(Application.enrolment_id, Preference.challenge_id, Preference.rank).join(Preference.application)
    is_theirs = Application.enrolment_id.in_(enrolment_ids), Application.state == ApplicationState.SUBMITTED
    for enrolment_id, challenge_id, rank in db.session.execute(rows.where(*is_theirs)):
        ranks.setdefault(enrolment_id, {})[challenge_id] = rank
    asked: dict[int, dict[int, AskedPlace]] = {}
    of_open = select(Clearing.enrolment_id, AskedPlace).join(AskedPlace.clearing)
    for enrolment_id, wish in db.session.execute(
        of_open.where(Clearing.enrolment_id.in_(enrolment_ids), Clearing.closed_at.is_(None))
    ):
        asked.setdefault(enrolment_id, {})[wish.challenge_id] = wish
    return Wishes(ranks, asked, limits_of(enrolment_ids), answers_for(enrolment_ids))


def candidates_from_clearing(row: Clearing, who: Principal, now: datetime) -> list[Candidate]:
    """The open places for a student of the clearing list, the likeliest first, as `who` may see them. Eight queries."""
    year = row.enrolment.run.academic_year
    places = places_left(year, taken(year), now)
    waiting = _waiting(year, but=row.enrolment_id)
    wishes = wishes_of([row.enrolment_id, *waiting])
    demand = _demand(waiting, places, wishes)
    return _candidates(row.enrolment, suitable(places, row.enrolment, who), wishes, demand, who)


def candidates_before_a_round(enrolment: Enrolment, places: Sequence[Place], who: Principal) -> list[Candidate]:
    """The same of these places for a student whom a round will place: others are those who chose it. Five queries."""
    chosen = (
        select(Preference.challenge_id, func.count())
        .join(Preference.application)
        .join(Application.enrolment)
        .where(Application.state == ApplicationState.SUBMITTED, Enrolment.state.in_(WITHOUT_A_PLACE))
        .where(Preference.challenge_id.in_([place.challenge.id for place in places]), Enrolment.id != enrolment.id)
        .group_by(Preference.challenge_id)
    )
    wanted = {row[0]: row[1] for row in db.session.execute(chosen)}
    return _candidates(enrolment, places, wishes_of([enrolment.id]), Demand(wanted, {}), who)


def _candidates(
    enrolment: Enrolment, places: Sequence[Place], wishes: Wishes, demand: Demand, who: Principal
) -> list[Candidate]:
    ranks, asked = wishes.ranks.get(enrolment.id, {}), wishes.asked.get(enrolment.id, {})
    limits, may_rank = wishes.limits.get(enrolment.id), who.has("leader", enrolment.run_id)
    found = []
    for place in places:
        key = place.challenge.id
        misfits, answer = misfits_of(limits, place.challenge), wishes.answers.get((enrolment.id, key))
        each = Candidate(
            place,
            asked.get(key),
            is_chosen=key in ranks,
            rank=ranks.get(key) if may_rank else None,
            fits=None if misfits is None else not misfits,
            is_keen=answer is Answer.KEEN,
            is_refused=answer is Answer.NOT_SUITABLE,
            others=demand.wanted.get(key, 0),
            stranded=demand.only.get(key, 0),
        )
        found.append(each)
    return sorted(found, key=lambda each: each.order)


def _waiting(year: str, but: int) -> Mapping[int, int]:
    """The other students on the year's clearing list to whom nothing is offered, and their level. One query."""
    offered = select(Offer.enrolment_id).where(Offer.state.in_(LIVE))
    rows = (
        select(Enrolment.id, ModuleRun.level)
        .join(Clearing, Clearing.enrolment_id == Enrolment.id)
        .join(Enrolment.run)
        .where(Clearing.closed_at.is_(None), ModuleRun.academic_year == year)
        .where(Enrolment.id != but, Enrolment.id.not_in(offered))
    )
    return {row.id: row.level for row in db.session.execute(rows)}


def _demand(waiting: Mapping[int, int], places: Sequence[Place], wishes: Wishes) -> Demand:
    wanted: Counter[int] = Counter()
    only: Counter[int] = Counter()
    for_level = {
        level: {place.challenge.id: place.challenge for place in places if place.challenge.suits(level)}
        for level in set(waiting.values())
    }
    for enrolment_id, level in waiting.items():
        theirs = for_level[level]
        wants = wishes.wanted_by(enrolment_id) & theirs.keys()
        wanted.update(key for key in wants if wishes.could_go(enrolment_id, theirs[key]))
        possible = list(islice((key for key, each in theirs.items() if wishes.could_go(enrolment_id, each)), 2))
        if len(possible) == 1:
            only[possible[0]] += 1
    return Demand(wanted, only)


@dataclass(frozen=True)
class OwnPlace:
    """One open place, as the student who needs one sees it. `misfits`: None where they need nothing."""

    place: Place
    misfits: Sequence[str] | None
    rank: int | None
    asked: AskedPlace | None


def own_places(row: Clearing, now: datetime) -> list[OwnPlace]:
    """The places that the student of the row can ask for now: what fits first, their own choices by rank. 7 queries.

    Where an organisation's “not suitable” was agreed there is no place for them.
    """
    enrolment, year = row.enrolment, row.enrolment.run.academic_year
    wishes = wishes_of([enrolment.id])
    ranks, asked = wishes.ranks.get(enrolment.id, {}), wishes.asked.get(enrolment.id, {})
    limits = wishes.limits.get(enrolment.id)
    found = []
    for place in suitable(places_left(year, taken(year), now), enrolment, NOBODY):
        key = place.challenge.id
        if wishes.answers.get((enrolment.id, key)) is not Answer.NOT_SUITABLE:
            found.append(OwnPlace(place, misfits_of(limits, place.challenge), ranks.get(key), asked.get(key)))
    return sorted(found, key=lambda each: (bool(each.misfits), each.rank or len(ranks) + 1))
