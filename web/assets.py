"""Hashed addresses of scripts, styles, fonts and icons, from the manifest that the front-end build writes."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, g, url_for
from markupsafe import Markup, escape

DIST = Path(__file__).resolve().parent / "static" / "dist"


class AssetsMissing(Exception):
    """Expected the built front end, but it is not there; run `make assets`."""


def manifest() -> dict[str, str]:
    """Return logical name → hashed file name; read again when the front end was built anew.

    Raises:
        AssetsMissing: The front end has not been built.
    """
    try:
        return _read((DIST / "manifest.json").stat().st_mtime_ns)
    except FileNotFoundError as error:
        raise AssetsMissing("Expected the built front end in web/static/dist; run `make assets`.") from error


@lru_cache(maxsize=1)
def _read(_built_at: int) -> dict[str, str]:
    content = json.loads((DIST / "manifest.json").read_text("utf-8"))
    return {str(name): str(file) for name, file in content.items()}


def asset(name: str) -> str:
    """Return the address of one asset, e.g. `app.css`; a page asks for each once."""
    known: dict[str, str] = g.setdefault("assets", {})
    if name not in known:
        known[name] = url_for("static", filename=f"dist/{manifest()[name]}")
    return known[name]


def icon(name: str, label: str = "") -> Markup:
    """Return an icon of the sprite; without a label it is decoration, hidden from screen readers."""
    return _icon(asset("icons.svg"), name, str(label))


@lru_cache(maxsize=1_000)
def _icon(sprite: str, name: str, label: str) -> Markup:
    meaning = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"/></svg>').format(meaning, sprite, escape(name))


def install_assets(app: Flask) -> None:
    """Offer `asset()` and `icon()` to templates; hashed files may be cached for a year."""
    app.jinja_env.globals.update(asset=asset, icon=icon)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000
