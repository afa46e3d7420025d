"""What somebody chooses about their mail, and the filters above what was sent."""

from collections.abc import Sequence
from typing import Any

from wtforms import SelectChoice

from placements.correspondence.rules import FATES, Fate, Kind, say_hour
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters


class ChoicesForm(Form):
    """When the day's mail comes, and what of it does not."""

    hour = fields.one("When should your day’s mail come?", {}, missing="Choose when your mail comes", coerce=int)
    muted = fields.several("Which of these do you not want?", {}, hint="Tick what should not come any more.")
    seen = fields.seen()

    def offer(self, hours: Sequence[int], kinds: Sequence[Kind], chosen: int) -> None:
        """The hours, and those of the kinds that may be muted; as they are chosen now, where nothing was posted."""
        self.chosen, self.kinds = chosen, [each for each in kinds if each.may_mute]
        self.always = [each for each in kinds if not each.may_mute]
        self.hour.choices = [SelectChoice(str(each), f"About {say_hour(each)}") for each in hours]
        self.muted.choices = [SelectChoice(each.name, each.title) for each in self.kinds]
        if not self.is_submitted():
            self.hour.data = chosen
            self.muted.data = [each.name for each in self.kinds if each.is_muted]

    @property
    def chosen_said(self) -> str:
        """The hour that holds now."""
        return say_hour(self.chosen)


class LogFilters(Filters):
    """Above what was sent to somebody; by what it was about where its reader may know that."""

    kind = fields.one_of_many("What it was about", {}, empty="Everything")
    fate = fields.one_of_many("Status", FATES, empty="Any", coerce=Fate)

    def __init__(self, kinds: Sequence[Kind] | None) -> None:
        self.kinds = kinds
        super().__init__()

    def validate(self, *args: Any, **given: Any) -> bool:
        """Offers the kinds first, since what is not offered filters nothing."""
        if self.kinds is None:
            del self.kind
        else:
            choices = [SelectChoice(each.name, each.title) for each in self.kinds]
            self.kind.choices = [self.kind.choices[0], *choices]
        return super().validate(*args, **given)
