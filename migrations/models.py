"""All tables of all rooms, for comparing them with a database; migrations themselves import no models."""

from __future__ import annotations

import importlib
import pkgutil

from sqlalchemy import MetaData


def is_modelled(name: str | None, kind: str, _parent: object) -> bool:
    """Tell whether the models know of a table or index: those of words are made only where the database can."""
    from engine.store.subject import WORDS_INDEX, WORDS_TABLE

    made_beside = WORDS_TABLE if kind == "table" else WORDS_INDEX
    return kind not in {"table", "index"} or not (name or "").startswith(made_beside)


def metadata_of_all_rooms() -> MetaData:
    """Import every module of models and return the one metadata they share."""
    from engine import Base

    for name in ("workflows", "web"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if module.name.rpartition(".")[2] == "models" or ".models." in module.name:
                importlib.import_module(module.name)
    return Base.metadata
