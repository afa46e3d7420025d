"""How pages stand beside the goals W1, W2, W3 and W6. Run by hand, never a test; a few minutes.

    .venv/bin/python -m bench.pages                                    SQLite, 100 rows against 100,000
    scripts/postgres .venv/bin/python -m bench.pages --database postgresql
    .venv/bin/python -m bench.pages --rows 5000                        quicker

It makes its databases in a temporary folder (PostgreSQL: databases of its own on the server of TEST_POSTGRES_URL or
DATABASE_URL, dropped afterwards), signs in through Flask's test client, and reaches no network.

W1  With 600 organisations and 1,000 challenges and enquiries: the CPU of each page against its floor. `floor.py` says
    exactly what that is: the same rows by driver, and a bare Jinja template that prints the same page. PostgreSQL
    answers in a process of its own, whose CPU counts on neither side: the ratios stand higher there, since SQLite's
    work is in both.
W2  How many statements a page sends; the same however long the list is.
W3  With 100 and with `--rows` of each: the CPU and the clock of a list's first page, of the last page that it has (a
    list ends after its first thousand, and says so) and of a search for a word that 30 rows hold. A word that every
    eighth row holds is measured too, without a goal: what is found must be put in order.
W6  The size of each page, and of what a first visit loads besides, compressed.
"""

import argparse
import gzip
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from bench.floor import PAGE, floor_of, statements_of
from bench.measure import Line, at_most, costs, table
from bench.rows import CHAMPION, COMMON, OFFICER, RARE, STUDENT, Sizes
from bench.site import Site, filled
from placements.db import COUNTED

USUAL = Sizes(organisations=600, challenges=1000, enquiries=1000)
FEW = 100
KB = 1024
LOADED = re.compile(r'(?:href|src)="(/static/(?:css|js|fonts)/[^"]+)"')
IMPORTED = re.compile(r"""(?:from|import)\s*["']([^"']+)["']""")


@dataclass(frozen=True)
class Measured:
    """A page, whose it is, what its search is called, how many rows it shows, and its goals of W1 and W2."""

    name: str
    whose: str
    url: str
    search: str = "text"
    shows: int = 25
    times: float = 3
    queries: int = 4


LISTS = (
    Measured("organisations", OFFICER, "/organisations"),
    Measured("enquiries", OFFICER, "/enquiries"),
    Measured("challenges", OFFICER, "/challenges"),
    Measured("open challenges", "", "/open-challenges", shows=24),
    Measured("find challenges", STUDENT, "/find", search="q", shows=15),
)
BOARDS = (
    Measured("home of engagement", OFFICER, "/home", times=5, queries=8),
    Measured("home of a champion", CHAMPION, "/home", times=5, queries=8),
    Measured("coverage", OFFICER, "/coverage", times=5, queries=8),
    Measured("map by borough", OFFICER, "/coverage/map", times=5, queries=8),
    Measured("what expires", OFFICER, "/expiries", times=5, queries=8),
)


def against_the_floor(site: Site, rounds: int) -> Iterator[Line]:
    """W1 and W2."""
    counted = []
    for page in (*LISTS, *BOARDS):
        client = site.as_(page.whose)
        client.get(page.url)  # what is asked once and remembered
        statements, html = statements_of(site.app, client, page.url)
        floor = floor_of(site.app, statements, html)
        own, least = costs([lambda c=client, u=page.url: c.get(u), lambda c=floor: c.get(PAGE)], rounds)
        note = f"  ({own.cpu * 1000:.1f} of {least.cpu * 1000:.1f} ms)"
        yield at_most(f"W1 {page.name}", own.cpu / least.cpu, page.times, note)
        many = len(statements)
        counted.append(Line(f"W2 {page.name}", f"{many} queries", f"≤ {page.queries}", many <= page.queries))
    yield from counted


def against_few(few: Site, many: Site, rounds: int) -> Iterator[Line]:
    """W3."""
    for page in LISTS:
        clients = [site.as_(page.whose) for site in (few, many)]
        last = COUNTED // page.shows
        asked = {
            "first page": (page.url, page.url, 1.3),
            f"page {last}": (page.url, f"{page.url}?page={last}", 1.3),
            "search": (f"{page.url}?{page.search}={RARE}", f"{page.url}?{page.search}={RARE}", 1.3),
            "common word": (f"{page.url}?{page.search}={COMMON}", f"{page.url}?{page.search}={COMMON}", 0),
        }
        for what, (url, of_many, goal) in asked.items():
            small, large = costs(
                [lambda c=clients[0], u=url: c.get(u), lambda c=clients[1], u=of_many: c.get(u)],
                rounds if goal else 5,
            )
            for kind, ratio in (("CPU", large.cpu / small.cpu), ("clock", large.wall / small.wall)):
                name = f"W3 {page.name}, {what}, {kind}"
                yield at_most(name, ratio, goal) if goal else Line(name, f"{ratio:.2f}×")


def sizes(site: Site) -> Iterator[Line]:
    """W6."""
    for page in (*LISTS, *BOARDS):
        size = len(site.as_(page.whose).get(page.url).data)
        yield Line(f"W6 {page.name}", f"{size / KB:.0f} KB", "≤ 60 KB", size <= 60 * KB)
    loaded = first_load(site)
    total = sum(loaded.values())
    yield Line(f"W6 first load, {len(loaded)} files", f"{total / KB:.0f} KB", "≤ 200 KB", total <= 200 * KB)


def first_load(site: Site) -> dict[str, int]:
    """The CSS, JavaScript and fonts that the front page loads, with what they import: compressed size by address."""
    client = site.as_("")
    found: dict[str, int] = {}
    waiting = set(LOADED.findall(client.get("/").get_data(as_text=True)))
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        assert answer.status_code == 200, address
        content = answer.get_data()
        answer.close()
        found[address] = len(content if address.endswith(".woff2") else gzip.compress(content))
        if address.partition("?")[0].endswith(".js"):
            waiting |= {urljoin(address, each) for each in IMPORTED.findall(content.decode()[:2000])} - found.keys()
    return found


def run(rows: int, database: str, rounds: int) -> list[Line]:
    """Every line of the table."""
    with filled(USUAL, database) as usual:
        lines = [*against_the_floor(usual, rounds), *sizes(usual)]
    few, many = (Sizes(organisations=number, challenges=number, enquiries=number) for number in (FEW, rows))
    with filled(few, database) as small, filled(many, database) as large:
        return [*lines, *against_few(small, large, rounds)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000, help="of each list in the larger database of W3")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--rounds", type=int, default=31)
    given = parser.parse_args()
    logging.disable(logging.INFO)  # what migrations tell
    print(f"{given.database}, {FEW} against {given.rows:,} rows, the median of {given.rounds} rounds\n")
    print(table(run(given.rows, given.database, given.rounds)))


if __name__ == "__main__":
    main()
