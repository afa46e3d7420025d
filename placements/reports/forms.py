"""What the reports are narrowed to."""

from collections.abc import Sequence

from wtforms import SelectChoice

from placements.people.models import Person
from placements.reports.boroughs import COUNTED
from placements.reports.expiries import KINDS, Kind
from placements.web import fields
from placements.web.lists import Filters

WITHIN = {"30": "Within 30 days", "60": "Within 60 days", "90": "Within 90 days", "over": "In the last 90 days"}


class YearFilters(Filters):
    """Which academic year."""

    year = fields.one_of_many("Academic year", {}, empty="This year")

    def __init__(self, years: Sequence[str]) -> None:
        self._years = years
        super().__init__()

    def validate(self, *args: object, **kwargs: object) -> bool:
        """Only years that there are."""
        self.year.choices = [SelectChoice("", "This year"), *(SelectChoice(year, year) for year in self._years)]
        return super().validate()


class MapFilters(Filters):
    """What the map counts."""

    what = fields.one_of_many("What is counted", COUNTED, empty="Approved organisations")


class ExpiryFilters(Filters):
    """Which of all that runs out."""

    within = fields.one_of_many("It runs out", WITHIN, empty="Within 30 days")
    kind = fields.one_of_many("What", KINDS, empty="Everything", coerce=Kind)
    owner = fields.one_of_many("Looked after by", {}, empty="Anybody")

    def __init__(self, owners: Sequence[Person]) -> None:
        self._owners = owners
        super().__init__()

    def validate(self, *args: object, **kwargs: object) -> bool:
        """Only people who look after an organisation."""
        named = (SelectChoice(person.public_id, person.name) for person in self._owners)
        self.owner.choices = [SelectChoice("", "Anybody"), *named]
        return super().validate()
