"""What stands encrypted: the raw row says nothing, old keys read on, and nothing starts that could not read."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import Text, select, text, type_coerce

from placements.concerns.models import Concern
from placements.config import CONCERNS_KEY, Settings
from placements.db import db
from placements.secret import EXTENSION, can_be_read, encrypt_anew
from tests import factories as make

WORDS = "A pallet fell beside me"
SAID = {"words": WORDS, "place": "The loading bay", "done": "We shut it off", "outcome": "It is mended"}


def use_keys(app: Flask, monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    """From now on the application has these keys."""
    settings: Settings = app.extensions["placements.settings"]
    given = Settings(instance=settings.instance, database_url=settings.database_url, concerns_key=",".join(keys))
    monkeypatch.setitem(app.extensions, "placements.settings", given)
    monkeypatch.setitem(app.extensions, EXTENSION, None)


def everything_stored() -> str:
    rows = [db.session.execute(text(f"SELECT * FROM {table}")).all() for table in ("concern", "concern_note")]
    return str(rows)


def test_the_database_holds_no_plain_word(session: Any) -> None:
    made = make.concern(**SAID)
    make.concern_note(made, made.placement.supervisor, text="I rang the site")
    stored = everything_stored()
    for word in (*" ".join(SAID.values()).split(), "rang", "site"):
        if len(word) > 3:
            assert word not in stored, word
    session.expire_all()
    assert {name: getattr(made, name) for name in SAID} == SAID
    assert made.notes[0].text == "I rang the site"


def test_the_same_words_are_stored_otherwise_each_time(session: Any) -> None:
    first, second = make.concern(words=WORDS), make.concern(words=WORDS)
    raw = session.scalars(select(type_coerce(Concern.words, Text())).where(Concern.id.in_([first.id, second.id]))).all()
    assert len(set(raw)) == 2


def test_a_list_reads_none_of_it(session: Any) -> None:
    make.concern(words=WORDS)
    session.expire_all()
    found = session.scalars(select(Concern)).one()
    assert not set(SAID) & set(found.__dict__)


def test_a_new_key_encrypts_and_the_old_one_reads_on_until_all_is_encrypted_anew(
    session: Any, database: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    use_keys(database, monkeypatch, old)
    made = make.concern(words=WORDS)
    make.concern_note(made, made.placement.supervisor, text="I rang the site")
    use_keys(database, monkeypatch, new, old)
    session.expire_all()
    assert made.words == WORDS
    assert encrypt_anew() == 2
    use_keys(database, monkeypatch, new)
    session.expire_all()
    assert (made.words, made.notes[0].text, can_be_read()) == (WORDS, "I rang the site", True)
    use_keys(database, monkeypatch, old)
    assert not can_be_read()


def test_without_a_key_nothing_that_is_encrypted_can_be_read(
    session: Any, database: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setitem(database.extensions, "placements.settings", Settings(instance=tmp_path))
    monkeypatch.setitem(database.extensions, EXTENSION, None)
    assert can_be_read()
    assert not (tmp_path / CONCERNS_KEY).exists()  # asking makes no key
    make.concern(words=WORDS)
    assert (tmp_path / CONCERNS_KEY).stat().st_mode & 0o777 == 0o600
    assert can_be_read()
    (tmp_path / CONCERNS_KEY).unlink()
    assert not can_be_read()


@pytest.mark.parametrize("given", ["short", "not base64 at all!", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=,x"])
def test_what_is_no_key_is_said(given: str) -> None:
    with pytest.raises(ValueError, match="CONCERNS_KEY holds what is no key"):
        Settings(concerns_key=given).keys_for_concerns()
