"""`saanphaen layout`: a diagram with a drawing, for files that bring none."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("layout", short_help="Write a diagram with a drawing, where it has none.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(*, file: Path) -> None:
    """Write the diagram FILE to standard output with a layout; one that is drawn already comes out unchanged.

    The drawing is added at the end, and nothing else changes. Exit status 1: the file cannot be read as BPMN XML.
    """
    from engine import with_layout

    sys.stdout.buffer.write(with_layout(file.read_bytes(), file.name))
