"""Puts markup that would run into every text that people or diagrams bring, so that pages can be watched showing it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from sqlalchemy import Connection, text

# `TAG` names the source and the attack; whatever becomes an element carries `data-hit`, whatever runs calls `hit`.
ATTACKS: Final = (
    "<script data-hit>hit('TAG')</script>",
    "<img src=x data-hit onerror=hit('TAG')>",
    '"><img src=x data-hit onerror=hit("TAG")>',
    "'><svg data-hit onload=hit('TAG')>",
    "<svg data-hit><script>hit('TAG')</script></svg>",
    "<svg><animate data-hit onbegin=hit('TAG') attributeName=x dur=1s>",
    "<iframe data-hit srcdoc=\"<script>parent.hit('TAG')</script>\"></iframe>",
    "<iframe data-hit src=javascript:parent.hit('TAG')></iframe>",
    "<a data-hit href=javascript:hit('TAG')>TAG</a>",
    "<details data-hit open ontoggle=hit('TAG')>TAG",
    "<input data-hit autofocus onfocus=hit('TAG')>",
    "<video data-hit><source onerror=hit('TAG')></video>",
    "<object data-hit data=javascript:hit('TAG')></object>",
    "<embed data-hit src=javascript:hit('TAG')>",
    "<form data-hit action=javascript:hit('TAG')><button>TAG</button></form>",
    "<math data-hit><mtext><script>hit('TAG')</script></mtext></math>",
    "<div data-hit hx-get=/ hx-trigger=load hx-on::load=hit('TAG')>TAG</div>",
    "<base data-hit href=//127.0.0.1:9/>TAG",
    "<meta data-hit http-equiv=refresh content=0;url=javascript:hit('TAG')>",
    "<link data-hit rel=stylesheet href=data:text/css,*{display:none}>TAG",
    "<style data-hit>*{visibility:hidden}</style>TAG",
    "</textarea><script data-hit>hit('TAG')</script>",
    "</title><script data-hit>hit('TAG')</script>",
    "</script><script data-hit>hit('TAG')</script>",
    "--><script data-hit>hit('TAG')</script>",
    "]]><script data-hit>hit('TAG')</script>",
    '" onmouseover=hit("TAG") data-hit x="',
    "' onfocus=hit('TAG') data-hit tabindex=0 x='",
    "&lt;script data-hit&gt;hit('TAG')&lt;/script&gt;",
    "\\u003cscript data-hit\\u003ehit('TAG')\\u003c/script\\u003e",
    "<noscript><p title=\"</noscript><img data-hit src=x onerror=hit('TAG')>\">TAG",
    "<template data-hit><script>hit('TAG')</script></template>TAG",
    "{{ hit('TAG') }}${hit('TAG')}{% TAG %}",
    "javascript:hit('TAG')",
    "<ScRiPt\x0bdata-hit>hit('TAG')</sCrIpT>",
    "<img/src='x'/data-hit/onerror=hit('TAG')//",
)
# Columns that hold words of people; codes, keys and states are not among them.
COLUMNS: Final = {
    "org_unit": ("name_th",),
    "org_person": ("name",),
    "org_acting_order": ("number",),
    "bpm_deployment": ("note",),
    "bpm_process_definition": ("name", "note", "version_tag"),
    "bpm_task": ("name",),
    "bpm_incident": ("message",),
    "bpm_job": ("error",),
    "bpm_process_instance": ("end_reason",),
    "clock_clock": ("name",),
    "clock_event": ("reason", "order_ref"),
    "plan_cycle": ("name", "circular_number"),
    "plan_cycle_unit": ("name",),
    "plan_document": ("title", "submission_number", "url", "emenscr_code"),
    "plan_cluster_input": ("summary", "comment"),
    "plan_consultation": ("place", "channel", "letter_number", "summary"),
    "plan_cycle_reissue": ("reason", "order_ref"),
    "plan_data_return": ("name", "summary", "needs"),
    "plan_decision": ("comment", "meeting_no"),
    "plan_edition": ("note",),
    "plan_step": ("name",),
    "plan_file": ("name",),
    "plan_invitation": ("name",),
    "plan_attendance": ("name",),
    "plan_observation": ("text", "proof"),
    "plan_opinion": ("speaker", "on_what", "text", "reason"),
    "web_session": ("browser",),
    "web_worker": ("name",),
}
_WORDS_OF_FORMS: Final = frozenset({"label", "text", "description", "dateLabel", "placeholder", "submitLabel", "name"})
_WORDS_OF_FACTS: Final = frozenset({"name", "unit", "comment", "reason", "summary", "text", "title", "note", "basis"})


class Poison:
    """Hands out attacks in turn and remembers for which source."""

    def __init__(self) -> None:
        self._turns: dict[str, Iterator[int]] = {}
        self.sources: list[str] = []

    def for_source(self, source: str) -> str:
        """Return the next attack for a source; the tag in it is `s<source>a<attack>z`."""
        if source not in self._turns:
            self.sources.append(source)
            # Each source begins elsewhere, so that sources with few rows together have every attack.
            self._turns[source] = itertools.count(7 * len(self.sources))
        number = next(self._turns[source]) % len(ATTACKS)
        return ATTACKS[number].replace("TAG", f"s{self.sources.index(source)}a{number}z")

    def tables(self, connection: Connection) -> None:
        """Poison the columns of all tables; what forbids changes is dropped before."""
        for (trigger,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f'DROP TRIGGER "{trigger}"'))
        for table, columns in COLUMNS.items():
            rows = connection.execute(text(f"SELECT * FROM {table}")).mappings().all()
            keys = [row[1] for row in connection.execute(text(f"PRAGMA table_info({table})")) if row[5]]
            for row in rows:
                values = {name: self.for_source(f"{table}.{name}") for name in columns if row[name] is not None}
                if values:
                    _update(connection, table, values, {key: row[key] for key in keys})
        self._json(connection, "bpm_history", "details", ("instance_id", "seq"))
        self._json(connection, "note_notification", "facts", ("id",))
        self._json(connection, "web_task_draft", "typed", ("task_id",))

    def files(self, connection: Connection) -> None:
        """Poison the names in all deployed diagrams and the words of all deployed forms."""
        rows = connection.execute(text("SELECT sha256, content FROM bpm_resource")).all()
        for sha256, content in rows:
            found = bytes(content).decode("utf-8", "replace")
            changed = self._diagram(found) if found.lstrip().startswith("<") else self._form(found)
            _update(connection, "bpm_resource", {"content": changed.encode()}, {"sha256": sha256})

    def _diagram(self, content: str) -> str:
        elements = re.compile(
            r'<bpmn:(process|lane|\w*[tT]ask|\w*Event|\w*Gateway|sequenceFlow|subProcess|callActivity)\b[^>]*?\sname="([^"]*)"'
        )

        def replaced(found: re.Match[str]) -> str:
            named = self.for_source(f"diagram {found[1]}").replace("\x0b", " ")
            return found[0][: -len(f'"{found[2]}"')] + quoteattr(named)

        return elements.sub(replaced, content)

    def _form(self, content: str) -> str:
        try:
            form = json.loads(content)
        except ValueError:
            return content
        return json.dumps(self._words(form, _WORDS_OF_FORMS, "form"), ensure_ascii=False)

    def _json(self, connection: Connection, table: str, column: str, keys: tuple[str, ...]) -> None:
        for row in connection.execute(text(f"SELECT * FROM {table}")).mappings().all():
            if row[column]:
                value = json.loads(row[column])
                changed = self._words(value, _WORDS_OF_FACTS, table)
                _update(connection, table, {column: json.dumps(changed, ensure_ascii=False)}, {k: row[k] for k in keys})

    def _words(self, value: Any, names: frozenset[str], source: str) -> Any:
        if isinstance(value, dict):
            return {
                key: self.for_source(f"{source} {key}") if key in names and isinstance(item, str) and not item.startswith("=")
                else self._words(item, names, source)
                for key, item in value.items()
            }  # fmt: skip
        return [self._words(item, names, source) for item in value] if isinstance(value, list) else value


def _update(connection: Connection, table: str, values: dict[str, Any], key: dict[str, Any]) -> None:
    changes = ", ".join(f'"{name}" = :v_{name}' for name in values)
    place = " AND ".join(f'"{name}" = :k_{name}' for name in key)
    given = {f"v_{name}": value for name, value in values.items()} | {f"k_{name}": value for name, value in key.items()}
    connection.execute(text(f'UPDATE "{table}" SET {changes} WHERE {place}'), given)
