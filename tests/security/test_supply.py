"""What the product is made of: locked by hash, licensed so that it fits, checked for weaknesses without silent passes."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from web.assets import DIST
from web.frontend.build import find_node
from web.release import audit, licences, sbom
from web.release.parts import FRONT_END_LOCK, PYTHON_LOCK, ROOT, front_end_parts, python_parts


@pytest.fixture(scope="module")
def listed() -> list[licences.Licensed]:
    """Every part with its licence."""
    return [*licences.python_licences(), *licences.front_end_licences()]


@pytest.fixture
def nowhere() -> str:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"http://127.0.0.1:{port}"


# -- locks --------------------------------------------------------------------------------------------------------


def test_every_python_package_is_pinned_and_hashed() -> None:
    text = PYTHON_LOCK.read_text("utf-8")
    starts = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]

    assert all(re.match(r"^[a-z0-9._-]+==\S+ \\$", line) for line in starts), "each pinned, and a hash follows"
    assert len(starts) == len(python_parts()) > 80
    assert not [part.name for part in python_parts() if not part.hashes]
    assert "://" not in text
    assert not [line for line in text.splitlines() if line.startswith("-")], "no options: no index, no address"


def test_every_package_of_the_front_end_has_its_digest_and_no_address() -> None:
    packages = json.loads(FRONT_END_LOCK.read_text("utf-8"))["packages"]
    named = {name: package for name, package in packages.items() if name}

    assert len(named) > 20
    assert not [name for name, package in named.items() if not package.get("integrity", "").startswith("sha512-")]
    assert not [name for name, package in named.items() if "resolved" in package]
    wanted = json.loads((FRONT_END_LOCK.parent / "package.json").read_text("utf-8"))
    versions = [*wanted["dependencies"].values(), *wanted["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions), "exact versions, no ranges"


def test_set_up_installs_the_lock_by_hash_and_then_only_the_product() -> None:
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("$(VENV)/.ready:")[2].partition("\n\n")[0]
    installs = [line for line in recipe.splitlines() if "pip install" in line]

    assert len(installs) == 2
    assert "--require-hashes -r constraints.txt" in installs[0]
    assert "--no-deps" in installs[1]
    assert "--no-build-isolation" in installs[1], "a build would fetch its tools unhashed"
    assert '"ci", "--ignore-scripts"' in (ROOT / "web" / "frontend" / "build.py").read_text("utf-8")


def test_what_is_installed_agrees_with_itself() -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


# -- licences -----------------------------------------------------------------------------------------------------


def test_every_part_has_a_licence_that_fits(listed: list[licences.Licensed]) -> None:
    assert [one.problem for one in listed if one.problem] == []


def test_the_page_of_licences_lists_every_part(listed: list[licences.Licensed]) -> None:
    text = licences.PAGE.read_text("utf-8")

    for one in listed:
        assert f"| {one.part.name} | {one.part.version} | {one.licence} |" in text, "run `make licences`"
    python, front_end = listed[: len(python_parts())], listed[len(python_parts()) :]
    assert text == licences.page(python, front_end), "run `make licences`"


def test_what_an_installation_needs_is_told_apart_from_what_only_developers_use() -> None:
    shipped = {canonicalize_name(part.name) for part in python_parts() if part.shipped}

    assert {"flask", "werkzeug", "spiffworkflow", "psycopg-binary", "lxml", "markupsafe", "greenlet"} & shipped >= {
        "flask",
        "werkzeug",
        "spiffworkflow",
        "psycopg-binary",
        "lxml",
        "markupsafe",
    }
    assert not shipped & {"pytest", "djlint", "codespell", "hypothesis", "pip-audit", "playwright"}


@pytest.mark.parametrize(
    ("licence", "shipped", "development"),
    [
        ("MIT", True, True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True, True),
        ("GPL-3.0-or-later", False, True),
        ("GPL-3.0-only OR MIT", True, True),
        ("MIT AND GPL-3.0-or-later", False, True),
        ("AGPL-3.0-only", False, False),
        ("SSPL-1.0", False, False),
        ("BUSL-1.1 AND MIT", False, False),
        ("Some words of a lawyer", False, False),
        ("Proprietary", False, False),
    ],
)
def test_a_licence_fits_by_the_lists_alone(licence: str, *, shipped: bool, development: bool) -> None:
    assert licences.fits(licence, licences.SHIPPED) is shipped
    assert licences.fits(licence, licences.DEVELOPMENT) is development


def test_a_part_without_a_licence_or_with_a_foreign_one_is_told() -> None:
    part = python_parts()[0]

    assert "states none" in str(licences.Licensed(part, "").problem)
    assert "AGPL-3.0-only" in str(licences.Licensed(part, "AGPL-3.0-only").problem)


def test_every_part_in_the_bundles_brings_its_licence_text() -> None:
    text = (DIST / "third-party-licences.txt").read_text("utf-8")
    brought = set(re.findall(r"^(\S+ [\d.]+) \(", text, re.MULTILINE))
    known = {f"{part.name} {part.version}" for part in front_end_parts() if part.shipped}

    assert brought <= known
    assert {name.rpartition(" ")[0] for name in brought} >= {"bootstrap", "bpmn-js", "diagram-js", "htmx.org"}


def test_the_parts_list_holds_every_shipped_part(tmp_path: Path, listed: list[licences.Licensed]) -> None:
    count = sbom.write("1.2.3", tmp_path / "sbom.json")
    told = json.loads((tmp_path / "sbom.json").read_text("utf-8"))

    assert told["bomFormat"] == "CycloneDX"
    assert told["metadata"]["component"]["version"] == "1.2.3"
    assert count == len(told["components"]) == len([one for one in listed if one.part.shipped])
    assert all(component["licenses"] and component["purl"] for component in told["components"])


# -- known weaknesses ---------------------------------------------------------------------------------------------


def test_data_that_cannot_be_reached_are_told_and_are_no_pass(nowhere: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = audit.main(["--osv-url", nowhere, "--npm-registry", nowhere])

    told = capsys.readouterr().out
    assert status == audit.NOT_REACHED
    assert told.count("NOT CHECKED: the data on weaknesses could not be reached") == 2
    assert "NOT PROVEN" in told


def _python_report(*, vulnerable: str = "", skipped: str = "") -> str:
    parts: list[dict[str, object]] = []
    for part in python_parts():
        row: dict[str, object] = {"name": part.name, "version": part.version, "vulns": []}
        if part.name == vulnerable:
            row["vulns"] = [{"id": "CVE-2099-1", "fix_versions": ["9.9"], "aliases": []}]
        if part.name == skipped:
            row = {"name": part.name, "skip_reason": "Dependency not found"}
        parts.append(row)
    return json.dumps({"dependencies": parts, "fixes": []})


_CLEAN_FRONT_END = '{"auditReportVersion": 2, "vulnerabilities": {}}'
_WEAK_FRONT_END = json.dumps(
    {
        "auditReportVersion": 2,
        "vulnerabilities": {"htmx.org": {"via": [{"title": "XSS", "severity": "high", "url": "u"}]}},
    }
)


@pytest.mark.parametrize(
    ("python", "front_end", "status"),
    [
        (_python_report(), _CLEAN_FRONT_END, audit.CLEAN),
        (_python_report(vulnerable="flask"), _CLEAN_FRONT_END, audit.WEAK),
        (_python_report(), _WEAK_FRONT_END, audit.WEAK),
        (_python_report(skipped="flask"), _CLEAN_FRONT_END, audit.NOT_REACHED),
        (_python_report(skipped="flask", vulnerable="lxml"), _CLEAN_FRONT_END, audit.WEAK),
        (_python_report(), '{"message": "405 Method Not Allowed"}', audit.NOT_REACHED),
        ("", _CLEAN_FRONT_END, audit.NOT_REACHED),
        ("[]", "not JSON", audit.NOT_REACHED),
    ],
)
def test_the_verdict_counts_what_was_looked_up_not_what_the_auditors_claim(
    python: str, front_end: str, status: int
) -> None:
    found = [audit.read_python(python, "said"), audit.read_front_end(front_end, "said")]

    assert audit.verdict(found) == status
    assert all(findings.lines() for findings in found)


def test_npm_is_found_for_the_audit() -> None:
    node, npm = find_node()

    assert Path(node).exists()
    assert npm
