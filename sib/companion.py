"""A process beside the worker that reads stretches of a conference for it: ``python -m sib.companion``.

Each is told and answered through a pipe, as marshal writes it: plain values, and nothing that could run.
"""

import marshal
import sys
from contextlib import suppress
from pathlib import Path
from socket import socketpair
from subprocess import Popen
from typing import NamedTuple

from sib.envelope import NotCnx
from sib.hashing import Counted, Gathered
from sib.reading import Reading
from sib.rows import Rows, as_rows

_ROOT = Path(__file__).resolve().parent.parent
_BEFORE = "<mensagemSIB><mensagem><ansParaOperadora><conferencia>"
_AFTER = "</conferencia></ansParaOperadora></mensagem></mensagemSIB>"


class Stretch(NamedTuple):
    """A text that should hold whole records and nothing else, and where the first of them stands."""

    text: str
    part: int
    position: int
    line: int


class Answer(NamedTuple):
    rows: Rows
    counted: Counted  # for the hash


class Companion:
    """The worker's end of it: one question at a time, and its answer."""

    def __init__(self) -> None:
        ours, theirs = socketpair()
        with ours, theirs:
            command = [sys.executable, "-m", __name__]
            self._process = Popen(
                command, stdin=theirs.fileno(), stdout=theirs.fileno(), cwd=_ROOT, start_new_session=True
            )
            self._stream = ours.makefile("rwb")

    def ask(self, stretch: Stretch) -> None:
        with suppress(ConnectionError):
            marshal.dump(tuple(stretch), self._stream)
            self._stream.flush()

    def answer(self) -> Answer | None:
        """None where the text is not what it should be, or not well-formed; or where the process is no more."""
        try:
            found = marshal.load(self._stream)  # noqa: S302 -- from our own process
        except (EOFError, ConnectionError):
            return None
        return Answer(Rows(*found[0]), found[1]) if found else None

    def close(self) -> None:
        with suppress(ConnectionError):
            self._stream.close()
        self._process.wait()


def read(stretch: Stretch) -> Answer | None:
    """As a document of its own: whatever is well-formed by itself between two records is so in the whole file."""
    counted = Gathered()
    try:
        reading = Reading([f"{_BEFORE}{stretch.text}{_AFTER}"], counted)
        rows = as_rows(reading.records(), part=stretch.part, first=stretch.position, lines_before=stretch.line - 1)
    except NotCnx:
        return None
    return None if reading.headings else Answer(rows, counted.take())


def main() -> None:
    """Until there is nobody who asks."""
    with suppress(EOFError, BrokenPipeError):
        while True:
            answer = read(Stretch(*marshal.load(sys.stdin.buffer)))  # noqa: S302 -- from our own worker
            marshal.dump(answer and (tuple(answer.rows), answer.counted), sys.stdout.buffer)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
