"""Forms of proposals: what a student says of a place, and what staff find, ask and decide."""

from collections.abc import Sequence
from typing import Any

from wtforms import Field, SelectChoice, ValidationError

from placements.challenges.models import MODES, WorkMode
from placements.cohorts.models import THEMES, Theme
from placements.partners.models import TYPES, Organisation, OrganisationType
from placements.partners.rules import BOROUGHS, postcode
from placements.proposals import rules
from placements.proposals.models import Proposal
from placements.proposals.rules import MEANS, MOST_LEAD, TIES, Means, Tie
from placements.proposals.workflow import ProposalState
from placements.web import fields
from placements.web.forms import Form, all_given
from placements.web.lists import Filters

NEW = "new"
STATES = {
    ProposalState.PROPOSED: "Being checked",
    ProposalState.MORE_ASKED: "More asked",
    ProposalState.ORGANISATION_CHECKED: "Ready to decide",
    ProposalState.APPROVED: "Approved",
    ProposalState.REFUSED: "Refused",
    ProposalState.WITHDRAWN: "Withdrawn",
}
FACTS = (  # what a proposal keeps of what is typed
    *("organisation_name", "organisation_about", "mode", "address", "postcode", "borough", "supervisor_name"),
    *("supervisor_email", "title", "need", "theme", "times", "tie", "tied_to", "duties_now", "duties_differ"),
)
ONLY_THEY = "Only your tutor and your module leader read this."


class PlaceForm(Form):
    """All that a student says of the place."""

    organisation_name = fields.text("Name of the organisation", missing="Enter the name of the organisation")
    organisation_about = fields.long_text(
        "What it does", missing="Enter what the organisation does", most=2000, rows=3, hint="Two or three sentences."
    )
    mode = fields.one("How you would work", MODES, missing="Choose how you would work", coerce=WorkMode)
    address = fields.text(
        "Address", missing="Enter the address", most=300, hint="Where you would work; or, if remote, where they are."
    )
    postcode = fields.text("Postcode", missing="Enter the postcode", most=10, hint="For example, N7 8DB")
    borough = fields.one_of_many(
        "Borough", {name: name for name in BOROUGHS}, missing="Choose a borough", empty="Choose a borough"
    )
    supervisor_name = fields.text("Their name", missing="Enter the name of the person who would supervise you")
    supervisor_email = fields.email(
        "Their work email address",
        missing="Enter their work email address",
        hint="We do not write to it before we have checked with the organisation that it is theirs.",
    )
    title = fields.text(
        "In a few words, what you would do",
        missing="Enter in a few words what you would do",
        most=120,
        hint="For example, A befriending rota that volunteers keep themselves",
    )
    need = fields.long_text(
        "What the organisation needs, and what you would do about it",
        missing="Enter what the organisation needs, and what you would do",
        counts=True,
        most=3000,
    )
    theme = fields.one_of_many("Challenge area", THEMES, missing="Choose the area that it is about", coerce=Theme)
    times = fields.text("Days and times", most=200, hint="If you know them. For example, Wednesdays from 1pm to 5pm")
    tie = fields.one("Which of these is true of you?", TIES, missing="Choose which is true of you", coerce=Tie)
    tied_to = fields.text(
        "Who is your line manager, or the person you are close to?",
        hint=f"They cannot be your supervisor on the placement. {ONLY_THEY}",
    )
    duties_now = fields.long_text(
        "What do you do there now?", most=2000, rows=3, hint=f"If you work or volunteer there. {ONLY_THEY}"
    )
    duties_differ = fields.long_text(
        "How would the placement differ from that?",
        most=2000,
        rows=3,
        hint=f"If you work or volunteer there: other duties than those you have. {ONLY_THEY}",
    )

    def __init__(self, own_email: str, **shown: Any) -> None:
        self._own_email = own_email
        super().__init__(**shown)

    def validate_postcode(self, field: Field) -> None:
        """As the post writes it."""
        found = postcode(field.data or "")
        if found is None:
            raise ValidationError("Enter a full UK postcode, like N7 8DB")
        field.data = found

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Each answer by itself, then what has to be said of a tie."""
        is_valid = super().validate(*args, **kwargs)
        if self.tie.data is not None and not self.tie.errors:
            for name, sentence in rules.problems(self._ties()).items():
                if not self[name].errors:
                    self[name].errors = [sentence]
                    is_valid = False
        return is_valid

    def _ties(self) -> rules.Ties:
        said = {name: self[name].data or "" for name in ("tied_to", "duties_now", "duties_differ")}
        supervisor = {name: self[name].data or "" for name in ("supervisor_name", "supervisor_email")}
        return rules.Ties(tie=self.tie.data, own_email=self._own_email, **said, **supervisor)

    def facts(self) -> dict[str, Any]:
        """What the proposal keeps."""
        return {name: self[name].data or "" for name in FACTS}


class ProposeForm(PlaceForm):
    """A new proposal."""

    refusals = {"uq_proposal_form_key": (None, "You have proposed this place already.")}

    form_key = fields.form_key()
    is_agreed = fields.tick(
        "If it is approved, this is my placement: I take no other place",
        missing="Tick the box if you would take this place",
    )


class AnswerForm(PlaceForm):
    """The same as it stands, to be corrected, with an answer to what was asked."""

    answer = fields.long_text("Your answer", missing="Enter your answer", most=2000)

    def __init__(self, proposal: Proposal) -> None:
        data = {name: getattr(proposal, name) for name in FACTS}
        super().__init__(proposal.enrolment.person.email, data=data)


class QuestionForm(Form):
    """What staff ask."""

    question = fields.long_text("What do you need to know?", missing="Enter what you need to know", most=2000)


class OrganisationForm(Form):
    """One that we know, or a new one."""

    form_key = fields.form_key()
    match = fields.one("Which organisation is this?", {}, missing="Choose which organisation this is")
    name = fields.text("Name of the organisation", most=200, hint="As its register or its website writes it.")
    type = fields.one_of_many("What kind of organisation it is", TYPES, coerce=OrganisationType)

    def __init__(self, proposal: Proposal, likely: Sequence[Organisation]) -> None:
        super().__init__(data={"name": proposal.organisation_name, "match": None if likely else NEW})
        self.likely = {each.public_id: each for each in likely}
        known = [SelectChoice(key, f"{each.name}, {each.borough}: we know it") for key, each in self.likely.items()]
        self.match.choices = [*known, SelectChoice(NEW, "A new organisation")]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """What a new organisation needs, only where it is new."""
        is_valid = super().validate(*args, **kwargs)
        is_whole = self.match.data != NEW or all_given(
            (self.name, "Enter the name of the organisation"),
            (self.type, "Choose what kind of organisation it is"),
        )
        return is_valid and is_whole


class VerifyForm(Form):
    """How staff know that the supervisor's address is theirs."""

    means = fields.one("How did you reach the organisation?", MEANS, missing="Choose how you reached it", coerce=Means)
    email = fields.email(
        "The address that the organisation gave you for the supervisor",
        missing="Enter the address that the organisation gave you",
        hint="This one is used from now on, also where the student wrote another.",
    )
    how = fields.long_text(
        "Whom did you ask, and what did they say?",
        missing="Enter whom you asked, and what they said",
        most=500,
        rows=3,
        hint="A sentence. Only the engagement team and the module leader read it.",
    )


class DecideForm(Form):
    """That one has read what follows."""


class RefuseForm(Form):
    """Why it cannot be."""

    reason = fields.long_text(
        "Why can it not be approved?",
        missing="Enter why it cannot be approved",
        most=1000,
        rows=4,
        hint="The student reads it. Say what could be done instead.",
    )


class LeadForm(Form):
    """Until when students may propose."""

    working_days = fields.number(
        "Working days before choices close",
        least=0,
        most=MOST_LEAD,
        missing="Enter a number of working days",
        hint="Enough to check an organisation that we do not know. Most runs keep 10.",
    )


class ProposalFilters(Filters):
    """Above the list of proposals."""

    state = fields.one_of_many("State", STATES, empty="Any state", coerce=ProposalState)
