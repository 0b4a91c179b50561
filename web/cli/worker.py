"""`saanphaen worker`: runs what is due until it is told to stop."""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import sys
import threading
import time
from typing import Final

import click

_LONGEST_GOODBYE: Final = 9.0  # seconds that the job in hand has when the worker is stopped


@click.command("worker", short_help="Run what falls due.")
@click.option("--with-parent", is_flag=True, hidden=True)  # ends with the process that started it
def command(*, with_parent: bool) -> None:
    """Run timers, messages, reminders and escalations as they fall due; SIGTERM lets it finish the job in hand (9 s).

    As many workers as wanted may run on one database.
    """
    from engine import SigningKey, Worker
    from web.anchoring.delivery import Deliveries
    from web.anchoring.duty import Anchoring
    from web.cli.leaving import leave
    from web.cli.opening import opened, read_settings
    from web.composition import file_store
    from web.log_setup import configure_logging
    from web.operations.life_signs import LifeSign
    from web.privacy.worker import DailySweep

    settings = read_settings()
    configure_logging(settings)
    duties = []
    if settings.audit_key is not None:
        duties.append(Anchoring(SigningKey.read(settings.audit_key), every=settings.audit_interval))
    asked = {signal.SIGTERM, signal.SIGINT}
    # Before any thread is there: threads inherit the mask, so that the signals wait for this one.
    signal.pthread_sigmask(signal.SIG_BLOCK, asked)
    if with_parent:
        threading.Thread(target=end_with_parent, daemon=True).start()
    with opened(duties=duties) as engine:
        sign, deliveries = LifeSign(engine), Deliveries(engine, settings)
        sweep = DailySweep(engine, settings, file_store(settings))

        def after_beat(now: dt.datetime) -> None:
            sign(now)
            deliveries(now)
            sweep(now)

        worker = Worker(engine, after_beat=after_beat)
        worker.start()
        signal.sigwait(asked)
        threading.Thread(target=_give_up, daemon=True).start()
        worker.stop()
        sign.withdraw()
    leave()


def _give_up() -> None:
    """End when the job in hand takes too long: its transaction is rolled back, and another worker does it."""
    time.sleep(_LONGEST_GOODBYE)
    logging.getLogger(__name__).warning("worker_left_its_job")
    os._exit(1)


def end_with_parent() -> None:
    """Stop this process when its standard input closes: whoever started it has gone, however that was."""
    # Not sys.stdin: its lock would be held by this thread when the interpreter ends.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
