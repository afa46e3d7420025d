"""The allocation on the command line, without the site: solve a file, and check somebody's result by other means."""

from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TypeVar

import click

from placements.solver.changes import told
from placements.solver.instance import Instance
from placements.solver.objective import RULES, USUAL, read_rule
from placements.solver.possible import Impossible
from placements.solver.process import Unsolved, solved
from placements.solver.proof import verify as problems_of
from placements.solver.result import Result

Kind = TypeVar("Kind", Instance, Result)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option("--rule", default=USUAL, show_default=True, help=f"{', '.join(RULES)}, or generous-T with another T.")
@click.option("--minutes", default=60, show_default=True, type=click.IntRange(min=1), help="When to give up.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the result here.")
def solve(file: Path, rule: str, minutes: int, out: Path | None) -> None:
    """Solve an instance (JSON, see docs/allocation.md) and write the result with its certificate, checked."""
    instance = _read(Instance, file)
    began = monotonic()
    number = f"{len(instance.students)} students, {len(instance.challenges)} challenges"
    click.echo(f"Solving {number} by {rule} …", err=True)
    try:
        lines = read_rule(rule, instance.worst).lines
        text = solved(instance.to_json(), rule, timedelta(minutes=minutes)).result
    except Impossible as problem:
        ways = "".join(f"\n  - {told(change)}" for change in problem.changes)
        raise click.ClickException(f"{problem} These changes would make it possible:{ways}") from problem
    except (Unsolved, ValueError) as problem:
        raise click.ClickException(str(problem)) from problem
    for line, number_of in zip(lines, Result.from_json(text).totals, strict=True):
        click.echo(f"{number_of:>9}  {line}", err=True)
    click.echo(f"Proven optimal, and checked, in {monotonic() - began:.1f} s.", err=True)
    if out:
        out.write_text(text + "\n")
    else:
        click.echo(text)


@click.command()
@click.argument("instance", type=FILE)
@click.argument("result", type=FILE)
def verify(instance: Path, result: Path) -> None:
    """Check a result against its instance, trusting neither the solver nor whoever wrote the file."""
    told = _read(Result, result)
    wrong = problems_of(_read(Instance, instance), told)
    if wrong:
        raise click.ClickException("The result is wrong. " + " ".join(wrong))
    click.echo(f"The result is right: by {told.rule} and seed {told.seed} it is the one best placing.")


def _read(kind: type[Kind], file: Path) -> Kind:
    try:
        return kind.from_json(file.read_bytes())
    except ValueError as error:
        raise click.ClickException(f"{file.name}: {error}") from error
