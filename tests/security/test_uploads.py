"""S9: what is refused of the files that people send, and that nothing of it remains on disk or fills the memory."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import hostile_files as made
from tests.support.hostile_files import MB
from workflows.files.errors import FileRefused
from workflows.files.kinds import DOCX, JPEG, KIND_NAMES, ODT, PDF, PNG, PPTX, XLSX, chosen_kinds
from workflows.files.limits import CHUNK, Limits
from workflows.files.store import DirectoryStore

SCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
LINK = "hyperlink"


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "files")


def everything(tmp_path: Path, **limits: int) -> DirectoryStore:
    return DirectoryStore(tmp_path / "files", kinds=chosen_kinds(KIND_NAMES), limits=Limits(**limits))


def reason_of(store: DirectoryStore, content: bytes, name: str = "", declared: str = "") -> object:
    """Send a file that must be refused; returns why, after a look at the disk."""
    with pytest.raises(FileRefused) as refused:
        store.receive(io.BytesIO(content), name=name, declared=declared)
    assert not [path for path in store._root.rglob("*") if path.is_file()]
    return refused.value.facts["reason"]


ODD: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "empty"),
    "program": (lambda: b"MZ\x90\0" + b"\0" * 500, "other_type"),
    "page": (lambda: b"<html><script>alert(1)</script></html>", "other_type"),
    "svg": (lambda: SVG, "other_type"),
    "svg with a prologue": (lambda: b"<?xml version='1.0'?>" + SVG, "other_type"),
    "text": ("แผนพัฒนา".encode, "other_type"),
    "picture": (lambda: made.png(10, 10), "other_type"),
    "rtf": (lambda: rb"{\rtf1 \objdata}", "other_type"),
    "plain archive": (lambda: made.archive({"a.txt": b"a"}), "other_type"),
    "java archive": (lambda: made.archive({"META-INF/MANIFEST.MF": b"Main-Class: A"}), "other_type"),
    "slides": (lambda: made.office(main="ppt/presentation.xml"), "other_type"),
    "two documents in one": (lambda: made.office({"xl/workbook.xml": made.XML}), "other_type"),
    "old word or password": (lambda: made.ole("WordDocument"), "old"),
    # archives that unfold
    "bomb": (lambda: made.bomb(60 * MB), "unpacks_too_large"),
    "bomb that lies about its size": (lambda: made.lying(b"a" * 40 * MB, claims=10), "unpacks_too_large"),
    "part that is longer than it says": (lambda: made.lying(b"a" * 5_000, claims=10), "broken"),
    "a hundred thousand parts": (lambda: made.crowded(100_000), "unpacks_too_large"),
    "a hundred thousand parts, three promised": (lambda: made.crowded(100_000, promised=3), "unpacks_too_large"),
    "six thousand parts, three promised": (lambda: made.crowded(6_000, promised=3), "unpacks_too_large"),
    "parts that share their bytes": (lambda: made.overlapping(50, MB), "unpacks_too_large"),
    "documents in documents": (lambda: made.nested(4), "unpacks_too_large"),
    "bomb in a document": (lambda: made.office({"word/embeddings/a.xlsx": made.bomb(60 * MB)}), "unpacks_too_large"),
    "large document in a document": (
        lambda: made.office({"word/embeddings/a.docx": b"PK\x03\x04" + bytes(range(256)) * 70_000}),
        "unpacks_too_large",
    ),
    "archive in a document": (
        lambda: made.office({"word/embeddings/a.bin": made.archive({"a": b"a"})}),
        "other_type",
    ),
    "picture of too many pixels": (
        lambda: made.office({"word/media/a.png": made.png(50_000, 50_000)}),
        "unpacks_too_large",
    ),
    "photograph of too many pixels": (
        lambda: made.office({"word/media/a.jpg": made.jpeg(60_000, 60_000)}),
        "unpacks_too_large",
    ),
    "one endless sign": (
        lambda: made.office({"word/document.xml": b"<x a='" + b"ab" * 6 * MB + b"'/>"}),
        "unpacks_too_large",
    ),
    # archives that are broken, or are something else too
    "cut off": (lambda: made.office()[:-30], "broken"),
    "one byte changed": (made.damaged, "broken"),
    "packed by bzip2": (lambda: made.packed_by(zipfile.ZIP_BZIP2), "broken"),
    "packed by lzma": (lambda: made.packed_by(zipfile.ZIP_LZMA), "broken"),
    "encrypted parts": (made.encrypted, "encrypted"),
    "bytes behind the end": (lambda: made.office() + b"<script>alert(1)</script>", "mixed"),
    "bytes before the begin": (lambda: b"PK\x03\x04 <script>" + made.office(), "mixed"),
    "bytes in between": (made.stuffed, "mixed"),
    "symbolic link": (made.linked, "names"),
    "name that reads backwards": (lambda: made.office({"word/\u202elmx.a": b"x"}), "names"),
    "folder with content": (lambda: made.office({"word/media/": b"x"}), "broken"),
    # what acts
    "macros": (lambda: made.office({"word/vbaProject.bin": b"x"}), "macros"),
    "macros by type": (
        lambda: made.typed("application/vnd.ms-word.document.macroEnabled.main+xml"),
        "macros",
    ),
    "macro sheets": (lambda: made.office({"xl/macrosheets/sheet1.xml": made.XML}), "macros"),
    "active x": (lambda: made.office({"word/activeX/activeX1.xml": made.XML}), "macros"),
    "old macros embedded": (lambda: made.office({"word/embeddings/a.bin": made.ole("_VBA_PROJECT")}), "macros"),
    "program embedded": (lambda: made.office({"word/embeddings/a.bin": made.ole("\x01Ole10Native")}), "program"),
    "program as a part": (lambda: made.office({"word/media/a.bin": b"MZ\x90\0"}), "program"),
    "script as a part": (lambda: made.office({"word/run.js": b"x"}), "program"),
    "dynamic data exchange": (
        lambda: made.office(
            {"xl/externalLinks/externalLink1.xml": b"<e xmlns='urn:x'><ddeLink ddeService='cmd'/></e>"},
            main="xl/workbook.xml",
        ),
        "program",
    ),
    "template from elsewhere": (lambda: made.related("attachedTemplate", "https://example.org/a.dotm"), "external"),
    "picture from elsewhere": (lambda: made.related("image", "https://example.org/a.png"), "external"),
    "frame from elsewhere": (lambda: made.related("frame", "//example.org/share"), "external"),
    "link that is a script": (lambda: made.related(LINK, "javascript:alert(1)"), "external"),
    "link that starts a program": (lambda: made.related(LINK, "ms-msdt:/id PCWDiagnostic"), "external"),
    "entities that multiply": (made.laughing, "xml"),
    "entities in another encoding": (lambda: made.laughing("utf-16"), "xml"),
    "file read by an entity": (
        lambda: made.office({"docProps/a.xml": b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"}),
        "xml",
    ),
    "no xml": (lambda: made.office({"word/document.xml": b"<a>"}), "broken"),
    # PDF
    "pdf cut off": (lambda: made.PDF[:-8], "broken"),
    "pdf and archive": (lambda: made.PDF + made.office(), "mixed"),
    "pdf with a script": (lambda: made.pdf(SCRIPT), "script"),
    "pdf with a spelled script": (lambda: made.pdf(b"<</S/J#61va#53cript/JS(1)>>"), "script"),
    "pdf with a script between two pieces": (lambda: made.pdf(b"%" + b"a" * (MB - 24), SCRIPT), "script"),
    "pdf with a packed script": (lambda: made.object_stream(b"1 0 " + SCRIPT), "script"),
    "pdf that sends a form": (lambda: made.pdf(b"<</S/SubmitForm/F(http://example.org)>>"), "script"),
    "pdf that starts a program": (lambda: made.pdf(b"<</S/Launch/F(cmd.exe)>>"), "program"),
    "pdf with an attachment": (lambda: made.pdf(b"<</Names<</EmbeddedFiles 2 0 R>>>>"), "program"),
    "pdf with a password": (lambda: made.pdf(b"<<>>", trailer=b"<</Encrypt 5 0 R>>"), "encrypted"),
    "pdf with unusual packing": (
        lambda: made.object_stream(b"", keys=b"/Filter[/ASCIIHexDecode/FlateDecode]", packed=b"78DA00>"),
        "hidden",
    ),
    "pdf with a predictor": (
        lambda: made.object_stream(b"1 0 <<>>", keys=b"/Filter/FlateDecode/DecodeParms<</Predictor 12>>"),
        "hidden",
    ),
    "pdf with a text that hides": (
        lambda: made.object_stream(b"1 0 <<>>", keys=b"/A(1 0 obj<<stream)/Filter/FlateDecode"),
        "hidden",
    ),
    "pdf with objects that are not packed": (lambda: made.object_stream(b"", packed=b"1 0 <<>>"), "hidden"),
    "pdf that unfolds": (lambda: made.object_stream(b" " * 70 * MB), "unpacks_too_large"),
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_no_harmless_document_is_refused_and_leaves_nothing_behind(store: DirectoryStore, case: str) -> None:
    make, reason = ODD[case]

    assert reason_of(store, make()) == reason


@pytest.mark.parametrize(
    "name",
    [
        *("../evil.xml", "word/../../evil.xml", "/etc/passwd", "C:\\evil.xml", "..\\evil.xml", "word//a.xml"),
        *("./a.xml", "word/a\x00.xml", "word/a\n.xml", "WORD/document.xml"),
    ],
)
def test_names_that_lead_out_of_an_archive_are_refused(store: DirectoryStore, name: str) -> None:
    assert reason_of(store, made.named(name)) == "names"


@pytest.mark.parametrize(
    ("content", "name", "declared"),
    [
        (made.PDF, "แผน.pdf.exe", ""),
        (made.PDF, "แผน.svg", ""),
        (made.PDF, "แผน.docx", ""),
        (made.PDF, "แผน.html ", ""),
        (made.PDF, "แผน.pdf", "text/html"),
        (made.PDF, "แผน.pdf", "image/svg+xml; charset=utf-8"),
        (made.office(), "แผน.xlsx", ""),
        (made.office(), "แผน.docm", ""),
        (made.office(), "แผน.docx", "application/pdf"),
    ],
)
def test_name_declared_type_and_content_must_agree(
    store: DirectoryStore, content: bytes, name: str, declared: str
) -> None:
    assert reason_of(store, content, name, declared) == "mismatch"


@pytest.mark.parametrize(
    ("content", "name", "declared", "media_type"),
    [
        (made.PDF, "แผน.PDF", "application/pdf", PDF),
        (made.PDF, "แผนจังหวัด (ฉบับ ก.บ.จ)", "", PDF),
        (made.PDF, "แผน ฉบับที่ 1.2", "application/octet-stream", PDF),
        (made.office(), "a.docx", "application/zip", DOCX),
        (made.office(main="word/document2.xml"), "a.docx", DOCX, DOCX),
        (made.office(main="xl/workbook.xml"), "a.xlsx", "application/vnd.ms-excel", XLSX),
        (made.related(LINK, "https://www.nesdc.go.th/"), "a.docx", "", DOCX),
        (made.related(LINK, "C:\\งบประมาณ\\a.xlsx"), "a.docx", "", DOCX),
        (made.related("externalLinkPath", "file:///Z:/a.xlsx"), "a.docx", "", DOCX),
        (made.office({"word/embeddings/chart.xlsx": made.office(main="xl/workbook.xml")}), "a.docx", "", DOCX),
        (made.office({"word/embeddings/formula.bin": made.ole("Equation Native")}), "a.docx", "", DOCX),
        (made.office({"word/media/image1.svg": SVG, "word/media/": b""}), "a.docx", "", DOCX),
        (made.object_stream(b"1 0 <</Type/Catalog/Pages 2 0 R>>"), "a.pdf", "", PDF),
        (
            made.pdf(b"<</URI(https://example.org/)/S/URI>>", b"<</OpenAction[1 0 R/Fit]/Encrypted 1>>"),
            "a.pdf",
            "",
            PDF,
        ),
    ],
)
def test_ordinary_documents_are_accepted(
    store: DirectoryStore, content: bytes, name: str, declared: str, media_type: str
) -> None:
    incoming = store.receive(io.BytesIO(content), name=name, declared=declared)
    incoming.keep()

    assert incoming.stored.media_type == media_type
    with store.open(incoming.stored.sha256) as kept:
        assert kept.read() == content


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (made.png(4_000, 3_000), PNG),
        (made.jpeg(4_000, 3_000), JPEG),
        (made.office(main="ppt/presentation.xml"), PPTX),
        (made.archive({"mimetype": ODT.encode(), "content.xml": made.XML}, packed=False), ODT),
        (
            made.archive(
                {"mimetype": ODT.encode(), "content.xml": made.XML, "Configurations2/accelerator/current.xml": b""}
            ),
            ODT,
        ),
    ],
)
def test_an_installation_may_accept_more(tmp_path: Path, content: bytes, media_type: str) -> None:
    assert everything(tmp_path).put(io.BytesIO(content)).media_type == media_type


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (made.png(20_000, 20_000), "unpacks_too_large"),
        (made.jpeg(20_000, 20_000), "unpacks_too_large"),
        (made.archive({"mimetype": ODT.encode(), "content.xml": made.XML, "Basic/a.xml": made.XML}), "macros"),
        (
            made.archive({"mimetype": ODT.encode(), "content.xml": b"<a xmlns:s='urn:script'><s:event-listener/></a>"}),
            "macros",
        ),
    ],
)
def test_what_is_accepted_beside_is_checked_too(tmp_path: Path, content: bytes, reason: str) -> None:
    assert reason_of(everything(tmp_path), content) == reason


class Drip(io.RawIOBase):
    """A file that comes in pieces, and remembers the largest that was asked for."""

    def __init__(self, content: bytes, *, piece: int) -> None:
        self.left, self.piece, self.asked = memoryview(content), piece, 0

    def read(self, size: int = -1) -> bytes:
        self.asked = max(self.asked, size if size >= 0 else len(self.left))
        piece, self.left = self.left[: min(size, self.piece)], self.left[min(size, self.piece) :]
        return bytes(piece)


@pytest.mark.parametrize(
    "make",
    [
        lambda: made.bomb(60 * MB),
        lambda: made.lying(b"a" * 40 * MB, claims=10),
        lambda: made.crowded(100_000),
        lambda: made.crowded(100_000, promised=3),
        lambda: made.object_stream(b" " * 70 * MB),
        lambda: made.office({"word/document.xml": b"<x>" + b"<y/>" * 8 * MB + b"</x>"}),
        lambda: b"%PDF-1.7\n" + b"x" * 20 * MB,
    ],
    ids=["bomb", "liar", "crowd", "hidden crowd", "pdf", "elements", "long"],
)
def test_the_memory_stays_flat_whatever_is_sent(
    tmp_path: Path, make: Callable[[], bytes], store: DirectoryStore
) -> None:
    content = make()
    store.put(io.BytesIO(made.office()))  # what is loaded once is loaded
    source = Drip(content, piece=MB)

    tracemalloc.start()
    try:
        with pytest.raises(FileRefused):
            store.receive(source)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 8 * MB
    assert source.asked == CHUNK


def test_what_comes_in_drops_is_the_same_file(store: DirectoryStore) -> None:
    content = made.office({"word/media/a.bin": bytes(range(256)) * 20})

    incoming = store.receive(Drip(content, piece=7))
    incoming.keep()

    with store.open(incoming.stored.sha256) as kept:
        assert kept.read() == content


def test_a_file_over_the_limit_is_given_up_at_the_limit(tmp_path: Path) -> None:
    store = everything(tmp_path, file_bytes=MB)
    source = Drip(made.PDF + b"0" * 20 * MB, piece=MB)

    with pytest.raises(FileRefused):
        store.receive(source)

    assert len(source.left) > 18 * MB
    assert not [path for path in store._root.rglob("*") if path.is_file()]


def test_the_same_bytes_are_kept_once_and_survive_who_sent_them_second(store: DirectoryStore) -> None:
    first, second = store.receive(io.BytesIO(made.PDF)), store.receive(io.BytesIO(made.PDF))
    first.keep()
    second.keep()

    second.drop()

    assert [path.name for path in store.held()] == [first.stored.sha256]
    assert list(store.unfinished()) == []


def test_whoever_takes_back_leaves_what_another_has_sent_since(store: DirectoryStore) -> None:
    first = store.receive(io.BytesIO(made.PDF))
    first.keep()
    second = store.receive(io.BytesIO(made.PDF))
    second.keep()

    first.drop()

    assert [path.name for path in store.held()] == [first.stored.sha256]


def test_whoever_takes_back_alone_leaves_nothing(store: DirectoryStore) -> None:
    kept, refused = store.receive(io.BytesIO(made.PDF)), store.receive(io.BytesIO(made.office()))
    kept.keep()

    kept.drop()
    refused.drop()

    assert not [path for path in store._root.rglob("*") if path.is_file()]
