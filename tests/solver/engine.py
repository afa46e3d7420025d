"""A second engine, for comparison: one student after the other by cheapest way, costs as whole numbers of any size.

It shares nothing with the solver but the instance: no weights that could be too small, no prices, no library.
"""

from collections import Counter, deque
from dataclasses import dataclass, field

from placements.solver.instance import Instance, Option

Arc = tuple[str, str]


@dataclass
class Network:
    """Arcs with room and cost; pushing along one opens the way back."""

    room: dict[Arc, int] = field(default_factory=dict)
    cost: dict[Arc, int] = field(default_factory=dict)
    ways: dict[str, list[str]] = field(default_factory=dict)

    def add(self, start: str, end: str, room: int, cost: int = 0) -> None:
        for one, other, size, price in ((start, end, room, cost), (end, start, 0, -cost)):
            self.room[one, other], self.cost[one, other] = size, price
            self.ways.setdefault(one, []).append(other)

    def push(self, start: str, end: str) -> bool:
        """Send one by the cheapest way; False where there is none."""
        best, came_from, waiting = {start: 0}, {}, deque([start])
        while waiting:
            here = waiting.popleft()
            for there in self.ways[here]:
                price = best[here] + self.cost[here, there]
                if self.room[here, there] and price < best.get(there, price + 1):
                    best[there], came_from[there] = price, here
                    waiting.append(there)
        if end not in best:
            return False
        while end != start:
            before = came_from[end]
            self.room[before, end] -= 1
            self.room[end, before] += 1
            end = before
        return True


def lines_of(instance: Instance, chosen: list[Option], unplaced: int, rule: str) -> list[int]:
    """What a rule counts, by the definition in docs/allocation.md."""
    at, worst = Counter(option.rank for option in chosen), instance.worst
    if rule == "greedy":
        lines = [sum(number for rank, number in at.items() if rank > below) for below in range(1, worst)]
    elif rule == "least-total-rank":
        lines = [sum(option.rank for option in chosen)]
    else:
        most = int(rule.removeprefix("generous-"))
        lines = [at[rank] for rank in reversed(range(most + 1, worst + 1))]
        lines.append(sum(option.rank for option in chosen if option.rank <= most))
    return [unplaced, *lines, sum(option.displeasure for option in chosen)]


def least(instance: Instance, rule: str, *, only_places: bool = False) -> list[int]:
    """The lines of the best placing. `only_places`: as if ranks did not matter, so that the first line is a bound."""
    base = 1000 * (len(instance.students) + 1)

    def weight(option: Option | None) -> int:
        chosen = [option] if option and not only_places else []
        lines = lines_of(instance, chosen, int(option is None), rule)
        return sum(number * base ** (len(lines) - place) for place, number in enumerate(lines))

    network, locked = Network(), {lock.student: lock.challenge for lock in instance.locks}
    forbidden = {(pair.student, pair.challenge) for pair in instance.forbids}
    endless = len(instance.students)
    network.add("tutors", "end", endless if instance.most is None else instance.most)
    for organisation in instance.organisations:
        room = endless if organisation.ceiling is None else organisation.ceiling
        network.add(f"o:{organisation.id}", "tutors", room)
    for challenge in instance.challenges:
        network.add(f"c:{challenge.id}", f"o:{challenge.organisation}", challenge.maximum)
    for student in instance.students:
        at = f"s:{student.key}"
        network.add("start", at, 1)
        if student.key in locked:
            ranked = {option.challenge: option for option in student.options}.get(locked[student.key])
            network.add(at, f"c:{locked[student.key]}", 1, weight(ranked) if ranked else 0)
            assert network.push(at, "end")
            network.room["start", at] = 0
            network.room[f"c:{locked[student.key]}", at] = 0  # nobody moves them
            continue
        for option in student.options:
            if (student.key, option.challenge) not in forbidden:
                network.add(at, f"c:{option.challenge}", 1, weight(option))
        network.add(at, "end", 1, weight(None))
    while network.push("start", "end"):
        pass
    return _told(instance, network, locked, rule)


def _told(instance: Instance, network: Network, locked: dict[str, str], rule: str) -> list[int]:
    chosen, unplaced = [], 0
    for student in instance.students:
        at = f"s:{student.key}"
        went = [end for end in network.ways[at] if end != "start" and not network.room[at, end]]
        place = f"c:{locked[student.key]}" if student.key in locked else went[0]
        unplaced += place == "end"
        chosen += [option for option in student.options if place == f"c:{option.challenge}"]
    return lines_of(instance, chosen, unplaced, rule)
