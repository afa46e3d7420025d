"""Golden texts: a change is found and shown, and rewritten only when asked."""

from pathlib import Path

import pytest
from flask import Flask

from placements.mail.notices import Notice
from tests.golden import check_golden, golden_problems

pytestmark = pytest.mark.pure

TESTS = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    monkeypatch.delenv("REWRITE_GOLDEN", raising=False)
    (tmp_path / "offers").mkdir()
    (tmp_path / "offers" / "made.txt").write_text("Dear Ada\n\nYou have an offer.\n", encoding="utf-8")


def test_the_same_text_passes_whatever_its_line_ends(tmp_path):
    check_golden("offers/made", "Dear Ada\n\nYou have an offer.\n", tmp_path)
    check_golden("offers/made", "Dear Ada\r\n\r\nYou have an offer.", tmp_path)


def test_a_changed_text_fails_with_a_diff(tmp_path):
    with pytest.raises(AssertionError) as failure:
        check_golden("offers/made", "Dear Ada\n\nYou have no offer.\n", tmp_path)
    assert "-You have an offer.\n+You have no offer." in str(failure.value)


def test_a_text_never_kept_fails(tmp_path):
    with pytest.raises(AssertionError, match="REWRITE_GOLDEN=1"):
        check_golden("offers/lapsed", "", tmp_path)


def test_a_text_is_rewritten_when_asked(tmp_path, monkeypatch):
    monkeypatch.setenv("REWRITE_GOLDEN", "1")
    check_golden("offers/lapsed/one", "Too late – sorry", tmp_path)
    monkeypatch.setenv("REWRITE_GOLDEN", "0")
    check_golden("offers/lapsed/one", "Too late – sorry", tmp_path)
    with pytest.raises(AssertionError):
        check_golden("offers/lapsed/one", "Too late", tmp_path)


def test_texts_that_nobody_keeps_or_compares_are_found(tmp_path):
    assert list(golden_problems(["offers.made"], "", tmp_path)) == []
    assert list(golden_problems(["offers.made", "offers.lapsed"], "", tmp_path)) == ["offers/lapsed is kept nowhere"]
    assert list(golden_problems([], "", tmp_path)) == ["offers/made is compared nowhere"]


def test_a_variant_is_known_only_by_the_test_that_names_it(tmp_path):
    (tmp_path / "offers" / "made_late.txt").write_text("Dear Ada\n", encoding="utf-8")
    assert list(golden_problems(["offers.made"], 'check_golden("offers/made_late", text)', tmp_path)) == []
    assert list(golden_problems(["offers.made"], "", tmp_path)) == ["offers/made_late is compared nowhere"]


def declared(app: Flask) -> list[str]:
    """The name of every notice of every area."""
    notices: dict[str, Notice] = app.extensions["placements.notices"]
    return list(notices)


def test_every_notice_has_its_text_and_every_text_its_notice_or_test(app: Flask) -> None:
    tests = "".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    assert list(golden_problems(declared(app), tests)) == []


def test_a_notice_that_is_new_or_gone_is_found(app: Flask) -> None:
    tests = "".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    names = {*declared(app), "offers.rescinded"} - {"offers.withdrawn"}
    assert list(golden_problems(names, tests)) == [
        "offers/rescinded is kept nowhere",
        "offers/withdrawn is compared nowhere",
    ]
