"""Translations: `python -m web.catalogues update` collects texts, `check` finds gaps, `compile` writes what runs."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from engine import GATE_RULES
from workflows.rules import DOMAIN_RULES

HERE = Path(__file__).resolve().parent
MAPPING = HERE / "babel.cfg"
TRANSLATIONS = HERE / "translations"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}


def main(arguments: list[str]) -> int:
    """Run one of the three commands."""
    commands = {"compile": compile_all, "check": check_all, "update": update_all}
    if len(arguments) != 1 or arguments[0] not in commands:
        sys.stderr.write(f"usage: python -m web.catalogues {{{'|'.join(commands)}}}\n")
        return 2
    return commands[arguments[0]]()


def compile_all() -> int:
    """Write the .mo file beside each catalogue that has changed."""
    for path in catalogue_files():
        target = path.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime >= path.stat().st_mtime:
            continue
        with target.open("wb") as file:
            write_mo(file, read_catalogue(path))
    return 0


def check_all() -> int:
    """Print what is missing, superfluous, empty or fuzzy; the exit status says whether anything is."""
    problems = list(find_problems())
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    return 1 if problems else 0


def update_all() -> int:
    """Bring the catalogues to the texts of the sources; new ones are empty until someone translates them."""
    collected = collect()
    for path in catalogue_files():
        catalogue = read_catalogue(path)
        catalogue.update(collected, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        content = io.BytesIO()
        write_po(content, catalogue, width=120, no_location=True, sort_output=True, omit_header=False)
        path.write_bytes(content.getvalue())
    return check_all()


def find_problems() -> Iterator[str]:
    """Yield each gap between the sources and the catalogues."""
    wanted = {message.id for message in collect() if message.id}
    for path in catalogue_files():
        catalogue = read_catalogue(path)
        present = {message.id: message for message in catalogue if message.id}
        name = path.relative_to(HERE)
        yield from (f"{name}: missing: {_shown(key)}" for key in wanted - present.keys())
        yield from (f"{name}: no longer used: {_shown(key)}" for key in present.keys() - wanted)
        for key, message in present.items():
            strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
            if not all(strings):
                yield f"{name}: empty: {_shown(key)}"
            if message.fuzzy:
                yield f"{name}: fuzzy: {_shown(key)}"
            yield from (f"{name}: {error}: {_shown(key)}" for error in message.check(catalogue))


def collect() -> Catalog:
    """Return all texts of the sources."""
    catalogue = Catalog(project="Saanphaen", charset="utf-8")
    with MAPPING.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel types it in part
    found = extract_from_dir(str(HERE), methods, options, keywords=KEYWORDS, comment_tags=("Translators:",))
    for _file, _line, message, comments, context in found:
        catalogue.add(message, None, auto_comments=comments, context=context)
    for rule in (*GATE_RULES.values(), *DOMAIN_RULES.values()):  # what web.processes.gate_texts says of them
        catalogue.add(rule.message, None)
        catalogue.add(rule.remedy, None)
    return catalogue


def catalogue_files() -> list[Path]:
    """Return the catalogues we keep; English is in the sources."""
    return sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))


def read_catalogue(path: Path) -> Catalog:
    """Read one catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parents[1].name)


def _shown(key: object) -> str:
    return str(key[0] if isinstance(key, (list, tuple)) else key)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
