"""The hash of the SIB's files: MD5, upper-case hex, over values in document order, the epilogue left out.

Rule of the ANS manual (items 17 to 17.2): non-blank attribute values, then non-blank texts, untrimmed, in ISO-8859-1;
names, blanks between elements, comments and ``xmlns`` declarations do not count, ``xsi:schemaLocation`` does
(docs/reference/sib.md §1.1).
"""

import hashlib
from collections.abc import Sequence
from enum import Enum, unique

_PIECES_PER_UPDATE = 500  # pieces; some 200 kB of text
Attributes = Sequence[tuple[str, str]]


@unique
class Variant(Enum):
    """How the rule was read: by ANS's text, and by two programs that write conferences differently."""

    ALL_ATTRIBUTES = "todos os atributos contam"
    FROM_THIRD_ATTRIBUTE = "com mais de dois atributos, contam do terceiro em diante"
    ROOT_ATTRIBUTES = "só contam os atributos da raiz"


class SibHash:
    """Hashes a document as it goes by, under every variant in the same pass."""

    def __init__(self) -> None:
        self._hashes = {variant: hashlib.md5(usedforsecurity=False) for variant in Variant}
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
            if len(self._all) > _PIECES_PER_UPDATE:
                self._digest()

    def record(self, attributes: list[str], texts: str) -> None:
        """A whole record at once: the values of its attributes, none of them blank, and its texts joined."""
        counted = "".join(attributes)
        self._all.append(counted + texts)
        self._from_third.append((attributes[2] if len(attributes) > 2 else counted) + texts)
        self._root.append(texts)
        if len(self._all) > _PIECES_PER_UPDATE:
            self._digest()

    def hexdigests(self) -> dict[Variant, str]:
        self._digest()
        return {variant: digest.hexdigest().upper() for variant, digest in self._hashes.items()}

    def hexdigest(self) -> str:
        """By the manual's own words: what is written into a file."""
        return self.hexdigests()[Variant.ALL_ATTRIBUTES]

    def _digest(self) -> None:
        lists = (self._all, self._from_third, self._root)
        for digest, pieces in zip(self._hashes.values(), lists, strict=True):
            digest.update("".join(pieces).encode("iso-8859-1", "replace"))
            pieces.clear()


def _values(attributes: Attributes) -> list[str]:
    return [value for name, value in attributes if not name.startswith("xmlns") and not value.isspace()]
