"""Why a backup cannot be made or brought back, told so that an administrator can act on it."""

from __future__ import annotations

from typing import ClassVar


class BackupRefused(Exception):
    """Expected a backup that can be made or brought back, but it cannot; nothing was changed."""

    code: ClassVar[str] = "backup_refused"


class NoBackup(BackupRefused):
    """Expected a backup of Saanphaen, but the file is something else or was damaged."""

    code = "no_backup"


class NewerBackup(BackupRefused):
    """Expected a backup of this version or an older one, but it is of a newer one."""

    code = "newer_backup"


class TargetInUse(BackupRefused):
    """Expected a database that nobody uses, but somebody does; stop `saanphaen serve` and `saanphaen worker` first."""

    code = "target_in_use"


class TargetNotEmpty(BackupRefused):
    """Expected an empty database, but it holds data; `--force` replaces them."""

    code = "target_not_empty"


class ProgramMissing(BackupRefused):
    """Expected PostgreSQL's client programs, but some are not installed."""

    code = "program_missing"
