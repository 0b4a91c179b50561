"""Regions and clusters by name, in the language of the page."""

from __future__ import annotations

from flask_babel import get_locale

from workflows.organization.geography import Area, clusters, regions


def region_name(code: str) -> str:
    """Return the name of a region, its code where there is none."""
    return _name(regions().get(code), code)


def cluster_name(code: str) -> str:
    """Return the name of a cluster, its code where there is none."""
    return _name(clusters().get(code), code)


def _name(area: Area | None, code: str) -> str:
    if area is None:
        return code
    return area.name_en if str(get_locale() or "th") == "en" else area.name_th
