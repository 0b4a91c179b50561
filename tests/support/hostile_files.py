"""Files that nobody should send, made as small as they can be: archives that unfold, documents and PDF files that act."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

MB = 1024 * 1024
XML = b"<?xml version='1.0'?><x/>"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def archive(parts: Mapping[str, bytes], *, packed: bool = True) -> bytes:
    """Return an archive with these parts in order."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return made.getvalue()


def office(parts: Mapping[str, bytes] | None = None, *, main: str = "word/document.xml") -> bytes:
    """Return a document with these parts beside what every document has; a part of the same name takes its place."""
    return archive({"[Content_Types].xml": XML, "_rels/.rels": XML, main: XML} | dict(parts or {}))


def bomb(size: int) -> bytes:
    """Return a document with a part of so many spaces."""
    return office({"word/media/image1.bin": b" " * size})


def lying(content: bytes, *, claims: int) -> bytes:
    """Return a document whose part says it has the first few bytes of what it has, with their checksum."""
    whole = bytearray(office({"word/media/a.bin": content}))
    for sign, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        name_at = {b"PK\x03\x04": 30, b"PK\x01\x02": 46}[sign]
        start = next(
            found for found in _all(whole, sign) if whole[found + name_at : found + name_at + 16] == b"word/media/a.bin"
        )
        struct.pack_into("<I", whole, start + at, zlib.crc32(content[:claims]))
        struct.pack_into("<I", whole, start + at + 8, claims)
    return bytes(whole)


def crowded(count: int, *, promised: int | None = None) -> bytes:
    """Return an archive of so many empty parts; its end may promise another number."""
    body, directory = bytearray(), bytearray()
    for number in range(count):
        name = f"word/p{number:06d}.xml".encode()
        head = struct.pack("<5H3I2H", 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<3H2I", 0, 0, 0, 0, len(body)) + name
        body += b"PK\x03\x04" + head + name
    told = min(count if promised is None else promised, 0xFFFF)
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, told, told, len(directory), len(body), 0)
    return bytes(body + directory + end)


def overlapping(count: int, size: int) -> bytes:
    """Return an archive whose parts all are the same packed bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = b"\0" * size
    packed = packer.compress(content) + packer.flush()
    name = b"word/document.xml"
    sizes = (zlib.crc32(content), len(packed), size)
    body = b"PK\x03\x04" + struct.pack("<5H3I2H", 20, 0, 8, 0, 33, *sizes, len(name), 0) + name + packed
    directory = b""
    for number in range(count):
        other = b"word/document%d.xml" % number if number else name
        head = struct.pack("<6H3I2H", 20, 20, 0, 8, 0, 33, *sizes, len(other), 0)
        directory += b"PK\x01\x02" + head + struct.pack("<3H2I", 0, 0, 0, 0, 0) + other
    return body + directory + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, count, count, len(directory), len(body), 0)


def named(name: str) -> bytes:
    """Return a document with a part of this name, exactly as it is written."""
    stand_in = "Q" * len(name.encode())
    return office({stand_in: b"x"}).replace(stand_in.encode(), name.encode())


def linked() -> bytes:
    """Return a document in which a part is a symbolic link."""
    made = io.BytesIO(office())
    link = zipfile.ZipInfo("word/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(made, "a") as package:
        package.writestr(link, "/etc/passwd")
    return made.getvalue()


def encrypted() -> bytes:
    """Return a document whose parts claim to need a password."""
    whole = bytearray(office())
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in _all(whole, sign):
            whole[found + at] |= 1
    return bytes(whole)


def packed_by(method: int) -> bytes:
    """Return a document packed by another method."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as package:
        for name in ("[Content_Types].xml", "word/document.xml"):
            package.writestr(name, XML)
    return made.getvalue()


def damaged() -> bytes:
    """Return a document of which one byte has changed."""
    whole = bytearray(office({"word/media/a.bin": bytes(range(256)) * 20}))
    whole[whole.index(b"word/media/a.bin") + 60] ^= 0xFF
    return bytes(whole)


def stuffed() -> bytes:
    """Return a document with much between its parts and its table of contents that belongs to nobody."""
    whole = office()
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    hidden = b"<script>alert(1)</script>" * 400
    tail = bytearray(whole[end:])
    struct.pack_into("<I", tail, 16, start + len(hidden))
    return whole[:start] + hidden + whole[start:end] + bytes(tail)


def nested(depth: int) -> bytes:
    """Return a document that stands in a document, and so on."""
    made = office()
    for _layer in range(depth):
        made = office({"word/embeddings/inner.docx": made})
    return made


def related(kind: str, target: str) -> bytes:
    """Return a document with a relationship to the outside."""
    rels = (
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
        f"<Relationship Id='r1' Type='{RELATIONSHIPS}/{kind}' Target='{target}' TargetMode='External'/></Relationships>"
    )
    return office({"word/_rels/document.xml.rels": rels.encode()})


def typed(content_type: str) -> bytes:
    """Return a document that declares a part of this type."""
    types = f"<Types><Override PartName='/word/document.xml' ContentType='{content_type}'/></Types>"
    return office({"[Content_Types].xml": types.encode()})


def laughing(encoding: str = "utf-8") -> bytes:
    """Return a document whose XML multiplies an entity."""
    entities = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    text = f"<?xml version='1.0' encoding='{encoding}'?><!DOCTYPE x [<!ENTITY a0 'ha'>{entities}]><x>&a9;</x>"
    return office({"word/document.xml": text.encode(encoding)})


def png(width: int, height: int) -> bytes:
    """Return the beginning of a picture of this size."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII5B", 13, b"IHDR", width, height, 8, 6, 0, 0, 0) + b"\0" * 40


def jpeg(width: int, height: int) -> bytes:
    """Return the beginning of a picture of this size."""
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + b"\0" * 9
    return b"\xff\xd8" + app + b"\xff\xc0" + struct.pack(">HBHH", 17, 8, height, width) + b"\x03" + b"\0" * 20


def ole(stream: str) -> bytes:
    """Return an object of the old kind with a stream of this name."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + stream.encode("utf-16-le") + b"\0" * 600


def pdf(*objects: bytes, trailer: bytes = b"<</Root 1 0 R>>") -> bytes:
    """Return a PDF file with these objects."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer\n" + trailer + b"\nstartxref\n0\n%%EOF\n"


def object_stream(content: bytes, *, keys: bytes = b"/Filter/FlateDecode", packed: bytes | None = None) -> bytes:
    """Return a PDF file with these objects in a packed stream."""
    data = zlib.compress(content) if packed is None else packed
    return pdf(b"<</Type/ObjStm/N 1/First 4%s/Length %d>>\nstream\n%s\nendstream" % (keys, len(data), data))


def _all(whole: bytes | bytearray, sign: bytes) -> Sequence[int]:
    found, at = [], whole.find(sign)
    while at >= 0:
        found.append(at)
        at = whole.find(sign, at + 1)
    return found
