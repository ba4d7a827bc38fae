"""Conferences (CNX) read from a stream: header, records, and whether the hash holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import BinaryIO, Self

from beneficiaries.domain.identifiers import digits
from sib.formats.cnx.reader import Reading
from sib.formats.cnx.record import CnxRecord, Issue
from sib.formats.cnx.xml_structure import NotCnx
from sib.formats.encoding import UnknownEncoding, decoded
from sib.formats.sib_hash import SibHash, Variant

__all__ = ["CnxRecord", "Conference", "HashState", "Header", "Issue", "NotCnx", "read"]


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


class Conference(Reading):
    """A conference being read: header first, then the records; ``hash_state`` is known when they are through."""

    def __init__(self, chunks: Iterable[str]) -> None:
        self._hash = SibHash()
        super().__init__(chunks, self._hash)

    @property
    def header(self) -> Header:
        found = self.headings.get
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
        stated = self.headings.get("epilogo/hash", "").upper()
        computed = self._hash.hexdigests()
        if not stated:
            return HashState.MISSING
        if stated == computed[Variant.ALL_ATTRIBUTES]:
            return HashState.MATCHES
        return HashState.VARIANT if stated in computed.values() else HashState.DIFFERS


def read(stream: BinaryIO) -> Conference:
    """The conference in ``stream``, read up to its first record; NotCnx where there is none."""
    return Conference(_text(stream))


def _text(stream: BinaryIO) -> Iterator[str]:
    try:
        yield from decoded(stream)
    except UnknownEncoding as error:
        raise NotCnx(f"A codificação {error} não é aceita. Salve o arquivo em ISO-8859-1.", 1, 1) from None
