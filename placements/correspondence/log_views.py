"""What was sent to somebody and whether it arrived, and why one mail came. The area's routes begin here."""

from collections.abc import Sequence
from typing import Any

from placements.cohorts.queries import closed_days
from placements.core.clock import say_when
from placements.correspondence import forms, log, queries
from placements.correspondence.kinds import hour_of, kinds_of
from placements.correspondence.log import Line, Opened
from placements.correspondence.rules import FATES, Fate
from placements.correspondence.sight import Correspondent, Sight, correspondent_of, readers_of
from placements.mail.notices import Pace, notices
from placements.mail.pacing import next_digest
from placements.mail.reached import reach_of
from placements.mail.wording import Words, words_of
from placements.mailing.rules import SAID, reason_of, why_it_comes_back
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.sheets import csv_download
from placements.web.site import now, site, who

correspondence = Area("correspondence", __name__)
GONE = Words("A kind of mail that is not sent any more")


def words_for(line: Line) -> Words:
    """What a kind of notice says of itself."""
    notice = notices().get(line.notification.notice)
    return words_of(notice) if notice else GONE


def is_private(line: Line) -> bool:
    """Whether nobody but its reader sees that it was sent."""
    notice = notices().get(line.notification.notice)
    return notice is not None and notice.private


def _readers(whose: Correspondent, lines: Sequence[Line]) -> list[str]:
    """Who else may see that a mail with these was sent, and how much; nobody where all of it is private."""
    if all(is_private(line) for line in lines):
        return []
    told = [
        f"{each[:1].upper()}{each[1:]}, with what it was about, but not what it said"
        for each in readers_of(whose.person.id)
    ]
    return [*told, "Administrators: when it was sent and whether it arrived"]


def _arriving(whose: Correspondent) -> dict[str, Any]:
    """That mail to them comes back, if it does; whom at which organisation they are, and whether one may correct it."""
    reach = reach_of([whose.person.id]).get(whose.person.id)
    contact = queries.contact_looked_after(who(), whose.person.id)
    corrects = contact is not None and site().abilities["mailing.correct_contact"](who(), contact, now())
    return {"bounce": reach and reach.bounce, "contact": contact, "corrects": corrects, "why_back": why_it_comes_back}


def _filters(whose: Correspondent) -> forms.LogFilters:
    if whose.sight is Sight.DELIVERY:
        return forms.LogFilters(None)
    is_own = whose.sight is Sight.OWN
    return forms.LogFilters([each for each in kinds_of(whose.person.id) if is_own or not each.is_private])


def _asked(filters: forms.LogFilters) -> tuple[str | None, Fate | None]:
    given = filters.values()
    return given.get("kind"), given["fate"]


@correspondence.get("/people/<public_id>/mail", can="correspondence.person", of=correspondent_of)
def person(whose: Correspondent) -> Any:
    """Everything that somebody was told or is to be, as far as whoever asks may know of it."""
    filters = _filters(whose)
    shown, count = log.lines(whose, *_asked(filters), PAGE_SIZE, page_number())
    return page(
        whose=whose.person,
        sight=whose.sight,
        filters=filters,
        lines=shown,
        paging=paging(len(shown), count),
        words_for=words_for,
        days_mail=next_digest(now(), hour_of(whose.person.id), closed_days()),
        **_arriving(whose),
    )


@correspondence.get("/people/<public_id>/mail.csv", can="correspondence.export_person", of=correspondent_of)
def export_person(whose: Correspondent) -> Any:
    """The same lines as a sheet."""
    shown = log.all_lines(whose, *_asked(_filters(whose)))
    header = ("What it was about",) if whose.sight is not Sight.DELIVERY else ()
    rows = ((*(words_for(line).title for _ in header), *_cells(line)) for line in shown)
    return csv_download(f"Mail to {whose.person.name}", (*header, "Due", "Status", "Sent"), rows)


def _cells(line: Line) -> tuple[str, str, str]:
    sent_at = line.message.sent_at if line.message and line.fate is Fate.SENT else None
    return say_when(line.notification.due_at), FATES[line.fate], say_when(sent_at) if sent_at else ""


@correspondence.get("/mail/message/<public_id>", can="correspondence.message", of=log.opened)
def message(opened: Opened) -> Any:
    """Why one mail came: what it was about, what made it due and what stops it, and how its sending went."""
    whose, mail = opened.whose, opened.message
    return page(
        whose=whose.person,
        sight=whose.sight,
        message=mail,
        lines=opened.lines,
        words_for=words_for,
        readers=_readers(whose, opened.lines),
        is_private=is_private,
        problem=SAID[reason_of(mail.problem)] if mail.problem else None,
        paces=PACES,
        **_arriving(whose),
    )


PACES = {
    Pace.NOW: "It cannot wait, so it was sent at once.",
    Pace.SOON: "It was sent at once, but for the night.",
    Pace.DAILY: "It waited for the day’s mail.",
}
