"""Text that the database holds encrypted, with a key of its own: who has a copy of the database reads none of it.

A column of this type is decrypted by whoever reads the attribute, so its models defer it: lists never do.
"""

from collections.abc import Iterator
from typing import Any, cast

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app
from sqlalchemy import Text, bindparam, select, update
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from placements.config import Settings
from placements.db import Base, db

EXTENSION = "placements.secret"


class Secret(TypeDecorator[str]):
    """A text that stands encrypted in its column. Nothing can be compared with it or found by it in the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keys().encrypt(value.encode()).decode("ascii")

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keys().decrypt(value.encode("ascii")).decode()


def keys() -> MultiFernet:
    """The application's keys: the first encrypts, any of them decrypts. Made and kept where it was given none."""
    known = current_app.extensions.get(EXTENSION)
    if known is None:
        known = MultiFernet([Fernet(key) for key in _settings().keys_for_concerns()])
        current_app.extensions[EXTENSION] = known
    return cast(MultiFernet, known)


def encrypt_anew() -> int:
    """Encrypt every secret text with the newest key, in the current transaction. Returns how many there were."""
    count = 0
    for table, column in _columns():
        raw = select(table.c.id, _as_stored(column)).where(column.is_not(None))
        rows = [
            {"key": key, "stored": keys().rotate(kept.encode("ascii")).decode("ascii")}
            for key, kept in db.session.execute(raw)
        ]
        if rows:
            stored = {column.name: bindparam("stored", type_=Text())}
            db.session.connection().execute(update(table).where(table.c.id == bindparam("key")).values(stored), rows)
        count += len(rows)
    return count


def can_be_read() -> bool:
    """Whether the keys that there are read the oldest and the newest secret text; True where there is none.

    Makes no key: where none is kept and something is encrypted, it cannot be read.
    """
    kept = [text for table, column in _columns() for text in _ends(table, column)]
    if not kept:
        return True
    if not _settings().has_keys_for_concerns:
        return False
    try:
        for text in kept:
            keys().decrypt(text.encode("ascii"))
    except InvalidToken:
        return False
    return True


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["placements.settings"])


def _columns() -> Iterator[tuple[Any, Any]]:
    for table in Base.metadata.sorted_tables:
        yield from ((table, column) for column in table.c if isinstance(column.type, Secret))


def _as_stored(column: Any) -> Any:
    return db.type_coerce(column, Text())


def _ends(table: Any, column: Any) -> Iterator[str]:
    found = select(_as_stored(column)).where(column.is_not(None)).limit(1)
    for order in (table.c.id.asc(), table.c.id.desc()):
        yield from db.session.scalars(found.order_by(order))
