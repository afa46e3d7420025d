"""The command line: run everything, serve pages, work through the schedule, migrate, invite, make the demonstration."""

import json
import logging
import os
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
import flask_migrate
from flask import Flask
from sqlalchemy import event, inspect
from wtforms import Form

from placements.accounts import actions as accounts
from placements.accounts.models import GlobalRole
from placements.app import create_app
from placements.config import Settings
from placements.core.clock import in_london, say_when, today
from placements.core.policy import Principal
from placements.db import begin_to_write, db
from placements.demo.story import DEFAULT_AT, SEED, play
from placements.people.actions import find_or_add_person
from placements.people.models import NAME_LENGTH
from placements.processes import hold, keep_running, need_port, share, web
from placements.rehearsal import copied, run_ahead
from placements.reminding.rules import MOST_DAYS
from placements.secret import can_be_read, encrypt_anew
from placements.solver import outside
from placements.story import Demonstration, story_now
from placements.turns import TURN
from placements.web import fields
from placements.worker import work

RUNS = "Placements is running here"
CANNOT_BE_READ = (
    "Concerns in this database cannot be read with the keys that there are. Give the key that they were encrypted with "
    "as CONCERNS_KEY, or put its file concerns-key back into INSTANCE (docs/operations.md)."
)
IS_BEING_MADE = "A demonstration is being made here: start again when it is whole."
LOG = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@click.group()
def main() -> None:
    """Placements: Empowering London, working within the community."""
    logging.basicConfig(level=logging.WARNING, format=LOG)
    logging.getLogger("placements").setLevel(logging.INFO)


main.add_command(outside.solve)
main.add_command(outside.verify)


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def run(host: str, port: int) -> None:
    """Set up what is missing, then serve pages and work through the schedule until stopped."""
    settings = Settings.from_environment(base_url=os.environ.get("BASE_URL", f"http://{host}:{port}"))
    os.environ["BASE_URL"] = settings.base_url
    with hold(settings.instance, alone=True, otherwise=f"{RUNS} already: stop it first (Ctrl+C).") as held:
        need_port(host, port)
        app = create_app(settings)
        if _is_empty(app) and not settings.database_url and not settings.is_production:
            make_demonstration(settings, DEFAULT_AT, SEED)
        else:
            _migrate(app)
        _refuse_to_show_the_world(app, settings)
        _refuse_what_cannot_be_read(app)
        _say_how_to_sign_in(app, settings)
        share(held)
        sys.exit(keep_running([web(host, port), [sys.executable, "-m", "placements", "worker"]]))


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def serve(host: str, port: int) -> None:
    """Serve pages only."""
    settings = Settings.from_environment()
    with hold(settings.instance, alone=False, otherwise=IS_BEING_MADE) as held:
        if settings.is_production:  # otherwise nothing is asked, and pages come sooner
            app = create_app(settings)
            _refuse_to_show_the_world(app, settings)
            _refuse_what_cannot_be_read(app)
        share(held)
        os.execv(sys.executable, web(host, port))  # noqa: S606 - our own interpreter and arguments


@main.command()
def worker() -> None:
    """Work through the schedule only: mail, reminders, what falls due."""
    settings = Settings.from_environment()
    with hold(settings.instance, alone=False, otherwise=IS_BEING_MADE):
        app = create_app(settings)
        _refuse_what_cannot_be_read(app)
        work(app)


@main.command()
def migrate() -> None:
    """Bring the database to this version's tables."""
    _migrate(create_app())


@main.command()
def encrypt() -> None:
    """Encrypt every concern anew with the newest key of CONCERNS_KEY; the older ones are not needed any more then."""
    app = create_app()
    _refuse_what_cannot_be_read(app)
    with app.app_context():
        begin_to_write()
        count = encrypt_anew()
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    click.echo(f"Encrypted with the newest key: {count} texts.")


@main.command()
@click.option("--on", "day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="A day to come, in London.")
def rehearse(day: datetime) -> None:
    """Say what mail will be sent on a day, as far as nobody does anything until then: a line of JSON for each thing."""
    settings = Settings.from_environment()
    with create_app(settings).app_context():
        now = story_now()
        db.session.remove()
        db.engine.dispose()
    if not 0 <= (day.date() - today(now)).days <= MOST_DAYS:
        raise click.BadParameter(f"Give today or a day within the next {MOST_DAYS}.", param_hint="--on")
    with copied(settings) as copy:
        for each in run_ahead(create_app(copy), now, day.date()):
            click.echo(json.dumps(asdict(each), default=datetime.isoformat))


@main.command()
@click.argument("address")
@click.option("--name", required=True, help='Given name first, like "Ada Lovelace".')
@click.option("--role", "roles", required=True, multiple=True, type=click.Choice([role.value for role in GlobalRole]))
def invite(address: str, name: str, roles: tuple[str, ...]) -> None:
    """Give somebody an account and a role everywhere, and mail them a link to choose a password.

    Once they have chosen one nothing is mailed; roles that they hold already stay theirs.
    """
    given, _, family = name.strip().partition(" ")
    somebody = Somebody(data={"given_name": given, "family_name": family, "email": address})
    if not somebody.validate():
        raise click.ClickException("\n".join(words for said in somebody.errors.values() for words in said))
    app = create_app()
    if _is_empty(app):
        raise click.ClickException("The database has no tables yet: .venv/bin/python -m placements migrate")
    with app.app_context():
        click.echo(_invite(somebody, {GlobalRole(role) for role in roles}))
        db.session.remove()
        db.engine.dispose()


class Somebody(Form):
    """A new person, held to what the forms of the pages accept."""

    given_name = fields.text("Given name", missing="Enter a given name", most=NAME_LENGTH)
    family_name = fields.text("Family name", missing="Enter a family name after the given name", most=NAME_LENGTH)
    email = fields.email()


def _invite(somebody: Somebody, wanted: set[GlobalRole]) -> str:
    begin_to_write()
    actor, now = Principal(), story_now()
    person = find_or_add_person(
        str(somebody.given_name.data), str(somebody.family_name.data), str(somebody.email.data), now
    )
    account = accounts.invite(person, actor=actor, now=now)
    held = {role.name for role in account.global_roles}
    if not wanted <= held:
        accounts.give_roles(account, held | wanted, actor=actor, now=now)
    mail = "an invitation goes out with the worker's next mail" if account.password is None else "no mail: they sign in"
    said = f"{person.name} <{person.email}> is {', '.join(sorted(held | wanted))}; {mail}."
    db.session.commit()
    return said


@main.command()
@click.option("--at", "moment", help='London date and time to play up to, like "2026-10-20 09:00".')
@click.option("--seed", default=SEED, show_default=True)
def demo(moment: str | None, seed: int) -> None:
    """Make the demonstration anew, its story played up to a moment of the year."""
    settings, until = Settings.from_environment(), _read_moment(moment) if moment else DEFAULT_AT
    otherwise = f"{RUNS}: stop it first (Ctrl+C), then make the demonstration."
    with hold(settings.instance, alone=True, otherwise=otherwise):
        make_demonstration(settings, until, seed)


def _read_moment(text: str) -> datetime:
    try:
        local = datetime.strptime(text, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - London wall time, made an instant below
    except ValueError as error:
        raise click.BadParameter('Give a date and time like "2026-10-20 09:00".', param_hint="--at") from error
    return in_london(local.date(), local.time())


def _tables(app: Flask) -> set[str]:
    with app.app_context():
        try:
            return set(inspect(db.engine).get_table_names())
        finally:
            db.engine.dispose()  # the file may be replaced before it is read again


def _is_empty(app: Flask) -> bool:
    return not _tables(app) - {"alembic_version"}


def _migrate(app: Flask) -> None:
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()


def make_demonstration(settings: Settings, until: datetime, seed: int) -> None:
    """Build it beside the embedded database and put it in place when it is whole; on PostgreSQL, in an empty one."""
    _refuse_real_data(settings)
    click.echo(f"· Making the demonstration as of {say_when(until)} …")
    building = settings
    if not settings.database_url:
        unfinished = settings.instance / "placements.building.db"
        unfinished.unlink(missing_ok=True)
        settings.instance.mkdir(parents=True, exist_ok=True)
        building = Settings.from_environment(
            instance=settings.instance, base_url=settings.base_url, database_url=f"sqlite:///{unfinished}"
        )
    app = create_app(building)
    if not settings.database_url:
        _let_the_disk_be_late(app)
    _migrate(app)
    with app.app_context():
        play(until, seed, lambda line: click.echo(f"  {line}"))
        db.session.remove()
        db.engine.dispose()
    if not settings.database_url:
        _put_in_place(unfinished, settings.instance / "placements.db")


def _let_the_disk_be_late(app: Flask) -> None:
    """Thousands of commits need not wait for the disk while the database is nobody's; `_put_in_place` waits once."""
    with app.app_context():
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF").close())


def _put_in_place(made: Path, place: Path) -> None:
    with made.open("rb") as file:
        os.fsync(file.fileno())
    for leftover in ("-wal", "-shm", "-journal"):
        Path(f"{place}{leftover}").unlink(missing_ok=True)
    made.replace(place)
    Path(f"{made}{TURN}").unlink(missing_ok=True)


def _refuse_real_data(settings: Settings) -> None:
    if settings.is_production:
        raise click.ClickException("IS_PRODUCTION is set: a demonstration lets anybody be anyone. None is made.")
    app = create_app(settings)
    if _is_empty(app):
        return
    if not _shows_a_demonstration(app):
        raise click.ClickException("This database is no demonstration. It is left as it is.")
    if settings.database_url:
        with app.app_context():
            db.drop_all()
            with db.engine.begin() as connection:
                connection.exec_driver_sql("DROP TABLE alembic_version")


def _shows_a_demonstration(app: Flask) -> bool:
    if "demonstration" not in _tables(app):
        return False
    with app.app_context():
        try:
            return db.session.get(Demonstration, 1) is not None
        finally:
            db.session.remove()
            db.engine.dispose()


def _refuse_to_show_the_world(app: Flask, settings: Settings) -> None:
    if settings.is_production and _shows_a_demonstration(app):
        raise click.ClickException("IS_PRODUCTION is set, and this is a demonstration: anybody can be anyone in it.")


def _refuse_what_cannot_be_read(app: Flask) -> None:
    if "concern" not in _tables(app):
        return
    with app.app_context():
        try:
            is_readable = can_be_read()
        finally:
            db.session.remove()
            db.engine.dispose()
    if not is_readable:
        raise click.ClickException(CANNOT_BE_READ)


def _say_how_to_sign_in(app: Flask, settings: Settings) -> None:
    click.echo(f"\n  Placements is at {settings.base_url}")
    if _shows_a_demonstration(app):
        click.echo(f"  Be anyone with one click: {settings.base_url}/demo")
        click.echo(f"  Mail lands in the mailbox: {settings.base_url}/demo/mailbox")
    click.echo("  Stop with Ctrl+C.\n")
