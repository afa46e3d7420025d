"""What is signed, on paper: the words and facts of one version, their hash, and when a typed name is one's own."""

import json
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from placements.agreements.weeks import say_weeks

TEXT_LENGTH = 4000
OBJECTIVE_LENGTH = 500
LEAST_OBJECTIVES, MOST_OBJECTIVES = 2, 6
FORMAT = 3  # of the canonical text; another one gets another number, so that old hashes can still be checked
QUOTES = str.maketrans("‘’ʼ", "'''")


@dataclass(frozen=True)
class Section:
    """One part of what the student writes: its heading, and what helps to write it."""

    name: str
    title: str
    hint: str


_WRITTEN = tomllib.loads(Path(__file__).with_name("parts.toml").read_text(encoding="utf-8"))
PARTS = tuple(Section(name, **said) for name, said in _WRITTEN.items())
LISTED = ("objectives", "weeks")  # these are rows; the others are one text each
SECTIONS = tuple(section for section in PARTS if section.name not in LISTED)
SHARED = ("challenge", "output", "supervision", "confidentiality", "ownership")  # by a group that has one Agreement


@dataclass(frozen=True)
class Content:
    """What was written: the texts by section, the objectives in order, and minutes by the Monday of their week."""

    words: Mapping[str, str]
    objectives: tuple[str, ...] = ()
    weeks: Mapping[date, int] = field(default_factory=dict)

    def said(self, name: str) -> str:
        """One part as a reader sees it; empty where nothing was written."""
        if name == "objectives":
            return "\n".join(f"{number}. {text.strip()}" for number, text in enumerate(self.objectives, 1))
        return say_weeks(self.weeks) if name == "weeks" else self.words[name]


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
    signatory: str = ""  # who signs for the organisation in the supervisor's place; since the third format
    signatory_id: str = ""

    def signer(self, party: str) -> str:
        """Whose name stands under the party's signature."""
        return self.signatory if party == "supervisor" and self.signatory else str(getattr(self, party))

    def kept(self) -> dict[str, Any]:
        """The same as plain values, to be stored and hashed."""
        return {**asdict(self), "starts_on": self.starts_on.isoformat(), "ends_on": self.ends_on.isoformat()}


def facts_of(kept: Mapping[str, Any]) -> Facts:
    """The facts that `Facts.kept` gave."""
    days = {name: date.fromisoformat(kept[name]) for name in ("starts_on", "ends_on")}
    return Facts(**{**kept, **days})


def canonical(number: int, facts: Facts, content: Content, form: int = FORMAT) -> bytes:
    """One version as the bytes that its hash is taken over: everything that is signed, in one way only.

    `form`: the format that it was signed in. In the first one the objectives were one text, and there were no weeks;
    up to the second the supervisor always signed.
    """
    said = facts.kept()
    if form < 3:
        del said["signatory"], said["signatory_id"]
    whole: dict[str, Any] = {"format": form, "version": number, "facts": said}
    if form == 1:
        whole["words"] = {**content.words, "objectives": "\n".join(content.objectives)}
    else:
        whole["words"] = dict(content.words)
        whole["objectives"] = list(content.objectives)
        whole["weeks"] = {monday.isoformat(): minutes for monday, minutes in content.weeks.items()}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(number: int, facts: Facts, content: Content, form: int = FORMAT) -> str:
    """The SHA-256 of what is signed, as 64 hexadecimal digits."""
    return sha256(canonical(number, facts, content, form)).hexdigest()


def _parts(facts: Facts, content: Content) -> dict[str, Any]:
    """Everything that is signed, part by part; what is said of the placement under names of its own."""
    of_placement = {f"placement.{name}": value for name, value in facts.kept().items()}
    weeks = {monday.isoformat(): minutes for monday, minutes in content.weeks.items()}
    return {
        **of_placement,
        **content.words,
        "objectives": [text.strip() for text in content.objectives],
        "weeks": weeks,
    }


_SIGNERS = ("student", "supervisor", "signatory", "tutor")
_PEOPLE = {f"placement.{each}{ending}" for each in _SIGNERS for ending in ("", "_id")}
_TUTORS = {"placement.tutor", "placement.tutor_id"}
_ALL = {f"placement.{fact.name}" for fact in fields(Facts)} | {part.name for part in PARTS}

# What each party's signature is about: while that is the same in a later version, the signature holds for it too.
CONCERNS: Mapping[str, frozenset[str]] = {
    "student": frozenset(_ALL),
    "supervisor": frozenset(_ALL - _TUTORS),
    "tutor": frozenset(
        {*_PEOPLE, "placement.challenge", "challenge", "objectives", "output"}
        | {"supervision", "confidentiality", "ownership"}
    ),
}


def part_digest(party: str, facts: Facts, content: Content) -> str:
    """The SHA-256 of what the party's signature is about."""
    concerned = {name: value for name, value in _parts(facts, content).items() if name in CONCERNS[party]}
    return sha256(json.dumps(concerned, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def combined(digests: Sequence[str]) -> str:
    """One hash for what is read and signed together: of a single version its own."""
    return digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()


def short(digest: str) -> str:
    """How pages show a hash: its first twelve digits in threes of four."""
    return " ".join(digest[start : start + 4] for start in range(0, 12, 4))


def no_more_than_six(objectives: Sequence[str]) -> list[str]:
    """Objectives for the boxes of a form: none of them empty, and those beyond the sixth in its box."""
    written = [" ".join(text.split()) for text in objectives if text.strip()]
    last = MOST_OBJECTIVES - 1
    return [*written[:last], " ".join(written[last:])] if len(written) > MOST_OBJECTIVES else written


def missing(content: Content) -> list[Section]:
    """The parts that nobody has written yet: an Agreement goes out for signing once there are none."""
    return [section for section in PARTS if _is_missing(content, section.name)]


def _is_missing(content: Content, name: str) -> bool:
    if name == "objectives":
        return len(content.objectives) < LEAST_OBJECTIVES
    return not content.said(name).strip()


def is_name(typed: str, name: str) -> bool:
    """Whether what was typed is the person's own name, whatever its case, spaces and apostrophes."""
    return _plain(typed) == _plain(name) != ""


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).translate(QUOTES).casefold().split())
