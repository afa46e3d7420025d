"""Every version of a brief: its words as people read them, and what one has that another has not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.challenges.models import Challenge, ChallengeVersion
from placements.challenges.rules import QUESTIONS
from placements.db import db
from placements.history.models import History

SENT = "sent for review"  # as history says it

Piece = tuple[str, str]  # “same”, “gone” or “new”, and its words


@dataclass(frozen=True)
class Difference:
    """One question whose answers differ, as the pieces of both."""

    question: str
    pieces: tuple[Piece, ...]


def words_of(challenge: Challenge) -> dict[str, str]:
    """What the brief says now: question → answer, as people read it."""
    said = {
        "theme": challenge.theme_name,
        "other_areas": challenge.other_areas_said,
        "levels": challenge.levels_said,
        "places": challenge.places_said,
        "working": challenge.working_said,
        "mode": challenge.mode_said,
        "site": challenge.site.name if challenge.site else "",
        "further_sites": "\n".join(f"{each.site.name}, {each.supervisor.name}" for each in challenge.further_sites),
        "supervisor": challenge.supervisor.name,
        "days": ", ".join(challenge.day_names) or "Any day",
        "dbs": challenge.dbs_said,
        "pays_expenses": "Paid" if challenge.pays_expenses else "Not paid",
    }
    return {name: said[name] if name in said else getattr(challenge, name) for name in QUESTIONS}


def versions(challenge: Challenge) -> Sequence[ChallengeVersion]:
    """Every version that was kept, the latest first. One query."""
    kept = select(ChallengeVersion).where(ChallengeVersion.challenge_id == challenge.id)
    rows = kept.options(joinedload(ChallengeVersion.saved_by)).order_by(ChallengeVersion.version.desc())
    return db.session.scalars(rows).all()


def last_sent(challenge: Challenge, kept: Sequence[ChallengeVersion]) -> ChallengeVersion:
    """What now is best compared with: the last version that was sent for review and is not the latest; or the first."""
    sent = select(History.at).where(History.about_kind == Challenge.__tablename__, History.about_id == challenge.id)
    times = db.session.scalars(sent.where(History.verb == SENT)).all()
    as_sent = {next((each.version for each in kept if each.saved_at <= at), 0) for at in times}
    return next((each for each in kept[1:] if each.version in as_sent), kept[-1])


def differences(old: ChallengeVersion, new: ChallengeVersion) -> list[Difference]:
    """The questions whose answers differ, in the form's order."""
    return [
        Difference(question, tuple(pieces(old.words.get(name, ""), new.words.get(name, ""))))
        for name, question in QUESTIONS.items()
        if old.words.get(name, "") != new.words.get(name, "")
    ]


def pieces(old: str, new: str) -> Iterator[Piece]:
    """Two texts as one: the words that both have, those that only the old one has, those that only the new one has."""
    was, now = old.split(), new.split()
    for kind, from_old, to_old, from_new, to_new in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "same", " ".join(was[from_old:to_old])
        else:
            if from_old < to_old:
                yield "gone", " ".join(was[from_old:to_old])
            if from_new < to_new:
                yield "new", " ".join(now[from_new:to_new])
