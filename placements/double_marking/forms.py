"""What people type about second marks: who marks what, a judgement by the rubric, a mark for both, and why not."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import SelectChoice

from placements.assessment.models import Mark
from placements.double_marking.models import SecondMark
from placements.people.models import Person
from placements.specification.queries import seen_rubric
from placements.web import fields
from placements.web.forms import Form
from placements.web.judging import JudgementForm


class SecondMarkForm(JudgementForm):
    """A judgement by the rubric: `of(second)` gives it a score and a comment for each criterion."""

    feedback = fields.long_text(
        "Reasons for the mark",
        most=10_000,
        rows=8,
        hint="The other marker, the module leader and whoever moderates read them. The student does not.",
    )

    @classmethod
    def of(cls, second: SecondMark) -> "SecondMarkForm":
        """The form for one second mark, with what is saved in it."""
        component = second.mark.component
        saved = {"version": str(second.version), "feedback": second.feedback, "rubric": seen_rubric(component)}
        return cls.showing(component.criteria, component.fixed_marks, second.scores, saved)


class AllotForm(Form):
    """A second marker for each script that has none: `of` gives it a field for each, with who is proposed in it."""

    marks: Sequence[Mark] = ()

    @classmethod
    def of(cls, able: Mapping[Mark, Sequence[Person]], proposed: Mapping[str, str | None]) -> "AllotForm":
        """The form for these scripts, each with who may mark it."""
        parts: dict[str, Any] = {"marks": [*able]}
        for mark, people in able.items():
            choices = {each.public_id: each.name for each in people}
            again = ", second attempt" if mark.attempt > 1 else ""
            label = f"Second marker of {mark.enrolment.person.name}{again}"
            parts[f"marker_{mark.public_id}"] = fields.one_of_many(label, choices, empty="Nobody yet")
        said = {f"marker_{key}": found for key, found in proposed.items()}
        return type("AllotFormOfScripts", (cls,), parts)(data=said)

    def chosen(self) -> dict[str, str]:
        """Who was chosen, by the public ids of script and person."""
        found = {mark.public_id: self[f"marker_{mark.public_id}"].data for mark in self.marks}
        return {script: person for script, person in found.items() if person}


class MarkerForm(Form):
    """Who is to give a mark."""

    marker = fields.one_of_many("Marker", {}, missing="Choose who marks it")

    def offer(self, people: Sequence[Person]) -> None:
        """Who can be chosen."""
        self.marker.choices = [*self.marker.choices[:1], *(SelectChoice(each.public_id, each.name) for each in people)]


class ProposeForm(Form):
    """The mark for both, and why."""

    given = fields.number("Mark for both", least=0, most=100, missing="Enter the mark that you propose")
    reason = fields.long_text(
        "Why this mark?", missing="Say why, for the other marker and the record", most=2000, rows=4
    )


class DeclineForm(Form):
    """Why not."""

    answer = fields.long_text(
        "Why not?", missing="Say why, for the other marker and the module leader", most=2000, rows=4
    )
