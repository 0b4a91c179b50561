"""How processes end that have done all they had to."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn


def leave() -> NoReturn:
    """End this process at once, all being done: taking an interpreter apart costs seconds on a busy machine."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
