"""For any sequence of verbs, the totals are those of the replayed ledger, now and as they were at each moment."""

from copy import deepcopy
from datetime import date, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from placements.confirming import actions as confirming
from placements.core.errors import Refused
from placements.db import db
from placements.logbook import actions
from placements.logbook.hours import STANDING, hours_of, ledgers_of, terms_of
from placements.logbook.ledger import Posting, Totals, replay
from placements.logbook.models import Entry, How, LedgerEvent
from placements.logbook.rules import Visit
from placements.placing import endings
from placements.placing.models import EndedBy
from placements.reading import actions as reading
from tests.factories import NOW
from tests.logbook.cast import WEDNESDAY, Cast, cast, known, logged

# verb → where it may start, where it leads: the same as the workflow's table, typed by hand
LEADS = {
    "confirm": ({"waiting", "queried"}, "confirmed"),
    "query": ({"waiting"}, "queried"),
    "edit": ({"waiting", "queried", "confirmed"}, "waiting"),
    "reflect": ({"queried"}, "waiting"),  # a queried visit is sent again with whatever is changed
    "discard": ({"waiting", "queried"}, "gone"),
    "verify": ({"waiting", "queried", "not counted"}, "verified"),
    "set_aside": ({"waiting", "queried", "verified"}, "not counted"),
}
VERBS = st.lists(
    st.one_of(
        st.tuples(st.just("log"), st.just(0), st.integers(1, 6)),
        st.tuples(st.just("end"), st.integers(0, 5), st.just(0)),  # the placement, early, on the day of that visit
        st.tuples(st.sampled_from(sorted(LEADS)), st.integers(0, 5), st.integers(1, 6)),
    ),
    max_size=14,
)


def play(people: Cast, entry: Entry, verb: str, hours: int, now: Any) -> None:
    who = known(people)
    by = {"how": How.LINK, "actor": who["supervisor"], "now": now}
    if verb in ("confirm", "query"):
        confirming.answer({entry.id: entry.version}, {entry.id: "Why?"} if verb == "query" else {}, **by)
    elif verb in ("edit", "reflect"):
        visit, words = entry.visit, {"mode": entry.mode, "activity": entry.activity, "reflection": f"At {now}"}
        if verb == "edit":
            visit = Visit(visit.on, visit.starts, visit.starts.replace(hour=13 + hours))
            words["activity"] = f"Something else, at {now}."
        actions.edit(entry, visit, **words, actor=who["student"], now=now)
    elif verb == "discard":
        actions.discard(entry, actor=who["student"], now=now)
    else:
        reading.decide(entry, verb == "verify", "I saw the rota.", actor=who["tutor"], now=now)


def end(people: Cast, last_on: date, now: Any) -> date:
    """The tutor ends the placement. Returns its last day: that, or the day it was ended on before."""
    by = {"by": EndedBy.STUDENT, "reason": "No time.", "needs_another": False}
    endings.end_early(people.placement, last_on=last_on, **by, actor=known(people)["tutor"], now=now)
    return people.placement.ended_on or last_on


def expected(book: list[list[Any]], last_on: date) -> Totals:
    """What the hours come to by adding up: no visit here is past the ceiling or before the Agreement.

    A visit after the placement's last day counts if it is confirmed: all are before the day that was planned.
    """
    sums: dict[str, int] = {}
    for place, (now_in, minutes) in enumerate(book):
        is_over = WEDNESDAY - timedelta(days=place) > last_on and now_in in ("waiting", "queried")
        state = "not counted" if is_over else now_in
        sums[state] = sums.get(state, 0) + minutes
    confirmed = sums.get("confirmed", 0) + sums.get("verified", 0)
    waiting, queried = sums.get("waiting", 0), sums.get("queried", 0)
    return Totals(confirmed, waiting, queried, sums.get("not counted", 0), max(0, 2700 - confirmed - waiting))


@given(verbs=VERBS)
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_totals_are_the_replayed_ledger(session: Any, verbs: list[tuple[str, int, int]]) -> None:
    people, entries, book, seen = cast(), [], [], []
    last_on = people.placement.ends_on
    ticks = count(1)
    for verb, which, hours in verbs:
        now = NOW + next(ticks) * timedelta(minutes=1)
        if verb == "log":
            if len(entries) < 6:
                entries.append(logged(people, -len(entries), hours, now=now))
                book.append(["waiting", hours * 60])
        elif verb == "end":
            last_on = end(people, WEDNESDAY - timedelta(days=which), now)
        elif which < len(entries):
            sources, target = LEADS[verb]
            was = book[which]
            try:
                play(people, entries[which], verb, hours, now)
            except Refused:
                assert was[0] not in sources
            if was[0] in sources:
                was[:] = [target, hours * 60 if verb == "edit" else was[1]]
        seen.append((now, deepcopy(book)))
    key = people.placement.id
    assert hours_of([key]) == {key: expected(book, last_on)}
    for then, known_by_then in seen:  # under today's terms
        assert ledgers_of([key], until=then)[key].totals == expected(known_by_then, last_on)
    assert replay(_postings(), {key: terms_of(key)}, 2700, 4200).totals == expected(book, last_on)
    session.rollback()


def _postings() -> list[Posting]:
    """Every line of the ledger, not only each entry's last."""
    lines = db.session.scalars(select(LedgerEvent).order_by(LedgerEvent.id))
    return [
        Posting(each.entry_id, each.entry.placement_id, STANDING[each.kind], each.starts_at, each.ends_at, each.minutes)
        for each in lines
    ]
