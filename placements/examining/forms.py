"""What an external examiner types."""

from placements.web import fields
from placements.web.forms import Form


class AskForm(Form):
    """A script outside the sample."""

    why = fields.long_text("Why do you want to read it? (optional)", most=1000, hint="The module leader sees it.")
