"""The files of one's own draft."""

from typing import Any

from placements.drafting import queries
from placements.drafting.models import DraftFile
from placements.files.serving import send
from placements.web.area import Area

drafting = Area("drafting", __name__)


@drafting.get("/draft-files/<public_id>", can="drafting.download", of=queries.own_file)
def download(file: DraftFile) -> Any:
    """A file as it was uploaded, and would be handed in."""
    return send(file.file)
