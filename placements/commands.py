"""The command line: run everything, serve pages, work through the schedule, make the demonstration, migrate."""

import logging
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import FrameType

import click
import flask_migrate
from flask import Flask
from sqlalchemy import event, inspect

from placements.app import create_app
from placements.config import Settings
from placements.core.clock import in_london, say_when
from placements.db import db
from placements.demo.story import DEFAULT_AT, SEED, play
from placements.story import Demonstration
from placements.worker import work

LOG = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@click.group()
def main() -> None:
    """Placements: Empowering London, working within the community."""
    logging.basicConfig(level=logging.WARNING, format=LOG)
    logging.getLogger("placements").setLevel(logging.INFO)


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def run(host: str, port: int) -> None:
    """Set up what is missing, then serve pages and work through the schedule until stopped."""
    settings = Settings.from_environment(base_url=os.environ.get("BASE_URL", f"http://{host}:{port}"))
    os.environ["BASE_URL"] = settings.base_url
    app = create_app(settings)
    if _is_empty(app) and not settings.database_url:
        make_demonstration(settings, DEFAULT_AT, SEED)
    else:
        _migrate(app)
    _say_how_to_sign_in(app, settings)
    _keep_running([_web(host, port), [sys.executable, "-m", "placements", "worker"]])


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def serve(host: str, port: int) -> None:
    """Serve pages only."""
    os.execv(sys.executable, _web(host, port))  # noqa: S606 - our own interpreter and arguments


@main.command()
def worker() -> None:
    """Work through the schedule only: mail, reminders, what falls due."""
    work(create_app())


@main.command()
def migrate() -> None:
    """Bring the database to this version's tables."""
    _migrate(create_app())


@main.command()
@click.option("--at", "moment", help='London date and time to play up to, like "2026-10-20 09:00".')
@click.option("--seed", default=SEED, show_default=True)
def demo(moment: str | None, seed: int) -> None:
    """Make the demonstration anew, its story played up to a moment of the year."""
    make_demonstration(Settings.from_environment(), _read_moment(moment) if moment else DEFAULT_AT, seed)


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


def _refuse_real_data(settings: Settings) -> None:
    app = create_app(settings)
    if _is_empty(app):
        return
    with app.app_context():
        is_demonstration = "demonstration" in _tables(app) and db.session.get(Demonstration, 1) is not None
        db.session.remove()
        if not is_demonstration:
            raise click.ClickException("This database is no demonstration. It is left as it is.")
        if settings.database_url:
            db.drop_all()
            with db.engine.begin() as connection:
                connection.exec_driver_sql("DROP TABLE alembic_version")


def _web(host: str, port: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"{host}:{port}",
        "--workers",
        os.environ.get("WEB_CONCURRENCY", "2"),
        "--worker-class",
        "gthread",
        "--threads",
        "32",
        "--preload",
        "--log-level",
        "warning",
        "wsgi:app",
    ]


def _say_how_to_sign_in(app: Flask, settings: Settings) -> None:
    click.echo(f"\n  Placements is at {settings.base_url}")
    with app.app_context():
        is_demonstration = db.session.get(Demonstration, 1) is not None
        db.session.remove()
        db.engine.dispose()
    if is_demonstration:
        click.echo(f"  Be anyone with one click: {settings.base_url}/demo")
        click.echo(f"  Mail lands in the mailbox: {settings.base_url}/demo/mailbox")
    click.echo("  Stop with Ctrl+C.\n")


def _keep_running(commands: list[list[str]]) -> None:
    """Run them together; when one ends or we are told to stop, stop the others."""
    running = [subprocess.Popen(command) for command in commands]  # noqa: S603 - our own interpreter and arguments

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for process in running:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    os.wait()
    stop(0, None)
    for process in running:
        process.wait()
