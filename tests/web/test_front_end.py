"""What the templates promise and the build must keep: no inline code, every icon there, licences shipped, no addresses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from web import catalogues
from web.assets import DIST, manifest

WEB = Path(catalogues.__file__).parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_templates_hold_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text("utf-8")

    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "|safe" not in text


def test_every_icon_that_a_page_shows_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'symbol id="([^"]+)"', (DIST / manifest()["icons.svg"]).read_text("utf-8")))
    texts = [path.read_text("utf-8") for path in (*TEMPLATES, WEB / "navigation.py", WEB / "formatting.py")]
    named = {name for text in texts for name in re.findall(r'(?:icon|empty)\("([a-z0-9-]+)"', text)}
    named |= set(re.findall(r'"([a-z0-9-]+)", "Key[A-Z]"', texts[-2]))

    assert named <= sprite


def test_the_first_page_is_light_enough_for_a_weak_line() -> None:
    import gzip

    sent = sum(len(gzip.compress((DIST / manifest()[name]).read_bytes())) for name in ("app.css", "app.js"))

    assert sent < 90_000


def test_licences_of_what_is_shipped_are_shipped_too() -> None:
    text = (DIST / manifest()["third-party-licences.txt"]).read_text("utf-8")

    assert all(name in text for name in ("bpmn-js ", "diagram-js ", "htmx.org ", "bootstrap ", "@fontsource/sarabun "))
    assert "SIL OPEN FONT LICENSE" in text.upper()


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((WEB / "frontend" / "package-lock.json").read_text("utf-8"))

    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_the_thai_catalogue_is_complete() -> None:
    assert list(catalogues.find_problems()) == []
