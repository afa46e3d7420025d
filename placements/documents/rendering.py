"""Typesetting: a template beside this file and plain values in, a PDF out; the same values, the same bytes.

Only fonts that come with Typst are used, so that a bare machine makes what any other makes; nothing is fetched.
It takes milliseconds a page: call it outside any transaction.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

TEMPLATES = Path(__file__).parent
STANDARD = "ua-1"  # what a screen reader needs: tags, a language, a title
NO_SUCH_LETTER = "could not be displayed with font"


def render(template: str, title: str, data: Mapping[str, Any]) -> bytes:
    """The document of that template (“agreement”) as PDF/UA-1 in British English, without a date of making.

    Words are data and never markup. Where one holds a letter that our fonts have not, such as Chinese, a box stands for
    it: the PDF is tagged all the same, and does not claim the standard.
    """
    inputs = {"data": json.dumps({**data, "title": title}, ensure_ascii=False, sort_keys=True)}
    try:
        return _compile(template, inputs, [STANDARD])
    except typst.TypstError as refused:
        if NO_SUCH_LETTER not in str(refused):
            raise
        return _compile(template, inputs, [])


def _compile(template: str, inputs: dict[str, str], standards: list[Any]) -> bytes:
    typesetter = typst.Compiler(TEMPLATES / f"{template}.typ", root=TEMPLATES, ignore_system_fonts=True)
    made = typesetter.compile(format="pdf", sys_inputs=inputs, pdf_standards=standards, timestamp=0)
    assert isinstance(made, bytes)
    return made
