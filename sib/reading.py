"""The records of a conference's text: one pass, in constant memory, whatever its size."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from sib.envelope import Envelope, NotCnx
from sib.hashing import Gathered
from sib.plain import lift
from sib.records import CnxRecord

_WAIT_FOR_END = 4 << 20  # characters; a record that does not end within is left to the parser
RECORD_END = "</beneficiario>"
_BOUNDARY = re.compile(f"<conferencia>|{RECORD_END}")


class Reading:
    """The records of a text that comes in ``chunks``, or is handed over (``feed``).

    ``document`` gathers what counts for the hash; ``line`` is the one that the reading has come to.
    """

    def __init__(self, chunks: Iterable[str], document: Gathered) -> None:
        self.chunks = iter(chunks)
        self.line = 1
        self._document = document
        self._envelope = Envelope(document)
        self._text = ""
        self._place = 0
        self._between = False  # whether the place is between two records, or before the first
        self._is_disappointed = False
        self._begin()

    @property
    def headings(self) -> Mapping[str, str]:
        """What stands around the records: "destino/registroans" → text."""
        return self._envelope.header

    @property
    def is_between_records(self) -> bool:
        """Whether all that was handed over is read, and a record may come next."""
        return self._between and self._place == len(self._text)

    def _begin(self) -> None:
        """Read up to the first record."""
        while not self._envelope.conference_begun:
            if self._is_short() and not self._more():
                self._envelope.finish()
                raise NotCnx("O arquivo não traz uma conferência. Peça o arquivo CNX à ANS de novo.")
            self._parse()

    def records(self) -> Iterator[CnxRecord]:
        """The records, once; NotCnx where the file turns out to be cut or malformed."""
        for chunk in self.chunks:
            yield from self.feed(chunk)
        yield from self.finish()

    def feed(self, chunk: str) -> Iterator[CnxRecord]:
        """The records that are whole now."""
        self._text = self._text[self._place :] + chunk
        self._place = 0
        yield from self._read(self._is_short)

    def finish(self) -> Iterator[CnxRecord]:
        """The records that were left: nothing more comes. NotCnx where it should."""
        yield from self._read(lambda: self._place == len(self._text))
        self._envelope.finish()

    def _read(self, is_over: Callable[[], bool]) -> Iterator[CnxRecord]:
        yield from self._envelope.take()
        while True:
            if self._between:
                yield from self._lift()
            if is_over():
                return
            self._parse()
            yield from self._envelope.take()

    def _lift(self) -> Iterator[CnxRecord]:
        line, start = self.line, self._place
        for record, place, line_after in lift(self._text, self._place, line, self._document):
            self._place, self.line = place, line_after
            yield record
        last_line = max(start, self._text.rfind("\n", start, self._place) + 1)
        self._envelope.hide(self.line - line, self._place - last_line)

    def _is_short(self) -> bool:
        """Whether the text is used up, but perhaps for the beginning of a plain record."""
        left = len(self._text) - self._place
        return not left or (self._between and left < _WAIT_FOR_END and self._text.find(RECORD_END, self._place) < 0)

    def _more(self) -> bool:
        chunk = next(self.chunks, "")
        self._text = self._text[self._place :] + chunk
        self._place = 0
        return bool(chunk)

    def _parse(self) -> None:
        """Give the parser what cannot be lifted: up to the next place where a plain record may begin."""
        boundary = self._next_boundary()
        end = boundary.end() if boundary else len(self._text)
        piece = self._text[self._place : end]
        self._envelope.feed(piece)
        self.line += piece.count("\n")
        self._place = end
        self._between = boundary is not None and self._envelope.is_between_records(boundary[0])
        self._is_disappointed = self._envelope.conference_begun and not self._between

    def _next_boundary(self) -> re.Match[str] | None:
        """The first one; after a disappointment the last, lest a comment full of records be parsed for each of them."""
        begin = self._place
        if self._is_disappointed:
            begin = max(begin, self._text.rfind(RECORD_END))
        return _BOUNDARY.search(self._text, begin)
