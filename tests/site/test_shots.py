"""The script that photographs every page names endpoints that there are."""

from flask import Flask

from scripts.shots import BY_NOBODY, MOVED, UNLIKE, pages


def test_it_names_pages_that_there_are(app: Flask) -> None:
    assert {*UNLIKE, *BY_NOBODY, *MOVED.values()} - pages(app) == set()
