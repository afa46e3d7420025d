"""Where a mail's reader chooses what they get, and stops what may be: an area says where, since mail knows none."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from placements.mail.asking import Said
from placements.mail.models import Message
from placements.people.models import Person


@dataclass(frozen=True)
class Doors:
    """The addresses: of a person's own choices, and of the one press that mutes what in a message may be muted."""

    choices: Callable[[Person], str]
    mute: Callable[[Message], str]


@dataclass(frozen=True)
class WaysOut:
    """What one mail says of both; no `mute` where nothing in it may be muted."""

    choices: str
    mute: str | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """What a mail program makes its own button of (RFC 8058)."""
        if self.mute is None:
            return {}
        return {"List-Unsubscribe": f"<{self.mute}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def init_choosing(app: Flask, doors: Doors) -> None:
    """Keep the addresses with the application."""
    app.extensions["placements.mail_doors"] = doors


def ways_out(message: Message, said: Iterable[Said]) -> WaysOut:
    """Those of a message that says this."""
    doors = cast(Doors, current_app.extensions["placements.mail_doors"])
    may_mute = any(each.notice.may_mute for each in said)
    return WaysOut(doors.choices(message.recipient), doors.mute(message) if may_mute else None)
