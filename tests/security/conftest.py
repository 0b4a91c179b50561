"""The world behind the walls, made once for all tests of the room; each test leaves it as it found it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from argon2 import PasswordHasher

from tests.support.walls import Walls, build_walls
from web.accounts import passwords


@contextmanager
def _quick() -> Iterator[None]:
    """Thousands of requests write lines that nobody reads, and hash what nobody typed: neither is waited for."""
    was_set, before = structlog.is_configured(), structlog.get_config()
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", hasher)
        patch.setattr(passwords, "_NOBODY", hasher.hash("nobody has this password"))
        if not structlog.is_configured():  # a test that reads the log has set it up
            structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        try:
            yield
        finally:
            structlog.reset_defaults()
            if was_set:
                structlog.configure(**before)


@pytest.fixture(scope="session")
def walls_of_session(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walls]:
    """The prepared world."""
    folder = tmp_path_factory.mktemp("walls")
    path = folder / "walls.db"
    shutil.copyfile(sqlite_template, path)
    with _quick():
        world = build_walls(f"sqlite:///{path}", folder / "data")
    yield world
    world.close()


@pytest.fixture
def walls(walls_of_session: Walls) -> Iterator[Walls]:
    """The world as it was prepared."""
    world = walls_of_session
    signed_in = (dict(world.cookies), dict(world.tokens), dict(world.old_tokens))
    with _quick():
        yield world
    world.cookies, world.tokens, world.old_tokens = signed_in
    if world.has_changed():
        world.restore()
