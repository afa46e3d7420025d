"""`python -m placements.solver RULE SECONDS [why] < instance.json`: what the worker runs apart, with a time limit.

Exit status 0 and the result on standard output, with `why` the reasons on a second line; 2 where the input is not
usable; or 3 where not all locks can hold, and the changes after which they can, as a JSON list. Both say why on
standard error. There it says too how far it is; after so many seconds it looks no further for the best, and gives the
best found.
"""

import json
import sys
from dataclasses import asdict

from placements.solver.explaining import explained
from placements.solver.instance import Instance
from placements.solver.possible import Impossible
from placements.solver.process import PROGRESS
from placements.solver.solve import solve


def main() -> int:
    """Solve the instance on standard input by the rule that is named; return the exit status."""
    try:
        instance = Instance.from_json(sys.stdin.buffer.read())
        result = solve(instance, sys.argv[1], seconds=float(sys.argv[2]), tell=_tell)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        if not isinstance(error, Impossible):
            return 2
        sys.stdout.write(json.dumps([asdict(change) for change in error.changes]) + "\n")
        return 3
    sys.stdout.write(f"{result.to_json()}\n")
    if "why" in sys.argv[3:]:
        _tell("Writing down why")
        sys.stdout.write(f"{explained(instance, result).to_json()}\n")
    return 0


def _tell(progress: str) -> None:
    sys.stderr.write(f"{PROGRESS}{progress}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
