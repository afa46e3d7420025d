"""England's bank holidays and the Christmas closure of an academic year, as names by day.

Bank holidays follow the Banking and Financial Dealings Act 1971 and what GOV.UK publishes at www.gov.uk/bank-holidays;
one that is proclaimed for a single year, or moved, is added or taken out by hand. The closure between Christmas and New
Year is the university's usual one (ours).
"""

from collections.abc import Iterator
from datetime import date, timedelta

DAY = timedelta(days=1)
CLOSES_ON = (12, 24)  # the first day of the Christmas closure, which ends before New Year’s Day
CLOSURE = "Christmas closure"
CHRISTMAS = {4: (25, 28), 5: (27, 28), 6: (27, 26)}  # Christmas Day on a Friday, Saturday, Sunday: the two holidays


def usual_closures(academic_year: str) -> dict[date, str]:
    """Every weekday of the academic year “2026/27” (August to July) that is usually closed, and its name, in order."""
    first = int(academic_year[:4])
    found = dict(_closure(first)) | {day: name for year in (first, first + 1) for day, name in bank_holidays(year)}
    return {day: name for day, name in sorted(found.items()) if date(first, 8, 1) <= day < date(first + 1, 8, 1)}


def bank_holidays(year: int) -> Iterator[tuple[date, str]]:
    """England's bank holidays of a calendar year, in order; one that falls on a weekend is the next free weekday."""
    easter = easter_sunday(year)
    yield _weekday(date(year, 1, 1)), "New Year’s Day"
    yield easter - 2 * DAY, "Good Friday"
    yield easter + DAY, "Easter Monday"
    yield _monday(date(year, 5, 1)), "Early May bank holiday"
    yield _monday(date(year, 5, 25)), "Spring bank holiday"
    yield _monday(date(year, 8, 25)), "Summer bank holiday"
    christmas, boxing = CHRISTMAS.get(date(year, 12, 25).weekday(), (25, 26))
    yield from sorted({date(year, 12, christmas): "Christmas Day", date(year, 12, boxing): "Boxing Day"}.items())


def easter_sunday(year: int) -> date:
    """Western Easter (the anonymous Gregorian computus)."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _closure(year: int) -> Iterator[tuple[date, str]]:
    days = (date(year, *CLOSES_ON) + n * DAY for n in range(8))
    yield from ((day, CLOSURE) for day in days if day.weekday() < 5)


def _weekday(day: date) -> date:
    """The day, or the Monday after its weekend."""
    return day + max(0, 7 - day.weekday()) * DAY if day.weekday() > 4 else day


def _monday(day: date) -> date:
    """The first Monday from the day on."""
    return day + (-day.weekday() % 7) * DAY
