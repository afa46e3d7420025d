"""Golden texts: a change is found and shown, and rewritten only when asked."""

import pytest

from tests.golden import check_golden, unchecked

pytestmark = pytest.mark.pure


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


def test_texts_that_nobody_compares_are_found(tmp_path):
    assert unchecked({"offers/made"}, tmp_path) == []
    assert unchecked(set(), tmp_path) == ["offers/made"]
