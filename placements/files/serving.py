"""Sending a stored file. No route is here: the area that owns the file sends it, behind its own ability."""

from flask import Response, send_file

from placements.files.models import StoredFile
from placements.files.store import store


def send(stored: StoredFile, name: str | None = None) -> Response:
    """The file as a download, never shown in the browser; called `name`, where its own would say whose it is."""
    return send_file(
        store().path(stored.sha256),
        mimetype=stored.media_type,
        as_attachment=True,
        download_name=name or stored.name,
        etag=False,
    )
