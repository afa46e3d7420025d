"""Every page that somebody may see, once for each distinct view, in a real browser: axe, width, and size of targets."""

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, Route, ViewportSize

from tests.browser import DESKTOP, NARROW, chromium, context_for, server, session_cookie
from tests.databases import Copy, Databases, copy_of
from tests.factories import NOW
from tests.site import every_page
from tests.site.every_page import Place, View
from tests.site.routes import BY_TOKEN, endpoints, rows, url_of
from tests.site.world import PRINCIPALS, World, committed

pytestmark = pytest.mark.browser

AXE = Axe()
LOOK = """async () => {
    const {violations} = await axe.run({resultTypes: ['violations']});
    const {scrollWidth, clientWidth} = document.documentElement;
    const small = [...document.querySelectorAll('a, button, input, select, textarea, summary')]
        .filter(e => e.type !== 'hidden' && e.offsetParent
            && !e.closest('p, dd, td, li, .govuk-error-summary, .govuk-hint, .demo')
            && !e.matches('.govuk-skip-link, .govuk-visually-hidden, .govuk-radios__input, .govuk-checkboxes__input'))
        .map(e => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
        .filter(([, r]) => r.width > 0 && (r.width < 24 || r.height < 24)).map(([html]) => html);
    return [violations, scrollWidth - clientWidth, small];
}"""  # all of it at once: each question to a browser waits for its answer


def views() -> list[tuple[View, list[ViewportSize]]]:
    """The first two who see each page, so that two sides of it are looked at, and how wide their windows are.

    The second has a narrow one, where what is shown to them alone has the least room.
    """
    seen: list[tuple[View, list[ViewportSize]]] = []
    for row in rows():
        if row["object"] == BY_TOKEN:
            continue
        who = [name for name in PRINCIPALS if row[name].startswith("200")]
        for name, sizes in zip(who, ([NARROW, DESKTOP], [NARROW]), strict=False):
            seen.append(((row["endpoint"], row["object"], name), sizes))
    return seen


@pytest.fixture(scope="module")
def copy(databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    with copy_of(databases, template, tmp_path_factory.mktemp("axe")) as made:
        yield made


@pytest.fixture(scope="module")
def world(copy: Copy) -> World:
    every_page.stand_still(copy.app, NOW)
    with copy.app.app_context():
        return committed()


@pytest.fixture(scope="module")
def here(databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with every_page.place(databases, template, tmp_path_factory.mktemp("errors"), NOW) as made:
        yield made


@pytest.fixture(scope="module")
def address(copy: Copy) -> Iterator[str]:
    with server(copy.app) as where:
        yield where


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def page_of(browser: Browser, address: str, copy: Copy, world: World) -> Callable[[str], Page]:
    """Where that principal is signed in: one for all the pages they see, so that it keeps our styles and fonts."""

    @cache
    def opened(principal: str) -> Page:
        cookie = session_cookie(copy.app, world.accounts.get(principal))
        context = context_for(browser, address, cookie, DESKTOP)
        context.add_init_script(AXE.axe_script)  # kept there: to send half a megabyte to each page takes a while
        return context.new_page()

    return opened


@pytest.mark.parametrize(("view", "sizes"), [pytest.param(*each, id="-".join(each[0])) for each in views()])
def test_a_page_is_accessible(
    page_of: Callable[[str], Page], address: str, copy: Copy, world: World, *, view: View, sizes: list[ViewportSize]
) -> None:
    endpoint, thing, principal = view
    rule = endpoints(copy.app)[endpoint]
    if "GET" not in (rule.methods or ()):
        return
    page = page_of(principal)
    page.set_viewport_size(NARROW)
    problems = []
    if is_shown(page, address + url_of(rule, {"endpoint": endpoint, "object": thing}, world)):
        for size in sizes:
            page.set_viewport_size(size)
            problems += [f"{size['width']} px: {each}" for each in page_problems(page)]
    assert problems == []


def is_shown(page: Page, url: str) -> bool:
    """Go there; False where it is a file to keep and no page. Raises AssertionError where another answer comes."""
    try:
        answer = page.goto(url)
    except Error as error:
        if "Download is starting" not in error.message:
            raise
        return False
    assert answer is not None
    assert (answer.status, answer.url) == (200, url)
    return True


@pytest.mark.parametrize("principal", [name for name in PRINCIPALS if name != "anonymous"])
def test_the_header_is_two_rows_whoever_one_is(page_of: Callable[[str], Page], address: str, principal: str) -> None:
    page = page_of(principal)
    page.set_viewport_size(DESKTOP)
    page.goto(address + "/")
    middles = """all => new Set(
        all.map(each => each.getBoundingClientRect()).map(({top, height}) => Math.round(top + height / 2))
    ).size"""
    for row, least in ((".brand, .masthead__link, .nav__account", 3), (".nav__links li", 0)):
        found = page.locator(row)
        assert found.count() >= least
        assert found.evaluate_all(middles) <= 1


@pytest.mark.parametrize("path", ["/no-such-page", "/me"], ids=["an error page", "the sign-in page instead"])
def test_another_page_than_was_asked_for_is_found(browser: Browser, address: str, path: str) -> None:
    page = browser.new_page()
    with pytest.raises(AssertionError):
        is_shown(page, address + path)
    page.close()


@pytest.mark.parametrize("view", every_page.views(), ids="-".join)
def test_a_page_that_says_what_is_wrong_is_accessible(
    page_of: Callable[[str], Page], address: str, here: Place, view: View
) -> None:
    page = page_of("anonymous")
    page.set_viewport_size(NARROW)
    problems = []
    for answer in here.sent_empty(view):
        if answer.errors:
            page.route(address + "/shown", partial(_answer_with, answer.html))
            page.goto(address + "/shown")
            problems += page_problems(page)
            page.unroute(address + "/shown")
    assert problems == []


def _answer_with(html: str, route: Route) -> None:
    route.fulfill(status=422, content_type="text/html; charset=utf-8", body=html)


def page_problems(page: Page) -> list[str]:
    """What axe finds, sideways scrolling, and targets below 24 px."""
    violations, wider, small = page.evaluate(LOOK)
    found = [f"{each['id']}: {each['help']} {_where(each)}" for each in violations]
    if wider > 0:
        found.append(f"scrolls sideways by {wider} px")
    return found + [f"small target: {html}" for html in small]


def _where(violation: dict[str, object]) -> str:
    return json.dumps([node["html"][:150] for node in violation["nodes"][:3]])  # type: ignore[index]


def test_planted_faults_are_found(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    path.write_text(
        "<!doctype html><html lang=en><title>Bad</title><h1>Bad</h1><img src=x><p style='width:3000px;color:#eee'>pale</p>"
        "<div><button style='width:9px;height:9px;padding:0'>x</button></div></html>"
    )
    page = browser.new_page(viewport=NARROW)
    page.add_init_script(AXE.axe_script)
    page.goto(path.as_uri())
    found = " ".join(page_problems(page))
    for planted in ("image-alt", "color-contrast", "scrolls sideways", "small target"):
        assert planted in found
