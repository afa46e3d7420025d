"""A file to be checked."""

from placements.web import fields
from placements.web.forms import Form

MISSING = "Choose the PDF that you want checked"


class CheckForm(Form):
    """It is looked at and not kept."""

    file = fields.file("The PDF", hint="As you got it. We look at it and do not keep it.", accept=".pdf")
