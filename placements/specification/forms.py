"""What leaders type of how a run is assessed: weights, how a component is marked, its criteria and their bands."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Self

from wtforms import HiddenField
from wtforms.validators import Length

from placements.cohorts.models import Component, ComponentKind, Criterion, ModuleRun
from placements.cohorts.rules import MarkedBy, ModerationKind, Scale, Shortfall
from placements.specification import rules
from placements.specification.queries import (
    Settings,
    seen_bands,
    seen_rubric,
    seen_settings,
    settings_of,
    takes_logbook,
)
from placements.specification.rules import BAND_NAMES, BANDS, LATE_KINDS, SHOWS_LENGTH, TITLE_LENGTH, Late, Line
from placements.web import fields
from placements.web.forms import Form

NEW = 2  # empty criteria that the editor offers
MARKED_BY = {
    MarkedBy.TUTOR: "Each student’s own tutor",
    MarkedBy.SHARED: "The run’s markers, who share the scripts between them",
}
MODERATION = {
    ModerationKind.SAMPLE: "A sample: every fail, every borderline mark, and some of the others",
    ModerationKind.ALL: "Everything that was marked",
    ModerationKind.NONE: "Nothing: no moderator looks at this",
}
SCALES = {
    Scale.NUMERIC: "Any whole mark from 0 to 100",
    Scale.POINTS: "One of a few fixed marks in each band",
}
SHORTFALLS = {
    Shortfall.REPORTED: "It is reported to the board, and changes no mark",
    Shortfall.CAPPED: "The module mark is capped at 40",
    Shortfall.DEFERRED: "The result is deferred until the hours are done",
}


class WeightsForm(Form):
    """What each component counts towards the module mark."""

    agreement = fields.number("Challenge Agreement, per cent", least=0, most=100, missing="Enter its weight")
    feedback = fields.number(
        "Supervisor feedback, per cent",
        least=0,
        most=100,
        missing="Enter its weight",
        hint="Stays 0: what a supervisor says never moves the mark",
    )
    portfolio = fields.number("Portfolio, per cent", least=0, most=100, missing="Enter its weight")

    def weights(self) -> dict[ComponentKind, int]:
        """What was entered."""
        return {kind: self[kind.value].data for kind in ComponentKind}


class ShortfallForm(Form):
    """What too few confirmed hours do."""

    shortfall = fields.one(
        "What do too few confirmed hours do to the result?",
        SHORTFALLS,
        missing="Choose what they do",
        coerce=Shortfall,
    )

    @classmethod
    def of(cls, run: ModuleRun) -> Self:
        """Filled with what holds."""
        return cls(data={"shortfall": run.shortfall})


class DeadlineForm(Form):
    """How long after being placed the Challenge Agreement is due."""

    days = fields.number(
        "Days after a student is placed",
        least=1,
        most=365,
        missing="Enter the number of days",
        hint="Each student’s own deadline is 3pm on that day",
    )


class TitleForm(Form):
    """What can be said of a supervisor's feedback, which nobody marks."""

    seen = fields.seen()
    title = fields.text("Title", missing="Give the component a title", most=TITLE_LENGTH)

    @classmethod
    def of(cls, component: Component) -> Self:
        """Filled with what is saved."""
        return cls(data={"seen": seen_settings(component), **_typed(settings_of(component))})

    def settings(self, before: Settings) -> Settings:
        """What was entered, over what there was before."""
        return replace(before, title=self.title.data, marked_by=MarkedBy.SUPERVISOR)


class SettingsForm(TitleForm):
    """How a component is marked."""

    qualifying_mark = fields.number(
        "Qualifying mark (optional)",
        least=1,
        most=100,
        hint="The least mark needed in this component to pass the module. Left empty, the module mark alone decides",
    )
    late_kind = fields.one("What happens to late work?", LATE_KINDS, missing="Choose what happens to late work")
    late_days = fields.number(
        "Days after the deadline on which it is still marked",
        least=1,
        most=rules.MOST_DAYS_LATE,
        hint="Needed where late work is marked. A day begun counts whole; what comes later counts as not handed in",
    )
    late_cap = fields.number(
        "The most it can get", least=0, most=100, hint="Needed where it gets at most a fixed mark: 40 is usual"
    )
    late_points_per_day = fields.number(
        "Marks lost for each day begun", least=1, most=100, hint="Needed where it loses marks each day: 5 is usual"
    )
    marked_by = fields.one("Who marks it?", MARKED_BY, missing="Choose who marks it", coerce=MarkedBy)
    is_anonymous = fields.tick(
        "Markers do not see students’ names. A logbook shows who wrote it, so this seldom fits a portfolio"
    )
    is_double_marked = fields.tick("Two people mark each script, and neither sees the other’s mark before both are in")
    agree_within = fields.number(
        "Two marks agree when they lie at most this far apart",
        least=0,
        most=100,
        missing="Enter how far apart two marks may lie",
        hint="For double marking. Two marks in different bands never agree by themselves",
    )
    scale = fields.one("How is a mark given?", SCALES, missing="Choose how a mark is given", coerce=Scale)
    points = fields.text("The fixed marks", most=500, hint="With commas between them, at least one in each band")
    moderation = fields.one(
        "What does a moderator look at?", MODERATION, missing="Choose what a moderator looks at", coerce=ModerationKind
    )
    borderline = fields.number(
        "A mark is borderline this near to the edge of a band",
        least=0,
        most=9,
        missing="Enter how near",
        hint="For the sample: with 2, marks of 38 to 42 and of 68 to 72, and so on",
    )
    feedback_weeks = fields.number(
        "Weeks until mark and feedback are due",
        least=1,
        most=52,
        missing="Enter the number of weeks",
        hint="From each student’s own deadline",
    )

    def settings(self, before: Settings) -> Settings:
        """What was entered. Fixed marks that are none stand as no marks at all, which the action refuses."""
        return Settings(
            title=self.title.data,
            qualifying_mark=self.qualifying_mark.data,
            late=self._late(),
            marked_by=self.marked_by.data,
            is_anonymous=self.is_anonymous.data,
            is_double_marked=self.is_double_marked.data,
            agree_within=self.agree_within.data,
            feedback_weeks=self.feedback_weeks.data,
            moderation=self.moderation.data.value,
            borderline=self.borderline.data,
            scale=self.scale.data,
            points=tuple(rules.read_points(self.points.data or "") or ()),
        )

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Each field by itself, then what the chosen kind of late work needs, and whether every band has a mark."""
        super().validate(*args, **kwargs)
        said = {f"late_{name}": said for name, said in self._late().problems().items()} if self.late_kind.data else {}
        if sentence := rules.points_problem(rules.read_points(self.points.data or "")):
            said["points"] = sentence
        for name, sentence in said.items():
            if not self[name].errors:
                self[name].errors = [sentence]
        return not self.errors

    def _late(self) -> Late:
        typed = Late(self.late_kind.data, self.late_days.data, self.late_cap.data, self.late_points_per_day.data)
        return typed if typed.problems() else Late(**typed.kept())


def settings_form(component: Component) -> TitleForm:
    """The form for a component, filled with what is saved."""
    return (TitleForm if component.kind is ComponentKind.FEEDBACK else SettingsForm).of(component)


def _typed(settings: Settings) -> dict[str, Any]:
    late = settings.late
    return {
        **vars(settings),
        "late_kind": late.kind,
        "late_days": late.days,
        "late_cap": rules.USUAL_CAP if late.cap is None and late.kind == "not_accepted" else late.cap,
        "late_points_per_day": late.points_per_day,
        "moderation": ModerationKind(settings.moderation),
        "points": ", ".join(map(str, settings.points)),
    }


class RubricForm(Form):
    """Each criterion's title, weight and place; and a few new ones. Fields are named by the place, from 1."""

    refusals = {
        "uq_criterion_component_id_position": (None, "Somebody else is changing this rubric. Open the page again.")
    }

    seen = fields.seen()
    component: Component

    @property
    def places(self) -> range:
        """Those of the criteria that are there."""
        return range(1, len(self.component.criteria) + 1)

    @property
    def new_places(self) -> range:
        """Those of the new ones."""
        return range(len(self.component.criteria) + 1, len(self.component.criteria) + 1 + NEW)

    def wanted(self) -> list[tuple[Criterion | None, Line]]:
        """Every criterion as it is wanted, in order; a new one without a title is none."""
        found = [*self._kept(), *self._new()]
        return [pair for _, pair in sorted(found, key=lambda each: each[0])]

    def _kept(self) -> Iterator[tuple[tuple[int, int], tuple[Criterion | None, Line]]]:
        for place, criterion in zip(self.places, self.component.criteria, strict=True):
            if not self[f"remove_{place}"].data:
                yield self._at(place), (criterion, self._line(place, criterion.bands))

    def _new(self) -> Iterator[tuple[tuple[int, int], tuple[Criterion | None, Line]]]:
        for place in self.new_places:
            if self[f"title_{place}"].data:
                yield self._at(place), (None, self._line(place, {}))

    def _at(self, place: int) -> tuple[int, int]:
        wanted = self[f"place_{place}"].data
        return (wanted if wanted is not None else place, place)

    def _line(self, place: int, bands: Mapping[str, str]) -> Line:
        about = f"is_about_logbook_{place}"
        is_about = bool(self[about].data) if about in self else False
        return Line(
            rules.tidy(self[f"title_{place}"].data or ""), self[f"weight_{place}"].data or 0, is_about, dict(bands)
        )

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Each field by itself; then the whole, said at the field that was typed."""
        if not super().validate(*args, **kwargs):
            return False
        typed_at = self._typed_at()
        lines = [line for _, line in self.wanted()]
        for at, name, sentence in rules.rubric_problems(lines, takes_logbook=takes_logbook(self.component)):
            field = f"{name}_{typed_at[at]}" if at < len(typed_at) else ""
            (self[field].errors if field in self else self.form_errors).append(sentence)
        return not self.errors

    def _typed_at(self) -> list[int]:
        """Where each line of `wanted` was typed."""
        kept = [place for place in self.places if not self[f"remove_{place}"].data]
        new = [place for place in self.new_places if self[f"title_{place}"].data]
        return sorted([*kept, *new], key=self._at)


def rubric_form(component: Component) -> RubricForm:
    """The editor of a component's criteria, filled with them."""
    parts: dict[str, Any] = {"component": component}
    saved: dict[str, Any] = {"seen": seen_rubric(component)}
    count = len(component.criteria)
    for place in range(1, count + 1 + NEW):
        is_there = place <= count
        called = f"criterion {place}" if is_there else "the new criterion"
        parts[f"title_{place}"] = fields.text(
            "Title", missing=f"Enter the title of {called}" if is_there else None, most=TITLE_LENGTH
        )
        parts[f"weight_{place}"] = fields.number(
            "Weight, per cent", least=1, most=100, missing=f"Enter the weight of {called}" if is_there else None
        )
        parts[f"place_{place}"] = fields.number("Place in the rubric", least=1, most=rules.MOST_CRITERIA + NEW)
        if takes_logbook(component):
            parts[f"is_about_logbook_{place}"] = fields.tick("It is about the logbook")
        if is_there:
            parts[f"remove_{place}"] = fields.tick("Take this criterion out")
    for place, each in enumerate(component.criteria, 1):
        saved |= {f"title_{place}": each.title, f"weight_{place}": each.weight, f"place_{place}": place}
        saved[f"is_about_logbook_{place}"] = each.is_about_logbook
    made: RubricForm = type("RubricForm", (RubricForm,), parts)(data=saved)
    return made


class BandsForm(Form):
    """What work of each band shows, for one criterion."""

    seen = fields.seen()

    def bands(self) -> dict[str, str]:
        """What was entered, by the lowest mark of the band."""
        return {band: self[f"band_{band}"].data or "" for band in BANDS}


def bands_form(criterion: Criterion) -> BandsForm:
    """The editor of a criterion's bands, filled with them."""
    parts = {f"band_{band}": fields.long_text(BAND_NAMES[band], most=SHOWS_LENGTH, rows=3) for band in BANDS}
    saved = {f"band_{band}": criterion.bands.get(band, "") for band in BANDS}
    made: BandsForm = type("BandsForm", (BandsForm,), parts)(data={"seen": seen_bands(criterion), **saved})
    return made


class ImportForm(Form):
    """A rubric's file, or a preset; and, once it was looked at, the rubric that was read from it."""

    file = fields.file("Rubric", hint="A CSV file, as the download makes it", accept=".csv,text/csv")
    sheet = HiddenField(validators=[Length(max=200_000)])
    seen = fields.seen()

    def keep(self, sheet: str, seen: str) -> None:
        """Carry what was read to the button that applies it."""
        self.sheet.data, self.seen.data = sheet, seen
