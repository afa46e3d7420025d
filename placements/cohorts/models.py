"""One running of the module: its dates and hours, its timeslot groups, who is enrolled, who does what in it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, String, UniqueConstraint, and_, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.cohorts.dates import usual_placed_by
from placements.cohorts.rules import (
    AGREE_WITHIN,
    BORDERLINE,
    FEEDBACK_WEEKS,
    POINTS,
    ComponentKind,
    MarkedBy,
    ModerationKind,
    Scale,
    Shortfall,
)
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.db import Dated, Key, Model, check_one_of, one_of, partial_index, public_id
from placements.files.models import UploadedSheet
from placements.people.models import Person


class Theme(enum.StrEnum):
    """The six challenge areas."""

    CRIME = "crime"
    POVERTY = "poverty"
    ENVIRONMENT = "environment"
    SOCIAL_WEALTH = "social_wealth"
    DISCRIMINATION = "discrimination"
    HEALTH = "health"


THEMES = {
    Theme.CRIME: "Crime",
    Theme.POVERTY: "Poverty and deprivation",
    Theme.ENVIRONMENT: "The environment",
    Theme.SOCIAL_WEALTH: "Social wealth",
    Theme.DISCRIMINATION: "Discrimination",
    Theme.HEALTH: "Health improvement",
}


class RunRole(enum.StrEnum):
    """What a member of staff does in one run. A champion's is for one theme."""

    LEADER = "leader"
    TUTOR = "tutor"
    MODERATOR = "moderator"
    CHAMPION = "champion"
    EXTERNAL = "external"


RUN_ROLES = {
    RunRole.LEADER: "Module leader",
    RunRole.TUTOR: "Tutor",
    RunRole.MODERATOR: "Moderator",
    RunRole.CHAMPION: "Challenge Champion",
    RunRole.EXTERNAL: "External examiner",
}


class ModuleRun(Dated, Model):
    """Minutes for hours; every deadline is an instant. A date that is not yet fixed is None."""

    __tablename__ = "module_run"
    __table_args__ = (
        UniqueConstraint("code", "academic_year", "period"),
        check_one_of("state", RunState),
        check_one_of("shortfall", Shortfall),
        CheckConstraint("level IN (5, 6)", name="level_known"),
        CheckConstraint("0 < minutes_minimum", name="minutes_positive"),
        CheckConstraint(
            "minutes_minimum <= minutes_target AND minutes_target <= minutes_ceiling", name="minutes_in_order"
        ),
    )
    DATES = (
        "teaching_starts_on",
        "ranking_opens_at",
        "ranking_closes_at",
        "offers_due_at",
        "placements_start_on",
        "placements_end_on",
        "placed_by_on",
        "board_on",
        "reassessment_due_at",
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    code: Mapped[str] = mapped_column(String(10))
    academic_year: Mapped[str] = mapped_column(String(7))  # “2026/27”
    period: Mapped[str] = mapped_column(String(20), default="YEAR")
    level: Mapped[int]
    state: Mapped[RunState] = one_of(RunState, default=RunState.PLANNED)
    minutes_target: Mapped[int] = mapped_column(default=45 * 60)
    minutes_minimum: Mapped[int] = mapped_column(default=40 * 60)
    minutes_ceiling: Mapped[int] = mapped_column(default=70 * 60)
    shortfall: Mapped[Shortfall] = one_of(Shortfall, default=Shortfall.REPORTED)
    teaching_starts_on: Mapped[date]
    ranking_opens_at: Mapped[datetime]
    ranking_closes_at: Mapped[datetime]
    offers_due_at: Mapped[datetime | None]
    placements_start_on: Mapped[date]
    placements_end_on: Mapped[date]
    placed_by_on: Mapped[date | None]  # None: the usual day after the closing of choices, see `placed_by`
    board_on: Mapped[date | None]
    reassessment_due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    groups: Mapped[list[TimeslotGroup]] = relationship(back_populates="run", order_by="TimeslotGroup.occurrence")
    components: Mapped[list[Component]] = relationship(back_populates="run", order_by="Component.id")
    checkpoints: Mapped[list[Checkpoint]] = relationship(back_populates="run", order_by="Checkpoint.id")

    @property
    def title(self) -> str:
        """“WL6W50 2026/27”."""
        return f"{self.code} {self.academic_year}"

    @property
    def placed_by(self) -> date:
        """The day by which every student has a place, or something agreed instead."""
        return self.placed_by_on or usual_placed_by(self.ranking_closes_at)


class TimeslotGroup(Model):
    """When a part of the run meets, and the tutor that its students have from enrolment on."""

    __tablename__ = "timeslot_group"
    __table_args__ = (UniqueConstraint("run_id", "occurrence"), Index(None, "tutor_id"))

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    occurrence: Mapped[str] = mapped_column(String(10))  # as the student record system names it
    name: Mapped[str] = mapped_column(String(100))  # “Wednesday afternoon”
    tutor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    run: Mapped[ModuleRun] = relationship(back_populates="groups")
    tutor: Mapped[Person | None] = relationship()


class RoleOnRun(Model):
    """A member of staff's role in one run. An external examiner's is one until the end of `until_on`."""

    __tablename__ = "role_on_run"
    __table_args__ = (
        UniqueConstraint("run_id", "person_id", "role", "theme"),
        check_one_of("role", RunRole),
        check_one_of("theme", Theme),
        CheckConstraint("(role = 'champion') = (theme IS NOT NULL)", name="champions_have_a_theme"),
        CheckConstraint("(role = 'external') = (until_on IS NOT NULL)", name="externals_have_an_end"),
        partial_index("uq_role_on_run_once", "run_id", "person_id", "role", where="theme IS NULL", unique=True),
        Index(None, "person_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[RunRole] = one_of(RunRole)
    theme: Mapped[Theme | None] = one_of(Theme)
    until_on: Mapped[date | None]

    run: Mapped[ModuleRun] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def title(self) -> str:
        """“Tutor”; “Challenge Champion, Crime”."""
        return f"{RUN_ROLES[self.role]}, {THEMES[self.theme]}" if self.theme else RUN_ROLES[self.role]

    @classmethod
    def lasts(cls, on: date) -> ColumnElement[bool]:
        """Those that are roles on that day."""
        return or_(cls.until_on.is_(None), cls.until_on >= on)

    @classmethod
    def leads(cls, run_id: object) -> ColumnElement[bool]:
        """Those of the module leaders of that run, or of a column of runs."""
        return and_(cls.run_id == run_id, cls.role == RunRole.LEADER)


class Enrolment(Model):
    """A student on a run. Hours, target and outcome belong here, summed over its placements."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("run_id", "person_id"),
        check_one_of("state", EnrolmentState),
        Index(None, "person_id"),
        Index(None, "group_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("timeslot_group.id"))
    state: Mapped[EnrolmentState] = one_of(EnrolmentState, default=EnrolmentState.REGISTERED)
    course_code: Mapped[str] = mapped_column(String(20))
    course_title: Mapped[str] = mapped_column(String(200))
    mode: Mapped[str] = mapped_column(String(40))  # full time, part time: as the student record system says
    is_visa_sponsored: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    run: Mapped[ModuleRun] = relationship()
    person: Mapped[Person] = relationship()
    group: Mapped[TimeslotGroup] = relationship()


class TutorCover(Model):
    """Who holds what a tutor of the run holds while they are away, first and last day included; it ends by itself."""

    __tablename__ = "tutor_cover"
    __table_args__ = (
        CheckConstraint("from_on <= to_on", name="days_in_order"),
        Index(None, "run_id", "tutor_id"),
        Index(None, "cover_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    tutor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    cover_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # the tutor was back sooner

    run: Mapped[ModuleRun] = relationship()
    tutor: Mapped[Person] = relationship(foreign_keys=[tutor_id])
    cover: Mapped[Person] = relationship(foreign_keys=[cover_id])

    @classmethod
    def lasts(cls, on: date) -> ColumnElement[bool]:
        """Those that last on that day."""
        return and_(cls.from_on <= on, cls.to_on >= on, cls.ended_at.is_(None))


class RosterImport(UploadedSheet, Model):
    """An uploaded roster."""

    __tablename__ = "roster_import"


class Component(Dated, Model):
    """A part of the run's assessment. The weights of a run sum to 100; a 0 % component is still required.

    Once something was judged by its rules and rubric they are locked: they stay as they are.
    """

    __tablename__ = "component"
    __table_args__ = (
        UniqueConstraint("run_id", "kind"),
        check_one_of("kind", ComponentKind),
        CheckConstraint("weight BETWEEN 0 AND 100", name="weight_in_range"),
        CheckConstraint(
            "qualifying_mark IS NULL OR qualifying_mark BETWEEN 0 AND 100", name="qualifying_mark_in_range"
        ),
        check_one_of("marked_by", MarkedBy),
        check_one_of("scale", Scale),
        CheckConstraint("agree_within BETWEEN 0 AND 100", name="agree_within_in_range"),
        CheckConstraint("feedback_weeks BETWEEN 1 AND 52", name="feedback_weeks_in_range"),
        CheckConstraint("days_after_placing BETWEEN 1 AND 365", name="days_after_placing_in_range"),
    )
    DATES = ("due_at", "feedback_weeks")

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    kind: Mapped[ComponentKind] = one_of(ComponentKind)
    title: Mapped[str] = mapped_column(String(200))
    weight: Mapped[int]
    qualifying_mark: Mapped[int | None]
    due_at: Mapped[datetime | None]  # None: hangs on the person's own placing
    days_after_placing: Mapped[int | None]  # of a student, at 15:00: their own deadline where `due_at` is None
    late_policy: Mapped[dict[str, object]] = mapped_column(JSON, default=lambda: {"kind": "not_accepted"})
    marked_by: Mapped[MarkedBy] = one_of(MarkedBy, default=MarkedBy.TUTOR)
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    is_double_marked: Mapped[bool] = mapped_column(default=False)
    agree_within: Mapped[int] = mapped_column(default=AGREE_WITHIN)
    feedback_weeks: Mapped[int] = mapped_column(default=FEEDBACK_WEEKS)
    moderation: Mapped[dict[str, object]] = mapped_column(
        JSON, default=lambda: {"kind": ModerationKind.SAMPLE.value, "within": BORDERLINE}
    )
    scale: Mapped[Scale] = one_of(Scale, default=Scale.NUMERIC)
    points: Mapped[list[int]] = mapped_column(JSON, default=lambda: list(POINTS))  # what a scale by points offers
    locked_at: Mapped[datetime | None]

    run: Mapped[ModuleRun] = relationship(back_populates="components")
    criteria: Mapped[list[Criterion]] = relationship(order_by="Criterion.position", back_populates="component")

    @property
    def borderline(self) -> int:
        """How near to the edge of a band a mark is moderated with the sample: as usual where it was never said."""
        said = self.moderation.get("within", BORDERLINE)
        return said if isinstance(said, int) else BORDERLINE

    @property
    def fixed_marks(self) -> Sequence[int]:
        """The marks that a score is one of; none where it is any from 0 to 100."""
        return self.points if self.scale is Scale.POINTS else ()


class Criterion(Model):
    """One line of a component's rubric. The weights of a component sum to 100; `bands` describes each band."""

    __tablename__ = "criterion"
    __table_args__ = (
        UniqueConstraint("component_id", "position"),
        CheckConstraint("weight BETWEEN 1 AND 100", name="weight_in_range"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    weight: Mapped[int]
    is_about_logbook: Mapped[bool] = mapped_column(default=False)
    bands: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # “70” → what work of that band shows

    component: Mapped[Component] = relationship(back_populates="criteria")


class Checkpoint(Dated, Model):
    """When the logbooks of a run are graded: on the way, which never counts; the final one is part of the mark."""

    __tablename__ = "checkpoint"
    __table_args__ = (
        UniqueConstraint("run_id", "title"),
        partial_index("uq_checkpoint_final", "run_id", where="is_final", unique=True),
    )
    DATES = ("due_on",)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    title: Mapped[str] = mapped_column(String(40))  # “Mid-point”
    due_on: Mapped[date | None]
    is_final: Mapped[bool] = mapped_column(default=False)

    run: Mapped[ModuleRun] = relationship(back_populates="checkpoints")


class ClosedDay(Model):
    """A day that is no working day although it is a weekday: a bank holiday, or the university is closed."""

    __tablename__ = "closed_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))  # “Good Friday”

    @property
    def id(self) -> int:
        """What its history knows it by."""
        return self.day.toordinal()
