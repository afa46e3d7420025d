"""Every page that somebody is shown, each with who and where, on a site with one world in it; for tests that try them all."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask

from placements.agreements.models import Agreement
from placements.agreements.reading import READ_BY_LINK
from placements.attendance.notices import BY_LINK
from placements.attendance.queries import NOTE_BY_LINK
from placements.closing.queries import BY_LINK as END_BY_LINK
from placements.concerns.queries import REPORT_BY_LINK
from placements.confirming.notices import FINISH_BY_LINK
from placements.confirming.rules import CONFIRM_WEEK
from placements.correspondence.addresses import BY_LINK as CHOICES_BY_LINK
from placements.correspondence.addresses import MUTE
from placements.db import db
from placements.enquiries.rules import ACKNOWLEDGE, CONFIRM, CONFIRM_NEWSLETTER, LEAVE_NEWSLETTER
from placements.feedback.queries import WRITE_BY_LINK
from placements.impact.queries import VERIFY_BY_LINK
from placements.links.actions import add_link, lasting_token, token
from placements.offers.hosts import REFUSE_BY_LINK
from placements.signing.invitations import SIGN_BY_LINK
from placements.vetting.renewals import RENEW_BY_LINK
from placements.web.limits import limiter
from placements.web.site import Site
from tests import factories as make
from tests.client import PageClient, read
from tests.databases import Databases, copy_of, rolled_back
from tests.page import Form, Page, control_type
from tests.site.routes import BY_TOKEN, endpoints, rows, url_of
from tests.site.world import PRINCIPALS, World, committed

SECURITY = (  # Flask-Security's own, which access.csv does not list
    ("security.login", "/sign-in", "anonymous"),
    ("security.verify", "/confirm-it-is-you", "student"),
    ("security.two_factor_setup", "/second-step", "student"),
    ("security.mf_recovery_codes", "/recovery-codes", "student"),
)
SHOWN_A_FORM = (  # where the first who is shown the page has nothing to fill in, or must look for something first
    ("applications.save_draft", "-", "other_student"),
    ("partners.declare_interest", "/interests/declare?named=Canary", "student"),
    ("directory.merge", "/organisations/twin-club-01/merge?with=twin-club-02", "engagement"),
)
IN_A_LINK = (
    "accounts.sign_in_by_link",
    "accounts.set_password",
    READ_BY_LINK,
    "agreements.new_reading_link",
    "signing.sign_by_link",
    "signing.ask_by_link",
    "signing.new_link",
    CONFIRM,
    ACKNOWLEDGE,
    CONFIRM_NEWSLETTER,
    LEAVE_NEWSLETTER,
    "confirming.confirm_week",
    "confirming.hand_on_by_link",
    FINISH_BY_LINK,
    "vetting.renew_by_link",
    "vetting.new_renewal_link",
    VERIFY_BY_LINK,
    "impact.new_link",
    REPORT_BY_LINK,
    BY_LINK,
    NOTE_BY_LINK,
    WRITE_BY_LINK,
    "feedback.share_by_link",
    "feedback.new_link",
    END_BY_LINK,
    CHOICES_BY_LINK,
    MUTE,
)

View = tuple[str, str, str]  # endpoint; the thing it is about, or its address, or BY_TOKEN; principal


NO_PAGE = {"assessment.autosave"}  # answers posts of a page's script, with no page of its own


def views() -> list[View]:
    """Each page of access.csv with the first who is shown it, each that a link opens, and Flask-Security's."""
    found: list[View] = []
    for row in rows():
        who = next((name for name in PRINCIPALS if row[name].startswith("200")), None)
        if who and row["object"] != BY_TOKEN and row["endpoint"] not in NO_PAGE:
            found.append((row["endpoint"], row["object"], who))
    return [*found, *SHOWN_A_FORM, *((endpoint, BY_TOKEN, "anonymous") for endpoint in IN_A_LINK), *SECURITY]


@dataclass(frozen=True)
class Place:
    """A site that stands still at one moment, with one world in it."""

    app: Flask
    world: World
    tokens: dict[str, str]  # by the purpose of the link

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        with self.app.app_context():
            return str(db.engine.dialect.name)

    def url(self, view: View) -> str:
        """Where the view is."""
        endpoint, thing, _ = view
        if thing.startswith("/"):
            return thing
        rule = endpoints(self.app)[endpoint]
        if thing == BY_TOKEN:
            built = rule.build({"token": self.tokens.get(endpoint, self.tokens[SIGN_BY_LINK])})
            assert built is not None
            return built[1]
        return url_of(rule, {"endpoint": endpoint, "object": thing}, self.world)

    def is_form(self, view: View) -> bool:
        """Whether the view acts on what is posted to it."""
        methods = {rule.endpoint: rule.methods or set() for rule in self.app.url_map.iter_rules()}
        return {"GET", "POST"} <= methods[view[0]]

    def sent_empty(self, view: View) -> Iterator[Page]:
        """What each of the view's own forms answers when nothing is filled in. Nothing of it stays."""
        if not self.is_form(view):
            return
        client, url = self.browser(view), self.url(view)
        for form in client.page(url).forms:
            if is_own(form, url):
                kind = "multipart/form-data" if form.is_multipart else "application/x-www-form-urlencoded"
                with self.undone():
                    answer = client.post(form.action, data=_emptied(form), content_type=kind)
                yield read(answer)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done inside does not stay, and does not count."""
        with self.app.app_context():
            savepoint = db.engine.begin_nested()  # type: ignore[attr-defined]  # the site's one connection
        try:
            yield
        finally:
            savepoint.rollback()
            limiter.reset()

    def browser(self, view: View) -> PageClient:
        """A browser in which the view's principal is signed in."""
        client = PageClient(self.app)
        if view[2] in self.world.accounts:
            client.sign_in_as(self.world.accounts[view[2]])
        return client


def is_own(form: Form, url: str) -> bool:
    """Whether the page at that address itself acts on what its form posts."""
    return form.method == "post" and form.action.partition("?")[0] == url.partition("?")[0]


def _emptied(form: Form) -> dict[str, list[str]]:
    hidden = {each.get("name", "") for each in form.controls if control_type(each) == "hidden"}
    typed = {name: [""] for name in form.names if name not in hidden and form.offers(name) is None}
    return typed | {name: form.values[name] for name in hidden}


def stand_still(app: Flask, now: datetime) -> None:
    """Let it be `now` for the site from here on."""
    described: Site = app.extensions["placements.site"]
    app.extensions["placements.site"] = replace(described, story_now=lambda: now)


@contextmanager
def place(databases: Databases, template: str, folder: Path, now: datetime) -> Iterator[Place]:
    """A site of one's own, on a copy of the template; everything that happens in it is undone at the end."""
    with copy_of(databases, template, folder) as copy, rolled_back(copy.app):
        stand_still(copy.app, now)
        with copy.app.app_context():
            world = committed()
            tokens = tokens_of(world, now)
        gc.freeze()  # as for every worker's application
        yield Place(copy.app, world, tokens)


def tokens_of(world: World, now: datetime) -> dict[str, str]:
    account, supervisor = world.accounts["student"], world.accounts["supervisor"]
    agreement = db.session.get_one(Agreement, world.things["agreement_signing"].id)
    referral, subscription = world.things["referral"], world.things["subscription"]
    unconfirmed = make.enquiry(confirmed_at=None)
    asked = make.subscription()
    about = {
        CONFIRM: (unconfirmed.id, unconfirmed.writer_id, ""),
        ACKNOWLEDGE: (referral.id, referral.receiver_id, ""),
        CONFIRM_NEWSLETTER: (asked.id, asked.person_id, ""),
        "accounts.sign_in_by_link": (account.id, account.person_id, ""),
        "accounts.set_password": (account.id, account.person_id, ""),
        CONFIRM_WEEK: (now.toordinal(), supervisor.person_id, ""),
        RENEW_BY_LINK: (world.things["to_renew"].id, world.things["to_renew_contact"].person_id, ""),
        VERIFY_BY_LINK: (world.things["result"].id, world.accounts["contact"].person_id, "1"),
        REPORT_BY_LINK: (supervisor.person_id, supervisor.person_id, ""),
        REFUSE_BY_LINK: (world.things["other_challenge"].id, world.accounts["other_contact"].person_id, ""),
        FINISH_BY_LINK: (world.things["placement"].id, supervisor.person_id, ""),
        BY_LINK: (world.things["placement"].id, supervisor.person_id, ""),
        READ_BY_LINK: (world.things["placement"].id, supervisor.person_id, "2.1"),
        NOTE_BY_LINK: (world.things["contact_point"].id, supervisor.person_id, ""),
        WRITE_BY_LINK: (world.things["feedback_asked"].id, supervisor.person_id, ""),
        END_BY_LINK: (world.things["closing"].id, world.accounts["contact"].person_id, ""),
        SIGN_BY_LINK: (agreement.id, agreement.placement.supervisor_id, agreement.sha256 or ""),
    }
    made = {LEAVE_NEWSLETTER: lasting_token(LEAVE_NEWSLETTER, subscription.id)}
    made[CHOICES_BY_LINK] = lasting_token(CHOICES_BY_LINK, asked.person_id)
    made[MUTE] = lasting_token(MUTE, world.things["message"].id)
    for purpose, (about_id, holder_id, version) in about.items():
        link = add_link(purpose, about_id, holder_id, now=now, lasts=timedelta(days=1), version=version)
        made[purpose] = token(link)
    made["confirming.confirm_week"] = made["confirming.hand_on_by_link"] = made[CONFIRM_WEEK]
    made["vetting.new_renewal_link"] = made[RENEW_BY_LINK]
    made["agreements.new_reading_link"] = made[READ_BY_LINK]
    made["impact.new_link"] = made[VERIFY_BY_LINK]
    made["feedback.share_by_link"] = made["feedback.new_link"] = made[WRITE_BY_LINK]
    db.session.commit()
    return made
