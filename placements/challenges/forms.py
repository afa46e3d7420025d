"""Forms about challenges: beginning one, writing it, and finding it in a list."""

from collections.abc import Sequence
from typing import Any

from wtforms import Field, HiddenField, SelectChoice, StringField, ValidationError

from placements.challenges.models import DAYS, Challenge, Dbs, Working, WorkMode
from placements.challenges.rules import ABOUT_THEMES, MOST_PLACES, as_days
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import THEMES, Theme
from placements.partners.models import Contact, Organisation, Site
from placements.partners.rules import BOROUGHS, postcode
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

STATES = {state: state.value.replace("_", " ").capitalize() for state in ChallengeState}
AS_THEY_ARE = (
    *("title", "need", "output", "theme", "places_min", "places_max", "working", "mode", "times", "skills"),
    *("skills_learnt", "client_group", "dbs", "pays_expenses"),
)
PLACE = {  # what is asked of an organisation's first place, and what to say where it is missing
    "place_name": "Enter what you call the place",
    "address": "Enter the address",
    "postcode": "Enter the postcode",
    "borough": "Choose a borough",
}
LEVELS = {"5": "Level 5 (second year)", "6": "Level 6 (final year)"}


def title() -> StringField:
    """What a challenge is called."""
    return fields.text(
        "What would you call it?",
        missing="Enter a title",
        most=120,
        hint="Begin with a verb if you can. For example, Map the warm spaces of Tower Hamlets.",
    )


def theme() -> Field:
    """Its lead area."""
    return fields.one(
        "Which area is it mostly about?",
        {key: f"{name}: {ABOUT_THEMES[key][0].lower()}{ABOUT_THEMES[key][1:]}" for key, name in THEMES.items()},
        missing="Choose the area that it is mostly about",
        hint="Choose the nearest. A champion for that area will help you with it.",
        coerce=Theme,
    )


def mode() -> Field:
    """How the work can be done."""
    return fields.one(
        "How can a student work on it?",
        {
            WorkMode.ON_SITE: "In person, with us",
            WorkMode.HYBRID: "Partly with us, partly from elsewhere",
            WorkMode.REMOTE: "All of it from elsewhere",
        },
        missing="Choose how a student can work on it",
        coerce=WorkMode,
    )


class StartForm(Form):
    """What makes a draft."""

    form_key = fields.form_key()
    title = title()
    theme = theme()
    mode = mode()
    academic_year = fields.one("For which academic year?", {}, missing="Choose the academic year")
    place_name = fields.text("What do you call the place?", hint="For example, Community hall. We check it once.")
    address = fields.text(
        "Address",
        most=300,
        hint="Building, street and town. Only students who are placed see it.",
        autocomplete="street-address",
    )
    postcode = fields.text("Postcode", most=10, autocomplete="postal-code")
    borough = fields.one_of_many("Borough", {name: name for name in BOROUGHS}, empty="Choose a borough")

    refusals = {"uq_challenge_form_key": (None, "This challenge is saved already. Find it in your list of challenges.")}

    def __init__(self, organisation: Organisation, years: Sequence[str], *, asks_for_place: bool) -> None:
        super().__init__(
            data={"mode": WorkMode.ON_SITE, "place_name": organisation.name, "borough": organisation.borough}
        )
        self.years = years
        if not asks_for_place:
            for name in PLACE:
                del self[name]
        if len(years) == 1:
            del self.academic_year  # nothing to ask
        else:
            self.academic_year.choices = [SelectChoice(year, year) for year in years]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Unless all of it is done from elsewhere, the place must be there."""
        is_valid = super().validate(*args, **kwargs)
        if self.mode.data is WorkMode.REMOTE or "address" not in self:
            return is_valid
        for name, sentence in PLACE.items():
            if not self[name].data:
                self[name].errors = [sentence]
                is_valid = False
        if not self.postcode.errors:
            found = postcode(self.postcode.data)
            self.postcode.errors = [] if found else ["Enter a full UK postcode, like N7 8DB"]
            self.postcode.data = found or self.postcode.data
        return is_valid and not self.postcode.errors

    def facts(self) -> dict[str, Any]:
        """The draft as begun, with its place if one was asked for."""
        given = {"academic_year": self.years[0], **self.answers()}
        place = {name: given.pop(name) for name in PLACE if name in given}
        if place and self.mode.data is not WorkMode.REMOTE:
            given["place"] = {("name" if name == "place_name" else name): said for name, said in place.items()}
        return given


class PlaceForm(Form):
    """One more place with its supervisor; or, by another button, one place less."""

    site = fields.one_of_many("Which place?", {}, empty="Not chosen yet")
    supervisor = fields.one_of_many("Who will supervise the students there?", {}, empty="Not chosen yet")

    def __init__(self, sites: Sequence[Site], contacts: Sequence[Contact], **shown: Any) -> None:
        self.sites = {each.public_id: each for each in sites}
        self.people = {each.person.public_id: each.person for each in contacts}
        super().__init__(**shown)
        self.site.choices += [SelectChoice(key, f"{each.name}, {each.postcode}") for key, each in self.sites.items()]
        self.supervisor.choices += [SelectChoice(key, each.name) for key, each in self.people.items()]


class BriefForm(PlaceForm):
    """A brief as far as it is written: only its title must be there."""

    version = HiddenField()
    title = title()
    need = fields.long_text(
        "What do you need?",
        hint="Say it as you would to a new volunteer: what is not working, for whom, and what would be better.",
        rows=6,
    )
    output = fields.long_text(
        "What will be left behind at the end?",
        hint="Something that you can go on using: a list, a guide, a plan, a set of photos, a tested idea.",
        most=1000,
        rows=3,
    )
    theme = theme()
    other_areas = fields.several(
        "Which other areas is it about?",
        THEMES,
        hint="Students who look for them find it too. Leave them all empty if there are none.",
        coerce=Theme,
    )
    levels = fields.several(
        "Which students does it suit?",
        LEVELS,
        hint="Level 6 students have written more and worked more on their own. If in doubt, tick both.",
    )
    places_min = fields.number(
        "Fewest students",
        least=1,
        most=MOST_PLACES,
        missing="Enter the fewest students",
        hint="1 unless it only works as a team.",
    )
    places_max = fields.number(
        "Most students",
        least=1,
        most=MOST_PLACES,
        missing="Enter the most students",
        hint="As many as your supervisor can look after well.",
    )
    working = fields.one(
        "Do they work on their own or in a group?",
        {
            Working.EITHER: "Either will do",
            Working.ALONE: "Each on their own",
            Working.TOGETHER: "Together, in a group",
        },
        missing="Choose how they work",
        coerce=Working,
    )
    mode = mode()
    site = fields.one_of_many("Where does it happen?", {}, empty="Not chosen yet")
    supervisor = fields.one_of_many(
        "Who will supervise the students?",
        {},
        empty="Not chosen yet",
        hint="They meet the students, agree the work, and confirm the hours each week. It takes about an hour a week.",
    )
    days = fields.several(
        "On which days?",
        dict(enumerate(DAYS)),
        hint="Leave them all empty if any day will do. Students have classes on one or two days a week.",
        coerce=int,
    )
    times = fields.text("At what times?", hint="For example, afternoons from 1pm, or two evenings a month.")
    skills = fields.long_text(
        "Which skills are welcome?", hint="Willingness is enough for most challenges.", most=500, rows=2
    )
    skills_learnt = fields.long_text(
        "What will they learn with you?", hint="What you will teach or show them.", most=500, rows=2
    )
    client_group = fields.text(
        "Who will they work with?", most=300, hint="For example, staff and volunteers; older people in a lunch club."
    )
    dbs = fields.one(
        "Does the role need a DBS check?",
        {
            Dbs.NONE: "No: they are never alone with children or adults at risk",
            Dbs.BASIC: "Basic: they handle money or confidential records",
            Dbs.ENHANCED: "Enhanced: they work closely and regularly with children or adults at risk",
        },
        missing="Choose whether the role needs a DBS check",
        hint="It is about what they will do, not about who they are. We will help you if you are not sure.",
        coerce=Dbs,
    )
    pays_expenses = fields.tick("We pay travel expenses", hint="Many students choose by this. You do not have to.")
    access_notes = fields.long_text(
        "How accessible is the place?",
        hint="Steps, lifts, toilets, quiet rooms, parking. Say what is missing too, so that nobody travels in vain.",
        most=1000,
        rows=3,
    )

    def __init__(self, challenge: Challenge, sites: Sequence[Site], contacts: Sequence[Contact]) -> None:
        super().__init__(sites, contacts, data=_shown(challenge))

    def validate_places_max(self, field: Field) -> None:
        """Not fewer than the fewest."""
        if isinstance(field.data, int) and isinstance(self.places_min.data, int) and field.data < self.places_min.data:
            raise ValidationError("Enter at least as many as the fewest students")

    def facts(self, challenge: Challenge) -> dict[str, Any]:
        """The brief as written; a supervisor not chosen stays who it was, and what is remote happens at no place."""
        given = self.answers()
        levels, person, site = given.pop("levels"), given.pop("supervisor"), given.pop("site")
        site_id = self.sites[site].id if site and given["mode"] is not WorkMode.REMOTE else None
        elsewhere = [each for each in challenge.further_sites if each.site_id != site_id]
        del given["version"]
        return {
            **given,
            "other_areas": set(given["other_areas"]) - {given["theme"]},
            "days": as_days(given["days"] or ()),
            "suits_level_5": "5" in (levels or ()),
            "suits_level_6": "6" in (levels or ()),
            "site_id": site_id,
            "further_sites": [] if given["mode"] is WorkMode.REMOTE else elsewhere,
            "supervisor_id": self.people[person].id if person else challenge.supervisor_id,
        }


def _shown(challenge: Challenge) -> dict[str, Any]:
    """The brief as the form asks for it."""
    return {
        **{name: getattr(challenge, name) for name in AS_THEY_ARE},
        "other_areas": list(challenge.other_areas),
        "access_notes": challenge.access_notes or (challenge.site.access_notes if challenge.site else ""),
        "levels": [key for key in LEVELS if challenge.suits(int(key))],
        "site": challenge.site.public_id if challenge.site else None,
        "supervisor": challenge.supervisor.public_id,
        "days": [place for place in range(len(DAYS)) if challenge.days & 1 << place],
    }


class SupervisorForm(Form):
    """Who supervises in the place of whoever has left."""

    supervisor = fields.one_of_many("Who will supervise the students?", {}, missing="Choose who will supervise")

    def __init__(self, contacts: Sequence[Contact]) -> None:
        self.people = {each.person.public_id: each.person for each in contacts}
        super().__init__()
        self.supervisor.choices += [SelectChoice(key, each.name) for key, each in self.people.items()]


class VersionsAsked(Filters):
    """Which two versions are compared."""

    old = fields.one_of_many("Compare", {}, empty="As it was last sent")
    new = fields.one_of_many("with", {}, empty="The latest")

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__()
        for field in (self.old, self.new):
            field.choices += [SelectChoice(str(number), f"Version {number}") for number in numbers]


class Known(HiddenField):
    """Something that a link asks for by its key; `choices` has its name, for the tag that takes it away."""

    choices: Sequence[SelectChoice] = ()


class ChallengeFilters(Filters):
    """Above the list of those who post, review and oversee."""

    text = fields.text("Search", most=100)
    state = fields.one_of_many("State", STATES, empty="Any state", coerce=ChallengeState)
    theme = fields.one_of_many("Area", THEMES, empty="Any area", coerce=Theme)
    organisation = Known("Organisation")
