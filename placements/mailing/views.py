"""Pages of mail that waits or failed, of how it all stands, and of addresses that mail comes back from."""

from hmac import compare_digest
from typing import Any

from flask import abort, current_app, flash, make_response, redirect, request, url_for

from placements.accounts.queries import person_of
from placements.core.clock import machine_now, say_distance
from placements.core.errors import Refused
from placements.mail.models import Message, MessageState
from placements.mail.reached import reach_of
from placements.mailing import actions, forms, metrics, queries, rules
from placements.partners.models import Contact
from placements.partners.queries import contact_of, is_of_the_university
from placements.people.models import Person
from placements.web.area import PUBLIC, Area, page
from placements.web.filters import count
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, who

mailing = Area("mailing", __name__)
ARRIVES = "Mail to them arrives, as far as we know, so their address stays as it is."


@mailing.context_processor
def words() -> dict[str, Any]:
    """How the pages say reasons."""
    return {
        "reasons": rules.SAID,
        "advice": rules.ADVICE,
        "reason_of": rules.reason_of,
        "without_names": rules.without_names,
        "why_it_comes_back": rules.why_it_comes_back,
        "ago": lambda instant: say_distance(instant, machine_now()),
    }


@mailing.get("/mail", can="mailing.overview", nav="Mail")
def overview() -> Any:
    """The messages that failed, with why, or those that wait."""
    filters = forms.MessageFilters()
    asked = filters.values()
    state, reason = asked["state"] or MessageState.FAILED, asked["reason"]
    shown = queries.messages(state, reason, PAGE_SIZE, page_number())
    return page(
        filters=filters,
        rows=shown[0],
        paging=paging(len(shown[0]), shown[1]),
        is_failed=state is MessageState.FAILED,
        failed=queries.failed_by_reason(),
        machine=machine_now(),
    )


@mailing.post("/mail/<public_id>/again", can="mailing.try_again", of=queries.message_of)
def try_again(message: Message) -> Any:
    """Queue a failed message again."""
    actions.try_again(message, actor=who(), now=now(), machine=machine_now())
    flash(f"The mail to {message.recipient.name} is tried again.", "success")
    return redirect(url_for("mailing.overview"))


@mailing.post("/mail/again", can="mailing.try_all")
def try_all() -> Any:
    """Queue all again that failed for one kind of reason."""
    form = forms.ReasonForm()
    if not form.accepted():
        raise Refused("Nothing was chosen. Go back and press one of the buttons.")
    tried = actions.try_all(rules.Reason(form.reason.data), actor=who(), now=now(), machine=machine_now())
    flash(f"{count(tried, 'message is', 'messages are')} tried again.".capitalize(), "success")
    return redirect(url_for("mailing.overview"))


@mailing.get("/mail/health", can="mailing.health")
def health() -> Any:
    """How the mail stands: how late, how much, what failed and came back."""
    settings = current_app.extensions["placements.settings"]
    return page(health=queries.health(now(), machine_now()), looks=bool(settings.returns_url))


@mailing.get("/metrics", can=PUBLIC)
def figures() -> Any:
    """The same for a monitor that shows its token; there is no such page for anybody else."""
    token = current_app.extensions["placements.settings"].metrics_token
    given = request.headers.get("Authorization", "")
    if not token or not compare_digest(given.encode(), f"Bearer {token}".encode()):
        abort(404)
    return make_response(metrics.exposition(now(), machine_now()), {"Content-Type": metrics.TYPE})


@mailing.form("/organisations/contacts/<public_id>/address", can="mailing.correct_contact", of=contact_of)
def correct_contact(contact: Contact) -> Any:
    """Another address for a contact whom mail does not reach."""
    reach = reach_of([contact.person_id]).get(contact.person_id)
    if reach is None or reach.bounce is None:
        raise Refused(ARRIVES)
    is_ours = is_of_the_university(contact.person)
    form = forms.AddressForm()
    if form.accepted():
        _correct(contact.person, form)
        return _to_organisation(contact)
    return page(form=form, contact=contact, bounce=reach.bounce, is_ours=is_ours)


@mailing.post("/organisations/contacts/<public_id>/mail-again", can="mailing.try_contact", of=contact_of)
def try_contact(contact: Contact) -> Any:
    """Write to a contact again at the address that they have."""
    _try(contact.person)
    return _to_organisation(contact)


@mailing.form("/me/address", can="mailing.my_address")
def my_address() -> Any:
    """Another address of one's own where mail comes back from this one, or the same again."""
    me = person_of(who())
    assert me is not None
    reach = reach_of([me.id]).get(me.id)
    if reach is None or reach.bounce is None:
        raise Refused("Mail to you arrives, as far as we know. If you have another address, ask us to change it.")
    is_ours = is_of_the_university(me)
    form = forms.OwnAddressForm()
    if not is_ours and form.accepted():
        _correct(me, form)
        return redirect(url_for("home.next_up"))
    return page(form=form, me=me, bounce=reach.bounce, is_ours=is_ours)


@mailing.post("/me/mail-again", can="mailing.try_mine")
def try_mine() -> Any:
    """Say that mail arrives again."""
    me = person_of(who())
    assert me is not None
    _try(me)
    return redirect(url_for("home.next_up"))


def _correct(person: Person, form: forms.AddressForm) -> None:
    actions.correct_address(person, form.email.data or "", actor=who(), now=now(), machine=machine_now())
    flash(f"Mail goes to {person.email} from now on. What did not arrive is sent again.", "success")


def _try(person: Person) -> None:
    actions.try_address(person, actor=who(), now=now(), machine=machine_now())
    flash(f"Mail goes to {person.email} again. What did not arrive is on its way.", "success")


def _to_organisation(contact: Contact) -> Any:
    return redirect(url_for("home.organisation", public_id=contact.organisation.public_id))
