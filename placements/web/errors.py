"""Every error becomes a page with a sentence, what to do next and a way back; in one place."""

import logging
import secrets

from flask import Flask, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from placements.core.errors import NotAllowed, Refused
from placements.db import db

log = logging.getLogger(__name__)

WITH_A_PAGE = (400, 403, 404, 405, 409, 413, 429, 500)
WITH_A_REFERENCE = (429, 500)


def init_errors(app: Flask) -> None:
    """Register the handlers."""
    app.before_request(_refuse_parts_without_a_name)
    app.register_error_handler(Refused, lambda refusal: _page(409, refusal.sentence))
    app.register_error_handler(NotAllowed, lambda _: _page(403))
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _refuse_parts_without_a_name() -> None:
    """No browser sends a multipart part without a name, and what reads forms after us does not expect one."""
    if None in request.form or None in request.files:
        abort(400)


def _page(status: int, sentence: str | None = None) -> tuple[str, int]:
    db.session.rollback()
    reference = secrets.token_hex(4) if status in WITH_A_REFERENCE else None
    if reference:
        log.error("answered %s, reference %s", status, reference)
    template = f"errors/{status if status in WITH_A_PAGE else 400}.html"
    return render_template(template, sentence=sentence, reference=reference), status


def _form_too_old(_error: CSRFError) -> tuple[str, int]:
    return _page(400, "This form was open for too long, or your browser did not send back its cookie.")


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    return _page(error.code)


def _unexpected(error: Exception) -> tuple[str, int]:
    log.exception("unexpected: %s", type(error).__name__, exc_info=error)
    return _page(InternalServerError.code)
