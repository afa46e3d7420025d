"""A form with a deadline: a London date and time."""

from datetime import datetime
from typing import Any

from wtforms import ValidationError

from placements.core.clock import exists_in_london, in_london, london
from placements.web import fields
from placements.web.forms import Form


class DeadlineForm(Form):
    """Until when somebody can answer: `usual` is what stands there at first, like whatever else is `said`."""

    deadline_on = fields.day("Last day to answer", missing="Enter the last day to answer")
    deadline_time = fields.time_of_day("Time on that day", missing="Enter the time on that day")

    def __init__(self, usual: datetime, **said: Any) -> None:
        at = london(usual)
        super().__init__(deadline_on=at.date(), deadline_time=at.time(), **said)

    def validate_deadline_time(self, field: Any) -> None:
        """The clocks jump over one hour a year."""
        if field.data and self.deadline_on.data and not exists_in_london(self.deadline_on.data, field.data):
            raise ValidationError("The clocks go forward that night. Enter another time")

    @property
    def deadline(self) -> datetime:
        """The instant that was entered."""
        return in_london(self.deadline_on.data, self.deadline_time.data)
