"""Word search by index: SQLite's FTS5 and PostgreSQL's text search behind one condition.

A search asks for every word typed, each by how it begins, in any letter case, with or without accents. What the
indexes hold stands in the migrations (`0002_search.py`, `0006_skills.py`): the database itself keeps them in step with
the rows.
"""

import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, any_, column, false, func, literal_column, select, table, union
from sqlalchemy.orm import InstrumentedAttribute

from placements.db import Base, db

MOST_WORDS = 8
LONGEST_WORD = 40
MOST_READ = 1000  # nobody types more to find something
ENDING = "_search"  # of what the migrations made for searching, and no model knows


def words_of(text: str) -> list[str]:
    """What is looked for: runs of letters and digits without accents, in small letters; the first MOST_WORDS."""
    bare = (each for each in unicodedata.normalize("NFD", text[:MOST_READ]) if not unicodedata.combining(each))
    runs = groupby("".join(bare).lower(), str.isalnum)
    return ["".join(run)[:LONGEST_WORD] for is_word, run in runs if is_word][:MOST_WORDS]


def matches(
    text: str, model: type[Any], *also: tuple[InstrumentedAttribute[Any], type[Any]], part: str = ""
) -> ColumnElement[bool]:
    """Rows of `model` that hold every word of the text: themselves, or in what a column of theirs points to (`also`).

    `part`: looked for in an index of its own alone (a challenge's “skills”). A text without a word matches nothing.
    """
    words = words_of(text)
    if not words:
        return false()
    if not also:
        return _among(model.id, _keys(model, words, part))
    return and_(*(_among(model.id, _keys_with(word, model, also)) for word in words))


def _among(key: Any, keys: Any) -> ColumnElement[bool]:
    """Whether the key is one of those found. Found first: PostgreSQL would rather walk the list in its order."""
    if _is_postgresql():
        return cast(ColumnElement[bool], key == any_(func.array(keys.scalar_subquery())))
    return cast(ColumnElement[bool], key.in_(keys))


def _is_postgresql() -> bool:
    return db.session.connection().dialect.name == "postgresql"


def _keys_with(word: str, model: type[Any], also: Sequence[tuple[InstrumentedAttribute[Any], type[Any]]]) -> Any:
    there = [select(model.id).where(_among(key, _keys(pointed_to, [word]))) for key, pointed_to in also]
    return union(_keys(model, [word]), *there)


def _keys(model: type[Base], words: Sequence[str], part: str = "") -> Select[int]:
    """The keys of the rows whose index holds each of the words."""
    name = model.__tablename__
    if _is_postgresql():
        asked = func.to_tsquery("simple", " & ".join(f"'{word}':*" for word in words))
        kept = f"{part or 'words'}{ENDING}"
        found = table(name, column("id"), column(kept))
        return select(found.c.id).where(found.c[kept].bool_op("@@")(asked))
    index = table(f"{name}_{part}{ENDING}" if part else f"{name}{ENDING}", column("rowid"))
    holds = literal_column(index.name).bool_op("MATCH")(" ".join(f'"{word}"*' for word in words))
    return select(index.c.rowid).where(holds)
