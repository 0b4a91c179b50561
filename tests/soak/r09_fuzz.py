"""R9: damaged and rearranged diagrams and forms through the page of deployment: told in words, never a 500, what is taken starts."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from random import Random

from engine import EngineError
from tests.soak.harness.browser import Answer, Browser
from tests.soak.harness.numbers import quantile, rows
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import Place
from tests.soak.harness.site import Site
from tests.soak.harness.staff import ADMINISTRATORS
from tests.support.mutants import RICH, mutated, rearranged
from workflows.definitions import ORDER, bundle
from workflows.install import open_engine

WHAT = "fuzz of uploads"
_HANDS = 2
_LONGEST = 2.0  # seconds
_PLACE = re.compile(r'<span class="mono">[^<]+</span>|<span class="muted small">บรรทัด[^<]*\d')
_OF_A_FILE = (
    "form_json",
    "duplicate_form",
    "wrong_encoding",
    "doctype",
    "no_process",
    "no_process_file",
    "too_many_elements",
)
_EXPECTED = {HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}


@dataclass(frozen=True, slots=True)
class Size:
    """How many mutants are sent."""

    mutants: int
    judges_time: bool = True


FULL = Size(mutants=10_000)
SHORT = Size(mutants=60, judges_time=False)


class Senders:
    """Administrators who send mutants, and what they were answered."""

    def __init__(self, site: Site, seed: int, outcome: Outcome) -> None:
        self._seed = seed
        self._outcome = outcome
        self._local = threading.local()
        self._site = site
        (self._signed_in,) = site.signed_in(*ADMINISTRATORS)
        self._lock = threading.Lock()
        self.answers: Counter[int] = Counter()
        self.times: list[float] = []

    def send(self, number: int) -> None:
        """Send one mutant."""
        random = Random(f"{self._seed}:{number}")
        files = mutant(random)
        if not hasattr(self._local, "browser"):
            self._local.browser = self._signed_in.window()
        browser: Browser = self._local.browser
        began = time.monotonic()
        answer = browser.upload("/processes/deploy", files, {"note": "ทดสอบ"})
        took = time.monotonic() - began
        with self._lock:
            self.answers[answer.status] += 1
            self.times.append(took)
            self._judge(number, answer)

    def _judge(self, number: int, answer: Answer) -> None:
        self._outcome.expect(answer.status in _EXPECTED, f"mutant {number}: an answer {answer.status}")
        if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            told = re.sub(r"<[^>]+>", " ", answer.text.split("data-error-summary", 1)[-1])
            in_words = "data-error-summary" in answer.text and re.search(r"[ก-๙]{4,}", told)
            self._outcome.expect(bool(in_words), f"mutant {number}: a refusal without words")
            self._outcome.expect(_names_a_place(answer.text), f"mutant {number}: a refusal that names no place")


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Send them all, then start every version that was taken."""
    outcome = Outcome(f"{size.mutants} mutants of {len(ORDER)} shipped processes and one rich diagram", "")
    url = place.database("sqlite", "r9")
    with Site(url, place.home("r9"), threads=2) as site:
        site.serve()
        site.wait_until_it_answers()
        senders = Senders(site, seed, outcome)
        with ThreadPoolExecutor(_HANDS) as pool:
            for done, _ in enumerate(pool.map(senders.send, range(size.mutants)), 1):
                tell(done, size.mutants)
        outcome.note(site.complaints())
    if size.judges_time:
        slow = sum(took > _LONGEST for took in senders.times)
        outcome.expect(slow == 0, f"{slow} answers took longer than {_LONGEST} s")
    started, told = _start_what_was_taken(url, outcome)
    outcome.figure = (
        f"answers {dict(sorted(senders.answers.items()))}, p95 {quantile(senders.times, 0.95) * 1000:.0f} ms,"
        f" slowest {max(senders.times) * 1000:.0f} ms; of {started + told} versions that were taken {started} start,"
        f" {told} say in words which variable they miss"
    )
    return outcome


def _names_a_place(page: str) -> bool:
    """Tell whether what must be mended names an element or a line, or is about a file as a whole."""
    told = page.split("data-error-summary", 1)[-1]
    return bool(_PLACE.search(told)) or any(f">{rule}<" in told for rule in _OF_A_FILE)


def mutant(random: Random) -> dict[str, bytes]:
    """Return a bundle with a damaged file: bytes or tree of a diagram, or bytes of a form."""
    if random.random() < 0.1:
        return {"rich.bpmn": random.choice((mutated, rearranged))(RICH, random)}
    files = bundle(random.choice(ORDER))
    forms = [name for name in files if name.endswith(".form")]
    (diagram,) = (name for name in files if name.endswith(".bpmn"))
    if forms and random.random() < 0.2:
        name = random.choice(forms)
        content = bytearray(files[name])
        for _ in range(random.randint(1, 4)):
            place = random.randrange(len(content))
            content[place : place + random.randrange(3)] = random.choice((b"", b'"', b"{", b"9", b"\xff", b"null"))
        return {**files, name: bytes(content)}
    return {**files, diagram: random.choice((mutated, rearranged))(files[diagram], random)}


def _start_what_was_taken(url: str, outcome: Outcome) -> tuple[int, int]:
    """Start each version that the gate let through; returns how many start and how many say what they miss."""
    engine = open_engine(url)
    started = told = 0
    for row in rows(url, "SELECT key, version FROM bpm_process_definition ORDER BY id"):
        try:
            engine.start(row.key, {}, f"try:{row.key}:{row.version}", version=row.version)
        except EngineError as refused:
            outcome.expect(bool(refused.code and refused.message), f"{row.key} {row.version}: a refusal without words")
            told += 1
        except Exception as error:  # noqa: BLE001 - any other error is the fault that is looked for
            outcome.faults.append(f"{row.key} {row.version} does not start: {type(error).__name__}: {error}")
        else:
            started += 1
    engine.close()
    return started, told
