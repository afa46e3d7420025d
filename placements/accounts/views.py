"""Pages of one's own account, and the links that let people in."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_security import current_user, hash_password

from placements.accounts import actions
from placements.accounts.forms import AskForLinkForm, SetPasswordForm, SignInByLinkForm
from placements.accounts.queries import works
from placements.accounts.security import let_in
from placements.core.policy import Principal
from placements.links.actions import link_of
from placements.links.models import Link
from placements.web.area import PUBLIC, Area, page, prepared
from placements.web.site import now

LONGEST = 200  # what the form allows; longer text is not worth hashing

accounts = Area("accounts", __name__)


@accounts.app_context_processor
def account_in_header() -> dict[str, Any]:
    """Who is signed in, for the header of every page."""
    if not current_user.is_authenticated:
        return {"account": None, "sign_in_url": url_for("security.login")}
    return {
        "account": {
            "name": current_user.person.name,
            "url": url_for("accounts.me"),
            "needs_you_url": url_for("home.next_up"),
            "sign_out_url": url_for("security.logout"),
        }
    }


def sign_in_link(who: Principal, token: str) -> Link | None:
    """The sign-in link behind a token, spent or not."""
    return link_of("accounts.sign_in_by_link", token)


def password_link(who: Principal, token: str) -> Link | None:
    """The invitation or new-password link behind a token, spent or not."""
    return link_of("accounts.set_password", token)


@accounts.form("/sign-in/link", can=PUBLIC)
def ask_for_link() -> Any:
    """Ask for a sign-in link by mail."""
    form = AskForLinkForm()
    if form.accepted():
        actions.ask_for_link(form.email.data, now=now())
        return redirect(url_for("accounts.link_sent"))
    return page(form=form)


@accounts.get("/sign-in/link/sent", can=PUBLIC)
def link_sent() -> Any:
    """What happens next; the same whether or not there is such an account."""
    return page()


@accounts.form("/sign-in/link/<token>", can=PUBLIC, of=sign_in_link)
def sign_in_by_link(link: Link) -> Any:
    """GET shows a button, POST signs in."""
    form = SignInByLinkForm()
    if form.accepted():
        return let_in(actions.sign_in_by_link(link, now=now()))
    return page(form=form, link=link, works=works(link, now()))


def _hashed() -> str:
    return str(hash_password(request.form.get("password", "")[:LONGEST]))


@accounts.form("/password/<token>", can=PUBLIC, of=password_link, prepare=_hashed)
def set_password(link: Link) -> Any:
    """Choose a password and be signed in; the link may name a page to go on to."""
    form = SetPasswordForm()
    if form.accepted():
        account = actions.set_password(link, prepared(), now=now())
        flash("Your password is saved.", "success")
        return let_in(account, request.args.get("next"))
    return page(form=form, link=link, works=works(link, now()))


@accounts.get("/me", can="accounts.me")
def me() -> Any:
    """One's own account."""
    return page()


@accounts.post("/me/password", can="accounts.change_password")
def change_password() -> Any:
    """Have a link to choose a new password mailed to oneself."""
    actions.ask_for_new_password(current_user, now=now())
    flash("We have sent you an email with a link. It works for 30 minutes.", "success")
    return redirect(url_for("accounts.me"))
