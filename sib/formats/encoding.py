"""Encoding detection: bytes as text by the file's own declaration, and where that is wrong, as Windows-1252."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from sib.formats.errors import InvalidSibFile

CHUNK_BYTES = 1 << 19
_HEAD_BYTES = 1024  # bytes in which the declaration lies
_DECLARATION = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_UNMARKED = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_ACCEPTED = frozenset({"utf-8", "iso8859-1", "iso8859-15", "cp1252", "ascii", "utf-16", "utf-16-le", "utf-16-be"})


def decoded(stream: BinaryIO) -> Iterator[str]:
    """The stream's text, piece by piece; InvalidSibFile where it declares an encoding that none of them has."""
    read = stream.read(_HEAD_BYTES)
    decoder = codecs.getincrementaldecoder(_encoding(read))("sib.other")
    while read:
        if text := decoder.decode(read):
            yield text
        read = stream.read(CHUNK_BYTES)
    yield decoder.decode(b"", final=True)


def _encoding(head: bytes) -> str:
    for mark, encoding in (_MARKS | _UNMARKED).items():
        if head.startswith(mark):
            return encoding
    declared = _DECLARATION.match(head)
    name = declared[1].decode() if declared else "utf-8"
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        raise _unknown(name) from None
    if encoding not in _ACCEPTED:
        raise _unknown(name)
    # what Latin-1 leaves open is corrected field by field (cnx.record); UTF-16 has a mark, or is not declared as such
    return {"ascii": "iso8859-1", "cp1252": "iso8859-1", "utf-16": "utf-8"}.get(encoding, encoding)


def _unknown(name: str) -> InvalidSibFile:
    return InvalidSibFile(f"A codificação {name} não é aceita. Salve o arquivo em ISO-8859-1.", 1, 1)


def _other_encoding(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not what was declared, read as Windows-1252 or, where that has no letter, Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    try:
        return wrong.decode("cp1252"), error.end
    except UnicodeDecodeError:
        return wrong.decode("iso8859-1"), error.end


codecs.register_error("sib.other", _other_encoding)
