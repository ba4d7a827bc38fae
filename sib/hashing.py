"""The hash of the SIB's files: MD5, upper-case hex, over values in document order, the epilogue left out.

Rule of the ANS manual (items 17 to 17.2): non-blank attribute values, then non-blank texts, untrimmed, in ISO-8859-1;
names, blanks between elements, comments and ``xmlns`` declarations do not count, ``xsi:schemaLocation`` does.
"""

import hashlib
from collections.abc import Sequence
from enum import Enum, unique

_DIGEST_AT = 500  # pieces; some 200 kB of text
Attributes = Sequence[tuple[str, str]]
Counted = tuple[bytes, ...]  # by variant


@unique
class Variant(Enum):
    """How the rule was read: by ANS's text, and by two programs that write conferences differently."""

    ALL_ATTRIBUTES = "todos os atributos contam"
    FROM_THIRD_ATTRIBUTE = "com mais de dois atributos, contam do terceiro em diante"
    ROOT_ATTRIBUTES = "só contam os atributos da raiz"


class Gathered:
    """What counts of a document, or of a stretch of it, under every variant."""

    def __init__(self) -> None:
        self._all: list[str] = []
        self._from_third: list[str] = []
        self._root: list[str] = []

    def start(self, name: str, attributes: Attributes, *, is_root: bool = False) -> None:
        """An element begins; ``attributes`` as written, declarations of namespaces included."""
        counted = "".join(_values(attributes))
        skipped = 2 if len(attributes) > 2 and name != "registroRejeitado" else 0
        self._all.append(counted)
        self._from_third.append("".join(_values(attributes[skipped:])))
        self._root.append(counted if is_root else "")

    def text(self, text: str) -> None:
        """A text between two tags, or several of them joined; nothing where it is blank."""
        if text and not text.isspace():
            self._all.append(text)
            self._from_third.append(text)
            self._root.append(text)

    def record(self, attributes: list[str], texts: str) -> None:
        """A whole record at once: the values of its attributes, none of them blank, and its texts joined."""
        counted = "".join(attributes)
        self._all.append(counted + texts)
        self._from_third.append((attributes[2] if len(attributes) > 2 else counted) + texts)
        self._root.append(texts)

    def take(self) -> Counted:
        """What was gathered since the last time."""
        lists = (self._all, self._from_third, self._root)
        taken = tuple("".join(pieces).encode("iso-8859-1", "replace") for pieces in lists)
        for pieces in lists:
            pieces.clear()
        return taken


class SibHash(Gathered):
    """Hashes a document as it goes by, under every variant in the same pass."""

    def __init__(self) -> None:
        super().__init__()
        self._hashes = {variant: hashlib.md5(usedforsecurity=False) for variant in Variant}

    def text(self, text: str) -> None:
        super().text(text)
        self._digest_some()

    def record(self, attributes: list[str], texts: str) -> None:
        super().record(attributes, texts)
        self._digest_some()

    def add(self, counted: Counted) -> None:
        """The stretch that follows, as somebody else gathered it."""
        self._digest(self.take())
        self._digest(counted)

    def hexdigests(self) -> dict[Variant, str]:
        self._digest(self.take())
        return {variant: digest.hexdigest().upper() for variant, digest in self._hashes.items()}

    def hexdigest(self) -> str:
        """By the manual's own words: what is written into a file."""
        return self.hexdigests()[Variant.ALL_ATTRIBUTES]

    def _digest_some(self) -> None:
        if len(self._all) > _DIGEST_AT:
            self._digest(self.take())

    def _digest(self, counted: Counted) -> None:
        for digest, content in zip(self._hashes.values(), counted, strict=True):
            digest.update(content)


def _values(attributes: Attributes) -> list[str]:
    return [value for name, value in attributes if not name.startswith("xmlns") and not value.isspace()]
