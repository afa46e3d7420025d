"""`python -m placements.allocation < instance.json > result.json`: what the worker runs apart, with a time limit.

Exit status 0 and the result on standard output; or 2 and one sentence on standard error when the input is not usable.
"""

import sys

from placements.allocation.instance import Instance
from placements.allocation.solver import solve


def main() -> int:
    """Solve the instance on standard input; return the exit status."""
    try:
        result = solve(Instance.from_json(sys.stdin.buffer.read()))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(result.to_json() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
