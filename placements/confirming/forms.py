"""Confirming a week, completing a placement."""

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, SelectChoice
from wtforms.validators import Length

from placements.confirming.rules import Spoken
from placements.logbook.models import REASON_LENGTH, Entry
from placements.people.models import Person
from placements.placing.models import Placement
from placements.web import fields
from placements.web.filters import count, say_hours
from placements.web.forms import Form

OUTCOMES = {
    Spoken.WILL_ANSWER: "They will answer",
    Spoken.NEW_LINK: "They want a new link",
    Spoken.SOMEBODY_ELSE: "They cannot: somebody else is to answer",
}
NOBODY_KNOWN = "other"
ABSENT = "The student was not here that day."
TOO_OLD = [Length(max=20_000, message="Open this page again")]


class CompleteForm(Form):
    """One button, under what it will do."""


class SpokenForm(Form):
    """What came of talking to a supervisor."""

    outcome = fields.one("What did you agree?", OUTCOMES, missing="Say what you agreed")


class HandOnForm(Form):
    """Whose visits somebody else answers for, and who."""

    to = fields.one("Who should answer?", {}, missing="Choose who should answer")
    placements: Sequence[Placement] = ()

    @property
    def chosen(self) -> list[Placement]:
        """The placements whose visits are handed on; the only one is not asked for."""
        return [each for each in self.placements if len(self.placements) == 1 or self[f"whose_{each.id}"].data]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Somebody's visits have to be chosen."""
        is_valid = super().validate(*args, **kwargs)
        if self.placements and not self.chosen:
            self[f"whose_{self.placements[0].id}"].errors = ["Choose at least one student"]
            is_valid = False
        return is_valid


def hand_on_form(placements: Sequence[Placement], people: Sequence[Person]) -> HandOnForm:
    """A form with a box for each student, where there are several, and the colleagues who can answer."""
    parts: dict[str, Any] = {"placements": placements}
    if len(placements) > 1:
        parts |= {f"whose_{each.id}": fields.tick(each.enrolment.person.name) for each in placements}
    all_ticked = {name: True for name in parts if name.startswith("whose_")}
    made: HandOnForm = type("HandOnForm", (HandOnForm,), parts)(data=all_ticked)
    made.to.choices = [SelectChoice(str(each.id), each.name) for each in people]
    made.to.choices.append(SelectChoice(NOBODY_KNOWN, "Somebody else, who is not in this list"))
    return made


class ConfirmForm(Form):
    """What a supervisor confirms, visit by visit. `seen` and `asked` hold what its button last said it would do."""

    seen = HiddenField(validators=TOO_OLD)
    asked = HiddenField(validators=TOO_OLD)
    entries: Sequence[Entry] = ()

    @property
    def words(self) -> dict[int, str]:
        """The word for each visit that is asked about instead, by the entry's key."""
        asked = {each.id: self[f"word_{each.id}"].data or "" for each in self.entries if self[f"ask_{each.id}"].data}
        absent = {each.id: ABSENT for each in self.entries if self[f"absent_{each.id}"].data}
        return absent | {key: word or absent.get(key, "") for key, word in asked.items()}

    @property
    def button(self) -> str:
        """What the button does as things stand: “Confirm 4 hours and ask about 1 visit”."""
        words = self.words
        minutes = sum(each.minutes for each in self.entries if each.id not in words)
        confirms = f"confirm {say_hours(minutes)}" if minutes else ""
        asks = f"ask about {count(len(words), 'visit')}" if words else ""
        said = " and ".join(part for part in (confirms, asks) if part)
        return said[:1].upper() + said[1:]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """A visit that is asked about needs its word."""
        is_valid = super().validate(*args, **kwargs)
        for entry in self.entries:
            if self.words.get(entry.id) == "":
                self[f"word_{entry.id}"].errors = ["Write what they should look at"]
                is_valid = False
        return is_valid

    def is_what_the_button_said(self) -> bool:
        """Whether nothing changed since the button was written: neither the visits nor what is ticked."""
        return (self.seen.data, self.asked.data) == self._as_it_stands()

    def rewrite_button(self) -> None:
        """Let the button, and what it stands for, be true of the form as it is now."""
        self.seen.data, self.asked.data = self._as_it_stands()

    def _as_it_stands(self) -> tuple[str, str]:
        seen = " ".join(f"{each.id}.{each.version}" for each in self.entries)
        return seen, " ".join(str(each.id) for each in self.entries if each.id in self.words)


def confirm_form(entries: Sequence[Entry]) -> ConfirmForm:
    """A form with a box and a word for each entry."""
    parts: dict[str, Any] = {"entries": entries}
    for each in entries:
        given_name = each.placement.enrolment.person.given_name
        parts[f"absent_{each.id}"] = fields.tick(f"{given_name} was not here that day")
        parts[f"ask_{each.id}"] = fields.tick("Ask about this visit instead")
        parts[f"word_{each.id}"] = fields.text(f"What should {given_name} look at?", most=REASON_LENGTH)
    made: ConfirmForm = type("ConfirmForm", (ConfirmForm,), parts)()
    return made
