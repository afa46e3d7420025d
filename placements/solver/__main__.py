"""`python -m placements.solver RULE < instance.json > result.json`: what the worker runs apart, with a time limit.

Exit status 0 and the result on standard output; or 2 and one sentence on standard error when the input is not usable.
"""

import sys

from placements.solver.instance import Instance
from placements.solver.solve import solve


def main() -> int:
    """Solve the instance on standard input by the rule that is named; return the exit status."""
    try:
        result = solve(Instance.from_json(sys.stdin.buffer.read()), sys.argv[1])
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(result.to_json() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
