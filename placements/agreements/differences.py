"""What a version says that the one in force does not, part by part, as whoever signs it reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

from placements.agreements.models import Agreement
from placements.agreements.queries import facts_of, in_force_of
from placements.agreements.rules import PARTS
from placements.agreements.weeks import say_hours
from placements.challenges.versions import Piece, pieces
from placements.core.clock import say_date

SIGNATORY = "Signs for the organisation"


@dataclass(frozen=True)
class Part:
    """One part of a version: what it is called, what it says, and how that differs."""

    title: str
    said: str
    pieces: Sequence[Piece]  # none where it says the same


@dataclass(frozen=True)
class Differences:
    """A version beside the one in force, which is `number`."""

    number: int
    parts: Sequence[Part]

    @property
    def changed(self) -> list[Part]:
        """The parts that say something else."""
        return [part for part in self.parts if part.pieces]

    @property
    def same(self) -> list[Part]:
        """The parts that say what they said."""
        return [part for part in self.parts if not part.pieces]


def differences_of(agreement: Agreement) -> Differences | None:
    """How a version that is not yet in force differs from the one that is; None where there is none to compare with."""
    in_force = in_force_of(agreement.placement_id)
    if in_force is None or in_force.number >= agreement.number:
        return None
    was, now = _said(in_force), _said(agreement)
    parts = [
        Part(title, now.get(title, ""), _pieces(was.get(title, ""), now.get(title, ""))) for title in {**now, **was}
    ]
    return Differences(in_force.number, parts)


def _pieces(was: str, now: str) -> list[Piece]:
    return [] if was == now else [*pieces(was, now)]


def _said(agreement: Agreement) -> dict[str, str]:
    """What a version says, by title, in the order in which it reads."""
    facts, content = facts_of(agreement), agreement.content
    return {
        "Student": facts.student,
        "Organisation": facts.organisation,
        "Supervisor": facts.supervisor,
        **({SIGNATORY: facts.signatory} if facts.signatory else {}),
        "Tutor": facts.tutor,
        "Challenge": facts.challenge,
        "Where": facts.where,
        "Dates": f"{say_date(facts.starts_on)} to {say_date(facts.ends_on)}",
        "Hours": say_hours(facts.minutes),
        "Module": facts.module,
        **{part.title: content.said(part.name) for part in PARTS},
    }
