"""Workers that only deliver mail, to be killed: each line of input is answered with the number of one more process.

`careless` marks each message before it is sent, which is the order that delivery does not use.
"""

import os
import signal
import sys
import time
from datetime import timedelta

from placements.app import create_app
from placements.config import Settings
from placements.mail import delivery
from placements.worker import deliver_mail

send, mark = delivery._send, delivery._mark


def careless(prepared, leased, transport, now, machine):  # type: ignore[no-untyped-def]
    """Mark, then send: what happens in between is never heard of again."""
    state = mark(prepared, leased, None, now, machine)
    if prepared.mail is not None:
        transport.send(prepared.message, prepared.mail)
    return state


def main() -> None:
    if "careless" in sys.argv:
        delivery._send = careless
    delivery.BACK_OFF = (timedelta(seconds=1),) * 50  # a drill has no half hour to wait
    app = create_app(Settings.from_environment())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        child = os.fork()
        if child:
            print(child, flush=True)
            continue
        with app.app_context():
            while True:
                try:
                    deliver_mail()
                except OSError:
                    if "careless" not in sys.argv:
                        raise
                time.sleep(0.05)


if __name__ == "__main__":
    main()
