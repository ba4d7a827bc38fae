"""Reads the people file again when it changes on disk."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from datasus_simulator.people import Person, Registry
from datasus_simulator.people_csv import RefusedPeople, read_people

_Stamp = tuple[int, int, int]


class PeopleFile:
    """The file's people, and some ``besides``.

    Raises RefusedPeople at the start; later a bad file is complained of and the last good people stay.
    """

    def __init__(self, path: Path, complain: Callable[[str], None], besides: Iterable[Person] = ()) -> None:
        self._path, self._complain, self._besides = path, complain, tuple(besides)
        self._lock = threading.Lock()
        self._stamp = self._stamp_now()
        self._registry = self._read()

    def __call__(self) -> Registry:
        if self._stamp_now() != self._stamp:
            with self._lock:
                self._read_again()
        return self._registry

    def _read_again(self) -> None:
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return  # another thread was quicker
        try:
            self._registry = self._read()
        except RefusedPeople as refusal:
            self._complain(f"{refusal} Continuam valendo as pessoas de antes.")
        self._stamp = stamp

    def _read(self) -> Registry:
        people = read_people(self._path)
        return Registry((*people.people, *self._besides)) if self._besides else people

    def _stamp_now(self) -> _Stamp | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
