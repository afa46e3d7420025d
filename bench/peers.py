"""What others do with the same students: PuLP with its solver CBC, in the two ways that are found elsewhere.

PuLP is no dependency of ours: install it to compare; without it the lines say “–”.
"""

from time import perf_counter

from placements.solver.instance import Instance

LIMIT = 120  # seconds, as long as anybody waits


def every_pair(instance: Instance) -> float | None:
    """Seconds for one variable a student and challenge, ranked or not, scored 1/rank, content with a gap of 25 %."""
    return _solved(instance, has_every_pair=True, gap=0.25)


def ranked_pairs(instance: Instance) -> float | None:
    """Seconds for variables of ranked pairs alone: most students placed, then least total rank, to the optimum."""
    return _solved(instance, has_every_pair=False, gap=0.0)


def _solved(instance: Instance, *, has_every_pair: bool, gap: float) -> float | None:
    try:
        import pulp  # noqa: PLC0415 - there only where somebody compares
    except ImportError:
        return None
    began = perf_counter()
    model = pulp.LpProblem("peer", pulp.LpMaximize)
    of_challenge: dict[str, list[object]] = {one.id: [] for one in instance.challenges}
    terms = []
    for student in instance.students:
        ranks = {option.challenge: option.rank for option in student.options}
        pairs = of_challenge if has_every_pair else ranks
        chosen = [(name, pulp.LpVariable(f"{student.key}_{name}", cat="Binary")) for name in pairs]
        model += pulp.lpSum(each for _, each in chosen) <= 1
        for name, each in chosen:
            of_challenge[name].append(each)
            score = 1 / ranks[name] if name in ranks else 0
            terms.append((score if has_every_pair else 100 - ranks[name]) * each)
    model += pulp.lpSum(terms)
    under: dict[str, list[object]] = {one.id: [] for one in instance.organisations}
    for challenge in instance.challenges:
        model += pulp.lpSum(of_challenge[challenge.id]) <= challenge.maximum
        under[challenge.organisation] += of_challenge[challenge.id]
    for organisation in instance.organisations:
        if organisation.ceiling is not None:
            model += pulp.lpSum(under[organisation.id]) <= organisation.ceiling
    model.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=gap, timeLimit=LIMIT))
    return perf_counter() - began
