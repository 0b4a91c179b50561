"""All tables of all rooms, for comparing them with a database; migrations themselves import no models."""

from __future__ import annotations

import importlib
import pkgutil

from sqlalchemy import MetaData


def metadata_of_all_rooms() -> MetaData:
    """Import every module of models and return the one metadata they share."""
    from engine import Base

    for name in ("workflows", "web"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if module.name.rpartition(".")[2] == "models" or ".models." in module.name:
                importlib.import_module(module.name)
    return Base.metadata
