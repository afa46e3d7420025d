"""Messages to many in this February: one sent, one that is being written, one for next week, one held."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import select

from placements.bulletins import actions
from placements.bulletins.models import Bulletin
from placements.bulletins.queries import seen_of
from placements.bulletins.rules import Audience
from placements.db import db, new_public_id
from placements.demo.hosts import ENGAGEMENT
from placements.demo.stage import LATEST, Beat, Season, leader, person_at, principal


@dataclass(frozen=True)
class Text:
    """Whom a message is for, and what it says."""

    to: Audience
    filters: dict[str, str]
    subject: str
    words: str


CATCH_UP = Text(
    Audience.STUDENTS,
    {"placement": "active"},
    "Bring your log up to date this week",
    "The middle of your placement is a good moment to look back, {given_name}.\n\nPlease do two things by Friday:\n"
    "- log every visit up to last week, and\n- answer what your supervisor asked about any of them.\n\n"
    "If your hours are behind, tell your tutor now: there is time to make them up before Easter.",
)
WORKSHOP = Text(
    Audience.STUDENTS,
    {},
    "A morning on the portfolio",
    "We meet once before Easter to look at what makes a good portfolio. Bring what you have.",
)
NEXT_YEAR = Text(
    Audience.PARTNERS,
    {"state": "approved", "role": "primary"},
    "Would you have students again?",
    "We are putting together the challenges for next year. If {organisation} has work that a student could do, "
    "write it down now: it takes ten minutes, and we read it within a week.",
)
VISIT = Text(
    Audience.PARTNERS,
    {"theme": "health"},
    "Come and meet our students",
    "On Thursday 11 March our students show what they have done so far, from 2pm to 4pm. Come and see it.",
)


def chapter(season: Season) -> Iterator[Beat]:
    """The leader writes to the students on placement; the engagement team to organisations."""
    if season.starts != LATEST:
        return
    run = season.runs
    soon = season.at(2, 24, 9, 30)
    yield Beat(season.at(2, 12, 15, 30), lambda now: _write(CATCH_UP, run()[0].id, season.at(2, 15, 9), now))
    yield Beat(season.at(2, 16, 11, 10), partial(_write, VISIT, None, soon))
    yield Beat(season.at(2, 16, 14, 20), _hold)
    yield Beat(season.at(2, 16, 16, 45), partial(_write, NEXT_YEAR, None, soon))
    yield Beat(season.at(2, 16, 17, 20), lambda now: _write(WORKSHOP, run()[0].id, None, now))


def _write(text: Text, run_id: int | None, send_at: datetime | None, now: datetime) -> None:
    actor = leader() if run_id else principal(person_at(ENGAGEMENT).id)
    bulletin = actions.begin(text.to, run_id, new_public_id(), actor=actor, now=now)
    db.session.flush()
    actions.choose(bulletin, text.filters, bulletin.version, actor=actor, now=now)
    actions.write(bulletin, text.subject, text.words, bulletin.version, actor=actor, now=now)
    if send_at:
        db.session.flush()
        actions.send(bulletin, send_at, seen_of(bulletin)[0], actor=actor, now=now)


def _hold(now: datetime) -> None:
    bulletin = db.session.scalars(select(Bulletin).where(Bulletin.subject == VISIT.subject)).one()
    actions.hold(bulletin, actor=principal(person_at(ENGAGEMENT).id), now=now)
