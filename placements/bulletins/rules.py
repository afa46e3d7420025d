"""What is true on paper about a message to many: its audiences, its words, the hours at which nobody wants mail."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from placements.core.clock import is_working_day, london

SUBJECT_LENGTH = 120
WORDS_LENGTH = 8000
SLICE = 200  # how many are told in one transaction
PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
LATEST, EARLIEST = time(21), time(7)  # between them mail is not wanted


class Audience(StrEnum):
    """Who is written to: of a run, but for the last."""

    STUDENTS = "students"
    SUPERVISORS = "supervisors"
    CONTACTS = "contacts"
    TUTORS = "tutors"
    PARTNERS = "partners"


AUDIENCES = {
    Audience.STUDENTS: "Students",
    Audience.SUPERVISORS: "Supervisors of students on placement",
    Audience.CONTACTS: "People at organisations with a challenge for the run",
    Audience.TUTORS: "Tutors",
    Audience.PARTNERS: "People at our organisations",
}
OF_A_RUN = (Audience.STUDENTS, Audience.SUPERVISORS, Audience.CONTACTS, Audience.TUTORS)
AT_ORGANISATIONS = (Audience.SUPERVISORS, Audience.CONTACTS, Audience.PARTNERS)
MAY_MUTE = (Audience.CONTACTS, Audience.PARTNERS)  # the others are written to about what they study, teach or supervise


class Situation(StrEnum):
    """What somebody has still to do."""

    NO_CHOICES = "no_choices"
    OFFER_OPEN = "offer_open"
    NO_AGREEMENT = "no_agreement"


SITUATIONS = {
    Situation.NO_CHOICES: "Has no place and has submitted no choices",
    Situation.OFFER_OPEN: "Has an offer to answer",
    Situation.NO_AGREEMENT: "Has a placement whose Challenge Agreement is not in force",
}
FILTERS: Mapping[Audience, Sequence[str]] = {
    Audience.STUDENTS: ("group", "enrolment", "placement", "situation"),
    Audience.SUPERVISORS: ("group", "placement", "unsigned"),
    Audience.CONTACTS: ("role", "type", "borough", "theme"),
    Audience.TUTORS: (),
    Audience.PARTNERS: ("state", "role", "type", "borough", "theme"),
}


class Outcome(StrEnum):
    """What became of one who was to be written to, once that is settled."""

    SENT = "sent"
    LEFT = "left"  # was no longer in the audience when the mail was to go
    MUTED = "muted"
    STOPPED = "stopped"


class Result(StrEnum):
    """The same with what is not settled yet, as pages tell it."""

    SENT = "sent"
    WAITING = "waiting"
    BOUNCES = "bounces"
    FAILED = "failed"
    LEFT = "left"
    MUTED = "muted"
    STOPPED = "stopped"


RESULTS = {
    Result.SENT: "Sent",
    Result.WAITING: "Waiting to be sent",
    Result.BOUNCES: "Mail to their address comes back",
    Result.FAILED: "Could not be delivered",
    Result.LEFT: "No longer in the audience",
    Result.MUTED: "Wants no such messages",
    Result.STOPPED: "Stopped before it was sent",
}

PLACEHOLDERS = {
    "given_name": "their given name",
    "name": "their whole name",
    "sender": "your name",
    "run": "the module and year",
    "organisation": "their organisation",
}


def placeholders_for(audience: Audience) -> Mapping[str, str]:
    """What can stand in the words to that audience, each with what it becomes."""
    leaves_out = set() if audience in OF_A_RUN else {"run"}
    leaves_out |= set() if audience in AT_ORGANISATIONS else {"organisation"}
    return {name: said for name, said in PLACEHOLDERS.items() if name not in leaves_out}


def unknown_placeholders(text: str, known: Iterable[str]) -> list[str]:
    """What stands in braces and is none of them, each once, in order."""
    return list(dict.fromkeys(name for name in PLACEHOLDER.findall(text) if name not in set(known)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with each placeholder replaced, once: what stands in a value is not read again."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


@dataclass(frozen=True)
class Block:
    """A paragraph, or a list whose points began with a hyphen."""

    lines: tuple[str, ...]
    is_list: bool = False


def blocks(text: str) -> list[Block]:
    """The paragraphs and lists of plain words. Every line is a paragraph of its own; “- ” begins a point of a list."""
    found: list[Block] = []
    for line in (each.strip() for each in text.splitlines()):
        is_point = line.startswith("- ") and bool(line[2:].strip())
        said = line[2:].strip() if is_point else line
        if is_point and found and found[-1].is_list:
            found[-1] = Block((*found[-1].lines, said), is_list=True)
        elif said:
            found.append(Block((said,), is_list=is_point))
    return found


def why_unwanted(at: datetime) -> str | None:
    """Why nobody expects mail at that moment; None where it is an hour like any other."""
    there = london(at)
    if not is_working_day(there.date()):
        return f"That is a {there:%A}: many will read it only on Monday."
    if not EARLIEST <= there.time() < LATEST:
        return "That is between 9pm and 7am, when no email leaves: it waits for the morning."
    return None
