"""What is signed, on paper: the words and facts of one version, their hash, and when a typed name is one's own."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import Any

TEXT_LENGTH = 4000
FORMAT = 1  # of the canonical text; another one gets another number, so that old hashes can still be checked
QUOTES = str.maketrans("‘’ʼ", "'''")


@dataclass(frozen=True)
class Section:
    """One part of the text that the student writes: its heading, and what helps to write it."""

    name: str
    title: str
    hint: str


# The parts that an Agreement has, in the order in which it reads. [quality code: a formal agreement; issue 5's list]
SECTIONS = (
    Section(
        "challenge",
        "The challenge",
        "What you and the organisation found together. It begins as the organisation first put it: make it precise.",
    ),
    Section(
        "objectives",
        "What is to be achieved and learnt",
        "Two to four objectives that somebody could check at the end. For example: “By March, volunteers can find any "
        "item in under a minute.”",
    ),
    Section(
        "activities",
        "What the student does",
        "The work itself, in steps. For example: talk to five volunteers, try two ways of counting, write a guide.",
    ),
    Section("output", "What is left behind", "A guide, a dataset, an event, a design: what stays when you go."),
    Section(
        "hours_plan",
        "When the student is there",
        "How the hours spread over the weeks. For example: Wednesdays 1pm to 4pm until Easter, and an hour at home "
        "each week.",
    ),
    Section(
        "supervision",
        "How the student is supervised",
        "Whom you see, how often, and how you reach them. For example: ten minutes at the start of each visit, email "
        "between.",
    ),
    Section(
        "confidentiality",
        "What stays confidential",
        "What you may not share, and how you write about people in your logbook: no names of clients, for example.",
    ),
    Section(
        "ownership",
        "Who owns what is made",
        "Who may use it, and how. For example: the organisation owns the guide; you may show it in your portfolio.",
    ),
)


@dataclass(frozen=True)
class Facts:
    """What an Agreement says about the placement itself. People are named, and told apart by their public ids."""

    module: str
    challenge: str
    organisation: str
    where: str
    student: str
    student_id: str
    supervisor: str
    supervisor_id: str
    tutor: str
    tutor_id: str
    starts_on: date
    ends_on: date
    minutes: int

    def kept(self) -> dict[str, Any]:
        """The same as plain values, to be stored and hashed."""
        return {**asdict(self), "starts_on": self.starts_on.isoformat(), "ends_on": self.ends_on.isoformat()}


def facts_of(kept: Mapping[str, Any]) -> Facts:
    """The facts that `Facts.kept` gave."""
    days = {name: date.fromisoformat(kept[name]) for name in ("starts_on", "ends_on")}
    return Facts(**{**kept, **days})


def canonical(number: int, facts: Facts, words: Mapping[str, str]) -> bytes:
    """One version as the bytes that its hash is taken over: everything that is signed, in one way only."""
    whole = {
        "format": FORMAT,
        "version": number,
        "facts": facts.kept(),
        "words": {section.name: words[section.name] for section in SECTIONS},
    }
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(number: int, facts: Facts, words: Mapping[str, str]) -> str:
    """The SHA-256 of what is signed, as 64 hexadecimal digits."""
    return sha256(canonical(number, facts, words)).hexdigest()


def short(digest: str) -> str:
    """How pages show a hash: its first twelve digits in threes of four."""
    return " ".join(digest[start : start + 4] for start in range(0, 12, 4))


def missing(words: Mapping[str, str]) -> list[Section]:
    """The parts that nobody has written yet: an Agreement goes out for signing once there are none."""
    return [section for section in SECTIONS if not words[section.name].strip()]


def is_name(typed: str, name: str) -> bool:
    """Whether what was typed is the person's own name, whatever its case, spaces and apostrophes."""
    return _plain(typed) == _plain(name) != ""


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).translate(QUOTES).casefold().split())


def weekly_hours(minutes: int, starts_on: date, ends_on: date) -> float:
    """How many hours a week the agreed minutes come to over the placement, to the nearest half."""
    weeks = max(1.0, ((ends_on - starts_on).days + 1) / 7)
    return max(0.5, round(minutes / 60 / weeks * 2) / 2)
