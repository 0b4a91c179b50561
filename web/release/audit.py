"""Look for known weaknesses in all parts, `python -m web.release.audit`: Python's lock and the front end's.

Exit status 0: every part was looked up and none is known to be weak; 1: weak parts were found; 3: nothing weak
was found, but some parts could not be looked up, so that nothing is proven.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfile
from typing import Any, Final

from web.release.parts import FRONT_END_LOCK, PYTHON_LOCK, front_end_parts, python_parts

CLEAN, WEAK, NOT_REACHED = 0, 1, 3
_PATIENCE: Final = 600  # seconds for one auditor


@dataclass(slots=True)
class Findings:
    """What one auditor found in one lock."""

    lock: str
    parts: int  # how many the lock has
    looked_up: int = 0
    weak: list[str] = field(default_factory=list)  # one line for each known weakness
    not_reached: str = ""  # why not all were looked up

    def lines(self) -> list[str]:
        """Return what to tell about it."""
        told = [f"{self.lock}: {self.looked_up} of {self.parts} parts looked up, {len(self.weak)} known weaknesses."]
        told += [f"  {line}" for line in self.weak]
        if self.looked_up < self.parts:
            told.append(
                f"  NOT CHECKED: the data on weaknesses could not be reached: {self.not_reached or 'no answer'}"
            )
        return told


def audit_python(*, osv_url: str | None = None) -> Findings:
    """Look up the Python lock in the index's own data, or in a service that speaks OSV."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(PYTHON_LOCK), "--disable-pip", "--format=json"]
    command += ["--progress-spinner=off", "--timeout=10"]
    if osv_url is not None:
        command += ["--vulnerability-service=osv", f"--osv-url={osv_url}"]
    return read_python(*_run(command, Path.cwd()))


def audit_front_end(npm: Sequence[str], *, registry: str | None = None) -> Findings:
    """Look up the front end's lock, build tools included, at the registry."""
    command = [*npm, "audit", "--json", "--package-lock-only", "--fetch-retries=0", "--fetch-timeout=10000"]
    if registry is not None:
        command.append(f"--registry={registry}")
    with tempfile.TemporaryDirectory(
        prefix="audit-"
    ) as folder:  # beside the folder of packages, which npm would look at
        for name in ("package.json", FRONT_END_LOCK.name):
            copyfile(FRONT_END_LOCK.with_name(name), Path(folder) / name)
        return read_front_end(*_run(command, Path(folder)))


def read_python(written: str, said: str) -> Findings:
    """Read the report of pip-audit; a part that it skipped was not looked up, whatever its exit status says."""
    found = Findings("Python", len(python_parts()))
    report = _json(written)
    if "dependencies" not in report:
        found.not_reached = _last_line(said)
        return found
    for part in report["dependencies"]:
        if "skip_reason" in part:
            found.not_reached = str(part["skip_reason"])
            continue
        found.looked_up += 1
        found.weak += [_python_line(part, weakness) for weakness in part.get("vulns", ())]
    return found


def read_front_end(written: str, said: str) -> Findings:
    """Read the report of `npm audit`; one without its version is no report but an excuse."""
    found = Findings("Front end", len(front_end_parts()))
    report = _json(written)
    if "auditReportVersion" not in report or "vulnerabilities" not in report:
        found.not_reached = str(report.get("message") or _last_line(said))
        return found
    found.looked_up = found.parts
    for name, weakness in report["vulnerabilities"].items():
        told = [via for via in weakness.get("via", ()) if isinstance(via, dict)]
        found.weak += [
            f"{name}: {via.get('title', '')} ({via.get('severity', '')}) {via.get('url', '')}" for via in told
        ]
    return found


def verdict(all_findings: Sequence[Findings]) -> int:
    """Return the exit status: weak parts count first, then what could not be looked up."""
    if any(found.weak for found in all_findings):
        return WEAK
    return NOT_REACHED if any(found.looked_up < found.parts for found in all_findings) else CLEAN


def _python_line(part: Mapping[str, Any], weakness: Mapping[str, Any]) -> str:
    mended = ", ".join(weakness.get("fix_versions") or ()) or "no version yet"
    return f"{part['name']} {part['version']}: {weakness['id']}, mended in {mended}"


def _json(written: str) -> dict[str, Any]:
    try:
        report = json.loads(written)
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}


def _last_line(said: str) -> str:
    return next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "")


def _run(command: Sequence[str], folder: Path) -> tuple[str, str]:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False)  # noqa: S603  # our own command
    except subprocess.TimeoutExpired:
        return "", f"no answer within {_PATIENCE} seconds"
    return done.stdout, done.stderr


def main(arguments: Sequence[str]) -> int:
    """Look up both locks and tell; the exit status is the verdict."""
    from web.frontend.build import find_node

    parser = argparse.ArgumentParser(prog="make audit", description="Look for known weaknesses in all parts.")
    parser.add_argument("--osv-url", help="a service that speaks OSV, in place of the package index's data")
    parser.add_argument("--npm-registry", help="a registry of npm other than the configured one")
    given = parser.parse_args(arguments)
    sys.stderr.write("Looking up the parts of both locks; this takes up to a minute …\n")
    _node, npm = find_node()
    found = [audit_python(osv_url=given.osv_url), audit_front_end(npm, registry=given.npm_registry)]
    status = verdict(found)
    for findings in found:
        sys.stdout.write("\n".join(findings.lines()) + "\n")
    sys.stdout.write(_WORDS[status] + "\n")
    return status


_WORDS: Final = {
    CLEAN: "Every part was looked up; no weakness is known.",
    WEAK: "Known weaknesses were found: raise the versions named above in pyproject.toml or package.json, and lock.",
    NOT_REACHED: "NOT PROVEN: some parts could not be looked up. Run it again where the data can be reached.",
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
