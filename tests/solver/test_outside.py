"""The allocation on the command line: a file in, a checked result out, and a result that was changed refused."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from placements.commands import main
from placements.config import ROOT

EXAMPLE = ROOT / "docs" / "allocation-example.json"


def called(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_the_documented_example_is_solved_and_its_result_is_right(tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    solved = called("solve", EXAMPLE, "--out", out)
    assert solved.exit_code == 0, solved.output
    assert "Solving 3 students, 3 challenges by generous-3 …" in solved.output
    assert "        5  total rank of those at choices 1 to 3\n" in solved.output
    assert json.loads(out.read_text())["placing"] == {"s1": "food-bank", "s2": "warm-spaces", "s3": "garden"}
    checked = called("verify", EXAMPLE, out)
    assert (checked.exit_code, checked.output) == (
        0,
        "The result is right: by generous-3 and seed 2026-10-20 it is the one best placing.\n",
    )
    written = json.loads(out.read_text())
    out.write_text(json.dumps(written | {"placing": written["placing"] | {"s3": None}}))
    refused = called("verify", EXAMPLE, out)
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: The result is wrong. The profile is given as")


def test_without_a_file_to_write_the_result_stands_alone_on_standard_output() -> None:
    solved = called("solve", EXAMPLE, "--rule", "greedy")
    assert json.loads(solved.stdout)["rule"] == "greedy"


@pytest.mark.parametrize(
    ("text", "rule", "problem"),
    [
        ("[]", "greedy", "instance.json: The file must be an object, not []."),
        (EXAMPLE.read_text(), "fair", "'fair' is no rule: take generous-3, greedy, least-total-rank or fewest-moves."),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, text: str, rule: str, problem: str) -> None:
    file = tmp_path / "instance.json"
    file.write_text(text)
    refused = called("solve", file, "--rule", rule)
    assert refused.exit_code == 1
    assert refused.output.splitlines()[-1] == f"Error: {problem}"


def test_a_file_that_is_no_result_is_refused(tmp_path: Path) -> None:
    refused = called("verify", EXAMPLE, EXAMPLE)
    assert refused.output.startswith("Error: allocation-example.json: there is no field called")


def test_locks_that_cannot_all_hold_are_answered_with_what_would_help(tmp_path: Path) -> None:
    told = json.loads(EXAMPLE.read_text())
    told["locks"] = [{"student": key, "challenge": "food-bank"} for key in ("s1", "s3")]
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(told))
    refused = called("solve", file)
    assert refused.exit_code == 1
    assert refused.output.splitlines()[1:] == [
        "          Setting it up …",
        "Error: Challenge food-bank: more students are locked than can be taken, 2 and at most 1. "
        "These changes would make it possible:",
        "  - set the places of challenge food-bank to 2",
    ]
