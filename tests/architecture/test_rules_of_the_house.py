"""What import rules cannot say: one commit place, tests that are collected."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "workflows", "web")
SOURCES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def _calls(tree: ast.AST) -> list[tuple[str, int]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            target = node.func
            name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
            found.append((name, node.lineno))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_unit_of_work_commits(path: Path) -> None:
    commits = [line for name, line in _calls(ast.parse(path.read_text("utf-8"))) if name == "commit"]

    assert not commits or path == ROOT / "engine" / "unit_of_work.py", f"commit in lines {commits}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_opens_with_a_sentence_and_stays_readable(path: Path) -> None:
    text = path.read_text("utf-8")

    assert ast.get_docstring(ast.parse(text)), "a module opens with one sentence: what it is for"
    assert len(text.splitlines()) <= 500, "split by noun"
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", text)


def test_every_test_function_is_collected() -> None:
    lost = []
    for path in TESTS:
        tree = ast.parse(path.read_text("utf-8"))
        has_tests = any(isinstance(n, ast.FunctionDef) and n.name.startswith("test_") for n in ast.walk(tree))
        if has_tests and not (path.name.startswith("test_") or path.name == "conftest.py"):
            lost.append(str(path.relative_to(ROOT)))

    assert not lost, "a file with tests is named test_*.py"


def test_test_names_are_unique_in_their_module() -> None:
    doubled = []
    for path in TESTS:
        names = [n.name for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.FunctionDef)]
        doubled += [f"{path.name}:{name}" for name in set(names) if names.count(name) > 1]

    assert not doubled, "the later one hides the earlier"


def test_nothing_of_a_workshop_is_named() -> None:
    """Locks carry no registry address, files no path of a machine."""
    listed = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    )
    pattern = re.compile(r"/(?:work|root|farm)/|\"resolved\": *\"http|--index-url|--find-links", re.IGNORECASE)
    allowed = {"tests/architecture/test_rules_of_the_house.py", "Makefile"}
    bad = []
    for name in listed:
        path = ROOT / name
        if not name or name in allowed or not path.is_file() or path.suffix in {".woff2", ".png", ".docx", ".pdf"}:
            continue
        if pattern.search(path.read_text("utf-8", errors="ignore")):
            bad.append(name)

    assert not bad


def test_the_house_imports_as_drawn() -> None:
    script = Path(sys.executable).parent / "lint-imports"

    result = subprocess.run([str(script), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout
