"""`python -m web.cli`: the same command where its script is not on the path."""

from __future__ import annotations

from web.cli import main

main()
