"""What we serve of others is what VENDOR.md says, and a first visit is light."""

import gzip
import hashlib
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "placements" / "static"

OURS = (
    "VENDOR.md",
    "js/app.js",
    "js/choices.js",
    "js/desk.js",
    "js/drafts.js",
    "js/marking.js",
    "js/work.js",
    "img/*.svg",
)  # everything else under static is made or fetched by scripts/vendor
FIRST_LOAD = 200 * 1024  # bytes of CSS, JavaScript and fonts, compressed

ROW = re.compile(r"^\| *([^| ]+\.[^| ]+) *\|.*\| *`?([0-9a-f]{64})`? *\|$", re.MULTILINE)
ASSET = re.compile(r"asset\(['\"]([^'\"]+\.(?:css|js|mjs|woff2))['\"]\)")
JS_IMPORT = re.compile(r"(?:\bfrom|\bimport)\s*\(?\s*['\"]\./([^'\"]+)['\"]")


def vendor_problems(static: Path) -> Iterator[str]:
    """Where the folder of static files and the table in its VENDOR.md differ, and compressed copies that are stale."""
    listed = dict(ROW.findall((static / "VENDOR.md").read_text("utf-8")))
    files = {path.relative_to(static).as_posix(): path for path in sorted(static.rglob("*")) if path.is_file()}
    for name, expected in listed.items():
        if name not in files:
            yield f"{name} is listed but is not there"
        elif hashlib.sha256(files[name].read_bytes()).hexdigest() != expected:
            yield f"{name} is not the file that VENDOR.md names"
    for name, path in files.items():
        if name not in listed and not any(fnmatch(name, pattern) for pattern in OURS):
            yield f"{name} is not listed in VENDOR.md"
        if name.endswith(".gz") and gzip.decompress(path.read_bytes()) != path.with_suffix("").read_bytes():
            yield f"{name} is not {name.removesuffix('.gz')} compressed"


def first_load(base: str, static: Path) -> dict[str, int]:
    """The CSS, JavaScript and fonts that a template names by `asset()`, and what those scripts import: bytes compressed."""
    found: dict[str, int] = {}
    waiting = ASSET.findall(base)
    while waiting:
        name = waiting.pop()
        if name not in found:
            content = (static / name).read_bytes()
            found[name] = len(content if name.endswith(".woff2") else gzip.compress(content))
            if name.endswith("js"):
                waiting += [f"{Path(name).parent.as_posix()}/{each}" for each in JS_IMPORT.findall(content.decode())]
    return found


def test_our_static_files_are_those_that_are_listed():
    assert list(vendor_problems(STATIC)) == []


def test_our_first_load_is_light():
    weights = first_load((ROOT / "templates" / "base.html").read_text("utf-8"), STATIC)
    assert {Path(name).suffix for name in weights} == {".css", ".js", ".woff2"}
    assert sum(weights.values()) <= FIRST_LOAD, weights


@pytest.fixture
def small(tmp_path):
    files = {
        "js/lib.min.js": b"go()",
        "js/lib.min.js.gz": gzip.compress(b"go()"),
        "js/app.js": b"import './lib.min.js'",
        "img/a.svg": b"",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    listed = [name for name in files if "lib" in name]
    rows = "\n".join(f"| {name} | Lib 1.0, MIT | `{hashlib.sha256(files[name]).hexdigest()}` |" for name in listed)
    (tmp_path / "VENDOR.md").write_text(
        f"# Files\n\n| file | what | SHA-256 |\n|---|---|---|\n{rows}\n", encoding="utf-8"
    )
    return tmp_path


def test_a_folder_as_listed_has_no_problem(small):
    assert list(vendor_problems(small)) == []


def test_a_changed_file_is_found_and_so_is_its_stale_copy(small):
    (small / "js/lib.min.js").write_bytes(b"steal()")
    assert list(vendor_problems(small)) == [
        "js/lib.min.js is not the file that VENDOR.md names",
        "js/lib.min.js.gz is not js/lib.min.js compressed",
    ]


def test_a_missing_file_is_found(small):
    (small / "js/lib.min.js.gz").unlink()
    assert list(vendor_problems(small)) == ["js/lib.min.js.gz is listed but is not there"]


def test_a_file_that_nobody_listed_is_found(small):
    (small / "js/other.min.js").write_bytes(b"")
    assert list(vendor_problems(small)) == ["js/other.min.js is not listed in VENDOR.md"]


def test_a_first_load_counts_what_scripts_import_once_and_nothing_else(small):
    base = "<script src=\"{{ asset('js/app.js') }}\"><link href=\"{{ asset('js/lib.min.js') }}\"><img src=\"{{ asset('img/a.svg') }}\">"
    assert first_load(base, small) == {
        "js/app.js": len(gzip.compress(b"import './lib.min.js'")),
        "js/lib.min.js": len(gzip.compress(b"go()")),
    }
