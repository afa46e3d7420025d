"""All that happened about an enquiry on one line of time: what was done, noted and written."""

from collections.abc import Sequence
from datetime import datetime

from placements.core.policy import Abilities, Principal
from placements.enquiries.models import Enquiry, EnquiryNote, Referral
from placements.enquiries.queries import notes_on
from placements.history.queries import Happening, timeline
from placements.mail.queries import Told, sent_about

# What each mail said, by its notice: those about the enquiry itself, and those about what was passed on.
ABOUT_ENQUIRY = {
    "enquiries.received": "we have your enquiry",
    "enquiries.unconfirmed": "please confirm your enquiry",
    "enquiries.waiting": "a new enquiry",
    "enquiries.silent": "nothing has happened",
    "enquiries.accepted": "we would like to work with you",
    "enquiries.closed": "why we cannot help",
}
ABOUT_REFERRAL = {
    "enquiries.passed_on": "please take this on",
    "enquiries.unacknowledged": "do you have this?",
    "enquiries.nobody_has_it": "nobody has said that they have it",
    "enquiries.routed": "who will answer you",
}


def story_of(
    enquiry: Enquiry, referral: Referral | None, who: Principal, now: datetime, abilities: Abilities
) -> list[Happening]:
    """What happened, the newest first, as far as `who` may know. Three queries."""
    done = [each for each in timeline(enquiry, who, now, abilities) if each.verb != "noted"]  # notes say it themselves
    told = sent_about((ABOUT_ENQUIRY, enquiry.id), *([(ABOUT_REFERRAL, referral.id)] if referral else []))
    passed_on = _of_referral(referral) if referral else []
    notes = notes_on(enquiry) if abilities["enquiries.note"](who, enquiry, now) else []  # its writer reads none
    lines = [*done, *passed_on, *(_noted(each) for each in notes), *(_written(each) for each in told)]
    return sorted(lines, key=lambda each: each.at, reverse=True)


def _of_referral(referral: Referral) -> Sequence[Happening]:
    if referral.acknowledged_at is None:
        return []
    return [Happening(referral.acknowledged_at, referral.receiver.name, "has it", None)]


def _noted(note: EnquiryNote) -> Happening:
    return Happening(note.at, note.author.name, "note", note.text)


def _written(told: Told) -> Happening:
    subject = {**ABOUT_ENQUIRY, **ABOUT_REFERRAL}[told.notice]
    return Happening(told.at, "", f"mail to {told.to}", f"{subject} ({told.fate.value})")
