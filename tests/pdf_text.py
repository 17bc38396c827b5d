"""The words that a PDF of ours prints, in the order in which they were set, without blanks and line ends."""

import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.S)
_STREAM = re.compile(rb"stream\r?\n(.*?)\nendstream", re.S)
# A font is chosen, a string in hexadecimal, or the bracket before a literal one.
_TOKEN = re.compile(rb"/(f\d+) [\d.]+ Tf|(?<!<)<([0-9A-Fa-f]+)>|\(")
_ESCAPED = re.compile(rb"[0-7]{1,3}|.", re.S)
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


def _pieces(stream: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the font and the glyphs of each string that is shown."""
    font, at = b"", 0
    while found := _TOKEN.search(stream, at):
        at = found.end()
        if found[1]:
            font = found[1]
        elif found[2] is not None:
            yield font, bytes.fromhex(found[2].decode())
        else:
            text, at = _literal(stream, at)
            # The language of a passage is a string too, and not shown.
            if stream[: found.start()].endswith(b"/Lang"):
                continue
            yield font, text


def _literal(stream: bytes, at: int) -> tuple[bytes, int]:
    """Return the literal string that begins at `at`, after its bracket, and where it ends."""
    text, depth = bytearray(), 1
    while True:
        byte = stream[at : at + 1]
        at += 1
        if byte == b"\\":
            escaped = _ESCAPED.match(stream, at)
            assert escaped
            text += bytes([int(escaped[0], 8)]) if escaped[0].isdigit() else _LETTERS.get(escaped[0], escaped[0])
            at = escaped.end()
            continue
        depth += (byte == b"(") - (byte == b")")
        if depth == 0:
            return bytes(text), at
        text += byte


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
    # The last byte of a stream may be a carriage return; where it belongs to the end of the line, it is left over.
    return zlib.decompressobj().decompress(found[1])
