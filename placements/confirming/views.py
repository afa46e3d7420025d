"""The supervisor's confirmation, signed in or by the link of a mail; completing a placement."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from flask import flash, redirect, request, url_for

from placements.attendance.queries import placement_known
from placements.confirming import actions, completing, finishing, handing, telephoning
from placements.confirming.forms import NOBODY_KNOWN, CompleteForm, SpokenForm, confirm_form, hand_on_form
from placements.confirming.notices import FINISH_BY_LINK
from placements.confirming.queries import colleagues, placement_asked, target_of
from placements.confirming.quiet import Quiet, quiet_of, quiet_supervisors
from placements.confirming.rules import CONFIRM_WEEK, OBJECTED_WITHIN, Choice, Outcome, Spoken, too_few_hours
from placements.core.policy import Principal
from placements.files.serving import send
from placements.links.actions import link_of
from placements.links.models import Link
from placements.logbook import queries
from placements.logbook.hours import hours_of
from placements.logbook.models import EntryEvidence, How
from placements.logbook.queries import MODES, read_by
from placements.logbook.workflow import WAITING, EntryState
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import others_told
from placements.web.area import PUBLIC, Area, page, token_here
from placements.web.filters import count, say_hours
from placements.web.site import now, who

AT_ONCE = 20  # visits that one button confirms; the rest follow

FOLLOWS = {
    Outcome.OPEN: "Your answer is kept. The other side is asked too.",
    Outcome.COMPLETE: "The placement is completed, and everybody concerned has been told.",
    Outcome.GOES_ON: "You both want to go on, so the placement does.",
    Outcome.DISAGREED: "You two do not agree, so the tutor decides. The placement goes on until then.",
}

SPOKEN = {
    Spoken.WILL_ANSWER: "{} is asked again on Monday, in one mail for all that waits.",
    Spoken.NEW_LINK: "{} has been mailed a new link.",
    Spoken.SOMEBODY_ELSE: "Kept. Now name the new supervisor on each placement: {} is not asked again.",
}

confirming = Area("confirming", __name__)


@confirming.context_processor
def words() -> dict[str, Any]:
    """What every page about a visit says alike."""
    return {"MODES": MODES, "OBJECTED_WITHIN": OBJECTED_WITHIN}


@confirming.get("/confirm", can="confirming.confirm", nav="Confirm hours")
def to_confirm() -> Any:
    """The header's link, to the form."""
    return redirect(url_for("confirming.confirm"))


@confirming.form("/confirm/hours", can="confirming.confirm")
def confirm() -> Any:
    """What waits for a supervisor who is signed in."""
    sheet = _sheet(who())
    return _answered(sheet, who(), How.ACCOUNT) or page(**sheet)


def confirm_link(who: Principal, token: str) -> Link | None:
    """The link of a supervisor's weekly mail, run out or not."""
    return link_of(CONFIRM_WEEK, token)


@confirming.form("/confirm/<token>", can=PUBLIC, of=confirm_link)
def confirm_week(link: Link) -> Any:
    """The same by the link of a mail, without an account. GET shows; the link works until it runs out."""
    holder = Principal(link.holder_id)
    sheet = _sheet(holder)
    answered = _answered(sheet, holder, How.LINK) if link.is_open(now()) else None
    return answered or page(**sheet, link=link, token=token_here())


@confirming.post("/confirm/<token>/again", can=PUBLIC, of=confirm_link)
def ask_again(link: Link) -> Any:
    """Mail the link's holder one that works."""
    actions.ask_again(link, now=now())
    flash(f"We have sent an email with a new link to {link.holder.email}.", "success")
    return redirect(url_for("confirming.confirm_week", token=token_here()))


def _sheet(actor: Principal) -> dict[str, Any]:
    """What waits for a supervisor, as their page shows it."""
    waiting = queries.waiting_for(actor.person_id, EntryState.SUBMITTED)
    placements = queries.placements_supervised(actor.person_id)
    shown = waiting[:AT_ONCE]
    return {
        "form": confirm_form(shown),
        "by_student": [(whose, list(found)) for whose, found in groupby(shown, key=lambda each: each.placement)],
        "to_follow": len(waiting) - len(shown),
        "queried": queries.waiting_for(actor.person_id, EntryState.QUERIED),
        "placements": placements,
        "hours": hours_of([placement.id for placement in placements]),
        "is_posted": request.method == "POST",
    }


def _answered(sheet: Mapping[str, Any], actor: Principal, how: How) -> Any:
    """What the supervisor said, done; None where nothing was said, or not what the button said it would do."""
    form = sheet["form"]
    settled = {each.id: each.version for each in sheet["queried"] if str(each.id) == request.form.get("settle")}
    if settled:
        return _answer(settled, {}, actor, how)
    if form.accepted() and form.is_what_the_button_said():
        return _answer({each.id: each.version for each in form.entries}, form.words, actor, how)
    form.rewrite_button()
    return None


def _answer(seen: Mapping[int, int], words: Mapping[int, str], actor: Principal, how: How) -> Any:
    done = actions.answer(seen, words, how=how, actor=actor, now=now())
    said = [f"You confirmed {say_hours(done.minutes)}."] if done.confirmed else []
    if done.asked:
        said.append(f"You asked about {count(done.asked, 'visit')}, and the student is told.")
    flash(" ".join(said) or "That was answered already.", "success")
    return redirect(request.path)


@confirming.form("/confirm/hand-on", can="confirming.hand_on")
def hand_on() -> Any:
    """Somebody else answers for what waits for a supervisor who is signed in."""
    choice = _choice(who(), url_for("confirming.confirm"))
    return _handed_on(choice, who()) or page(**choice)


@confirming.form("/confirm/<token>/hand-on", can=PUBLIC, of=confirm_link)
def hand_on_by_link(link: Link) -> Any:
    """The same by the link of a mail, while it works."""
    holder, back = Principal(link.holder_id), url_for("confirming.confirm_week", token=token_here())
    if not link.is_open(now()):
        return redirect(back)  # which says that it has run out
    choice = _choice(holder, back)
    return _handed_on(choice, holder) or page(**choice, token=token_here())


def _choice(actor: Principal, back: str) -> dict[str, Any]:
    """Whose visits can be handed on, and to whom."""
    waiting = queries.waiting_for(actor.person_id, *WAITING)
    placements = list({each.placement_id: each.placement for each in waiting}.values())
    possible = {each.id: each for found in colleagues(placements, but=actor.person_id).values() for each in found}
    form = hand_on_form(placements, list(possible.values()))
    return {"form": form, "placements": placements, "possible": possible, "back": back}


def _handed_on(choice: Mapping[str, Any], actor: Principal) -> Any:
    """What was chosen, done; None where nothing was."""
    form = choice["form"]
    if not choice["placements"] or not form.accepted():
        return None
    if form.to.data == NOBODY_KNOWN:
        handing.ask_for_somebody_else(form.chosen, actor=actor, now=now())
        flash("We have told the tutor, who will ask you who it should be. Until then they wait for you.", "success")
    else:
        to = choice["possible"][int(form.to.data)]
        visits = handing.hand_on(form.chosen, to, actor=actor, now=now())
        flash(f"{to.name} has been asked by email to answer for {count(visits, 'visit')}.", "success")
    return redirect(choice["back"])


def file_by_link(who: Principal, token: str, public_id: str) -> tuple[Link, EntryEvidence] | None:
    """The link of a supervisor's weekly mail, and a file of a visit that waits for its holder."""
    link = link_of(CONFIRM_WEEK, token)
    found = link and queries.evidence_to_confirm(Principal(link.holder_id), public_id)
    return (link, found) if link and found else None


@confirming.get("/confirm/<token>/files/<public_id>", can=PUBLIC, of=file_by_link)
def evidence_to_confirm(found: tuple[Link, EntryEvidence]) -> Any:
    """A photo or file of a visit for a supervisor without an account, while the link of the mail works."""
    link, evidence = found
    if link.is_open(now()):
        return send(evidence.file)
    return redirect(url_for("confirming.confirm_week", token=token_here()))  # which says that it has run out


@confirming.form("/placements/<public_id>/target", can="confirming.finish", of=placement_asked)
def finish(placement: Placement) -> Any:
    """Finish at the target, or go on: what student and supervisor say, signed in."""
    return _chosen(placement, who(), How.ACCOUNT) or page(**_target(placement, who()))


def finish_link(who: Principal, token: str) -> Link | None:
    """The link by which a supervisor says whether to finish, run out or not."""
    return link_of(FINISH_BY_LINK, token)


@confirming.form("/finish/<token>", can=PUBLIC, of=finish_link)
def finish_by_link(link: Link) -> Any:
    """The same for a supervisor by the link of a mail, while it works."""
    placement, holder = placement_known(link.about_id), Principal(link.holder_id)
    is_open = link.is_open(now()) and placement.supervisor_id == link.holder_id
    done = _chosen(placement, holder, How.LINK) if is_open else None
    return done or page(**_target(placement, holder), link=link, is_open=is_open)


def _target(placement: Placement, actor: Principal) -> dict[str, Any]:
    is_student = actor.person_id == placement.enrolment.person_id
    target = target_of(placement.id)
    totals = hours_of([placement.id])[placement.id]
    return {
        "placement": placement,
        "target": target,
        "totals": totals,
        "is_student": is_student,
        "form": CompleteForm(),
    }


def _chosen(placement: Placement, actor: Principal, how: How) -> Any:
    """What was pressed, done; None where nothing was."""
    choice = next((each for each in Choice if each == request.form.get("choice")), None)
    if choice is None or not CompleteForm().accepted():
        return None
    follows = finishing.choose(placement, choice, how=how, actor=actor, now=now())
    flash(FOLLOWS[follows], "success")
    return redirect(request.path)


@confirming.form("/placements/<public_id>/complete", can="confirming.complete", of=queries.placement_read)
def complete(placement: Placement) -> Any:
    """End a placement well, once enough hours are confirmed."""
    form = CompleteForm()
    if form.accepted():
        completing.complete(placement, actor=who(), now=now())
        flash("The placement is completed, and everybody concerned has been told.", "success")
        return redirect(url_for("home.placement", public_id=placement.public_id))
    totals = hours_of([placement.id])[placement.id]
    problem = too_few_hours(totals.confirmed, placement.enrolment.run.minutes_minimum)
    return page(form=form, placement=placement, totals=totals, problem=problem, told=others_told(who(), placement))


@confirming.get("/reading/to-telephone", can="confirming.to_telephone")
def to_telephone() -> Any:
    """The supervisors of one's students who answer no mail, who has waited longest first."""
    return page(rows=quiet_supervisors(now(), read_by(who())))


def supervisor_read(who: Principal, public_id: str) -> tuple[Person, Quiet | None] | None:
    """A supervisor of somebody whose logbook one reads, and what waits for them."""
    return quiet_of(who, public_id, now())


@confirming.form("/reading/to-telephone/<public_id>", can="confirming.telephone", of=supervisor_read)
def telephone(found: tuple[Person, Quiet | None]) -> Any:
    """Say what came of talking to a supervisor."""
    (supervisor, quiet), form = found, SpokenForm()
    if quiet is not None and form.accepted():
        outcome = Spoken(form.outcome.data)
        telephoning.spoke(supervisor, quiet.placements, outcome, actor=who(), now=now())
        flash(SPOKEN[outcome].format(supervisor.name), "success")
        return redirect(request.path if outcome is Spoken.SOMEBODY_ELSE else url_for("confirming.to_telephone"))
    return page(form=form, supervisor=supervisor, quiet=quiet)
