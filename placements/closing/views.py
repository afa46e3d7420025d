"""Pages of the end: a student's record of achievement; an organisation's thanks, certificate and one question."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.closing import actions, forms, making, queries, records
from placements.closing.models import Closing, ClosingAnswer
from placements.closing.queries import BY_LINK, Invited
from placements.closing.rules import AGAIN, COMING
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.files.serving import send
from placements.links.actions import link_of, token
from placements.placing.models import Placement
from placements.web.area import PUBLIC, Area, page, prepared, token_here
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

closing = Area("closing", __name__)


def _typeset() -> Any:
    return making.typeset_record(who(), (request.view_args or {})["public_id"], now())


@closing.form("/placements/<public_id>/record", can="closing.record", of=records.placement_of, prepare=_typeset)
def record(placement: Placement) -> Any:
    """What one's record of achievement says; make it, and make it anew where more can be said."""
    form = forms.MakeForm()
    pdf = prepared() if request.method == "POST" else None
    if form.accepted() and pdf is not None:
        actions.keep_record(placement, pdf, actor=who(), now=now())
        flash("Your record is made. Download it and keep it.", "success")
        return redirect(url_for("closing.record", public_id=placement.public_id))
    words = records.words_of(placement, now())
    return page(form=form, placement=placement, words=words, made=records.record_of(placement))


@closing.get("/placements/<public_id>/record.pdf", can="closing.record_file", of=records.placement_of)
def record_file(placement: Placement) -> Any:
    """The record itself."""
    made = records.record_of(placement)
    if made is None:
        raise Refused("Your record is not made yet. Open its page and make it.")
    return send(made.file)


@closing.get("/next-year", can="closing.years")
def years() -> Any:
    """The years that ended at organisations, and what each said of the next."""
    rows, count = queries.closings(who(), PAGE_SIZE, page_number())
    is_theirs = not who().has_any("engagement", "leader")
    return page(rows=rows, paging=paging(len(rows), count), said=AGAIN, is_theirs=is_theirs)


@closing.get("/next-year/<public_id>", can="closing.year", of=queries.closing_of)
def year(closing: Closing) -> Any:
    """Thanks, what came of it, the certificate, and the question."""
    return page(**_shown(closing), may_answer=site().abilities["closing.answer"](who(), closing, now()))


@closing.post("/next-year/<public_id>/answer", can="closing.answer", of=queries.closing_of)
def answer(closing: Closing) -> Any:
    """One press."""
    form = forms.AgainForm()
    if not form.accepted():
        raise Refused("Nothing was chosen. Go back and press one of the answers.")
    _thank(actions.answer(closing, *form.chosen(), actor=who(), now=now()))
    return redirect(url_for("closing.year", public_id=closing.public_id))


@closing.get("/next-year/<public_id>/certificate.pdf", can="closing.certificate", of=queries.closing_of)
def certificate(closing: Closing) -> Any:
    """The organisation's certificate."""
    return send(closing.file)


def invited(_who: Principal, token: str) -> Invited | None:
    """What the link of a closing mail is about, whether or not it still works."""
    link = link_of(BY_LINK, token)
    return queries.invited_by(link) if link else None


@closing.form("/thank-you/<token>", can=PUBLIC, of=invited)
def by_link(invited: Invited) -> Any:
    """The same page without an account. GET changes nothing, whoever follows the link."""
    form, works = forms.AgainForm(), invited.works(now())
    if works and form.accepted():
        _thank(actions.answer_by_link(invited, *form.chosen(), now=now()))
        return redirect(request.path)
    links = queries.links_to_verify(invited.closing, invited.link.holder_id, now()) if works else {}
    return page(
        form=form,
        **_shown(invited.closing),
        invited=invited,
        works=works,
        token=token_here(),
        to_verify={about: token(link) for about, link in links.items()},
    )


@closing.get("/thank-you/<token>/certificate.pdf", can=PUBLIC, of=invited)
def certificate_by_link(invited: Invited) -> Any:
    """The certificate, without an account."""
    if not invited.works(now()):
        raise Refused("This link does not work any more. Sign in, or write to us, for the certificate.")
    return send(invited.closing.file)


def _thank(given: ClosingAnswer) -> None:
    if given.draft is not None:
        flash("Thank you. A draft for next year is made from it: nothing is sent before you send it.", "success")
    elif given.answer in COMING:
        flash("Thank you. We make a draft of it as soon as next year is set up.", "success")
    else:
        flash("Thank you for telling us.", "success")


def _shown(closing: Closing) -> dict[str, Any]:
    return {"closing": closing, "asked": queries.asked_of(closing), "said": AGAIN}
