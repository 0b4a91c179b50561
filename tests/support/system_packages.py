"""Install Chromium and PostgreSQL for the tests where this may be done; say loudly what is missing where not.

Further packages are named as arguments (`nginx pgbouncer` for `make scale`). With CI set nothing may be missing: the
exit status is then 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine, None where there is none."""
    return next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


def find_postgres() -> Path | None:
    """Return the folder with `initdb` and `postgres`, None where there is none."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return versions[-1].parent if versions else None


def find_program(name: str) -> str | None:
    """Return the path of a program on this machine, None where there is none."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def main() -> int:
    """Install what is missing; return the exit status."""
    wanted: dict[str, Callable[[], object]] = {"chromium": find_chromium, "postgresql": find_postgres}
    wanted |= {name: partial(find_program, name) for name in sys.argv[1:]}
    missing = [package for package, find in wanted.items() if find() is None]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the tests: {', '.join(missing)}", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        quiet = {"env": environment, "stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *missing], check=False, **quiet)
        missing = [package for package, find in wanted.items() if find() is None]
    if missing:
        print(f"*** NOT INSTALLED, the tests that need them are SKIPPED: {', '.join(missing)} ***", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
