"""The benchmark of pages works, at a size that shows nothing of speed."""

import pytest

from bench.floor import PAGE, bare, floor_of, statements_of
from bench.measure import Line, at_most, costs, table
from bench.pages import LISTS, first_load
from bench.rows import OFFICER, RARE, Sizes
from bench.site import filled


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
