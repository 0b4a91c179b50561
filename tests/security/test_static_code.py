"""Nothing in our own code runs data, builds SQL from strings or writes raw markup, but what is listed here with its reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.dangers import dangers

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("engine", "workflows", "web", "migrations")
OUR_CONSTANTS = "statements are put together from names and numbers that stand in this file"
# (file or folder, danger): why it is none there.
ALLOWED = {
    ("engine/bpmn/layout/", "reads XML unhardened"): "writes attributes; what it draws was read by hardened_xml",
    ("engine/execution/retry.py", "guessable numbers"): "SystemRandom: jitter of pauses, no secret",
    ("engine/services/chain_rows.py", "SQL from strings"): OUR_CONSTANTS,
    ("engine/store/database.py", "SQL from strings"): "pragmas with a number from the settings",
    ("migrations/versions/", "SQL from strings"): OUR_CONSTANTS,
    ("web/release/", "starts programs"): "auditors and listers with arguments of ours",
    ("web/accounts/second_factor.py", "raw markup"): "an SVG that the QR library draws from modules; holds no text",
    ("web/assets.py", "raw markup"): "icons: every value goes through Markup.format, which escapes",
    ("web/backups/", "starts programs"): "PostgreSQL's own programs, without a shell, with arguments of ours",
    ("web/backups/", "SQL from strings"): "names of tables are quoted by the dialect",
    ("web/bench/", "SQL from strings"): OUR_CONSTANTS,
    ("web/bench/", "connects out"): "measures servers that it has started on this machine",
    ("web/bench/", "guessable numbers"): "the same order in every run; no secret",
    ("web/bench/decision.py", "runs code"): "the floor is Python's own eval of tests that stand in this file",
    ("web/bench/feel.py", "runs code"): "the floor is Python's own eval of tests that stand in this file",
    ("web/bench/", "starts programs"): "servers of its own, without a shell",
    ("web/cli/bench.py", "starts programs"): "starts none itself: tells of one that the bench could not start",
    ("web/cli/demo.py", "connects out"): "opens the socket that the demo listens on",
    ("web/cli/demo.py", "starts programs"): "its own commands serve and worker, without a shell",
    ("web/cli/server.py", "connects out"): "takes over the socket that it listens on",
    ("web/cli/server.py", "runs code"): "memory for a filter of the kernel on its listening socket",
    ("web/cycles/words.py", "raw markup"): "an empty one, where there is no icon",
    ("web/frontend/build.py", "starts programs"): "node and npm, without a shell, while developing",
    ("web/frontend/src/app/index.js", "raw markup"): "parses an answer of our own and takes its text",
    ("web/frontend/src/app/lists.js", "raw markup"): "copies a template of the page, which the server has escaped",
    ("web/mail.py", "connects out"): "the mail server, at the address of the settings",
    ("web/operations/life_signs.py", "connects out"): "asks for the name of this machine",
    ("web/tasks/page.py", "raw markup"): "hidden fields: every value goes through Markup.format, which escapes",
    ("workflows/files/scanning.py", "connects out"): "the virus scanner, at the address of the settings",
    ("workflows/files/watching.py", "reads XML unhardened"): "expat without entities, for parts of a document",
}


def _sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            inside = path.relative_to(ROOT)
            built = any(part == "node_modules" or part.startswith("dist") for part in inside.parts)
            if path.suffix in {".py", ".html", ".js", ".mjs"} and not built:
                yield path


SOURCES = list(_sources())


def _reason(name: str, what: str) -> tuple[str, str] | None:
    """Return which line of the list speaks for a danger in a file."""
    return next((key for key in ALLOWED if key[1] == what and name.startswith(key[0])), None)


def test_nothing_dangerous_stands_outside_the_list() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in SOURCES
        for what, line in dangers(path, path.read_text("utf-8"))
        if _reason(str(path.relative_to(ROOT)), what) is None
    ]

    assert len(SOURCES) > 300
    assert found == []


def test_the_list_holds_nothing_that_is_gone() -> None:
    used = {
        _reason(str(path.relative_to(ROOT)), what)
        for path in SOURCES
        for what, _line in dangers(path, path.read_text("utf-8"))
    }

    assert {key for key in ALLOWED if (ROOT / key[0]).exists()} - used == set()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("eval(words)", "runs code"),
        ("exec(words)", "runs code"),
        ("compile(words, 'a', 'exec')", "runs code"),
        ("__import__('os')", "runs code"),
        ("import pickle", "makes objects from data"),
        ("from marshal import loads", "makes objects from data"),
        ("import yaml\nyaml.load(words)", "makes objects from data"),
        ("from yaml import load", "makes objects from data"),
        ("import subprocess", "starts programs"),
        ("import os\nos.system(words)", "starts a shell"),
        ("run(words, shell=True)", "starts a shell"),
        ("import random", "guessable numbers"),
        ("hashlib.md5(words)", "weak hash"),
        ("from hashlib import sha1", "weak hash"),
        ("get(address, verify=False)", "believes any certificate"),
        ("app.run(debug=True)", "debugger"),
        ("app.debug = True", "debugger"),
        ("Environment(autoescape=False)", "raw markup"),
        ("from markupsafe import Markup", "raw markup"),
        ("from flask import Markup", "raw markup"),
        ("import urllib.request", "connects out"),
        ("from urllib import request", "connects out"),
        ("import smtplib", "connects out"),
        ("etree.fromstring(data)", "reads XML unhardened"),
        ("import xml.etree.ElementTree", "reads XML unhardened"),
        ("etree.XMLParser(resolve_entities=True)", "reads XML unhardened"),
        ("session.execute(text(f'SELECT {name}'))", "SQL from strings"),
        ("session.execute(text('SELECT ' + name))", "SQL from strings"),
        ("session.execute(text('SELECT %s' % name))", "SQL from strings"),
        ("session.execute(text('SELECT {}'.format(name)))", "SQL from strings"),
        ("connection.exec_driver_sql(f'DROP {name}')", "SQL from strings"),
        ("Base.metadata.create_all(engine)", "tables without a migration"),
        ("archive.extractall(folder)", "unpacks by foreign names"),
    ],
)
def test_the_search_finds_it_in_python(text: str, what: str) -> None:
    assert what in {found for found, _line in dangers(Path("a.py"), text)}


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.html", "{{ words|safe }}", "raw markup"),
        ("a.html", "{% autoescape false %}", "raw markup"),
        ("a.html", "<p class={{ words }}>", "unquoted attribute"),
        ("a.html", '<p onclick="go()">', "inline script"),
        ("a.html", "<script>go()</script>", "inline script"),
        ("a.html", '<a href="javascript:go()">', "inline script"),
        ("a.html", '<p hx-on:click="go()">', "inline script"),
        ("a.html", '<p style="color: red">', "inline style"),
        ("a.html", '<script src="https://cdn.example/a.js"></script>', "foreign source"),
        ("a.js", "eval(words)", "runs code"),
        ("a.js", "new Function(words)", "runs code"),
        ("a.js", "place.innerHTML = words", "raw markup"),
        ("a.js", "place.insertAdjacentHTML('beforeend', words)", "raw markup"),
        ("a.js", "setTimeout('go()', 1)", "runs code"),
        ("a.js", "fetch('https://example.org')", "foreign source"),
        ("a.js", "window.addEventListener('message', go)", "listens to other windows"),
    ],
)
def test_the_search_finds_it_in_pages_and_scripts(name: str, text: str, what: str) -> None:
    assert what in {found for found, _line in dangers(Path(name), text)}


def test_the_linter_watches_security_in_everything_that_is_shipped() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]

    assert lint["select"] == ["ALL"]
    assert [rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)] == ["S101"], (
        "assert is for the type checker"
    )
    for place, rules in lint["per-file-ignores"].items():
        assert place.startswith("tests/") or not [rule for rule in rules if re.fullmatch(r"S\d*", rule)], place


def test_a_security_rule_is_switched_off_line_by_line_and_never_for_a_file() -> None:
    whole = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if re.search(r"^\s*#\s*(?:ruff|flake8): *noqa", path.read_text("utf-8"), re.MULTILINE)
    ]

    assert whole == []


def test_pages_may_evaluate_nothing_and_ask_only_this_server() -> None:
    base = (ROOT / "web" / "templates" / "base.html").read_text("utf-8")

    assert '"allowEval":false' in base
    assert '"selfRequestsOnly":true' in base
