"""That a person notices a page which is not whole."""

import pytest

from tests.browser import PHONE
from tests.journeys.people import Town

pytestmark = pytest.mark.browser


def test_a_page_of_ours_is_whole_with_and_without_javascript(town: Town) -> None:
    somebody = town.somebody("A Stranger", PHONE)
    somebody.goes_to("/")
    assert ("js-enabled" in somebody.page.content()) is town.has_script


@pytest.mark.parametrize("town", [True], indirect=True, ids=["with JavaScript"])
@pytest.mark.parametrize(
    ("planted", "noticed"),
    [
        ("<img src='/no-such-picture' alt=''>", "404: "),
        ("<img src='http://127.0.0.1:1/' alt=''>", "no answer: "),
        ("<img src='data:,x' alt=''><meta http-equiv='Content-Security-Policy' content='script-src z'>", "console: "),
        ("<script>nothing.there()</script>", "script: "),
        ("<p style='width: 3000px'>A long way</p>", "it scrolls sideways"),
    ],
    ids=["a missing picture", "a dead server", "a word on the console", "a broken script", "a wide page"],
)
def test_a_page_that_is_not_whole_is_noticed(town: Town, planted: str, noticed: str) -> None:
    somebody = town.somebody("A Stranger", PHONE)
    whole = "<!doctype html><meta name=viewport content='width=device-width'><main>"
    somebody.page.route("**/planted", lambda route: route.fulfill(body=whole + planted, content_type="text/html"))
    with pytest.raises(AssertionError, match=noticed):
        somebody.goes_to("/planted")
