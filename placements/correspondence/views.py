"""Pages about mail: one's own choices, and the one press that stops what a mail program was asked to stop."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import flash, redirect, request, url_for

from placements.accounts.queries import account_of, person_of
from placements.core.policy import Principal
from placements.correspondence import actions, forms, queries
from placements.correspondence.addresses import BY_LINK, MUTE, choices_of
from placements.correspondence.kinds import hour_of, kinds_of
from placements.correspondence.log_views import correspondence
from placements.correspondence.rules import Kind, may_concern
from placements.correspondence.sight import standing_of
from placements.links.actions import about_of
from placements.mail.models import Message
from placements.mail.muting import muted_by
from placements.mail.notices import notices
from placements.mail.pacing import HOURS
from placements.mail.wording import words_of
from placements.people.models import Person
from placements.web.area import PUBLIC, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, who

__all__ = ["correspondence"]


def _kinds_of(person: Person) -> list[Kind]:
    """What they were ever told, and what they may come to be told and can do without."""
    return kinds_of(person.id, may_concern(standing_of(person.id)))


def _choices_of(person: Person, kinds: Sequence[Kind]) -> forms.ChoicesForm:
    form = forms.ChoicesForm()
    form.offer(HOURS, kinds, hour_of(person.id))
    return form


def _saved(form: forms.ChoicesForm, person: Person) -> Any:
    """Back to the page, where choices were made; None where it is to be shown."""
    if form.accepted():
        chosen, actor = (form.hour.data, form.muted.data), Principal(person.id)
        actions.choose(person, *chosen, form.kinds, seen=form.seen.data or "", actor=actor, now=now())
        flash("Your choices are saved.", "success")
        return redirect(request.path)
    form.seen.data = actions.seen_of(form.chosen, (each.name for each in form.kinds if each.is_muted))
    return None


@correspondence.form("/your-mail", can="correspondence.yours")
def yours() -> Any:
    """What comes by mail and when, what does not, and what was sent."""
    person = person_of(who())
    assert person is not None
    form = _choices_of(person, _kinds_of(person))
    messages, count = queries.own_messages(who(), PAGE_SIZE, page_number())
    return _saved(form, person) or page(
        form=form, person=person, messages=messages, paging=paging(len(messages), count), titles_of=_titles_of
    )


def _titles_of(message: Message) -> list[str]:
    """What the kinds in the message are called, each once."""
    return _called(each.notice for each in message.notifications)


def _called(names: Iterable[str]) -> list[str]:
    known = notices()
    return [words_of(known[name]).title for name in dict.fromkeys(names) if name in known]


def reader_of(_who: Principal, token: str) -> Person | None:
    """Whose choices stand at that address."""
    return queries.person_with(about_of(BY_LINK, token))


@correspondence.form("/your-mail/<token>", can=PUBLIC, of=reader_of)
def by_link(person: Person) -> Any:
    """The same choices for who has no account: without what nobody else is to know of, and without what was sent."""
    account = account_of(person.id)
    if account is not None and account.active:
        return redirect(url_for("correspondence.yours"))
    form = _choices_of(person, [each for each in _kinds_of(person) if not each.is_private])
    return _saved(form, person) or page(form=form, person=person)


def sent_with(_who: Principal, token: str) -> Message | None:
    """The message that the address stood in."""
    return queries.message_with(about_of(MUTE, token))


@correspondence.form("/your-mail/mute/<token>", can=PUBLIC, of=sent_with, one_click=True)
def mute(message: Message) -> Any:
    """Stop what may be stopped of the kinds in one mail: one press, or a mail program's own button (RFC 8058).

    Nobody is sent on to another page: mail programs do not follow.
    """
    if request.method == "POST":
        act = actions.unmute_kinds_of if "again" in request.form else actions.mute_kinds_of
        act(message, now=now())
    names = actions.kinds_of(message)
    is_muted = bool(names) and muted_by(message.recipient_id) >= set(names)
    choices = choices_of(message.recipient)
    return page(message=message, titles=_called(names), is_muted=is_muted, choices=choices)
