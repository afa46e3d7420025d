"""June and after: what came of the finished year's challenges is written, verified by its organisations, and shown."""

import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from placements.challenges.models import Challenge
from placements.core.policy import Principal
from placements.db import db
from placements.demo.hosts import ENGAGEMENT
from placements.demo.stage import Beat, Season, person_at, principal, working_days_later
from placements.impact import actions
from placements.impact.models import Result
from placements.impact.queries import VERIFY_BY_LINK, asked_by
from placements.impact.rules import Words
from placements.links.actions import latest_link

RESULTS: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("results.toml").read_text(encoding="utf-8"))[
    "result"
]
Step = Callable[[Result, dict[str, Any], datetime], None]


def chapter(season: Season) -> Iterator[Beat]:
    """Each as far as it comes in that season."""
    for told in RESULTS:
        if told["season"] == season.starts:
            month, day = told["written"]
            yield from _beats(told, season.at(month, day, 10))


def _beats(told: dict[str, Any], at: datetime) -> Iterator[Beat]:
    yield Beat(at, partial(_write, told))
    days = 0
    for step in STEPS[told["ends"]]:
        days += 2
        yield Beat(working_days_later(at, days) - timedelta(minutes=20), partial(_go_on, told, step))


def _officer() -> Principal:
    return principal(person_at(ENGAGEMENT).id)


def _key(told: dict[str, Any]) -> str:
    return f"result-{told['challenge']}"[:40]


def _write(told: dict[str, Any], now: datetime) -> None:
    newest = select(Challenge).where(Challenge.title == told["challenge"]).order_by(Challenge.academic_year)
    challenge = db.session.scalars(newest).first()
    if challenge is not None:
        words = Words(told["headline"], told["story"].strip(), told.get("people_reached"), told.get("quote", ""))
        actions.write(challenge, words, _key(told), actor=_officer(), now=now)


def _go_on(told: dict[str, Any], step: Step, now: datetime) -> None:
    result = db.session.scalar(select(Result).where(Result.form_key == _key(told)))
    if result is not None:
        step(result, told, now)


def _ask(result: Result, _told: dict[str, Any], now: datetime) -> None:
    actions.ask(result, actor=_officer(), now=now)


def _agree(result: Result, told: dict[str, Any], now: datetime) -> None:
    link = latest_link(VERIFY_BY_LINK, result.id, result.asked_id or 0)
    if link is not None:
        actions.verify_by_link(asked_by(link), may_publish=told["ends"] != "kept", now=now)


def _send_back(result: Result, told: dict[str, Any], now: datetime) -> None:
    contact = principal(result.asked_id or 0)
    actions.send_back(result, told["reason"], seen=result.version, actor=contact, now=now)


def _publish(result: Result, _told: dict[str, Any], now: datetime) -> None:
    actions.publish(result, actor=_officer(), now=now)


def _take_down(result: Result, _told: dict[str, Any], now: datetime) -> None:
    contact = principal(result.asked_id or 0)
    actions.withdraw(result, "We have changed the prices since.", actor=contact, now=now)


STEPS: dict[str, tuple[Step, ...]] = {
    "draft": (),
    "asked": (_ask,),
    "sent_back": (_ask, _send_back),
    "kept": (_ask, _agree),
    "verified": (_ask, _agree),
    "published": (_ask, _agree, _publish),
    "withdrawn": (_ask, _agree, _publish, _take_down),
}
