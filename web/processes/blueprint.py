"""The room's blueprint, on which each of its modules registers its pages."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("processes", __name__)
ADMINISTRATOR = "system_admin"
