"""What keepers, students and tutors say at a gate."""

from typing import Any

from placements.challenges.models import CHECKS, Dbs
from placements.clearance.models import OPENERS
from placements.core.policy import Principal
from placements.placing.rules import GateKind
from placements.vetting.rules import RISKS, Risk
from placements.web import fields
from placements.web.forms import Form, all_given

OPENED = {
    "disability_adviser": (GateKind.ADJUSTMENT, "Adjustments for a student"),
    "safety_officer": (GateKind.OWN_RISK, "Something that may be risky for a student"),
}
SEEN = {level: said for level, said in CHECKS.items() if level is not Dbs.NONE}


class DbsForm(Form):
    """Which check was seen, and when."""

    level = fields.one("Which check did you see?", SEEN, missing="Choose which check you saw", coerce=Dbs)
    seen_on = fields.day("When did you see it?", missing="Enter the day on which you saw it")


class DutiesForm(Form):
    """What the student does there without a check."""

    duties = fields.long_text(
        "What the student does there",
        missing="Say what the student does there without a check",
        most=1000,
        rows=4,
        hint="Agree it with the supervisor first. The student and the module leader read it.",
    )


class VisaForm(Form):
    """What is on record for a student visa."""

    form_key = fields.form_key()
    address = fields.long_text("Where the work happens", missing="Enter where the work happens", most=300, rows=3)
    hours_a_week = fields.number(
        "Hours a week, at most", least=1, most=20, missing="Enter the hours a week", hint="At most 20 in term time"
    )
    starts_on = fields.day("First day", missing="Enter the first day")
    ends_on = fields.day("Last day", missing="Enter the last day")

    refusals = {"uq_visa_detail_form_key": (None, "These details are recorded already.")}


class AskToMoveForm(Form):
    """What the visa officer has to know of a move."""

    words = fields.long_text(
        "Where would they go, and why?",
        missing="Say where they would go, and why",
        most=1000,
        rows=4,
        hint="A few words are enough. Only visa officers and the module leader read them.",
    )


class AnswerMoveForm(Form):
    """Whether a sponsored student may change organisation."""

    decision = fields.one(
        "May the student change organisation?",
        {"yes": "Yes, I approve it", "no": "No, not as it is asked"},
        missing="Choose whether the student may change organisation",
    )
    words = fields.long_text(
        "What the module leader has to know",
        most=1000,
        rows=4,
        hint="Needed if you do not approve it. Only visa officers and the module leader read it.",
    )

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """A refusal says why."""
        is_valid = super().validate(*args, **kwargs)
        if self.decision.data != "no":
            return is_valid
        return all_given((self.words, "Say why you do not approve it")) and is_valid


class AgreeForm(Form):
    """What is agreed, and what the organisation would be told."""

    agreed = fields.long_text(
        "What is agreed",
        missing="Say what is agreed, or that nothing is needed",
        hint="The student, the tutor and the module leader can read this. The organisation never does.",
    )
    to_share = fields.long_text(
        "What the supervisor would be told",
        hint="The student is asked about just these words. Leave it empty if the organisation need know nothing.",
        most=2000,
        rows=4,
    )


class AskForm(Form):
    """What would help."""

    words = fields.long_text(
        "What would help you on placement?",
        missing="Say what would help you",
        hint="Only the disability adviser reads this.",
    )


class AnswerForm(Form):
    """The student's own answer."""

    seen = fields.seen()
    shares = fields.one(
        "May your supervisor read these words?",
        {"yes": "Yes, tell my supervisor just this", "no": "No, do not tell the organisation"},
        missing="Choose whether your supervisor may read these words",
    )


class RaiseForm(Form):
    """What may be risky for this student."""

    what = fields.long_text(
        "What may make the work risky for this student?",
        missing="Say what may make the work risky for this student",
        hint="Ask the student first. They read it, as do the safety officer and the module team; nobody else.",
    )


class RiskForm(Form):
    """What is left of it."""

    residual = fields.one("What is left of the risk?", RISKS, missing="Choose what is left of the risk", coerce=Risk)
    actions = fields.long_text("What is done about it", hint="Needed unless the risk is low.", most=2000, rows=4)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """What is more than low says what is done about it."""
        is_valid = super().validate(*args, **kwargs)
        if self.residual.data in (None, Risk.LOW):
            return is_valid
        return all_given((self.actions, "Say what is done about the risk, or choose low")) and is_valid


class OpenForm(Form):
    """A check that nobody can tell from the record."""

    kind = fields.one("What is it about?", {}, missing="Choose what it is about", coerce=GateKind)
    number = fields.text("Student number", missing="Enter the student number", most=20)
    words = fields.long_text("What it is, in a few words", missing="Say what it is")

    def offer(self, who: Principal) -> None:
        """Say what `who` looks after; a single kind is not asked for."""
        held = [OPENED[role] for role in OPENERS if who.has(role)]
        self.only = held[0][0] if len(held) == 1 else None
        if self.only:
            del self.kind
        else:
            self.kind.choices = [(kind.value, said) for kind, said in held]
