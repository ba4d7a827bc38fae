"""The request log, without personal data: fingerprints of certificates and keyed digests."""

import hmac
import secrets
import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

_MAX_ENTRIES = 100_000  # entries; older ones make room


@dataclass(frozen=True, slots=True)
class Entry:
    at: str  # ISO 8601, UTC
    door: str  # token or query
    client: str  # SHA-256 of its certificate: at the query, of the one its token was given to
    shown: str  # SHA-256 of the certificate shown on this very connection; empty where none was
    kind: str  # what the person is sought by: cpf, cns, nis, local, traits; continue; empty at the token
    subject: str  # digest of what was asked, keyed for this process alone; empty at the token
    answer: str  # "200", "200 OK", "200 NF", "503", "reset"...


@dataclass(slots=True)
class Note:
    """What is written of a request, gathered while it is answered; ``subject`` is somebody's, and is never kept."""

    page: int  # of the journal, when the request came
    shown: str
    client: str = ""
    kind: str = ""
    subject: str = ""
    code: str = ""  # of HL7
    answer: str = "reset"


class Journal:
    def __init__(self) -> None:
        self._secret = secrets.token_bytes(16)
        self._lock = threading.Lock()
        self._page = 0
        self.clear()

    def clear(self) -> None:
        """Begin again; what is being answered just now is not written any more."""
        with self._lock:
            self._page += 1
            self._entries: deque[Entry] = deque(maxlen=_MAX_ENTRIES)
            self._counters: Counter[str] = Counter()

    def note(self, shown: str, client: str = "") -> Note:
        return Note(self._page, shown, client)

    def digest(self, subject: str) -> str:
        """The same text gives the same digest while this process lives, and nothing outside of it."""
        return hmac.digest(self._secret, subject.encode(), "sha256").hex()[:16] if subject else ""

    def write(self, door: str, note: Note) -> None:
        now, digest = datetime.now(UTC).isoformat(), self.digest(note.subject)
        entry = Entry(now, door, note.client, note.shown, note.kind, digest, note.answer)
        with self._lock:
            if note.page == self._page:
                self._entries.append(entry)
                self._counters.update((door, f"{door} {note.answer}"))

    def count(self, name: str) -> None:
        with self._lock:
            self._counters[name] += 1

    @property
    def counters(self) -> dict[str, int]:
        """``token``, ``query``, each with ``<door> <answer>``, and ``handshake refused``."""
        with self._lock:
            return dict(self._counters)

    @property
    def entries(self) -> list[dict[str, str]]:
        with self._lock:
            return [asdict(entry) for entry in self._entries]

    def last(self, number: int) -> list[Entry]:
        with self._lock:
            return list(self._entries)[-number:]
