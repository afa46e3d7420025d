"""The same security headers on every answer: pages, errors, static files and downloads."""

from collections.abc import Mapping

from flask import Flask, Response, request, session
from flask_talisman import Talisman

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "style-src": "'self'",
    "script-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
YEAR = 31_536_000


def init_headers(app: Flask, *, is_production: bool) -> None:
    """Set the headers through Talisman; HTTPS and HSTS in production only."""
    Talisman(
        app,
        content_security_policy=POLICY,
        force_https=is_production,
        strict_transport_security=is_production,
        strict_transport_security_max_age=YEAR,
        frame_options="DENY",
        referrer_policy="same-origin",
        permissions_policy={"camera": "()", "geolocation": "()", "microphone": "()"},
        session_cookie_secure=is_production,
        session_cookie_samesite="Lax",
    )
    app.after_request(_never_store_private_pages)


def _never_store_private_pages(response: Response) -> Response:
    """Those of somebody signed in, those with a form, and those that a link in a mail opens."""
    is_by_link = "token" in (request.view_args or {})
    if session.get("_user_id") or session.modified or is_by_link:
        response.headers["Cache-Control"] = "no-store"
    return response


def static_headers() -> Mapping[str, str]:
    """What Talisman would set, for the answers that bypass it (static files)."""
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
