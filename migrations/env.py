"""Runs migrations on the connection it is given; knows the models only when differences are asked for."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection

from migrations.models import is_modelled, metadata_of_all_rooms


def _run(connection: Connection) -> None:
    compares = bool(context.config.attributes.get("compare")) or bool(getattr(context.config.cmd_opts, "cmd", None))
    context.configure(
        connection=connection,
        target_metadata=metadata_of_all_rooms() if compares else None,
        render_as_batch=True,
        transactional_ddl=True,
        compare_type=True,
        include_name=is_modelled,
    )
    with context.begin_transaction():
        context.run_migrations()


def _run_by_command_line() -> None:
    from engine import open_database

    engine = open_database(os.environ.get("DATABASE_URL", "sqlite:///saanphaen.db"))
    with engine.begin() as connection:
        _run(connection)
    engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    _run_by_command_line()
