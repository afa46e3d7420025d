"""What keeps locks from holding all together, and each change that could be part of a way out.

A challenge with a lock must run, so besides its locks it may need more students, each of whom fills one place only; a
challenge without a lock may close.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from placements.solver.changes import Change, Kind
from placements.solver.instance import Instance, Pair

# The least drastic first.
ORDER = (Kind.PLACES, Kind.CEILING, Kind.LOAD, Kind.MINIMUM, Kind.ALLOW, Kind.UNLOCK)
Liked = Mapping[str, Sequence[str]]  # who ranked each challenge


@dataclass(frozen=True)
class Trouble:
    """Something that cannot be. Any set of changes that helps holds one of the ways, which have no numbers yet."""

    sentence: str
    ways: tuple[Change, ...]  # the least drastic first


def liked_of(instance: Instance) -> Liked:
    """Who ranked each challenge."""
    found: dict[str, list[str]] = {challenge.id: [] for challenge in instance.challenges}
    for student in instance.students:
        for option in student.options:
            found[option.challenge].append(student.key)
    return found


class Standing:
    """How the locks of an instance stand after some changes, whose numbers are whatever it takes.

    `minimums` says the new ones of those changed minimums whose number is known.
    """

    def __init__(
        self, instance: Instance, liked: Liked, chosen: Collection[Change], minimums: Mapping[str, int]
    ) -> None:
        self._instance, self._liked, self._chosen = instance, liked, chosen
        self._locks = [lock for lock in instance.locks if _change(Kind.UNLOCK, lock) not in chosen]
        self._forbids = {pair for pair in instance.forbids if _change(Kind.ALLOW, pair) not in chosen}
        self._homes = {lock.student: lock for lock in self._locks}
        self.locked = Counter(lock.challenge for lock in self._locks)
        self.runs: dict[str, int] = {}  # each challenge that must run, with how many at the least
        self._members: dict[str, list[str]] = {}  # of each organisation, those of them that are its
        for one in instance.challenges:
            if self.locked[one.id]:
                least = 0 if Change(Kind.MINIMUM, one.id) in chosen else one.minimum
                self.runs[one.id] = max(self.locked[one.id], minimums.get(one.id, least))
                self._members.setdefault(one.organisation, []).append(one.id)

    def under(self, organisation: str) -> int:
        """How many it must take at the least."""
        return sum(self.runs[name] for name in self._members.get(organisation, ()))

    def troubles(self) -> list[Trouble]:
        """All that is in the way: contradictions, then too many locks, the fewest first, then too few students."""
        contradictions = [
            Trouble(
                f"Student {lock.student} is both locked to challenge {lock.challenge} and forbidden it.",
                (_change(Kind.ALLOW, lock), _change(Kind.UNLOCK, lock)),
            )
            for lock in self._locks
            if lock in self._forbids
        ]
        crowded = sorted(self._crowded(), key=lambda row: row[:2])
        return [*contradictions, *(trouble for _, _, trouble in crowded), *self._short()]

    def _crowded(self) -> Iterator[tuple[int, str, Trouble]]:
        """Where more must be than can: how many are locked there, the name, and the trouble."""
        limits: list[tuple[str, int | None, Sequence[str], Change]] = [
            (f"Challenge {one.id}", one.maximum, [one.id], Change(Kind.PLACES, one.id))
            for one in self._instance.challenges
            if one.id in self.runs
        ]
        limits += [
            (f"Organisation {one.id}", one.ceiling, self._members.get(one.id, ()), Change(Kind.CEILING, one.id))
            for one in self._instance.organisations
        ]
        if self._instance.tutors:
            tutor = min(self._instance.tutors, key=lambda tutor: (tutor.load, tutor.id))
            limits.append(("Tutors together", self._instance.most, [*self.runs], Change(Kind.LOAD, tutor.id)))
        for name, limit, members, change in limits:
            locked, number = (sum(each[one] for one in members) for each in (self.locked, self.runs))
            if limit is not None and number > limit and change not in self._chosen:
                told = f"more students are locked than can be taken, {locked} and at most {limit}."
                if locked <= limit:
                    told = f"what is locked needs more students than can be taken, {number} and at most {limit}."
                yield locked, name, Trouble(f"{name}: {told}", (change, *self._leaving(members)))

    def _leaving(self, challenges: Collection[str]) -> Iterator[Change]:
        """The changes by which fewer must be at these."""
        for name in sorted(challenges):
            if self.runs[name] > self.locked[name]:
                yield Change(Kind.MINIMUM, name)
        yield from (_change(Kind.UNLOCK, lock) for lock in self._locks if lock.challenge in challenges)

    def _short(self) -> Iterator[Trouble]:
        """Of each challenge that cannot have as many as it must: those that compete for the same students with it."""
        missing = {name: number - self.locked[name] for name, number in self.runs.items() if number > self.locked[name]}
        wants = {
            name: [key for key in self._liked[name] if key not in self._homes and Pair(key, name) not in self._forbids]
            for name in missing
        }
        for name, rivals in _competing(missing, wants):
            likers = sorted({key for one in rivals for key in self._liked[one]})
            ways = {
                *self._leaving(rivals),
                *(_change(Kind.UNLOCK, self._homes[key]) for key in likers if key in self._homes),
                *(_change(Kind.ALLOW, pair) for pair in self._forbids if self._is_kept_out(pair, rivals)),
            }
            told = f"Challenge {name}: it has a lock, so it must run, and too few could be there."
            yield Trouble(told, tuple(sorted(ways, key=_drastic)))

    def _is_kept_out(self, pair: Pair, challenges: Collection[str]) -> bool:
        """Whether it is one of these, and the student could be there were they not kept apart."""
        return (
            pair.challenge in challenges
            and pair.student in self._liked[pair.challenge]
            and pair.student not in self._homes
        )


def _change(kind: Kind, pair: Pair) -> Change:
    return Change(kind, pair.challenge, pair.student)


def _drastic(change: Change) -> tuple[int, Change]:
    return ORDER.index(change.kind), change


def _competing(missing: Mapping[str, int], wants: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, set[str]]]:
    """Each challenge that cannot have all it is missing, with those between which its students are shared out."""
    holder: dict[str, str] = {}
    for name, number in missing.items():
        for _ in range(number):
            rivals = _win(name, wants, holder)
            if rivals:
                yield name, rivals
                break


def _win(name: str, wants: Mapping[str, Sequence[str]], holder: dict[str, str]) -> set[str]:
    """Get the challenge one student more, others moving on; or else say which challenges hold all that it could get."""
    wanted_by: dict[str, str] = {}  # each student looked at
    gives: dict[str, str | None] = {name: None}  # each challenge reached, with the student whom another wants of it
    waiting = deque([name])
    while waiting:
        challenge = waiting.popleft()
        for student in wants[challenge]:
            if student in wanted_by:
                continue
            wanted_by[student] = challenge
            held_by = holder.get(student)
            if held_by is None:
                moved: str | None = student
                while moved is not None:
                    holder[moved] = wanted_by[moved]
                    moved = gives[holder[moved]]
                return set()
            if held_by not in gives:
                gives[held_by] = student
                waiting.append(held_by)
    return set(gives)
