"""The board's report: a page for the run's leaders; a workbook and a PDF, which the board's members may be given."""

from collections.abc import Sequence
from typing import Any

from flask import request

from placements.board import queries
from placements.board.release_views import board
from placements.board.report import Section, runs_beside
from placements.board.report import report as report_of
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of
from placements.core.clock import say_when
from placements.documents.rendering import render
from placements.web.area import page
from placements.web.sheets import download, workbook
from placements.web.site import now, who

YEAR = "year"  # what the address says where the report is of every run of that year


def _asked(run: ModuleRun) -> tuple[str, Sequence[ModuleRun]]:
    """What the report is called, and its runs."""
    if request.args.get("runs") == YEAR:
        return f"Board report {run.academic_year}", runs_beside(who(), run)
    return f"Board report {run.title}", [run]


@board.get("/runs/<public_id>/board-report", can="board.report", of=run_of)
def report(run: ModuleRun) -> Any:
    """How marks are spread, who is borderline or failed, and what is outstanding."""
    title, runs = _asked(run)
    withheld = sum(sum(queries.withheld_in(each).values()) for each in runs)
    is_year = request.args.get("runs") == YEAR
    return page(run=run, title=title, sections=report_of(runs), withheld=withheld, is_year=is_year)


@board.get("/runs/<public_id>/board-report.xlsx", can="board.report_sheet", of=run_of)
def report_sheet(run: ModuleRun) -> Any:
    """The same as a workbook, a sheet for each section."""
    title, runs = _asked(run)
    sheets = [(section.title, _lines(section)) for section in report_of(runs)]
    return download(title, "xlsx", workbook(sheets))


def _lines(section: Section) -> list[Sequence[object]]:
    lines: list[Sequence[object]] = [[section.title], [], *section.facts]
    for table in section.all_tables:
        lines += [[], [table.title], table.columns, *table.rows]
    return lines


@board.get("/runs/<public_id>/board-report.pdf", can="board.report_pdf", of=run_of)
def report_pdf(run: ModuleRun) -> Any:
    """The same as a tagged PDF."""
    title, runs = _asked(run)
    sections = [_plain(section) for section in report_of(runs)]
    return download(title, "pdf", render("board", title, {"made": say_when(now()), "sections": sections}))


def _plain(section: Section) -> dict[str, Any]:
    tables = [
        {"title": each.title, "columns": list(each.columns), "rows": [[str(cell) for cell in row] for row in each.rows]}
        for each in section.all_tables
    ]
    facts = [[label, str(value)] for label, value in section.facts]
    return {"title": section.title, "facts": facts, "tables": tables}
