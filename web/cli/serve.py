"""`saanphaen serve`: the pages, by gunicorn with threads."""

from __future__ import annotations

import threading

import click


@click.command("serve", short_help="Serve the pages.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; default SAANPHAEN_WORKERS.")
@click.option("--threads", type=click.IntRange(1, 64), help="Threads of each process; default SAANPHAEN_THREADS.")
@click.option("--with-parent", is_flag=True, hidden=True)  # ends with the process that started it
@click.option("--socket", type=int, hidden=True)  # listens already, handed over by the process that started it
def command(*, workers: int | None, threads: int | None, with_parent: bool, socket: int | None) -> None:
    """Serve the pages on SAANPHAEN_HOST and SAANPHAEN_PORT until SIGTERM; requests in hand are finished.

    Timers and reminders need `saanphaen worker` beside it.
    """
    from web.cli.opening import read_settings
    from web.cli.server import serve
    from web.cli.worker import end_with_parent
    from web.log_setup import configure_logging

    settings = read_settings(signs=True)
    configure_logging(settings)
    if with_parent:
        threading.Thread(target=end_with_parent, daemon=True).start()
    serve(settings, workers=workers or settings.workers, threads=threads or settings.threads, door=socket)
