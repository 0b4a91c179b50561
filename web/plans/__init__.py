"""Plans: the list, the page of a plan, its files, and what stands beside a task about it."""

from __future__ import annotations

from web.panels import Panels
from web.plans.beside import register
from web.plans.files import files
from web.plans.observations import remarks
from web.plans.readers import readers
from web.plans.views import blueprint

blueprint.register_blueprint(files)
blueprint.register_blueprint(remarks)
blueprint.register_blueprint(readers)


def install_panels(panels: Panels) -> None:
    """Offer to the task page what this room knows of a task."""
    register(panels)


__all__ = ["blueprint", "install_panels"]
