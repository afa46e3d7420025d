"""What an area declares to be told is looked at when the application starts."""

from pathlib import Path

import pytest

from placements.app import create_app
from placements.mail.notices import Notice, init_notices
from tests.databases import make_settings

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["nowhere.nothing"], "notice nowhere.nothing has no template mail/nowhere/nothing.html"),
        (["accounts.sign_in_link"] * 2, "notice declared twice: accounts.sign_in_link"),
    ],
)
def test_a_notice_that_could_not_be_sent_stops_the_start(tmp_path: Path, names: list[str], said: str) -> None:
    app = create_app(make_settings("sqlite://", tmp_path))
    with pytest.raises(ValueError, match=f"^{said}$"):
        init_notices(app, [Notice(name, lambda *_: None) for name in names], [])
