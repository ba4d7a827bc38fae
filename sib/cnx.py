"""The reader of conferences (CNX): one pass over a stream, in constant memory, whatever its size."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import BinaryIO, Self

from beneficiaries.identifiers import digits
from sib.decoding import UnknownEncoding, decoded
from sib.envelope import Envelope, NotCnx
from sib.hashing import SibHash, Variant
from sib.plain import lift
from sib.records import CnxRecord, Issue

__all__ = ["CnxRecord", "Conference", "HashState", "Header", "Issue", "NotCnx", "read"]

_WAIT_FOR_END = 4 << 20  # characters; a record that does not end within is left to the parser
_RECORD_END = "</beneficiario>"
_BOUNDARY = re.compile(f"<conferencia>|{_RECORD_END}")


@unique
class HashState(StrEnum):
    """What the file's own hash says of it; a hash that differs is a warning, never a refusal."""

    label: str

    def __new__(cls, code: str, label: str) -> Self:
        state = str.__new__(cls, code)
        state._value_ = code
        state.label = label
        return state

    MATCHES = "MATCHES", "confere"
    VARIANT = "VARIANT", "confere por outra leitura da regra"
    DIFFERS = "DIFFERS", "não confere"
    MISSING = "MISSING", "não informado"


@dataclass(frozen=True, slots=True)
class Header:
    """The header as it says of itself; ``""`` where it does not. ``registration`` is the operator's, six digits."""

    kind: str
    sequence: str
    created_at: str  # xsd:dateTime, with or without a zone
    origin: str
    registration: str
    version: str
    software: str


class Conference:
    """A conference being read: header first, then the records; ``hash_state`` is known when they are through."""

    def __init__(self, stream: BinaryIO) -> None:
        self._document = SibHash()
        self._envelope = Envelope(self._document)
        self._chunks = decoded(stream)
        self._text = ""
        self._place = 0
        self._line = 1
        self._between = False  # whether the place is between two records, or before the first
        self._is_disappointed = False
        self._begin()

    @property
    def header(self) -> Header:
        found = self._envelope.header.get
        registration = digits(found("destino/registroans", ""))
        return Header(
            kind=found("identificacaotransacao/tipotransacao", ""),
            sequence=found("identificacaotransacao/sequencialtransacao", ""),
            created_at=found("identificacaotransacao/datahoraregistrotransacao", ""),
            origin=digits(found("origem/cnpj", "") or found("origem/registroans", "")),
            registration=registration.zfill(6) if registration else "",
            version=found("cabecalho/versaopadrao", ""),
            software=found("identificacaosoftwaregerador/nomeaplicativo", ""),
        )

    @property
    def hash_state(self) -> HashState:
        stated = self._envelope.header.get("epilogo/hash", "").upper()
        computed = self._document.hexdigests()
        if not stated:
            return HashState.MISSING
        if stated == computed[Variant.ALL_ATTRIBUTES]:
            return HashState.MATCHES
        return HashState.VARIANT if stated in computed.values() else HashState.DIFFERS

    def _begin(self) -> None:
        """Read up to the first record."""
        while not self._envelope.conference_begun:
            if self._is_short() and not self._more():
                self._envelope.finish()
                raise NotCnx("O arquivo não traz uma conferência. Peça o arquivo CNX à ANS de novo.")
            self._parse()

    def records(self) -> Iterator[CnxRecord]:
        """The records, once; NotCnx where the file turns out to be cut or malformed."""
        yield from self._envelope.take()
        while True:
            if self._between:
                yield from self._lift()
            if self._is_short() and self._more():
                continue
            if self._place == len(self._text):
                break
            self._parse()
            yield from self._envelope.take()
        self._envelope.finish()

    def _lift(self) -> Iterator[CnxRecord]:
        line, start = self._line, self._place
        for record, place, line_after in lift(self._text, self._place, line, self._document):
            self._place, self._line = place, line_after
            yield record
        last_line = max(start, self._text.rfind("\n", start, self._place) + 1)
        self._envelope.hide(self._line - line, self._place - last_line)

    def _is_short(self) -> bool:
        """Whether the text is used up, but perhaps for the beginning of a plain record."""
        left = len(self._text) - self._place
        return not left or (self._between and left < _WAIT_FOR_END and self._text.find(_RECORD_END, self._place) < 0)

    def _more(self) -> bool:
        try:
            chunk = next(self._chunks, "")
        except UnknownEncoding as error:
            raise NotCnx(f"A codificação {error} não é aceita. Salve o arquivo em ISO-8859-1.", 1, 1) from None
        self._text = self._text[self._place :] + chunk
        self._place = 0
        return bool(chunk)

    def _parse(self) -> None:
        """Give the parser what cannot be lifted: up to the next place where a plain record may begin."""
        boundary = self._next_boundary()
        end = boundary.end() if boundary else len(self._text)
        piece = self._text[self._place : end]
        self._envelope.feed(piece)
        self._line += piece.count("\n")
        self._place = end
        self._between = boundary is not None and self._envelope.is_between_records(boundary[0])
        self._is_disappointed = self._envelope.conference_begun and not self._between

    def _next_boundary(self) -> re.Match[str] | None:
        """The first one; after a disappointment the last, lest a comment full of records be parsed for each of them."""
        begin = self._place
        if self._is_disappointed:
            begin = max(begin, self._text.rfind(_RECORD_END))
        return _BOUNDARY.search(self._text, begin)


def read(stream: BinaryIO) -> Conference:
    """The conference in ``stream``, read up to its first record; NotCnx where there is none."""
    return Conference(stream)
