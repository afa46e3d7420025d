"""What is true on paper about names, numbers and places of organisations."""

import re
from collections.abc import Collection
from datetime import date, timedelta
from difflib import SequenceMatcher
from urllib.parse import urlsplit

from placements.core.clock import add_working_days, take_working_days

PAPER_GRACE = 10  # working days that placements go on after a paper has run out; ours

# The 32 London boroughs and the City, as the Office for National Statistics spells them; some partners are elsewhere.
BOROUGHS = (
    *("Barking and Dagenham", "Barnet", "Bexley", "Brent", "Bromley", "Camden", "City of London", "Croydon", "Ealing"),
    *("Enfield", "Greenwich", "Hackney", "Hammersmith and Fulham", "Haringey", "Harrow", "Havering", "Hillingdon"),
    *("Hounslow", "Islington", "Kensington and Chelsea", "Kingston upon Thames", "Lambeth", "Lewisham", "Merton"),
    *("Newham", "Redbridge", "Richmond upon Thames", "Southwark", "Sutton", "Tower Hamlets", "Waltham Forest"),
    *("Wandsworth", "Westminster", "Outside London"),
)

# Words that many organisations' names share, and mail domains that anybody can have.
SAYS_LITTLE = {
    *("the", "a", "of", "and", "for", "in", "ltd", "limited", "cic", "cio", "plc", "llp", "uk", "london"),
    *("charity", "company", "group", "trust", "community", "project"),
}
MAIL_FOR_ANYBODY = {
    *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "live.co.uk"),
    *("yahoo.com", "yahoo.co.uk", "icloud.com", "me.com", "msn.com", "aol.com", "btinternet.com", "sky.com"),
    *("virginmedia.com", "talktalk.net", "proton.me", "protonmail.com", "gmx.com", "mail.com"),
    *("nhs.net", "ntlworld.com", "blueyonder.co.uk", "outlook.co.uk"),
}
WEBSITE_FOR_ANYBODY = {
    *("facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com", "linktr.ee"),
    *("eventbrite.co.uk", "justgiving.com", "sites.google.com", "meetup.com", "nextdoor.co.uk", "org.uk", "co.uk"),
}
ALIKE = 0.82

CHARITY_NUMBER = re.compile(r"\d{6,7}(-\d{1,2})?|SC\d{6}|NIC?\d{6}", re.ASCII)
COMPANY_NUMBER = re.compile(r"\d{8}|[A-Z]{2}\d{6}|[A-Z]{2}\d{5}[A-Z]", re.ASCII)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.ASCII | re.IGNORECASE)
WEB_ADDRESS = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}(?:[/?#][^\s\\<>\"'`{}|^]*)?",
    re.ASCII | re.IGNORECASE,
)
POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})", re.ASCII)


def split_name(name: str) -> tuple[str, str]:
    """A name as people write it, in two: what stands before the last space, and what after it."""
    given, _, family = " ".join(name.split()).rpartition(" ")
    return (given, family) if given else (family, "")


def charity_number(text: str) -> str | None:
    """A charity number as its register writes it (the three of the UK); None if it cannot be one."""
    tidy = text.replace(" ", "").upper()
    return tidy if CHARITY_NUMBER.fullmatch(tidy) else None


def company_number(text: str) -> str | None:
    """A company number in the eight characters of Companies House, zeros put back; None if it cannot be one."""
    tidy = text.replace(" ", "").upper()
    tidy = tidy.zfill(8) if tidy.isascii() and tidy.isdigit() and len(tidy) >= 6 else tidy
    return tidy if COMPANY_NUMBER.fullmatch(tidy) else None


def postcode(text: str) -> str | None:
    """A UK postcode with its one space; None if it cannot be one."""
    found = POSTCODE.fullmatch(text.replace(" ", "").upper())
    return f"{found[1]} {found[2]}" if found else None


def web_address(text: str) -> str | None:
    """A web address that a link may lead to, https put in front where nothing is; None for any other scheme or shape.

    No name and password, port or character that a browser reads in another way than people do.
    """
    written = text if "://" in text or SCHEME.match(text) else f"https://{text}"
    return written if WEB_ADDRESS.fullmatch(written) else None


def website_of(address: str) -> str | None:
    """The host of a web address, without “www.”, where it belongs to one organisation."""
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    return None if host in WEBSITE_FOR_ANYBODY else host or None


def domain_of(address: str) -> str | None:
    """The domain of an email address where it belongs to one organisation; None for mail that anybody can have."""
    domain = address.rpartition("@")[2].strip().lower()
    return None if domain in MAIL_FOR_ANYBODY else domain or None


def _words(name: str) -> list[str]:
    """The words of an organisation's name that set it apart, lower case."""
    words = re.findall(r"\w+", name.lower().replace("’", "").replace("'", ""))
    return [word for word in dict.fromkeys(words) if word not in SAYS_LITTLE]


def telling_words(name: str) -> list[str]:
    """The same, the longest first: what to look for."""
    return sorted(_words(name), key=lambda word: (-len(word), word))


def is_alike(one: str, other: str) -> bool:
    """Whether two names may be the same organisation's: one says all that the other says, or they are nearly equal."""
    first, second = _words(one), _words(other)
    if not first or not second:
        return False
    if set(first) <= set(second) or set(second) <= set(first):
        return True
    return SequenceMatcher(None, " ".join(first), " ".join(second)).ratio() >= ALIKE


def work_stops_after(until: date, closed: Collection[date]) -> date:
    """The last day on which placements go on though what they rest on ran out on `until`."""
    return add_working_days(until, PAPER_GRACE, closed)


def stopping_papers(day: date, closed: Collection[date]) -> date:
    """What ran out on this day, or before it, stops work on `day`."""
    until = take_working_days(day, PAPER_GRACE, closed)
    while work_stops_after(until, closed) >= day:
        until -= timedelta(days=1)
    return until
