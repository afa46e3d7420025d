"""`python -m placements.solver RULE < instance.json`: what the worker runs apart, with a time limit.

Exit status 0 and two lines on standard output, the result and the reasons; 2 where the input is not usable; or 3 where
not all locks can hold, and the changes after which they can, as a JSON list. Both say why on standard error.
"""

import json
import sys
from dataclasses import asdict

from placements.solver.explaining import explained
from placements.solver.instance import Instance
from placements.solver.possible import Impossible
from placements.solver.solve import solve


def main() -> int:
    """Solve the instance on standard input by the rule that is named; return the exit status."""
    try:
        instance = Instance.from_json(sys.stdin.buffer.read())
        result = solve(instance, sys.argv[1])
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        if not isinstance(error, Impossible):
            return 2
        sys.stdout.write(json.dumps([asdict(change) for change in error.changes]) + "\n")
        return 3
    sys.stdout.write(f"{result.to_json()}\n{explained(instance, result).to_json()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
