"""Flask-Security, told what we use of it: passwords (argon2id), sessions, an authenticator app and recovery codes.

Invitations, forgotten passwords and sign-in links are ours (links/ and mail/), so that it never writes to anybody.
"""

import base64
import hashlib
import logging
import re
from typing import Any

import qrcode
from flask import Flask, abort, after_this_request, current_app, redirect, request
from flask.wrappers import Response
from flask_security import MailUtil, Security, SQLAlchemyUserDatastore, Totp, login_user, user_authenticated
from qrcode.image.svg import SvgPathImage
from sqlalchemy import bindparam, select

from placements.accounts.forms import FLASK_SECURITY_FORMS
from placements.accounts.models import Account, Role
from placements.accounts.queries import account_by_email
from placements.accounts.rules import PASSWORD_LENGTH, SIGN_IN_FAILED
from placements.db import db

log = logging.getLogger(__name__)

STRONG = {"argon2__memory_cost": 19456, "argon2__time_cost": 2, "argon2__parallelism": 1}
CHEAP = {"argon2__memory_cost": 8, "argon2__time_cost": 1, "argon2__parallelism": 1}
# Asked at every request, and slower to put together than to answer.
OF_SESSION = select(Account).where(Account.fs_uniquifier == bindparam("fs_uniquifier"))


class Accounts(SQLAlchemyUserDatastore):
    """Finds an account by its person's address, which stands with the person."""

    def find_user(self, case_insensitive: bool = False, **by: Any) -> Any:
        """The account whose column, or whose person's email, has that value."""
        if "email" in by:
            return account_by_email(str(by["email"]))
        if by.keys() == {"fs_uniquifier"}:
            return db.session.scalar(OF_SESSION, by)
        return super().find_user(case_insensitive, **by)


class Silent(MailUtil):
    """None of the features that we switched on writes mail; one that did would be a mistake worth a line in the log."""

    def send_mail(self, template: str, subject: str, recipient: Any, *_: Any, **__: Any) -> None:
        """Send nothing."""
        log.error("Flask-Security wanted to send %s", template)


class OnePathTotp(Totp):
    """Draws the picture that an authenticator app scans as one path: small enough to stand in a page."""

    def generate_qrcode(self, username: str, totp: str) -> str:
        """The address of the picture, which holds it."""
        picture = qrcode.make(self.get_totp_uri(username, totp), image_factory=SvgPathImage).to_string()
        return f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}"


def init_security(app: Flask, *, hash_is_cheap: bool) -> None:
    """Register Flask-Security's routes and tell it where accounts are."""
    app.config.update(
        SECURITY_STATIC_FOLDER=None,
        SECURITY_JOIN_USER_ROLES=False,  # the model joins them
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_VERIFY_URL="/confirm-it-is-you",
        SECURITY_TWO_FACTOR_SETUP_URL="/second-step",
        SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL="/second-step/code",  # noqa: S106 - an address
        SECURITY_TWO_FACTOR_RESCUE_URL="/second-step/help",
        SECURITY_TWO_FACTOR_SELECT_URL="/second-step/choose",
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL="/recovery-codes",
        SECURITY_MULTI_FACTOR_RECOVERY_URL="/second-step/recovery-code",
        SECURITY_POST_LOGIN_VIEW="/home",
        SECURITY_POST_LOGOUT_VIEW="/",
        SECURITY_TWO_FACTOR_POST_SETUP_VIEW="/me",
        SECURITY_LOGOUT_CSRF=True,
        SECURITY_PASSWORD_SALT=_derived(app, "password salt"),
        SECURITY_PASSWORD_LENGTH_MIN=PASSWORD_LENGTH,
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=CHEAP if hash_is_cheap else STRONG,
        SECURITY_PASSWORD_SINGLE_HASH=["argon2", "plaintext"],
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TWO_FACTOR_ALWAYS_VALIDATE=True,
        SECURITY_TWO_FACTOR_RESCUE_EMAIL=False,
        SECURITY_TOTP_SECRETS={"1": _derived(app, "totp")},
        SECURITY_TOTP_ISSUER="Placements",
        SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS=[base64.urlsafe_b64encode(_derived_bytes(app, "recovery codes"))],
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_MSG_GENERIC_AUTHN_FAILED=(SIGN_IN_FAILED, "error"),
        SECURITY_MSG_INVALID_PASSWORD=("That is not your password. Try again.", "error"),
        SECURITY_MSG_TWO_FACTOR_INVALID_TOKEN=("That code is wrong or has run out. Enter the newest one.", "error"),
        SECURITY_MSG_INVALID_RECOVERY_CODE=("That is not one of your unused recovery codes", "error"),
    )
    app.before_request(_go_on_only_to_a_page_of_ours)
    Security(app, Accounts(db, Account, Role), mail_util_cls=Silent, totp_cls=OnePathTotp, **FLASK_SECURITY_FORMS)
    user_authenticated.connect(_forget_failures, app)


def _go_on_only_to_a_page_of_ours() -> None:
    """Refuse a `next` that is no plain path, before anything tries to take it apart."""
    for there in (*request.args.getlist("next"), *request.form.getlist("next")):
        if there and not re.fullmatch(r"/(?![/\\])[^\\\s\x00-\x1f]*", there):
            abort(400)


def let_in(account: Account, then: str | None = None) -> Any:
    """Sign the account in, or ask for its second step first. Returns where to go next: `then`, or their home."""
    asked = current_app.extensions["security"].two_factor_plugins.tf_enter(account, None, "link", next_loc=then)
    if asked:
        return asked
    login_user(account, authn_via=["link"])
    return redirect(then or current_app.config["SECURITY_POST_LOGIN_VIEW"])


def _forget_failures(_app: Flask, user: Account, **_: Any) -> None:
    if not user.failed_sign_ins:
        return

    @after_this_request
    def forget(response: Response) -> Response:
        db.session.commit()  # what the view that let them in has changed
        user.forget_failures()
        return response


def _derived_bytes(app: Flask, purpose: str) -> bytes:
    return hashlib.blake2b(purpose.encode(), key=app.config["SECRET_KEY"].encode()[:64], digest_size=32).digest()


def _derived(app: Flask, purpose: str) -> str:
    return base64.urlsafe_b64encode(_derived_bytes(app, purpose)).decode()
