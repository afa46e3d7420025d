"""The command line, as somebody types it: who may come in, and what is refused before anything is lost."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from sqlalchemy import func, select

from placements import commands
from placements.accounts.models import Account
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from placements.people.models import Person
from placements.processes import hold
from tests import factories as make
from tests.databases import Copy, application, make_settings

Run = Callable[..., Result]
ADA = ("ada@londonmet.example", "--name", "Ada Lovelace Byron")


def run_on(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in copy.environment.items():
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(commands.main, words)


@pytest.fixture
def here(fresh_database: Copy, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line on a migrated database with nothing in it."""
    return run_on(fresh_database, monkeypatch)


@pytest.fixture
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line in a folder without a database. A demonstration is only said to be made, and running to run."""
    for name in ("IS_PRODUCTION", "DATABASE_URL", "BASE_URL"):
        monkeypatch.setenv(name, "")  # so that what a command sets is undone
        monkeypatch.delenv(name)
    monkeypatch.setenv("INSTANCE", str(tmp_path))
    monkeypatch.setattr(commands, "play", lambda until, seed, say: say("the story is played"))
    monkeypatch.setattr(commands, "keep_running", lambda _: 3)
    return lambda *words: CliRunner().invoke(commands.main, words)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def holders(copy: Copy) -> Any:
    with copy.app.app_context():
        people = db.session.execute(select(Person.given_name, Person.family_name, Person.email)).all()
        roles = [
            sorted(role.name for role in account.global_roles)
            for account in db.session.scalars(select(Account)).unique()
        ]
        db.session.remove()
        return [tuple(person) for person in people], roles


def test_the_first_administrator_is_invited(here: Run, fresh_database: Copy) -> None:
    result = here("invite", *ADA, "--role", "administrator", "--role", "engagement")
    assert (result.exit_code, result.output) == (
        0,
        "Ada Lovelace Byron <ada@londonmet.example> is administrator, engagement; "
        "an invitation goes out with the worker's next mail.\n",
    )
    assert holders(fresh_database) == (
        [("Ada", "Lovelace Byron", "ada@londonmet.example")],
        [["administrator", "engagement"]],
    )
    with fresh_database.app.app_context():
        told = db.session.scalars(select(Notification)).one()
        assert (told.notice, told.recipient_id) == ("accounts.invitation", db.session.scalar(select(Person.id)))
        db.session.remove()


def test_inviting_again_adds_roles_and_mails_only_who_has_no_password(here: Run, fresh_database: Copy) -> None:
    here("invite", *ADA, "--role", "administrator")
    assert here("invite", *ADA, "--role", "administrator").exit_code == 0
    with fresh_database.app.app_context():
        assert db.session.scalar(select(func.count()).where(History.verb == "roles set")) == 1
        db.session.scalars(select(Account)).unique().one().password = "chosen"
        db.session.commit()
        mails = db.session.scalar(select(func.count()).select_from(Notification))
        db.session.remove()
    result = here("invite", "Ada@LondonMet.example", "--name", "Another Name", "--role", "safeguarding")
    assert result.output == (
        "Ada Lovelace Byron <ada@londonmet.example> is administrator, safeguarding; no mail: they sign in.\n"
    )
    assert holders(fresh_database) == (
        [("Ada", "Lovelace Byron", "ada@londonmet.example")],
        [["administrator", "safeguarding"]],
    )
    with fresh_database.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Notification)) == mails
        db.session.remove()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*ADA, "--role", "emperor"), "'emperor' is not one of 'administrator', 'engagement', 'safeguarding'"),
        (ADA, "Missing option '--role'"),
        (("ada at home", "--name", "Ada Lovelace", "--role", "administrator"), "like name@example.org"),
        (("ada@x.example", "--name", "Ada", "--role", "administrator"), "Enter a family name after the given name"),
        (("ada@x.example", "--name", "A" * 101 + " B", "--role", "administrator"), "use at most 100 characters"),
    ],
)
def test_what_cannot_be_invited_is_said_and_nothing_is_kept(
    here: Run, fresh_database: Copy, words: tuple[str, ...], said: str
) -> None:
    result = here("invite", *words)
    assert result.exit_code != 0
    assert said in result.output
    assert holders(fresh_database) == ([], [])


def test_inviting_before_there_are_tables_says_how_to_make_them(
    empty_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run_on(empty_database, monkeypatch)("invite", *ADA, "--role", "administrator")
    assert (result.exit_code, "placements migrate" in result.output) == (1, True)


def test_a_demonstration_is_not_made_under_what_runs(embedded: Run, tmp_path: Path) -> None:
    with hold(tmp_path, alone=False, otherwise="nobody else is here"):
        result = embedded("demo")
    assert (result.exit_code, result.output) == (
        1,
        "Error: Placements is running here: stop it first (Ctrl+C), then make the demonstration.\n",
    )
    assert not (tmp_path / "placements.db").exists()
    assert embedded("demo").exit_code == 0
    assert (tmp_path / "placements.db").exists()


def test_a_second_run_in_the_folder_makes_nothing(embedded: Run, tmp_path: Path) -> None:
    with hold(tmp_path, alone=False, otherwise="nobody else is here"):
        result = embedded("run", "--port", str(free_port()))
    assert (result.exit_code, result.output) == (
        1,
        "Error: Placements is running here already: stop it first (Ctrl+C).\n",
    )
    assert not (tmp_path / "placements.db").exists()


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_starts_while_a_demonstration_is_made(embedded: Run, tmp_path: Path, command: str) -> None:
    with hold(tmp_path, alone=True, otherwise="nobody else is here"):
        result = embedded(command)
    assert (result.exit_code, result.output) == (
        1,
        "Error: A demonstration is being made here: start again when it is whole.\n",
    )


def test_web_and_worker_hold_the_folder_together(tmp_path: Path) -> None:
    with hold(tmp_path, alone=False, otherwise="not shared"), hold(tmp_path, alone=False, otherwise="not shared"):
        pass


def test_run_lets_its_children_in_and_ends_as_they_did(
    embedded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def children_run(started: list[list[str]]) -> int:
        with hold(tmp_path, alone=False, otherwise="not shared"):
            assert [command[2] for command in started] == ["gunicorn", "placements"]
        return 3

    monkeypatch.setattr(commands, "keep_running", children_run)
    result = embedded("run", "--port", str(free_port()))
    assert "the story is played" in result.output
    assert result.exit_code == 3


def test_a_taken_port_is_said_before_anything_is_made(embedded: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        result = embedded("run", "--port", str(port))
    assert (result.exit_code, result.output) == (1, f"Error: Port {port} is taken: make run PORT={port + 1}\n")
    assert not (tmp_path / "placements.db").exists()


def test_no_demonstration_is_made_in_production(embedded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IS_PRODUCTION", "1")
    refused = embedded("demo")
    assert (refused.exit_code, "None is made" in refused.output) == (1, True)
    result = embedded("run", "--port", str(free_port()))
    assert "story" not in result.output
    assert "/demo" not in result.output
    with application(make_settings("", tmp_path)) as app:
        assert not commands._shows_a_demonstration(app)
        assert "account" in commands._tables(app)


@pytest.mark.parametrize("command", ["run", "serve"])
def test_production_never_shows_a_demonstration_that_was_made_before(
    fresh_database: Copy, here: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("IS_PRODUCTION", "1")
    monkeypatch.setattr(commands, "keep_running", lambda _: 0)
    monkeypatch.setattr(commands.os, "execv", lambda *_: None)
    assert here(command, "--port", str(free_port())).exit_code == 0
    with fresh_database.app.app_context():
        db.session.execute(db.text("INSERT INTO demonstration VALUES (1, 0, 1, '2026-10-20 08:00:00')"))
        db.session.commit()
        db.session.remove()
    result = here(command, "--port", str(free_port()))
    assert (result.exit_code, "anybody can be anyone in it" in result.output) == (1, True)


KEEP = "import sys; from placements.processes import keep_running as k; sys.exit(k([[sys.executable, '-c', w] for w in {}]))"
WAITS = "import time; print('waits', flush=True); time.sleep(60)"


@pytest.mark.pure
@pytest.mark.parametrize(
    ("ends", "code"), [("raise SystemExit(3)", 3), ("pass", 1), ("import os; os.kill(os.getpid(), 9)", 9)]
)
def test_when_web_or_worker_ends_the_other_is_stopped_and_it_is_an_error(ends: str, code: int) -> None:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", KEEP.format([WAITS, ends])], check=False, stdout=subprocess.DEVNULL)
    assert done.returncode == code
    assert time.monotonic() - began < 50


@pytest.mark.pure
def test_stopping_it_is_no_error() -> None:
    with subprocess.Popen([sys.executable, "-c", KEEP.format([WAITS])], stdout=subprocess.PIPE) as keeper:
        assert keeper.stdout is not None
        assert keeper.stdout.readline() == b"waits\n"
        os.kill(keeper.pid, signal.SIGTERM)
        assert keeper.wait() == 0


def a_concern(copy: Copy) -> str:
    """Somebody told one, encrypted with the key that is kept beside the database. Returns that key."""
    with copy.app.app_context():
        make.concern(words="Nobody had work for me.")
        db.session.commit()
        db.session.remove()
    return (copy.settings.instance / "concerns-key").read_text()


def test_concerns_are_encrypted_anew_with_the_newest_key(
    here: Run, fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = a_concern(fresh_database), Fernet.generate_key().decode()
    monkeypatch.setenv("CONCERNS_KEY", f"{new},{old}")
    result = here("encrypt")
    assert (result.exit_code, result.output) == (0, "Encrypted with the newest key: 1 texts.\n")
    monkeypatch.setenv("CONCERNS_KEY", new)
    assert here("encrypt").exit_code == 0
    monkeypatch.setenv("CONCERNS_KEY", old)
    assert "cannot be read with the keys that there are" in here("encrypt").output


@pytest.mark.parametrize("command", ["worker", "serve"])
def test_nothing_starts_that_could_not_read_the_concerns_there_are(
    here: Run, fresh_database: Copy, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    a_concern(fresh_database)
    monkeypatch.setenv("IS_PRODUCTION", "1")
    monkeypatch.setattr(commands, "work", lambda app: None)
    monkeypatch.setattr(commands.os, "execv", lambda *_: None)
    assert here(command).exit_code == 0
    (fresh_database.settings.instance / "concerns-key").unlink()
    result = here(command)
    assert result.exit_code == 1
    assert result.output.startswith("Error: Concerns in this database cannot be read with the keys that there are.")
    assert not (fresh_database.settings.instance / "concerns-key").exists()
