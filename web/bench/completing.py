"""A process that completes tasks and tells how much memory it holds: run as `python -m web.bench.completing`."""

from __future__ import annotations

import argparse
import gc
import json
import sys

import psutil

from web.bench import installation
from web.bench.completion import SUBMITTED


def main() -> None:
    """Complete so many tasks; write the resident bytes after the warm-up, now and then, and at the end."""
    parser = argparse.ArgumentParser(prog="python -m web.bench.completing")
    parser.add_argument("--database", required=True)
    parser.add_argument("--warm-up", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    options = parser.parse_args()
    held: list[int] = []
    with installation.installed(options.database, "bench-approval") as engine:
        codes = installation.province_codes()
        for number in range((options.warm_up + options.count) // 2 + 1):
            done = 2 * number
            if done >= options.warm_up and (done - options.warm_up) % max(2, options.count // 20) == 0:
                held.append(_resident())
            place = codes[number % len(codes)]
            instance = engine.start("bench-approval", installation.offices(place), f"bench:memory:{number}")
            for actor in (installation.planner(place), installation.governor(place)):
                (task,) = engine.tasks(instance_id=instance.id)
                engine.complete(task.id, SUBMITTED, actor)
    held.append(_resident())
    json.dump(held, sys.stdout)


def _resident() -> int:
    gc.collect()  # what is garbage already is no growth
    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    main()
