"""How much a request may bring: little, except where files are taken from somebody who has signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Flask, current_app, request
from flask_login import current_user

ORDINARY: Final = 4 * 1024 * 1024
"""Bytes of a request that brings no files; what people type into a form is far less."""
_TAKES_FILES: Final = "saanphaen_takes_files"
View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """Mark a view to which people send files: the installation's limit of one request holds for it."""
    setattr(view, _TAKES_FILES, True)
    return view


def install_intake(app: Flask) -> None:
    """Set the limit of every request before anything of it is read."""
    app.before_request(_limit)


def _limit() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, _TAKES_FILES, False) or not current_user.is_authenticated:
        request.max_content_length = min(ORDINARY, current_app.config["MAX_CONTENT_LENGTH"])
