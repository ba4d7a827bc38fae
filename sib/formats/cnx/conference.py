"""Reads a conference (CNX) from a stream: header, records, and whether the hash is right."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import unique
from typing import BinaryIO, Self

from beneficiaries.domain.identifiers import digits
from cnsportal.formats.labelled import LabelledEnum
from sib.formats.cnx.reader import RecordReader
from sib.formats.cnx.record import CnxRecord, Issue
from sib.formats.encoding import decoded
from sib.formats.sib_hash import SibHash, Variant

__all__ = ["CnxRecord", "Conference", "HashState", "Header", "Issue", "read"]


@unique
class HashState(LabelledEnum):
    """What the file's own hash says of it; a hash that differs is a warning, never a refusal."""

    MATCHES = "MATCHES", "confere"
    VARIANT = "VARIANT", "confere por outra leitura da regra"
    DIFFERS = "DIFFERS", "não confere"
    MISSING = "MISSING", "não informado"

    @classmethod
    def of(cls, stated: str, document: SibHash) -> Self:
        """Of what the file says, in upper case, and what was read."""
        computed = document.hexdigests()
        if not stated:
            return cls.MISSING
        if stated == computed[Variant.ALL_ATTRIBUTES]:
            return cls.MATCHES
        return cls.VARIANT if stated in computed.values() else cls.DIFFERS


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


class Conference(RecordReader):
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
        return HashState.of(self.headings.get("epilogo/hash", "").upper(), self._hash)


def read(stream: BinaryIO) -> Conference:
    """The conference in ``stream``, read up to its first record; InvalidSibFile where there is none."""
    return Conference(decoded(stream))
