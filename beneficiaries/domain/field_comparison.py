"""Fuzzy matching of one field: equal, similar as spellings of one person's papers are, different, or unknown."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Self

from rapidfuzz.distance import OSA, Levenshtein

from beneficiaries.domain.family_names import FAMILY_NAMES
from beneficiaries.domain.names import fold, significant, significant_apart
from beneficiaries.domain.placeholders import says_nothing
from cnsportal.formats.labelled import LabelledEnum

GENERATIONS = frozenset(
    {"JUNIOR", "FILHO", "FILHA", "NETO", "NETA", "SOBRINHO", "SOBRINHA", "SEGUNDO", "SEGUNDA", "TERCEIRO", "TERCEIRA"}
)
"""What distinguishes a child from the parent of the same name: never a middle name that may be left out. After folding,
which knows their abbreviations."""

Words = tuple[str, ...]
Span = tuple[int, int]


class Agreement(LabelledEnum):
    EQUAL = "EQUAL", "igual", "good"
    ABBREVIATED = "ABBREVIATED", "abreviado", "warn"  # initials for middle names, or middle names missing
    SURNAME_CHANGED = "SURNAME_CHANGED", "sobrenome mudou", "warn"  # same first name, another last one: marriage
    DIFFERENT = "DIFFERENT", "diferente", "bad"
    UNKNOWN = "UNKNOWN", "sem comparação", "neutral"  # one side does not say, or only begins to: Maria, RN de Joana


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """One field side by side; the spans are [begin, end) of the characters in which each side differs."""

    field: str
    ours: str
    theirs: str
    agreement: Agreement

    def marks(self) -> tuple[list[Span], list[Span]]:
        """Where ours and where theirs differ, for highlighting; never for deciding."""
        if self.agreement in {Agreement.EQUAL, Agreement.UNKNOWN}:
            return [], []
        edits = [
            edit for edit in Levenshtein.opcodes(_letters(self.ours), _letters(self.theirs)) if edit.tag != "equal"
        ]
        ours = [(edit.src_start, edit.src_end) for edit in edits]
        return _joined(ours), _joined([(edit.dest_start, edit.dest_end) for edit in edits])

    def as_json(self) -> dict[str, str]:
        """Millions of these are kept: what both sides say letter for letter is written once."""
        if self.ours == self.theirs and self.agreement is _letter_for_letter(self.ours):
            return {"field": self.field, "both": self.ours}
        return {"field": self.field, "ours": self.ours, "theirs": self.theirs, "agreement": str(self.agreement)}

    @classmethod
    def from_json(cls, kept: Mapping[str, str]) -> Self:
        if "both" in kept:
            return cls(kept["field"], kept["both"], kept["both"], _letter_for_letter(kept["both"]))
        return cls(kept["field"], kept["ours"], kept["theirs"], Agreement(kept["agreement"]))


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Without empty ones; those that touch are one."""
    joined: list[Span] = []
    for begin, end in spans:
        if joined and joined[-1][1] == begin:
            joined[-1] = joined[-1][0], end
        elif begin < end:
            joined.append((begin, end))
    return joined


def _letter_for_letter(both: str) -> Agreement:
    return Agreement.EQUAL if both else Agreement.UNKNOWN


def compare_values(field: str, ours: str | date | None, theirs: str | date | None) -> FieldComparison:
    """Numbers, codes and dates: equal or different."""
    left, right = _text(ours), _text(theirs)
    if not left or not right:
        return FieldComparison(field, left, right, Agreement.UNKNOWN)
    return FieldComparison(field, left, right, Agreement.EQUAL if left == right else Agreement.DIFFERENT)


def compare_names(field: str, ours: str, theirs: str) -> FieldComparison:
    """As ``likeness``; but two "recém-nascido de" may be two: so are twins called until they have names."""
    left, right = _words(ours), _words(theirs)
    unnamed = _is_unnamed(left) or _is_unnamed(right)
    agreement = Agreement.UNKNOWN if unnamed else _likeness(ours, theirs, left, right)
    return FieldComparison(field, ours, theirs, agreement)


def is_a_name(text: str) -> bool:
    """Whether somebody may be called so; forms are also filled with "sem informação" or a dash."""
    return bool(_words(text))


def likeness(ours: str, theirs: str) -> Agreement:
    """How two names agree. Nothing is measured by distance: one letter makes another person."""
    return _likeness(ours, theirs, _words(ours), _words(theirs))


def _likeness(ours: str, theirs: str, left: Words, right: Words) -> Agreement:
    agreement = _agreement(left, right)
    if agreement in _MAY_BE_ANOTHER and _agreement(_apart(ours), _apart(theirs)) is Agreement.ABBREVIATED:
        return Agreement.ABBREVIATED
    return agreement


def share_given_names(ours: str, theirs: str) -> bool:
    """Whether all that differs is family names, which twins have in common: then the two are not twins."""
    left, right = _words(ours), _words(theirs)
    return not (_may_be_given(left, right) or _may_be_given(right, left))


def is_another(ours: str, theirs: str) -> bool:
    """Whether two given names are hardly one person's: none is a part of the other, or the other misspelt."""
    left, right = _words(ours), _words(theirs)
    if _likeness(ours, theirs, left, right) not in _MAY_BE_ANOTHER:
        return False
    return not (set(left) <= set(right) or set(right) <= set(left) or _are_one_misspelt(left, right))


def _agreement(left: Words, right: Words) -> Agreement:
    if not left or not right:
        return Agreement.UNKNOWN
    if left == right:
        return Agreement.EQUAL
    generations = _generation(left), _generation(right)
    if left[0] != right[0] or (all(generations) and len(set(generations)) > 1):
        return _different(left, right)
    if len(set(generations)) == 1 and (_is_shortened(left, right) or _is_shortened(right, left)):
        return Agreement.ABBREVIATED
    told = _different(left, right)
    if _surname_changed(left, right) and not (told is Agreement.UNKNOWN and min(len(left), len(right)) == 2):
        return Agreement.SURNAME_CHANGED
    return told


_MAY_BE_ANOTHER = frozenset({Agreement.DIFFERENT, Agreement.SURNAME_CHANGED})


def _words(name: str) -> Words:
    """The words of a name that tell it; none where it is a placeholder."""
    words = significant(name)
    return () if name.startswith("#") or says_nothing(" ".join(words)) else words


def _apart(name: str) -> Words:
    """As ``_words``, with D as an initial: Maria D. Almeida may be Maria Dias Almeida."""
    return significant_apart(name) if _words(name) else ()


def _different(left: Words, right: Words) -> Agreement:
    """Unless one name only begins to tell the other: what is not written out is not known to differ."""
    begun = _only_begins(left, right) or _only_begins(right, left)
    return Agreement.UNKNOWN if begun else Agreement.DIFFERENT


def _only_begins(short: Words, long: Words) -> bool:
    """A single word, or the first or last name by an initial; and all of it is in the other name, in its order."""
    if len(short) > 1 and len(short[0]) > 1 and len(short[-1]) > 1:
        return False
    rest = iter(long)
    return _stands_for(short[0], long[0]) and all(any(_stands_for(word, name) for name in rest) for word in short)


def _is_unnamed(words: Words) -> bool:
    return words[:1] == ("RN",) or words[:2] in {("RECEM", "NASCIDO"), ("RECEM", "NASCIDA")}


def _are_one_misspelt(left: Words, right: Words) -> bool:
    """By one letter, or two that changed places."""
    return OSA.distance(" ".join(left), " ".join(right)) == 1


def _may_be_given(words: Words, others: Words) -> list[str]:
    """The words of one name that the other one lacks and that need not be family names.

    The last of three or more is one by its place; an initial is one where the other side has the name that it begins.
    """
    if words[-1] == others[-1]:
        words, others = words[:-1], others[:-1]
    elif len(words) > 2 and words[-1] not in GENERATIONS:
        words = words[:-1]
    missing = Counter(words) - Counter(others)
    families = FAMILY_NAMES.intersection(Counter(others) - Counter(words))
    return [
        word
        for word in missing
        if word not in FAMILY_NAMES and not (len(word) == 1 and any(name.startswith(word) for name in families))
    ]


def _generation(words: Words) -> str:
    return next((word for word in words[1:] if word in GENERATIONS), "")


def _is_shortened(short: Words, long: Words) -> bool:
    """First and last name in full; between them fewer names or initials, in the same order."""
    if len(short) > len(long) or len(short) < 2 or short[-1] != long[-1]:
        return False
    rest = iter(long[1:-1])
    return all(any(_stands_for(word, name) for name in rest) for word in short[1:-1])


def _stands_for(word: str, name: str) -> bool:
    return word == name or (len(word) == 1 and name.startswith(word)) or (len(name) == 1 and word.startswith(name))


def _surname_changed(left: Words, right: Words) -> bool:
    """The last name differs and something beyond the first name stays, unless there is nothing beyond it.

    Where each has a given name that the other lacks they are two, as twins are.
    """
    if left[-1] == right[-1]:
        return False
    if len(left) == len(right) == 2:
        return True
    are_two = bool(_may_be_given(left, right) and _may_be_given(right, left))
    return not are_two and not set(left[1:]).isdisjoint(right[1:])


def _letters(text: str) -> list[str]:
    """Letter by letter without case and accent, as long as the text."""
    return [_letter(character) for character in text]


@lru_cache
def _letter(character: str) -> str:
    return fold(character) or character


def _text(value: str | date | None) -> str:
    return value.isoformat() if isinstance(value, date) else (value or "").strip()
