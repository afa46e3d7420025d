"""Whom a message is for, what its audience is narrowed to, its words, when it is sent."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wtforms import Field, HiddenField, SelectChoice, ValidationError
from wtforms.validators import Length

from placements.bulletins.models import Bulletin
from placements.bulletins.rules import (
    AUDIENCES,
    FILTERS,
    OF_A_RUN,
    RESULTS,
    SITUATIONS,
    SUBJECT_LENGTH,
    WORDS_LENGTH,
    Audience,
    Result,
    placeholders_for,
    unknown_placeholders,
    why_unwanted,
)
from placements.cohorts.models import THEMES, ModuleRun, TimeslotGroup
from placements.cohorts.workflow import LEFT, EnrolmentState
from placements.core.clock import exists_in_london, in_london
from placements.core.workflow import say_state
from placements.partners.models import CONTACT_ROLES, TYPES
from placements.partners.rules import BOROUGHS
from placements.partners.workflow import CURRENT
from placements.placing.workflow import PlacementState
from placements.web import fields
from placements.web.forms import Form, version_in
from placements.web.lists import Filters

NOW, LATER = "now", "later"
YES = "yes"
Groups = Sequence[TimeslotGroup]


class BeginForm(Form):
    """Whom it is for, and of which run."""

    refusals = {"uq_bulletin_form_key": (None, "This message is begun already: find it in the list.")}

    form_key = fields.form_key()
    to = fields.one("Who is it for?", AUDIENCES, missing="Choose who it is for", coerce=Audience)
    run = fields.one_of_many("Which run?", {}, empty="Choose a run")

    def __init__(self, audiences: Sequence[Audience], runs: Sequence[ModuleRun]) -> None:
        super().__init__()
        self.runs = {run.public_id: run.id for run in runs}
        self.to.choices = [SelectChoice(each.value, AUDIENCES[each]) for each in audiences]
        self.run.choices = [SelectChoice("", "Choose a run"), *(SelectChoice(run.public_id, run.title) for run in runs)]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """A run is needed unless it is for people at any organisation."""
        is_valid = super().validate(*args, **kwargs)
        if self.to.data in OF_A_RUN and not self.run.data and not self.run.errors:
            self.run.errors = ["Choose a run"]
        return is_valid and not self.run.errors

    @property
    def run_id(self) -> int | None:
        """The key of the run; None where the audience is of none."""
        return self.runs[self.run.data] if self.to.data in OF_A_RUN else None


def _choices_of(label: str, choices: Mapping[Any, str], empty: str = "Any") -> Callable[[Groups], Field]:
    return lambda _groups: fields.one_of_many(label, choices, empty=empty)


def _states(states: Sequence[Any]) -> dict[Any, str]:
    return {each: say_state(each).capitalize() for each in states}


NARROWING: Mapping[str, Callable[[Groups], Field]] = {
    "group": lambda groups: fields.one_of_many(
        "Group", {each.public_id: each.name for each in groups}, empty="All groups"
    ),
    "enrolment": _choices_of("Status on the module", _states([each for each in EnrolmentState if each not in LEFT])),
    "placement": _choices_of("Status of the placement", _states([*PlacementState])),
    "situation": _choices_of("What they have still to do", SITUATIONS),
    "unsigned": lambda _groups: fields.tick("Only where the Challenge Agreement is not in force"),
    "state": _choices_of("Status of the organisation", _states(CURRENT)),
    "role": _choices_of("What they do there", CONTACT_ROLES),
    "type": _choices_of("Kind of organisation", TYPES),
    "borough": _choices_of("Borough", {name: name for name in BOROUGHS}),
    "theme": _choices_of("Challenge area of their challenges", THEMES),
}


class ChooseForm(Form):
    """What the audience is narrowed to."""

    version = HiddenField(validators=[Length(max=9)])
    names: Sequence[str] = ()

    @property
    def seen(self) -> int:
        """The version that the form was made of."""
        return version_in(self.version.data)

    @property
    def wanted(self) -> dict[str, str]:
        """What was chosen, by the filter's name."""
        chosen = {name: self[name].data for name in self.names}
        return {name: YES if data is True else str(data) for name, data in chosen.items() if data}

    def said(self) -> list[str]:
        """What the audience is narrowed to, in words."""
        return [self._said(self[name]) for name in self.names if self[name].data]

    def _said(self, field: Field) -> str:
        labels = {str(each.value): each.label for each in getattr(field, "choices", None) or ()}
        said = labels.get(str(field.data))
        return f"{field.label.text}: {said}" if said else str(field.label.text)


def choose_form(bulletin: Bulletin) -> ChooseForm:
    """A form of the filters that its audience has, filled with what is chosen."""
    names = FILTERS[bulletin.audience]
    groups = bulletin.run.groups if bulletin.run and "group" in names else ()
    parts: dict[str, Any] = {"names": names, **{name: NARROWING[name](groups) for name in names}}
    saved = {**bulletin.filters, "version": str(bulletin.version)}
    made: ChooseForm = type("ChooseForm", (ChooseForm,), parts)(data=saved)
    return made


class WriteForm(Form):
    """Its words."""

    version = HiddenField(validators=[Length(max=9)])
    subject = fields.text("Subject", missing="Enter a subject", most=SUBJECT_LENGTH)
    words = fields.long_text(
        "What you write",
        missing="Write what you want to say",
        most=WORDS_LENGTH,
        rows=12,
        hint="Plain words, without “Hello” or your name: both are added. Begin a line with “- ” for a list. "
        "Write nothing private about anybody.",
    )

    def __init__(self, bulletin: Bulletin) -> None:
        saved = {"subject": bulletin.subject, "words": bulletin.words, "version": str(bulletin.version)}
        super().__init__(data=saved)
        self.known = placeholders_for(bulletin.audience)

    def validate_subject(self, field: Field) -> None:
        """Only placeholders that there are."""
        self._check(field)

    def validate_words(self, field: Field) -> None:
        """Only placeholders that there are."""
        self._check(field)

    def _check(self, field: Field) -> None:
        unknown = unknown_placeholders(field.data or "", self.known)
        if unknown:
            can = ", ".join(f"{{{name}}}" for name in self.known)
            raise ValidationError(f"{{{unknown[0][:40]}}} means nothing here. You can use {can}")

    @property
    def seen(self) -> int:
        """The version that the form was made of."""
        return version_in(self.version.data)


class SendForm(Form):
    """When it is sent; `seen` is what was looked at. `now` is set by the view before the form is asked."""

    seen = fields.seen()
    how = fields.one("When to send it", {NOW: "Now", LATER: "At a time you choose"}, missing="Choose when to send it")
    on = fields.day("Day")
    at = fields.time_of_day("Time on that day", hint="On London’s clocks. For example, 9:30 or 2:15pm")
    anyway = fields.tick("Send it at that time all the same")
    now: datetime

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """A moment needs both parts and to be one; an hour at which nobody wants mail has to be meant."""
        is_valid = super().validate(*args, **kwargs)
        if self.how.data == LATER:
            for field, missing in ((self.on, "Enter the day to send it"), (self.at, "Enter the time on that day")):
                if not field.data and not field.errors:
                    field.errors = [missing]
            if self.on.data and self.at.data and not exists_in_london(self.on.data, self.at.data):
                self.at.errors = ["The clocks go forward that night. Enter another time"]
        is_valid = is_valid and not self.on.errors and not self.at.errors
        why = why_unwanted(self.send_at or self.now) if is_valid else None
        if why and not self.anyway.data:
            self.anyway.errors = [f"{why} Choose another time, or tick the box"]
        return is_valid and not self.anyway.errors

    @property
    def send_at(self) -> datetime | None:
        """The moment that was chosen; None for now."""
        return in_london(self.on.data, self.at.data) if self.how.data == LATER else None


class ResultFilters(Filters):
    """Above the list of those whom it went to."""

    result = fields.one_of_many("Result", RESULTS, empty="All", coerce=Result)
