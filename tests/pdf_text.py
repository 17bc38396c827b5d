"""The words that a PDF of ours prints, in the order in which they were set, without blanks and line ends."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.S)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|\((.*?)(?<!\\)(?:\\\\)*\)|<([0-9A-Fa-f]*)>(?!>)", re.S)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_text(content: bytes) -> str:
    """Return the printed characters of all pages, without white space."""
    objects = {number: body for number, body in _OBJECT.findall(content)}
    text = ""
    for page in (body for body in objects.values() if b"/Type/Page/" in body):
        fonts = _fonts(objects, page)
        for font, pieces in _pieces(_stream(objects[_reference(page, b"Contents")])):
            text += "".join(fonts[font][pieces[at : at + 2]] for at in range(0, len(pieces), 2))
    return re.sub(r"\s", "", text)


def _pieces(stream: bytes):
    font = b""
    for shown in _SHOWN.finditer(stream):
        if shown[1]:
            font = shown[1]
        elif shown[3] is not None:
            yield font, bytes.fromhex(shown[3].decode())
        elif b"/Lang(" not in stream[max(0, shown.start() - 6) : shown.start() + 1]:
            yield font, _ESCAPED.sub(_unescaped, stream[shown.start() + 1 : shown.end() - 1])


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1][:1].isdigit():
        return bytes([int(found[1], 8)])
    return _LETTERS.get(found[1], found[1])


def _fonts(objects: dict[bytes, bytes], page: bytes) -> dict[bytes, dict[bytes, str]]:
    names = re.search(rb"/Font<<(.*?)>>", objects[_reference(page, b"Resources")], re.S)
    assert names, "A page that prints nothing."
    fonts = re.findall(rb"/(f\d+) (\d+) 0 R", names[1])
    return {name: _characters(_stream(objects[_reference(objects[font], b"ToUnicode")])) for name, font in fonts}


def _characters(table: bytes) -> dict[bytes, str]:
    pairs = re.findall(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", table, re.M)
    return {bytes.fromhex(glyph.decode()): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def _reference(body: bytes, name: bytes) -> bytes:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found, name
    return found[1]


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found
    return zlib.decompress(found[1])
