"""Small random instances, and every placing of one: slow, obvious, and sharing no code with the solver."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from placements.solver.instance import Challenge, Instance, Option, Organisation, Pair, Student, Tutor
from placements.solver.result import Result

Placing = dict[str, str | None]
Range = tuple[int, int]


def random_instance(number: int, students: Range = (1, 6), challenges: Range = (2, 5)) -> Instance:
    """The instance of this number: always the same one, tight enough that students compete."""
    random = Random(number)
    hosts = max(random.randint(1, 3), challenges[0] // 3)
    organisations = [Organisation(f"o{one}", random.choice([None, None, 1, 2, 3])) for one in range(hosts)]
    briefs = [_challenge(random, f"c{one}", hosts) for one in range(random.randint(*challenges))]
    people = [_student(random, f"s{one}", briefs) for one in range(random.randint(*students))]
    forbids = {Pair(random.choice(people).key, random.choice(briefs).id) for _ in range(random.randint(0, 2))}
    loads = random.choice([(), (), (2, 1), (3,)])
    tutors = [Tutor(f"t{one}", load * max(1, len(people) // 6)) for one, load in enumerate(loads)]
    instance = Instance(
        *(f"seed-{number}", tuple(people), tuple(briefs), tuple(organisations)),
        forbids=tuple(forbids),
        tutors=tuple(tutors),
    )
    for student in people[: random.randint(0, 2)]:
        try:
            lock = Pair(student.key, random.choice(briefs).id)
            tried = replace(instance, locks=(*instance.locks, lock))
        except ValueError:  # of another level
            continue
        if lock not in instance.forbids and fits(tried, {pair.student: pair.challenge for pair in tried.locks}):
            instance = tried
    return instance


def _challenge(random: Random, name: str, hosts: int) -> Challenge:
    levels = random.choice([(6,), (5, 6)])
    return Challenge(name, f"o{random.randrange(hosts)}", levels, random.choice([0, 1, 1, 2, 3]))


def _student(random: Random, key: str, challenges: list[Challenge]) -> Student:
    level = random.choice([5, 6, 6])
    fits = [one.id for one in challenges if level in one.levels]
    popular = sorted(fits, key=lambda one: random.random() * (1 + int(one[1:])))  # all tend to want the same
    number = min(len(fits), random.choice([0, 1, 2, 3, 3, 4, 4]))
    ranks = sorted(random.sample(range(1, 7), number)) if random.random() < 0.2 else range(1, number + 1)
    options = [Option(one, rank, random.choice([0, 1, 1])) for one, rank in zip(popular, ranks, strict=False)]
    return Student(key, level, tuple(options))


def group_instance(number: int) -> Instance:
    """The same, but some challenges need several students to run, and some students have an offer already."""
    random = Random(number)
    instance = random_instance(number, students=(3, 6), challenges=(2, 4))
    briefs = [
        replace(one, maximum=one.maximum + 1, minimum=random.choice([0, 1, 2, 2, 3]) if one.maximum > 1 else 0)
        for one in instance.challenges
    ]
    briefs = [replace(one, minimum=min(one.minimum, one.maximum)) for one in briefs]
    people = [
        replace(one, now=random.choice(one.options).challenge) if one.options and random.random() < 0.4 else one
        for one in instance.students
    ]
    return replace(instance, students=tuple(people), challenges=tuple(briefs))


def contested_instance(number: int) -> Instance:
    """Five students want the same few of six challenges, each with many choices: where rules come to differ."""
    random = Random(number)
    briefs = [Challenge(f"c{one}", f"o{one % 2}", (6,), 1) for one in range(6)]
    people = []
    for one in range(5):
        liked = sorted(briefs, key=lambda brief: random.random() * (2 + int(brief.id[1:])))[: random.choice([4, 5, 6])]
        options = [Option(brief.id, rank, random.choice([0, 1])) for rank, brief in enumerate(liked, 1)]
        people.append(Student(f"s{one}", 6, tuple(options)))
    organisations = (Organisation("o0", random.choice([None, 3])), Organisation("o1", random.choice([None, 2])))
    return Instance(f"seed-{number}", tuple(people), tuple(briefs), organisations)


def fits(instance: Instance, placing: Placing) -> bool:
    """Does everyone placed have a place and a tutor, and every organisation no more than its ceiling?"""
    owner = {one.id: one.organisation for one in instance.challenges}
    held = Counter(at for at in placing.values() if at is not None)
    under = Counter(owner[at] for at in placing.values() if at is not None)
    return (
        all(held[one.id] <= one.maximum for one in instance.challenges)
        and all(one.ceiling is None or under[one.id] <= one.ceiling for one in instance.organisations)
        and (not instance.tutors or sum(held.values()) <= sum(one.load for one in instance.tutors))
    )


def choices(instance: Instance, student: Student) -> list[str | None]:
    """Where a student may stand, best first; None, unplaced, is the last."""
    for lock in instance.locks:
        if lock.student == student.key:
            return [lock.challenge]
    ranked = sorted(student.options, key=lambda option: option.rank)
    return [one.challenge for one in ranked if Pair(student.key, one.challenge) not in instance.forbids] + [None]


def drawn(instance: Instance) -> list[Student]:
    """The students in the order of the published lottery."""
    return sorted(
        instance.students, key=lambda one: hashlib.sha256((instance.seed + "\n" + one.key).encode("utf-8")).hexdigest()
    )


def every_placing(instance: Instance) -> Iterator[Placing]:
    """All placings that respect places, ceilings, tutors, locks and forbids."""
    placings: list[Placing] = [{lock.student: lock.challenge for lock in instance.locks}]
    for student in instance.students:
        grown = ({**placing, student.key: at} for placing in placings for at in choices(instance, student))
        placings = [placing for placing in grown if fits(instance, placing)]
    yield from (placing for placing in placings if has_enough(instance, placing))


def has_enough(instance: Instance, placing: Placing) -> bool:
    """Does every challenge have its minimum, or nobody?"""
    held = Counter(at for at in placing.values() if at is not None)
    return all(held[one.id] == 0 or held[one.id] >= one.minimum for one in instance.challenges)


def worth(instance: Instance, placing: Placing, rule: str) -> tuple[list[int], list[int]]:
    """What the rule compares, smaller being better: its lines, and the lottery's answer to ties."""
    options = {(one.key, option.challenge): option for one in instance.students for option in one.options}
    made = [options[pair] for pair in placing.items() if pair in options]
    at = Counter(option.rank for option in made)
    worst = max((option.rank for option in options.values()), default=0)
    lines = [list(placing.values()).count(None)]
    if rule == "fewest-moves":
        now = {one.key: one.now for one in instance.students if one.now is not None}
        lines.append(
            sum(placing[key] != at for key, at in now.items() if placing[key] is None or (key, placing[key]) in options)
        )
    if rule == "greedy":
        lines += [sum(number for rank, number in at.items() if rank > below) for below in range(1, worst)]
    elif rule == "least-total-rank":
        lines.append(sum(option.rank for option in made))
    else:
        most = 3 if rule == "fewest-moves" else int(rule.removeprefix("generous-"))
        lines += [at[rank] for rank in reversed(range(most + 1, worst + 1))]
        lines.append(sum(option.rank for option in made if option.rank <= most))
    lines.append(sum(option.displeasure for option in made))
    return lines, [choices(instance, student).index(placing[student.key]) for student in drawn(instance)]


def best(instance: Instance, rule: str) -> Placing:
    """The right answer, by looking at all of them."""
    placings = list(every_placing(instance))
    fewest = min(list(placing.values()).count(None) for placing in placings)
    full = (placing for placing in placings if list(placing.values()).count(None) == fewest)
    return min(full, key=lambda placing: worth(instance, placing, rule))


def by_turns(instance: Instance) -> Placing:
    """The tempting wrong way: in lottery order each takes the best choice that is still free."""
    placing: Placing = {lock.student: lock.challenge for lock in instance.locks}
    for student in drawn(instance):
        free = (at for at in choices(instance, student) if fits(instance, {**placing, student.key: at}))
        placing[student.key] = next(free)
    return placing


def renamed(instance: Instance, random: Random) -> tuple[Instance, dict[str, str]]:
    """The same round with every row moved and every id but the students' keys new; and the way back."""
    names = [one.id for one in (*instance.challenges, *instance.organisations)]
    new = dict(zip(names, random.sample([f"n{number}" for number in range(1000)], len(names)), strict=True))
    students = [
        replace(
            one,
            options=tuple(replace(option, challenge=new[option.challenge]) for option in one.options),
            now=one.now and new[one.now],
        )
        for one in instance.students
    ]
    challenges = [replace(one, id=new[one.id], organisation=new[one.organisation]) for one in instance.challenges]
    organisations = [replace(one, id=new[one.id]) for one in instance.organisations]
    locks = [replace(pair, challenge=new[pair.challenge]) for pair in instance.locks]
    forbids = [replace(pair, challenge=new[pair.challenge]) for pair in instance.forbids]
    tutors = [replace(tutor, id=f"n{number}") for number, tutor in enumerate(instance.tutors)]
    tables: tuple[list[Any], ...] = (students, challenges, organisations, locks, forbids, tutors)
    for rows in tables:
        random.shuffle(rows)
    moved = Instance(instance.seed, *(tuple(rows) for rows in tables))
    return moved, {now: before for before, now in new.items()}


def retold(instance: Instance, result: Result, placing: Placing) -> Result:
    """The result with another placing, every figure made to agree with it."""
    lines = tuple(worth(instance, placing, result.rule)[0])
    ranks = {(one.key, option.challenge): option.rank for one in instance.students for option in one.options}
    counts = Counter(ranks.get((key, at), 0) for key, at in placing.items() if at is not None)
    profile = tuple(counts[rank] for rank in range(1, max(counts, default=0) + 1))
    return replace(result, placing=placing, profile=profile, unranked=counts[0], totals=lines, bound=lines)
