"""A worker that is killed (kill -9) when it has written a case file and not kept it, where DIE says so."""

import os
import signal
from typing import Any

from placements.app import create_app
from placements.cases import making
from placements.config import Settings
from tests.factories import NOW

keep = making._keep


def _keep(*given: Any) -> bool:
    if os.environ.get("DIE"):
        os.kill(os.getpid(), signal.SIGKILL)
    return keep(*given)


making._keep = _keep

if __name__ == "__main__":
    with create_app(Settings.from_environment()).app_context():
        making.make_due(NOW)
