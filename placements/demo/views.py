"""Being anyone in a demonstration, and reading the mail it sends."""

from typing import Any

from flask import redirect, url_for
from flask_security import login_user, logout_user

from placements.accounts.models import Account
from placements.core.clock import say_when
from placements.demo import queries
from placements.mail.models import KeptMail
from placements.story import is_demonstration
from placements.web.area import PUBLIC, Area, page
from placements.web.site import now

demo = Area("demo", __name__)


@demo.app_context_processor
def band() -> dict[str, Any]:
    """The line on top of every page of a demonstration."""
    if not is_demonstration():
        return {"demonstration": None}
    return {
        "demonstration": {
            "now_said": say_when(now()),
            "switch_url": url_for("demo.people"),
            "mailbox_url": url_for("demo.mailbox"),
        }
    }


@demo.get("/demo", can=PUBLIC, of=queries.demonstration)
def people(_demonstration: bool) -> Any:
    """Whom one can be."""
    return page(people=queries.people_to_be())


@demo.post("/demo/be/<public_id>", can=PUBLIC, of=queries.account_in_demonstration)
def be(account: Account) -> Any:
    """Sign in as that person, with one click."""
    logout_user()
    login_user(account)
    return redirect(url_for("home.next_up"))


@demo.get("/demo/mailbox", can=PUBLIC, of=queries.demonstration)
def mailbox(_demonstration: bool) -> Any:
    """All mail that the demonstration kept, newest first."""
    return page(mails=queries.latest_mail())


@demo.get("/demo/mailbox/<public_id>", can=PUBLIC, of=queries.kept_mail)
def mail(kept: KeptMail) -> Any:
    """One mail as its recipient reads it in plain text, with its links."""
    return page(mail=kept)
