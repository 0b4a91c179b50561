"""S9 through HTTP: refused with a Thai sentence and nothing left behind; scanner, quota, names and headers."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select

from tests.support import hostile_files as made
from tests.support.product import Product
from tests.support.web import Browser
from tests.web.test_plan_files import fetch, files_of, send
from tests.web.test_plan_pages import A_PDF, LAMPANG, PLANNER, as_, words
from web.composition import EXTENSION, Composition
from web.config import Settings
from workflows.files.kinds import KIND_OF_TYPE, PDF
from workflows.files.names import LONGEST, clean_name
from workflows.files.scanning import ClamAv
from workflows.files.store import DirectoryStore
from workflows.plans.models import Document
from workflows.plans.states import DocumentState

STORE = Path("data", "files")


def on_disk(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / STORE).rglob("*") if path.is_file()]


def parts_of(product: Product) -> Composition:
    parts: Composition = product.app.extensions[EXTENSION]
    return parts


def configure(product: Product, **settings: object) -> None:
    """Give a running application other settings."""
    parts = parts_of(product)
    changed: Settings = dataclasses.replace(parts.settings, **settings)  # type: ignore[arg-type]
    product.app.extensions[EXTENSION] = dataclasses.replace(parts, settings=changed)


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "ว่าง.pdf", "ว่างเปล่า"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "ภาพ.svg", "ไม่ใช่ PDF, Word (.docx) หรือ Excel"),
        (made.bomb(60 * made.MB), "แผน.docx", "มีเนื้อในใหญ่เกินเอกสารทั่วไป"),
        (made.overlapping(50, made.MB), "แผน.docx", "มีเนื้อในใหญ่เกินเอกสารทั่วไป"),
        (made.named("../../evil.xml"), "แผน.docx", "มีส่วนประกอบที่ตั้งชื่อผิดปกติ"),
        (made.related("attachedTemplate", "https://example.org/a.dotm"), "แผน.docx", "ดึงเนื้อหาจากที่อื่น"),
        (made.laughing(), "แผน.docx", "คำนิยาม XML"),
        (made.office({"word/run.exe": b"x"}), "แผน.docx", "มีโปรแกรมหรือไฟล์แนบ"),
        (made.PDF + made.office(), "แผน.pdf", "ไฟล์สองชนิดซ้อนกัน"),
        (made.pdf(b"<</S/JavaScript>>"), "แผน.pdf", "มีสคริปต์"),
        (made.encrypted(), "แผน.docx", "ตั้งรหัสผ่าน"),
        (made.ole("EncryptedPackage"), "แผน.docx", "Office รุ่นเก่าหรือตั้งรหัสผ่าน"),
        (made.object_stream(b"", packed=b"x"), "แผน.pdf", "ตรวจเนื้อหาในไฟล์"),
        (A_PDF, "แผน.exe", "มีชื่อไม่ตรงกับชนิดจริง เนื้อหาเป็น PDF"),
    ],
)
def test_a_refused_file_is_told_in_thai_beside_the_field_and_what_was_chosen_is_kept(
    drafting: Product, tmp_path: Path, content: bytes, name: str, told: str
) -> None:
    answer = send(as_(drafting, PLANNER), content, name, role="forms")

    assert answer.status_code == 422
    assert f"ไฟล์ “{name}”" in words(answer.text)
    assert told in words(answer.text)
    assert 'href="#upload-file"' in answer.text
    assert '<option value="forms" selected>' in answer.text
    assert files_of(drafting) == []
    assert on_disk(tmp_path) == []


def test_good_files_beside_a_refused_one_leave_nothing_either(drafting: Product, tmp_path: Path) -> None:
    data = {"file": [(io.BytesIO(A_PDF), "ดี.pdf"), (io.BytesIO(b"x"), "ไม่ดี.pdf")], "role": "plan"}

    answer = as_(drafting, PLANNER).post(f"{LAMPANG}/files", data, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert on_disk(tmp_path) == []


def test_what_the_database_refuses_leaves_nothing_on_the_disk(drafting: Product, tmp_path: Path) -> None:
    browser = as_(drafting, PLANNER)
    with drafting.engine.unit_of_work() as uow:
        uow.session.scalars(select(Document).where(Document.unit == "TH-52")).one().state = DocumentState.ANNOUNCED

    assert send(browser).status_code == 422
    assert on_disk(tmp_path) == []


def test_what_is_lost_after_the_files_were_kept_is_taken_back(
    drafting: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = as_(drafting, PLANNER)
    keep = DirectoryStore.receive

    def failing(self: DirectoryStore, *args: object, **options: object) -> object:
        incoming = keep(self, *args, **options)  # type: ignore[arg-type]
        taken = incoming.keep

        def keep_and_fail() -> None:
            taken()
            raise RuntimeError("the line to the database broke")

        monkeypatch.setattr(incoming, "keep", keep_and_fail)
        return incoming

    monkeypatch.setattr(DirectoryStore, "receive", failing)

    assert send(browser).status_code == 500
    assert files_of(drafting) == []
    assert on_disk(tmp_path) == []


def test_too_many_files_at_once_are_refused(drafting: Product, tmp_path: Path) -> None:
    configure(drafting, upload_files=2)
    data = {"file": [(io.BytesIO(A_PDF), f"{number}.pdf") for number in range(3)], "role": "plan"}

    answer = as_(drafting, PLANNER).post(f"{LAMPANG}/files", data, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "เลือกได้ครั้งละไม่เกิน 2 ไฟล์" in answer.text
    assert on_disk(tmp_path) == []


def test_a_plan_has_room_for_so_much(drafting: Product, tmp_path: Path) -> None:
    configure(drafting, plan_quota=len(A_PDF) + 10)
    browser = as_(drafting, PLANNER)

    first, second = send(browser), send(browser, A_PDF + b"2")

    assert (first.status_code, second.status_code) == (303, 422)
    assert "ไฟล์ทั้งหมดของแผนนี้รวมกันได้ไม่เกิน" in second.text
    assert len(files_of(drafting)) == len(on_disk(tmp_path)) == 1


@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")  # werkzeug's
def test_an_upload_that_was_broken_off_changes_nothing(drafting: Product, tmp_path: Path) -> None:
    browser = as_(drafting, PLANNER)
    token = browser.get("/sign-in").text.split('name="csrf-token" content="')[1].split('"')[0]
    body = (
        f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        '--b\r\nContent-Disposition: form-data; name="role"\r\n\r\nplan\r\n'
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    ).encode() + A_PDF

    answer = browser.client.post(
        f"{LAMPANG}/files",
        input_stream=io.BytesIO(body),
        content_length=len(body) + 100_000,
        content_type="multipart/form-data; boundary=b",
    )

    assert answer.status_code == 400
    assert files_of(drafting) == []
    assert on_disk(tmp_path) == []


@pytest.mark.parametrize("address", ["/sign-in", f"{LAMPANG}/files"])
def test_strangers_and_pages_without_files_take_no_large_requests(drafting: Product, address: str) -> None:
    content = made.MB * 5

    answer = drafting.app.test_client().post(
        address, data=b"a" * content, content_type="multipart/form-data; boundary=b"
    )

    assert answer.status_code == 413
    assert "ส่งได้ครั้งละไม่เกิน 4 MB" in answer.text


# --- names


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\somchai\\แผน.pdf", "แผน.pdf"),
        ("แผน\x00\r\n\t.pdf", "แผน.pdf"),
        ("แผน\u202efdp.exe.pdf", "แผนfdp.exe.pdf"),
        ("แผน\u200b\u2066ลำปาง.pdf", "แผนลำปาง.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("com1.สำเนา.pdf", "_com1.สำเนา.pdf"),
        ("...", "file.pdf"),
        ("", "file.pdf"),
        (".pdf", "file.pdf"),
        ("<img src=x onerror=alert(1)>.pdf", "img src=x onerror=alert(1).pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
        ("แผน. .pdf", "แผน.pdf"),
        ("ก" * 500 + ".pdf", "ก" * (LONGEST - 4) + ".pdf"),
        ("แผน ก.บ.จ", "แผน ก.บ.จ.pdf"),
    ],
)
def test_names_are_kept_without_what_could_mislead(sent: str, kept: str) -> None:
    assert clean_name(sent, KIND_OF_TYPE[PDF]) == kept
    assert clean_name(kept, KIND_OF_TYPE[PDF]) == kept


# --- sent


def test_a_saved_file_runs_nothing_and_is_named_in_thai(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    send(browser, name="แผน, 100% 'ลำปาง' (1).pdf")
    (file,) = files_of(drafting)

    answer = fetch(browser, file)

    thai = quote("แผน, 100% 'ลำปาง' (1).pdf", safe="")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=file-{file.id}.pdf; filename*=UTF-8''{thai}"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_part_of_a_file_may_be_asked_for(drafting: Product) -> None:
    browser = as_(drafting, PLANNER)
    send(browser)
    (file,) = files_of(drafting)
    address = f"{LAMPANG}/files/{file.id}"

    part, last, beyond = (
        browser.get(address, headers={"Range": asked}, buffered=True)
        for asked in ("bytes=5-9", "bytes=-6", "bytes=900000-")
    )

    assert (part.status_code, part.data) == (206, A_PDF[5:10])
    assert part.headers["Content-Range"] == f"bytes 5-9/{len(A_PDF)}"
    assert (last.status_code, last.data) == (206, A_PDF[-6:])
    assert beyond.status_code == 416


# --- scanned


@contextlib.contextmanager
def scanner(address: str | tuple[str, int], answer: bytes, *, reads: bool = True) -> Iterator[list[bytes]]:
    """Stand in for clamd at an address: hear one file, give an answer."""
    heard: list[bytes] = []
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.bind(address)
        door.listen(1)

        def serve() -> None:
            line, _peer = door.accept()
            with line, line.makefile("rb") as stream:
                heard.append(stream.read(10))
                while reads and (size := struct.unpack(">I", stream.read(4))[0]):
                    heard.append(stream.read(size))
                line.sendall(answer)

        served = threading.Thread(target=serve)
        served.start()
        yield heard
        served.join(10)


def scanned_by(product: Product, tmp_path: Path, address: str) -> Browser:
    parts = parts_of(product)
    store = DirectoryStore(tmp_path / STORE, scanner=ClamAv(address, timeout=5))
    product.app.extensions[EXTENSION] = dataclasses.replace(parts, files=store)
    return as_(product, PLANNER)


def test_a_file_goes_through_the_scanner_and_passes(drafting: Product, tmp_path: Path) -> None:
    path = str(tmp_path / "clamd")
    browser = scanned_by(drafting, tmp_path, f"unix://{path}")

    with scanner(path, b"stream: OK\0") as heard:
        answer = send(browser)

    assert answer.status_code == 303
    assert heard == [b"zINSTREAM\0", A_PDF]


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", 422, "โปรแกรมตรวจไวรัสพบสิ่งผิดปกติ"),
        (b"INSTREAM size limit exceeded. ERROR\0", 422, "ใหญ่เกินกว่าที่โปรแกรมตรวจไวรัสรับได้"),
        (b"stream: Can't allocate memory ERROR\0", 503, "โปรแกรมตรวจไวรัสไม่ตอบสนอง"),
        (b"", 503, "โปรแกรมตรวจไวรัสไม่ตอบสนอง"),
        (None, 503, "โปรแกรมตรวจไวรัสไม่ตอบสนอง"),
    ],
    ids=["found", "too large for it", "error", "silence", "hangs up"],
)
def test_without_a_clean_answer_of_the_scanner_nothing_is_accepted(
    drafting: Product, tmp_path: Path, said: bytes | None, status: int, told: str
) -> None:
    path = str(tmp_path / "clamd")
    browser = scanned_by(drafting, tmp_path, f"unix://{path}")

    with scanner(path, said or b"", reads=said is not None):
        answer = send(browser, role="forms")

    assert answer.status_code == status
    assert told in words(answer.text)
    assert '<option value="forms" selected>' in answer.text
    assert on_disk(tmp_path) == []


def test_a_scanner_that_cannot_be_reached_lets_nothing_through(drafting: Product, tmp_path: Path) -> None:
    browser = scanned_by(drafting, tmp_path, f"unix://{tmp_path / 'nobody'}")

    page, part = send(browser), send(browser, headers={"HX-Request": "true"})

    assert (page.status_code, part.status_code) == (503, 503)
    assert page.headers["Retry-After"] == "10"
    assert "ขณะนี้จึงยังรับไฟล์ไม่ได้" in page.text
    assert part.text.lstrip().startswith('<div id="plan-documents"')
    assert files_of(drafting) == []
    assert on_disk(tmp_path) == []
