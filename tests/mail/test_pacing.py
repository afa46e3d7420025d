"""When mail goes out, minute by minute over every change of the clocks for eleven years; nights, weekends, closed days."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from placements.attendance.rules import asked_at
from placements.confirming import rules as confirming
from placements.core.clock import in_london
from placements.mail.pacing import HOURS, digest_at, due_digests, is_night, next_digest, read_steps
from placements.mail.stepping import latest_morning
from placements.placing import rules as placing

pytestmark = pytest.mark.pure

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)
YEARS = range(2026, 2037)


def changes() -> Iterator[date]:
    """The last Sundays of March and October."""
    for year in YEARS:
        for month in (3, 10):
            last = date(year, month, 31)
            yield last - timedelta(days=(last.weekday() + 1) % 7)


CHANGES = list(changes())


def minutes(since: datetime, until: datetime) -> Iterator[datetime]:
    """Every minute between two instants, as a worker's clock ticks."""
    while since < until:
        yield since
        since += MINUTE


def around(sunday: date) -> Iterator[datetime]:
    """Every minute from the Friday before a change to the Tuesday after it."""
    at = datetime.combine(sunday, time(), UTC)
    return minutes(at - timedelta(days=2), at + timedelta(days=3))


def wall(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%a %H:%M}"


def test_the_changes_are_those_of_the_law() -> None:
    assert len(CHANGES) == 22
    assert CHANGES[:2] == [date(2026, 3, 29), date(2026, 10, 25)]
    for sunday in CHANGES:
        offsets = {
            (at.astimezone(LONDON)).utcoffset() for at in (in_london(sunday, time(0)), in_london(sunday, time(12)))
        }
        assert len(offsets) == 2


@pytest.mark.parametrize("sunday", CHANGES, ids=str)
def test_each_hours_mail_goes_once_a_working_day_at_its_minute(sunday: date) -> None:
    went: dict[int, list[str]] = {hour: [] for hour in HOURS}
    had: set[tuple[int, date]] = set()
    for now in around(sunday):
        day = now.astimezone(LONDON).date()
        for hour, until in due_digests(now, ()):
            assert until == in_london(day, time(hour))
            if (hour, day) not in had:
                had.add((hour, day))
                went[hour].append(wall(now))
    assert went == {
        9: ["Fri 09:10", "Mon 09:10", "Tue 09:10"],
        12: ["Fri 12:10", "Mon 12:10", "Tue 12:10"],
        17: ["Fri 17:10", "Mon 17:10", "Tue 17:10"],
        20: ["Fri 20:10", "Mon 20:10", "Tue 20:10"],
    }


@pytest.mark.parametrize("sunday", CHANGES, ids=str)
def test_what_is_said_to_come_next_is_what_comes(sunday: date) -> None:
    for hour in HOURS:
        announced = Counter(next_digest(now, hour, ()) for now in around(sunday))
        assert [wall(each) for each in announced] == [f"{day} {hour:02}:10" for day in ("Fri", "Mon", "Tue", "Wed")][
            -len(announced) :
        ]
        assert all(now < next_digest(now, hour, ()) for now in around(sunday))


@pytest.mark.parametrize("sunday", CHANGES, ids=str)
def test_a_night_is_from_nine_to_seven_on_londons_clocks(sunday: date) -> None:
    edges, before = [], None
    for now in around(sunday):
        if before is not None and is_night(now) is not before:
            edges.append(wall(now))
        before = is_night(now)
    days = ("Fri", "Sat", "Sun", "Mon", "Tue")
    assert edges == [f"{day} {hour}" for day in days for hour in ("07:00", "21:00")]


@pytest.mark.parametrize("sunday", CHANGES, ids=str)
def test_weekly_and_morning_reminders_come_once_at_their_hour(sunday: date) -> None:
    """Deadlines on each day around the change; whoever asks each minute sees each moment begin once."""
    asked, steps = [], {day: [] for day in (sunday + timedelta(days=ahead) for ahead in range(-1, 4))}
    weekly = confirming.last_asking(next(around(sunday)))
    seen: dict[date, set[datetime]] = {day: set() for day in steps}
    for now in around(sunday):
        if confirming.last_asking(now) != weekly:
            weekly = confirming.last_asking(now)
            asked.append((wall(now), wall(weekly)))
        for day, said in steps.items():
            moment = latest_morning(day, (-7, -2, 0), now, before=in_london(day, time(15)))
            if moment is not None and moment not in seen[day]:
                seen[day].add(moment)
                if moment >= next(around(sunday)):
                    said.append(wall(now))
    assert asked == [("Mon 09:00", "Mon 09:00")]
    assert steps == {
        sunday - timedelta(days=1): ["Sat 09:00"],
        sunday: ["Fri 09:00", "Sun 09:00"],
        sunday + timedelta(days=1): ["Sat 09:00", "Mon 09:00"],
        sunday + timedelta(days=2): ["Sun 09:00", "Tue 09:00"],
        sunday + timedelta(days=3): ["Mon 09:00"],
    }


@pytest.mark.parametrize("sunday", CHANGES, ids=str)
def test_moments_named_by_a_day_are_at_their_hour_of_it(sunday: date) -> None:
    for ahead in range(-2, 4):
        day = sunday + timedelta(days=ahead)
        assert wall(placing.told_at(day)) == f"{day:%a} 09:00"
        assert wall(confirming.told_at(day)) == f"{day:%a} 17:00"
        assert wall(asked_at(day - timedelta(days=7), 7, ())).endswith(" 09:00")
        for hour in HOURS:
            assert wall(digest_at(day, hour)) == f"{day:%a} {hour:02}:10"


def test_closed_days_have_no_days_mail() -> None:
    christmas = {date(2026, 12, 24) + timedelta(days=ahead) for ahead in range(8)}  # Thursday to Thursday
    wednesday = in_london(date(2026, 12, 23), time(18))
    assert next_digest(wednesday, 17, christmas) == in_london(date(2027, 1, 1), time(17, 10))
    assert next_digest(wednesday, 20, christmas) == in_london(date(2026, 12, 23), time(20, 10))
    assert due_digests(in_london(date(2026, 12, 28), time(12, 30)), christmas) == []
    assert due_digests(in_london(date(2026, 12, 26), time(12, 30)), ()) == []  # a Saturday
    assert due_digests(in_london(date(2026, 12, 23), time(21, 30)), ()) == []  # at night


def test_steps_are_read_as_they_are_kept() -> None:
    assert read_steps("-7 -2 0 1") == (-7, -2, 0, 1)
