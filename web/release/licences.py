"""List the licences of all parts, `python -m web.release.licences`: writes docs/licences.md, refuses what does not fit.

A licence fits when it stands in one of the two lists below with its reason; `--check` writes nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from license_expression import ExpressionError, get_spdx_licensing
from packaging.utils import canonicalize_name

from web.release.parts import ROOT, Part, front_end_parts, python_parts

PAGE: Final = ROOT / "docs" / "licences.md"
SHIPPED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "PSF-2.0"), "permissive"),
    "Apache-2.0": "our own",
    "OFL-1.1": "fonts: may be bundled, not sold by themselves",
    "LGPL-3.0-only": "a library, used unchanged and replaceable",
    "LGPL-3.0-or-later": "a library, used unchanged and replaceable",
    "MPL-2.0": "binds the package's own files only, which are used unchanged",
    "LicenseRef-bpmn-io": "permissive; the mark of bpmn.io stays visible in every diagram",
}
DEVELOPMENT: Final[Mapping[str, str]] = {
    **SHIPPED,
    "GPL-2.0-only": "a program that looks at our files; no part of what is shipped",
    "GPL-3.0-or-later": "a program that looks at our files; no part of what is shipped",
    "CNRI-Python": "permissive",
}
# Packages whose metadata name no licence of the SPDX list exactly; each was read in the text that the package brings.
READ_IN_THE_TEXT: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("babel", "flask-babel", "flask-wtf", "itsdangerous", "jinja2", "segno", "wtforms"), "BSD-3-Clause"
    ),
    **dict.fromkeys(("grimp", "import-linter"), "BSD-2-Clause"),
    "bpmn-js": "LicenseRef-bpmn-io",
    "python-dateutil": "Apache-2.0 AND BSD-3-Clause",
    "pytest-timeout": "MIT",
    "spiffworkflow": "LGPL-3.0-or-later",
}
_CLASSIFIERS: Final[Mapping[str, str]] = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_licensing = get_spdx_licensing()


@dataclass(frozen=True, slots=True)
class Licensed:
    """A part with its licence as an SPDX expression; empty when it states none."""

    part: Part
    licence: str

    @property
    def problem(self) -> str | None:
        """What is wrong with the licence, None when it fits."""
        if not self.licence:
            return f"{self.part.name} {self.part.version}: expected a licence, but the package states none."
        allowed = SHIPPED if self.part.shipped else DEVELOPMENT
        if fits(self.licence, allowed):
            return None
        use = "what is shipped" if self.part.shipped else "development"
        return f"{self.part.name} {self.part.version}: expected a licence allowed for {use}, but found {self.licence}."


def fits(expression: str, allowed: Mapping[str, str]) -> bool:
    """Tell whether an SPDX expression can be kept with these licences: one side of OR, both sides of AND."""
    try:
        return _fits(_licensing.parse(expression), allowed)
    except ExpressionError:
        return False


def _fits(parsed: Any, allowed: Mapping[str, str]) -> bool:
    if isinstance(parsed, _licensing.OR):
        return any(_fits(side, allowed) for side in parsed.args)
    if isinstance(parsed, _licensing.AND):
        return all(_fits(side, allowed) for side in parsed.args)
    return str(parsed) in allowed


def python_licences() -> list[Licensed]:
    """Return the licences of the locked Python packages, as the installed ones state them.

    A locked package that is not installed at that version states nothing.
    """
    stated = {
        (canonicalize_name(row["Name"]), row["Version"]): _as_expression(row["Name"], row["License"])
        for row in _installed()
    }
    return [Licensed(part, stated.get((canonicalize_name(part.name), part.version), "")) for part in python_parts()]


def front_end_licences() -> list[Licensed]:
    """Return the licences of the front end's packages, as its lock states them."""
    return [Licensed(part, READ_IN_THE_TEXT.get(part.name, part.licence or "")) for part in front_end_parts()]


def page(python: Sequence[Licensed], front_end: Sequence[Licensed]) -> str:
    """Return docs/licences.md."""
    return "\n".join(_page(python, front_end)) + "\n"


def _page(python: Sequence[Licensed], front_end: Sequence[Licensed]) -> Iterator[str]:
    yield from (
        "# Licences of all parts",
        "",
        "Written by `make licences` from the two locks; a test fails where a part is missing here or its licence does",
        "not fit. Saanphaen itself: Apache-2.0. The texts of what is bundled for the browser are served with it",
        "(`third-party-licences.txt`); Python packages bring theirs when they are installed.",
    )
    for heading, found, shipped in (
        ("Python, needed by an installation", python, True),
        ("In the browser", front_end, True),
        ("Python, for development only", python, False),
        ("Front end, for building and testing only", front_end, False),
    ):
        yield from ("", f"## {heading}", "", "| package | version | licence |", "| --- | --- | --- |")
        for one in found:
            if one.part.shipped is shipped:
                yield f"| {one.part.name} | {one.part.version} | {one.licence or 'none stated'} |"
    yield from ("", "## Why these licences fit", "", "| licence | reason | where |", "| --- | --- | --- |")
    for licence, reason in DEVELOPMENT.items():
        yield f"| {licence} | {reason} | {'everywhere' if licence in SHIPPED else 'development only'} |"


def _as_expression(name: str, stated: str) -> str:
    read = READ_IN_THE_TEXT.get(canonicalize_name(name))
    if read is not None:
        return read
    if stated in {"", "UNKNOWN"}:
        return ""
    return " AND ".join(_CLASSIFIERS.get(one.strip(), one.strip()) for one in stated.split(";"))


def _installed() -> list[dict[str, str]]:
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--with-system"]
    written = subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603  # our own command
    rows: list[dict[str, str]] = json.loads(written)
    return rows


def main(arguments: Sequence[str]) -> int:
    """Write the page, or check it; exit status 1 when a licence does not fit or the page is not that of the locks."""
    python, front_end = python_licences(), front_end_licences()
    problems = [one.problem for one in (*python, *front_end) if one.problem]
    text = page(python, front_end)
    if "--check" not in arguments:
        PAGE.write_text(text, "utf-8")
    elif not PAGE.is_file() or PAGE.read_text("utf-8") != text:
        problems.append(
            f"Expected {PAGE.relative_to(ROOT)} to list the locked parts, but it differs: run `make licences`."
        )
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    shipped = sum(one.part.shipped for one in (*python, *front_end))
    sys.stdout.write(f"{len(python) + len(front_end)} parts, {shipped} of them shipped; {len(problems)} problems.\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
