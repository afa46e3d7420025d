"""The benchmark of pages works, at a size that shows nothing of speed."""

from dataclasses import replace

import pytest

from bench import deadline, outbox
from bench.candidates import Browser, Student
from bench.deadline import Found, Sent, Size
from bench.floor import PAGE, bare, floor_of, statements_of
from bench.measure import Line, at_most, costs, table
from bench.pages import LISTS, first_load
from bench.rows import OFFICER, RARE, Sizes
from bench.senders import Answer
from bench.site import filled
from placements.assessment.workflow import SubmissionState


@pytest.mark.pure
def test_every_list_is_reached_searched_and_stands_on_a_floor_that_prints_the_same() -> None:
    with filled(Sizes(organisations=60, challenges=60, enquiries=60), "sqlite") as site:
        for page in LISTS:
            client = site.as_(page.whose)
            client.get(page.url)
            statements, html = statements_of(site.app, client, page.url)
            assert 1 <= len(statements) <= page.queries
            assert floor_of(site.app, statements, html).get(PAGE).get_data(as_text=True) == html
            assert RARE.capitalize() in client.get(f"{page.url}?{page.search}={RARE}").get_data(as_text=True)
        assert {address.partition("?")[0].rpartition(".")[2] for address in first_load(site)} == {"css", "js", "woff2"}
        assert site.as_(OFFICER).get("/organisations").status_code == 200


@pytest.mark.pure
def test_a_bare_template_escapes_what_it_says(app) -> None:
    page = '<a href="/organisations">A &amp; B</a><p title="&lt;">{{ x }}</p>'
    template, values = bare(page, app.url_map.bind("localhost"))
    assert values == ["A & B", "<", "{{ x }}"]
    assert template.startswith("<a href=\"{{ url_for('partners.organisations') }}\">{{ values[0] }}</a>")


@pytest.mark.pure
def test_costs_are_medians_and_ratios_stand_beside_their_goals() -> None:
    calls: list[str] = []
    assert len(costs([lambda: calls.append("a"), lambda: calls.append("b")], 3)) == 2
    assert calls == ["a", "a", "b", "b", "a", "b", "a", "b", "a", "b"]  # twice to warm up, then in turn
    lines = [at_most("W1 x", 2.5, 3), at_most("W1 y", 3.5, 3), Line("W3 z", "9×")]
    assert [line.is_met for line in lines] == [True, False, None]
    assert table(lines).splitlines()[2] == "W1 y     3.50×  ≤ 3×  NO"


FEW = Size(
    students=5, slow=2, late=1, markers=2, visits=1, bytes=60_000, rate=200_000, seconds=3, settle=0, early=0.5, nice=0
)


@pytest.mark.pure
@pytest.mark.long
def test_a_last_minute_of_three_seconds_goes_well() -> None:
    found = deadline.run(FEW)
    assert [each.answer.status for each in (*found.on_time, *found.late)] == [302] * 6
    assert [each.kept and each.kept[1] for each in found.on_time] == [SubmissionState.RECEIVED] * 5
    assert [each.kept and each.kept[1] for each in found.late] == [SubmissionState.LATE]
    assert all(each.answer.took > 2 for each in found.on_time[:2])
    assert len(found.saves) >= 2
    assert {each.status for each in (*found.saves, *found.pages)} == {302, 200}
    assert min(found.cores) > 0


def handed_in(began: float, took: float, state: SubmissionState, stamp: float = 0) -> Sent:
    """Somebody who was told that it came, in the 60 seconds around a deadline at 100."""
    student = Student(1, Browser("", ""), b"", b"")
    return Sent(student, Answer(302, began, began + took), (began + stamp, state))


SAVED = Answer(302, 50, 50.1)
WELL = Found(
    on_time=[handed_in(98, 40, SubmissionState.RECEIVED), handed_in(50, 1, SubmissionState.RECEIVED, 0.9)],
    late=[handed_in(101, 1, SubmissionState.LATE)],
    saves=[SAVED, SAVED],
    pages=[SAVED, SAVED],
    alarmed=0,
    due=100,
    cores=(1, 0.1),
)
LATE = handed_in(98, 40, SubmissionState.LATE)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("found", "missed"),
    [
        (WELL, []),
        (replace(WELL, on_time=[replace(LATE, kept=None)]), ["lost", "on time (0 ended after 15:00)"]),
        (replace(WELL, on_time=[LATE]), ["on time (0 ended after 15:00)"]),
        (replace(WELL, late=[handed_in(101, 1, SubmissionState.RECEIVED)]), ["begun at 15:00:01, and late"]),
        (replace(WELL, on_time=[handed_in(98, 40, SubmissionState.RECEIVED, 1.1)]), ["stamp, furthest"]),
        (replace(WELL, saves=[SAVED, replace(SAVED, status=409)]), ["saves that failed"]),
        (replace(WELL, pages=[SAVED, replace(SAVED, status=500)]), ["no answer, or 5xx"]),
        (replace(WELL, pages=[SAVED, replace(SAVED, status=0)]), ["no answer, or 5xx"]),
        (replace(WELL, alarmed=1), ["told that nothing came"]),
    ],
    ids=["well", "lost", "late", "early", "stamp", "save", "5xx", "silence", "alarm"],
)
def test_each_goal_of_the_last_minute_can_be_missed(found: Found, missed: list[str]) -> None:
    assert [line.measure for line in deadline.lines(found) if line.is_met is False] == missed


@pytest.mark.pure
@pytest.mark.long
def test_the_outbox_is_measured_and_what_does_not_hang_on_speed_is_as_it_should_be() -> None:
    said = {line.measure: line for line in outbox.run("sqlite", mails=20, reminders=50, rounds=1)}
    assert (said["R1 queued by a second run"].found, said["R2 the claim sorts"].found) == ("0", "no")
    assert [name.split()[0] for name in said] == ["R1"] * 2 + ["R2"] * 2 + ["R3"] * 3 + ["R4"] * 4


@pytest.mark.pure
def test_a_ratio_that_is_to_be_large_stands_beside_the_least_it_may_be() -> None:
    assert [outbox.at_least("R1", ratio, 0.5).is_met for ratio in (0.4, 0.5)] == [False, True]
