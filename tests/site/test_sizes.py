"""Where a file, function, template or area must stop growing and become two."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]

FILE, FUNCTION, TEMPLATE, TEST_FILE, AREA = 400, 60, 150, 500, 2000

# "path" or "path:function" → the lines it may have, each with its reason.
EXCEPTIONS: dict[str, int] = {
    "placements/placing": 2250,  # what a placement waits for, how it rests, moves and ends: one state, one set of rows
    "placements/assessment": 2750,  # an attempt, what was handed in for it, its mark and what they come to: one set of rows
    "placements/applications": 2600,  # what students choose and what organisations answer: the same rows from two sides
    "placements/challenges": 2550,  # a brief with its review, risk and versions is one thing with one set of people
    "placements/demo": 3980,  # two years of story, a file a chapter; nothing of the product imports it
    "placements/solver": 2750,  # a placing with its proof, reasons, ways out and chances: of use without the site
    "placements/cohorts": 3000,  # reading and applying a roster (1,000 lines) is of use to nobody else
    "placements/home": 2150,  # what each role does next, a file a role: each reads what many areas know
}


def sizes(root: Path) -> Iterator[tuple[str, int, int]]:
    """Everything that has a limit under a project's root: its name, its lines, its limit."""
    for path in _sources(root, "placements", "py"):
        yield _name(path, root), _lines(path), FILE
    for path in [*_sources(root, "tests", "py"), *_sources(root, "bench", "py")]:
        yield _name(path, root), _lines(path), TEST_FILE
    for path in _sources(root, "templates", "html"):
        yield _name(path, root), _lines(path), TEMPLATE
    for folder in ("placements", "tests", "bench"):
        for path in _sources(root, folder, "py"):
            yield from (
                (f"{_name(path, root)}:{name}", lines, FUNCTION) for name, lines in functions(path.read_text("utf-8"))
            )
    for package in sorted(path for path in (root / "placements").iterdir() if path.is_dir()):
        yield _name(package, root), sum(_lines(path) for path in package.rglob("*.py")), AREA


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Every function of a source and its lines, decorators apart."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def size_problems(root: Path, exceptions: Mapping[str, int]) -> list[str]:
    """What is larger than it may be, and every exception that is no longer needed."""
    found = list(sizes(root))
    normal = {name: limit for name, _, limit in found}
    large = [(name, lines, exceptions.get(name, limit)) for name, lines, limit in found]
    return [
        *(f"{name} has {lines} lines, more than {limit}" for name, lines, limit in large if lines > limit),
        *(
            f"{name} needs no exception"
            for name in exceptions
            if not any(n == name and lines > normal[n] for n, lines, _ in found)
        ),
    ]


def _sources(root: Path, folder: str, ending: str) -> list[Path]:
    return sorted((root / folder).rglob(f"*.{ending}"))


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_nothing_of_ours_is_too_large():
    assert size_problems(ROOT, EXCEPTIONS) == []


def build(root, lines):
    """A project where everything is as large as it may be; `lines` changes some of it."""
    small = {
        "placements/offers/rules.py": 400,
        "templates/offers/show.html": 150,
        "tests/test_offers.py": 500,
        "function": 60,
    }
    wanted = {**small, "area": 2000, **lines}
    function = "def act():\n" + "    x = 1\n" * (wanted.pop("function") - 1)
    files = {name: "x = 1\n" * count for name, count in wanted.items() if "/" in name}
    files["placements/offers/actions.py"] = function
    left = wanted["area"] - files["placements/offers/rules.py"].count("\n") - function.count("\n")
    for number, start in enumerate(range(0, left, 400)):
        files[f"placements/offers/other{number}.py"] = "x = 1\n" * min(400, left - start)
    for name, source in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return root


def test_what_is_just_small_enough_is_no_problem(tmp_path):
    assert size_problems(build(tmp_path, {}), {}) == []


@pytest.mark.parametrize(
    ("planted", "problem"),
    [
        ({"placements/offers/rules.py": 401}, "placements/offers/rules.py has 401 lines, more than 400"),
        ({"function": 61}, "placements/offers/actions.py:act has 61 lines, more than 60"),
        ({"templates/offers/show.html": 151}, "templates/offers/show.html has 151 lines, more than 150"),
        ({"tests/test_offers.py": 501}, "tests/test_offers.py has 501 lines, more than 500"),
        ({"area": 2001}, "placements/offers has 2001 lines, more than 2000"),
    ],
)
def test_one_line_too_many_is_found(tmp_path, planted, problem):
    assert size_problems(build(tmp_path, planted), {}) == [problem]


def test_an_exception_holds_up_to_its_own_limit(tmp_path):
    build(tmp_path, {"placements/offers/rules.py": 401})
    name = "placements/offers/rules.py"
    assert size_problems(tmp_path, {name: 401}) == []
    build(tmp_path, {"placements/offers/rules.py": 402})
    assert size_problems(tmp_path, {name: 401}) == [f"{name} has 402 lines, more than 401"]


@pytest.mark.parametrize("name", ["placements/offers/rules.py", "placements/gone.py"])
def test_an_exception_that_is_not_needed_is_found(tmp_path, name):
    assert size_problems(build(tmp_path, {}), {name: 500}) == [f"{name} needs no exception"]
