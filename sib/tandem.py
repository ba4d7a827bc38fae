"""A conference read by two processes: while the worker reads a stretch, its companion reads the next one.

The companion's answer counts where the worker came to its end as foreseen: between two records, on the line and at the
position that the companion was told. Otherwise the worker reads that stretch too. So what is read, and what is said of
a file that is cut or malformed, does not depend on where the stretches meet; tests hold both ways together.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain, islice

from sib.cnx import Conference
from sib.companion import Companion, Stretch
from sib.reading import RECORD_END
from sib.records import CnxRecord
from sib.rows import Rows, as_rows

PIECE = 500  # records handed over at once, some 200 kB: PostgreSQL takes them in while the next ones are read
ALONE = 16  # stretches of half a megabyte: for so little, a second process would not pay


class Tandem:
    """Reads the rows of one file; ``first`` is the position of its first record in the whole conference."""

    def __init__(self, conference: Conference, *, part: int, first: int) -> None:
        self._conference = conference
        self._part = part
        self._position = first

    def rows(self) -> Iterator[Rows]:
        """Once, in order; NotCnx where the file turns out to be cut or malformed."""
        stretches = _stretches(self._conference.chunks)
        for stretch in islice(stretches, ALONE):
            yield from self._made(self._conference.feed(stretch))
        if more := next(stretches, ""):
            yield from self._together(chain([more], stretches))
        yield from self._made(self._conference.finish())

    def _together(self, stretches: Iterator[str]) -> Iterator[Rows]:
        with closing(Companion()) as companion:
            for mine in stretches:
                theirs = next(stretches, "")
                if theirs and self._conference.is_between_records:
                    yield from self._both(mine, theirs, companion)
                else:
                    yield from self._made(self._conference.feed(mine + theirs))

    def _both(self, mine: str, theirs: str, companion: Companion) -> Iterator[Rows]:
        conference = self._conference
        position, line = self._position + mine.count(RECORD_END), conference.line + mine.count("\n")
        companion.ask(Stretch(theirs, self._part, position, line))
        yield from self._made(conference.feed(mine))
        answer = companion.answer()
        if answer and conference.is_between_records and (self._position, conference.line) == (position, line):
            conference.skip(theirs, answer.counted)
            yield self._counted(answer.rows)
        else:
            yield from self._made(conference.feed(theirs))

    def _made(self, records: Iterator[CnxRecord]) -> Iterator[Rows]:
        while few := list(islice(records, PIECE)):
            yield self._counted(as_rows(few, part=self._part, first=self._position))

    def _counted(self, rows: Rows) -> Rows:
        self._position += rows.records
        return rows


def _stretches(chunks: Iterable[str]) -> Iterator[str]:
    """The same text, cut behind records where there are any."""
    rest = ""
    for chunk in chunks:
        text = rest + chunk
        end = text.rfind(RECORD_END) + len(RECORD_END)
        if end < len(RECORD_END):
            end = len(text)
        yield text[:end]
        rest = text[end:]
    yield rest
