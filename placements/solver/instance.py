"""What an allocation is asked: students with ranked choices, challenges with places, organisations with ceilings.

The JSON has the names below, rows in any order; a field with a default may be left out, and no other field is known:

    {"seed": "drawn when the window closed",
     "students": [{"key": "s1", "level": 6, "options": [{"challenge": "c1", "rank": 1, "displeasure": 0}]}],
     "challenges": [{"id": "c1", "organisation": "o1", "levels": [5, 6], "minimum": 0, "maximum": 3}],
     "organisations": [{"id": "o1", "ceiling": null}],
     "tutors": [{"id": "t1", "load": 25}],
     "locks": [{"student": "s1", "challenge": "c1"}],
     "forbids": [{"student": "s1", "challenge": "c2"}]}

Any tutor may look after any student, so together they bound how many can be placed; without tutors nothing does.
An `Instance` that exists is valid and in canonical order: row order cannot reach the solver.
"""

import hashlib
import re
from dataclasses import dataclass

from placements.solver.canonical import dump, load, shown
from placements.solver.objective import DISPLEASURE

_NAME = re.compile(r"[!-~]{1,100}", re.ASCII)
_MOST = 1_000_000  # places, and rows a name can be counted in: far above any university, far below 2^63


@dataclass(frozen=True)
class Option:
    """One eligible choice. `rank` is the one the student gave, so it may skip choices that were not eligible.

    `displeasure` is the organisation's: 0 where it is keen, 1 where it is happy or said nothing.
    """

    challenge: str
    rank: int
    displeasure: int = DISPLEASURE


@dataclass(frozen=True)
class Student:
    """`key` is the student's opaque key for this round: it alone stands in the lottery, no database id does."""

    key: str
    level: int
    options: tuple[Option, ...]  # best first
    now: str | None = None  # the challenge that they are offered already, where the question is what to repair

    def __post_init__(self) -> None:
        _name("key", self.key)
        _number("level", self.level, 0, 99)
        before = 0
        for option in self.options:
            _number("rank", option.rank, 1, 99)
            _number("displeasure", option.displeasure, 0, 9)
            if option.rank <= before:
                raise ValueError(f"options must be in order of rank, but {option.rank} follows {before}.")
            before = option.rank
        _no_repeat("options", [option.challenge for option in self.options])


@dataclass(frozen=True)
class Challenge:
    """`maximum` is its number of places (0 when closed). It runs with `minimum` students at least, or with none."""

    id: str
    organisation: str
    levels: tuple[int, ...]
    maximum: int
    minimum: int = 0

    def __post_init__(self) -> None:
        _name("id", self.id)
        _number("maximum", self.maximum, 0, _MOST)
        _number("minimum", self.minimum, 0, self.maximum)
        for level in self.levels:
            _number("level", level, 0, 99)
        object.__setattr__(self, "levels", tuple(sorted(set(self.levels))))


@dataclass(frozen=True)
class Organisation:
    """`ceiling` is the most students it takes over all its challenges; None when it set none."""

    id: str
    ceiling: int | None = None

    def __post_init__(self) -> None:
        _name("id", self.id)
        if self.ceiling is not None:
            _number("ceiling", self.ceiling, 0, _MOST)


@dataclass(frozen=True)
class Tutor:
    """`load` is the most students that the tutor looks after."""

    id: str
    load: int

    def __post_init__(self) -> None:
        _name("id", self.id)
        _number("load", self.load, 0, _MOST)


@dataclass(frozen=True, order=True)
class Pair:
    """A student and a challenge: locked together, or kept apart."""

    student: str
    challenge: str


@dataclass(frozen=True)
class Instance:
    """A whole round's input. Raises ValueError, one sentence, for rows that clash and unknown ids.

    Whether all its locks can hold is another question (`possible`).
    """

    seed: str
    students: tuple[Student, ...]
    challenges: tuple[Challenge, ...]
    organisations: tuple[Organisation, ...]
    locks: tuple[Pair, ...] = ()
    forbids: tuple[Pair, ...] = ()
    tutors: tuple[Tutor, ...] = ()

    def __post_init__(self) -> None:
        _name("seed", self.seed)
        _no_repeat("students", [student.key for student in self.students])
        _no_repeat("challenges", [challenge.id for challenge in self.challenges])
        _no_repeat("organisations", [organisation.id for organisation in self.organisations])
        _no_repeat("tutors", [tutor.id for tutor in self.tutors])
        _no_repeat("locks", [lock.student for lock in self.locks])
        _no_repeat("forbids", [f"{pair.student} with {pair.challenge}" for pair in self.forbids])
        _check_references(self)
        put = object.__setattr__  # the one moment a frozen value may still be arranged
        put(self, "students", tuple(sorted(self.students, key=lambda student: student.key)))
        put(self, "challenges", tuple(sorted(self.challenges, key=lambda challenge: challenge.id)))
        put(self, "organisations", tuple(sorted(self.organisations, key=lambda organisation: organisation.id)))
        put(self, "tutors", tuple(sorted(self.tutors, key=lambda tutor: tutor.id)))
        put(self, "locks", tuple(sorted(self.locks)))
        put(self, "forbids", tuple(sorted(self.forbids)))

    @property
    def most(self) -> int | None:
        """How many students the tutors look after together; None where there are no tutors to bound it."""
        return sum(tutor.load for tutor in self.tutors) if self.tutors else None

    @property
    def has_minimums(self) -> bool:
        """Whether a challenge may have to close because too few would come."""
        return any(challenge.minimum > 1 for challenge in self.challenges)

    @property
    def worst(self) -> int:
        """The highest rank that occurs."""
        return max((option.rank for student in self.students for option in student.options), default=0)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Instance":
        """Read the JSON described above; ValueError names the field and the row (counted from 1)."""
        return load(cls, text)

    def to_json(self) -> str:
        """The canonical text: equal instances have equal texts, whatever order their rows came in."""
        return dump(self)

    def sha256(self) -> str:
        """SHA-256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _name(field: str, value: str) -> None:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{field} must be 1 to 100 visible ASCII characters without spaces, not {shown(value)}.")


def _number(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ValueError(f"{field} must be a whole number from {least} to {most}, not {shown(value)}.")


def _no_repeat(field: str, names: list[str]) -> None:
    first: dict[str, int] = {}
    for row, name in enumerate(names, 1):
        if first.setdefault(name, row) != row:
            raise ValueError(f"{field} row {row}: {shown(name)} stands already in row {first[name]}.")


def _check_references(instance: Instance) -> None:
    """Every id is known, and every pair but a forbidden one is of the same level."""
    organisations = {organisation.id for organisation in instance.organisations}
    levels = {challenge.id: challenge.levels for challenge in instance.challenges}
    students = {student.key: student.level for student in instance.students}
    for row, challenge in enumerate(instance.challenges, 1):
        if challenge.organisation not in organisations:
            raise ValueError(f"challenges row {row}: no organisation is called {shown(challenge.organisation)}.")
    for row, student in enumerate(instance.students, 1):
        for option in student.options:
            _check_pair(f"students row {row}", student.level, option.challenge, levels)
        if student.now is not None:
            _check_pair(f"students row {row}: now", None, student.now, levels)
    for field, pairs in (("locks", instance.locks), ("forbids", instance.forbids)):
        for row, pair in enumerate(pairs, 1):
            if pair.student not in students:
                raise ValueError(f"{field} row {row}: no student is called {shown(pair.student)}.")
            level = students[pair.student] if field == "locks" else None
            _check_pair(f"{field} row {row}", level, pair.challenge, levels)


def _check_pair(where: str, level: int | None, challenge: str, levels: dict[str, tuple[int, ...]]) -> None:
    if challenge not in levels:
        raise ValueError(f"{where}: no challenge is called {shown(challenge)}.")
    if level is not None and level not in levels[challenge]:
        raise ValueError(f"{where}: the student is at level {level}, and challenge {challenge} is not for that level.")
