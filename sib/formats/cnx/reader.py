"""The streaming parser of a conference's records: one pass, in constant memory, whatever its size."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from sib.formats.cnx.fast_path import read_plain_records
from sib.formats.cnx.record import CnxRecord
from sib.formats.cnx.xml_structure import StructureParser
from sib.formats.errors import InvalidSibFile
from sib.formats.sib_hash import SibHash

_MAX_RECORD_CHARACTERS = 4 << 20  # a record that does not end within is left to the parser
_RECORD_END = "</beneficiario>"
_BOUNDARY = re.compile(f"<conferencia>|{_RECORD_END}")


class RecordReader:
    """The records of a text that comes in ``chunks``; ``document`` takes in what counts for the hash."""

    def __init__(self, chunks: Iterable[str], document: SibHash) -> None:
        self._chunks = iter(chunks)
        self._line = 1
        self._document = document
        self._structure = StructureParser(document)
        self._text = ""
        self._place = 0
        self._between = False  # whether the place is between two records, or before the first
        self._fast_path_failed = False
        self._begin()

    @property
    def headings(self) -> Mapping[str, str]:
        """What stands around the records: "destino/registroans" → text."""
        return self._structure.header

    def _begin(self) -> None:
        """Read up to the first record."""
        while not self._structure.conference_begun:
            if self._is_short() and not self._more():
                self._structure.finish()
                raise InvalidSibFile("O arquivo não traz uma conferência. Peça o arquivo CNX à ANS de novo.")
            self._parse()

    def records(self) -> Iterator[CnxRecord]:
        """The records, once; InvalidSibFile where the file turns out to be cut or malformed."""
        return chain.from_iterable(self.batches())

    def batches(self) -> Iterator[Sequence[CnxRecord]]:
        """The same in lists, as they are read: a piece of the file at a time."""
        while self._more():
            yield from filter(None, self._read(self._is_short))
        yield from filter(None, self._read(lambda: self._place == len(self._text)))
        self._structure.finish()

    def _read(self, is_over: Callable[[], bool]) -> Iterator[Sequence[CnxRecord]]:
        yield self._structure.pop_records()
        while True:
            if self._between:
                yield self._read_plain()
            if is_over():
                return
            self._parse()
            yield self._structure.pop_records()

    def _read_plain(self) -> Sequence[CnxRecord]:
        line, start = self._line, self._place
        records, self._place, self._line = read_plain_records(self._text, start, line, self._document)
        last_line = max(start, self._text.rfind("\n", start, self._place) + 1)
        self._structure.skip(self._line - line, self._place - last_line)
        return records

    def _is_short(self) -> bool:
        """Whether the text is used up, but perhaps for the beginning of a plain record."""
        left = len(self._text) - self._place
        return not left or (
            self._between and left < _MAX_RECORD_CHARACTERS and self._text.find(_RECORD_END, self._place) < 0
        )

    def _more(self) -> bool:
        chunk = next(self._chunks, "")
        self._text = self._text[self._place :] + chunk
        self._place = 0
        return bool(chunk)

    def _parse(self) -> None:
        """Give the parser what cannot be lifted: up to the next place where a plain record may begin."""
        boundary = self._next_boundary()
        end = boundary.end() if boundary else len(self._text)
        piece = self._text[self._place : end]
        self._structure.feed(piece)
        self._line += piece.count("\n")
        self._place = end
        self._between = boundary is not None and self._structure.is_between_records(boundary[0])
        self._fast_path_failed = self._structure.conference_begun and not self._between

    def _next_boundary(self) -> re.Match[str] | None:
        """The first one; after a failed attempt the last, or a comment full of records would be parsed for each."""
        begin = self._place
        if self._fast_path_failed:
            begin = max(begin, self._text.rfind(_RECORD_END))
        return _BOUNDARY.search(self._text, begin)
