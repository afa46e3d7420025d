"""Texts that reach people are kept beside the tests, so that every change of them is read as a diff."""

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from placements.mail.asking import Said, found_in
from placements.mail.notices import Notice
from placements.mail.rendering import Rendered, render
from placements.mail.wording import fill, placeholders
from placements.people.models import Person
from tests.factories import NOW

FOLDER = Path(__file__).parent / "mail" / "golden"
REWRITE = "REWRITE_GOLDEN"


def check_golden(name: str, text: str, folder: Path = FOLDER) -> None:
    """Compare `text` with the kept `<name>.txt`. Raises AssertionError with the diff.

    With REWRITE_GOLDEN=1 in the environment the kept text is replaced instead; read the diff before committing it.
    """
    path = folder / f"{name}.txt"
    text = text.replace("\r\n", "\n").rstrip("\n") + "\n"
    if os.environ.get(REWRITE) == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        return
    kept = path.read_text("utf-8") if path.exists() else ""
    lines = difflib.unified_diff(kept.splitlines(), text.splitlines(), f"{name}.txt", "now", lineterm="")
    assert kept == text, f"{name} reads differently; if it should, run with {REWRITE}=1:\n" + "\n".join(lines)


def said(notice: Notice, about_id: int, to: Person, now: datetime = NOW) -> str | None:
    """The mail that the notice makes for that person, subject first; None where it is not true."""
    context = notice.context(about_id, to, now)
    if context is None:
        return None
    mail = rendered(notice, context, to)
    return f"{mail.subject}\n\n{mail.text}"


def rendered(notice: Notice, values: Mapping[str, Any], to: Person) -> Rendered:
    """The same with the values given, which hold what a run's own words and the run itself are found by."""
    for name in placeholders(notice):
        text = fill(f"{{{name}}}", notice, {**values, "recipient": to})
        assert text.strip() not in ("", "None", f"{{{name}}}"), f"{notice.name}: nothing to put for {{{name}}}"
    if notice.run:
        assert isinstance(found_in(notice.run, values), int), f"{notice.name}: no run at {notice.run}"
    return render([Said(notice, values)], to)


def golden_problems(notices: Iterable[str], tests: str, folder: Path = FOLDER) -> Iterator[str]:
    """Notices without a kept text, and kept texts that nobody compares any more.

    A notice's text has its name. Whatever is called otherwise (a variant, an export) is named in `tests`, their source.
    """
    kept = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.txt")}
    wanted = {name.replace(".", "/") for name in notices}
    yield from (f"{name} is kept nowhere" for name in sorted(wanted - kept))
    yield from (f"{name} is compared nowhere" for name in sorted(kept - wanted) if f'"{name}"' not in tests)
