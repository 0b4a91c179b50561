"""Finds in source text what may run code, build SQL from strings, weaken cryptography or put raw markup into pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

_CALLS = {"eval": "runs code", "exec": "runs code", "compile": "runs code", "__import__": "runs code"}
_ATTRIBUTES = {
    "os.system": "starts a shell",
    "os.popen": "starts a shell",
    "subprocess.getoutput": "starts a shell",
    "subprocess.getstatusoutput": "starts a shell",
    "tempfile.mktemp": "races for a name",
    "ssl._create_unverified_context": "believes any certificate",
    "ssl._create_default_https_context": "believes any certificate",
    "hashlib.md5": "weak hash",
    "hashlib.sha1": "weak hash",
    "yaml.load": "makes objects from data",
    "zipfile.extractall": "unpacks by foreign names",
}
_IMPORTS = {
    "pickle": "makes objects from data",
    "marshal": "makes objects from data",
    "shelve": "makes objects from data",
    "dill": "makes objects from data",
    "jsonpickle": "makes objects from data",
    "subprocess": "starts programs",
    "random": "guessable numbers",
    "xml": "reads XML unhardened",
    "telnetlib": "connects out",
    "ftplib": "connects out",
    "smtplib": "connects out",
    "socket": "connects out",
    "requests": "connects out",
    "httpx": "connects out",
    "aiohttp": "connects out",
    "urllib.request": "connects out",
    "http.client": "connects out",
    "xmlrpc": "connects out",
    "ctypes": "runs code",
    "code": "runs code",
    "runpy": "runs code",
    "multiprocessing.managers": "makes objects from data",
}
_KEYWORDS = {
    ("shell", True): "starts a shell",
    ("verify", False): "believes any certificate",
    ("debug", True): "debugger",
    ("autoescape", False): "raw markup",
    ("resolve_entities", True): "reads XML unhardened",
    ("load_dtd", True): "reads XML unhardened",
    ("no_network", False): "connects out",
    ("huge_tree", True): "reads XML unhardened",
}
_SQL = {"text", "exec_driver_sql", "execute", "executemany", "executescript", "scalar", "scalars"}
_XML = {"fromstring", "XML", "parse", "HTML", "fromstringlist", "iterparse"}
_MARKUP = {"Markup"}
_HTML = (
    (re.compile(r"\|\s*safe\b"), "raw markup"),
    (re.compile(r"autoescape\s+false"), "raw markup"),
    (re.compile(r"\s[\w-]+=\{\{"), "unquoted attribute"),
    (re.compile(r"\son[a-z]+\s*=\s*[\"']"), "inline script"),
    (re.compile(r"\shx-on"), "inline script"),
    (re.compile(r"[\"']js:|javascript:"), "inline script"),
    (re.compile(r"\sstyle\s*="), "inline style"),
    (re.compile(r"<script(?![^>]*\ssrc=)"), "inline script"),
    (re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"'](?:https?:)?//"), "foreign source"),
)
_JS = (
    (re.compile(r"\beval\s*\(|new\s+Function\b|\bFunction\s*\("), "runs code"),
    (re.compile(r"\b(?:inner|outer)HTML\b(?!\"|')"), "raw markup"),
    (re.compile(r"insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTMLUnsafe"), "raw markup"),
    (re.compile(r"set(?:Timeout|Interval)\s*\(\s*[\"'`]"), "runs code"),
    (re.compile(r"\bpostMessage\b|addEventListener\(\s*[\"']message"), "listens to other windows"),
    (re.compile(r"\b(?:https?|wss?)://(?!www\.w3\.org)"), "foreign source"),
)

Danger = tuple[str, int]
"""What it is, and the line."""


def dangers(path: Path, text: str) -> list[Danger]:
    """Return what is dangerous in a file, by its suffix (`.py`, `.html`, `.js`)."""
    if path.suffix == ".py":
        return sorted(set(_in_python(ast.parse(text))))
    patterns = _HTML if path.suffix == ".html" else _JS
    lines = text.splitlines()
    return [(what, at) for at, line in enumerate(lines, 1) for pattern, what in patterns if pattern.search(line)]


def _in_python(tree: ast.AST) -> Iterator[Danger]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _in_import(node)
        elif isinstance(node, ast.Call):
            yield from _in_call(node)
        elif isinstance(node, ast.Attribute) and (name := _dotted(node)) in _ATTRIBUTES:
            yield _ATTRIBUTES[name], node.lineno
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = {_last(target) for target in node.targets}
            yield from ((what, node.lineno) for (key, value), what in _KEYWORDS.items()
                        if key in names and node.value.value is value)  # fmt: skip


def _in_import(node: ast.Import | ast.ImportFrom) -> Iterator[Danger]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    for name in names:
        for module, what in _IMPORTS.items():
            if name == module or name.startswith(f"{module}."):
                yield what, node.lineno
        if name.rpartition(".")[2] in _MARKUP:
            yield "raw markup", node.lineno
        if name in _ATTRIBUTES:
            yield _ATTRIBUTES[name], node.lineno


def _in_call(node: ast.Call) -> Iterator[Danger]:
    if isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        yield _CALLS[node.func.id], node.lineno
    name = _last(node.func)
    if name in _SQL and node.args and _is_built(node.args[0]):
        yield "SQL from strings", node.lineno
    if name == "create_all":
        yield "tables without a migration", node.lineno
    if name == "extractall":
        yield "unpacks by foreign names", node.lineno
    if name in _XML and _dotted(node.func).startswith("etree.") and len(node.args) < 2 and not node.keywords:
        yield "reads XML unhardened", node.lineno
    for keyword in node.keywords:
        if isinstance(keyword.value, ast.Constant):
            what = _KEYWORDS.get((str(keyword.arg), keyword.value.value))
            if what is not None:
                yield what, node.lineno


def _is_built(node: ast.expr) -> bool:
    """Tell whether a text is put together: f-string with values, `+`, `%`, `.format`, `.join`, `.replace`."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        parts = (node.left, node.right)
        return isinstance(node.op, ast.Add | ast.Mod) and any(
            isinstance(part, ast.JoinedStr) or (isinstance(part, ast.Constant) and isinstance(part.value, str))
            for part in parts
        )
    return isinstance(node, ast.Call) and _last(node.func) in {"format", "join", "replace", "format_map"}


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
