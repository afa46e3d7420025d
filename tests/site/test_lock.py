"""The lock and pyproject.toml say the same, and the lock can be installed from wherever the installer looks."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]


def wanted(pyproject: str) -> tuple[list[str], list[str]]:
    """What a run and what the tests ask for by name."""
    described = tomllib.loads(pyproject)
    project, groups = described["project"], described["dependency-groups"]
    to_run = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    return to_run, [*to_run, *(each for group in groups.values() for each in group)]


def lock_problems(lock: str, wanted: list[str]) -> Iterator[str]:
    """What is wrong with a lock: an entry without one version or a hash, an address, a wish that it does not meet."""
    locked: dict[str, list[str]] = {}
    entries = re.sub(r"(?m)^\s*#.*\n", "", lock).replace("\\\n", " ").strip().splitlines()
    for entry in entries:
        pinned = re.fullmatch(
            r"([\w.-]+)(?:\[[\w,.-]+\])?==([^\s;]+)(?: ;[^-]+(?:-[^-]+)*?)?(?:\s+--hash=sha256:[0-9a-f]{64})+", entry
        )
        if pinned:
            locked.setdefault(canonicalize_name(pinned[1]), []).append(pinned[2])
        else:
            yield f"not one version with its hashes: {entry[:80]}"
    if re.search(r"://|--(?:extra-)?index-url|--find-links|--trusted-host", lock):
        yield "an address"
    for wish in map(Requirement, wanted):
        versions = locked.get(canonicalize_name(wish.name), [])
        if not any(wish.specifier.contains(version) for version in versions):
            yield f"{wish} is not met by {versions or 'anything'}"


@pytest.mark.parametrize(("lock", "part"), [("requirements.txt", 0), ("requirements-dev.txt", 1)])
def test_lock_and_pyproject_are_in_step(lock, part):
    asked_for = wanted((ROOT / "pyproject.toml").read_text())[part]
    assert list(lock_problems((ROOT / lock).read_text(), asked_for)) == []


def test_the_tests_lock_holds_the_versions_that_run():
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"(?m)^[\w.\[\],-]+==[^\s;]+", (ROOT / lock).read_text()))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


HASH = "--hash=sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("lock", "problem"),
    [
        (f"flask==3.1.3 \\\n    {HASH}\n", None),
        (f"Flask==3.1.3 ; sys_platform == 'win32' \\\n    {HASH} \\\n    {HASH}\n", None),
        (f"flask==3.0.0 \\\n    {HASH}\n", "flask~=3.1.3 is not met by ['3.0.0']"),
        (f"jinja2==3.1.6 \\\n    {HASH}\n", "flask~=3.1.3 is not met by anything"),
        ("flask==3.1.3\n", "not one version with its hashes: flask==3.1.3"),
        ("flask>=3.1.3\n", "not one version with its hashes: flask>=3.1.3"),
        (f"--index-url https://example.org/simple\nflask==3.1.3 \\\n    {HASH}\n", "an address"),
        (f"# from https://example.org\nflask==3.1.3 \\\n    {HASH}\n", "an address"),
    ],
)
def test_a_fault_in_a_lock_is_found(lock, problem):
    found = list(lock_problems(lock, ["flask~=3.1.3"]))
    assert problem in found if problem else found == []
