"""What somebody who types into the search box means: names, a birth date in any usual form, a number, an e-mail."""

import re
from dataclasses import dataclass
from datetime import date

from beneficiaries.domain.identifiers import digits
from beneficiaries.domain.names import plain_words

MIN_NUMBER_DIGITS = 6
_BRAZILIAN = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/.-])")
_ISO = re.compile(r"(?<![\d-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])")
_CODE = re.compile(r"(?=\S*[^\W\d_])(?=\S*\d)\S+")
_EMAIL = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """All that is given must be so; of ``birth_dates`` one, and a ``number`` may also be one of them."""

    words: tuple[str, ...] = ()  # folded
    birth_dates: frozenset[date] = frozenset()
    number: str = ""
    email: str = ""
    code: str = ""  # of a link or contract, with letters

    @property
    def has_name(self) -> bool:
        return any(word.isalpha() for word in self.words)


def parse_search(text: str, *, today: date) -> SearchTerms:
    """``silva 13/06/1959`` is a name and a day, ``111.444.777-35`` a number, ``13061959`` a number or a day."""
    if _EMAIL.fullmatch(text.strip()):
        return SearchTerms(email=text.strip())
    if _CODE.fullmatch(text.strip()):
        return SearchTerms(code=text.strip())
    rest, dates = _without_dates(text, today)
    number = digits(rest)
    if len(number) >= MIN_NUMBER_DIGITS and not any(character.isalpha() for character in rest):
        return SearchTerms(birth_dates=dates or _run_together(number, today), number=number)
    return SearchTerms(words=tuple(plain_words(rest)), birth_dates=dates)


def _run_together(number: str, today: date) -> frozenset[date]:
    return _days(number[:2], number[2:4], number[4:], today) if len(number) == 8 else frozenset()


def _without_dates(text: str, today: date) -> tuple[str, frozenset[date]]:
    """The text without the first date in it, and the days that this may be."""
    for found in (_BRAZILIAN.search(text), _ISO.search(text)):
        if found is None:
            continue
        parts = found.groups()
        day, month, year = (parts[0], parts[2], parts[3]) if len(parts) == 4 else (parts[2], parts[1], parts[0])
        if days := _days(day, month, year, today):
            return f"{text[: found.start()]} {text[found.end() :]}", days
    return text, frozenset()


def _days(day: str, month: str, year: str, today: date) -> frozenset[date]:
    """Two digits of a year mean those of both centuries that are not ahead."""
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    days = set()
    for each in years:
        try:
            days.add(date(each, int(month), int(day)))
        except ValueError:
            continue
    return frozenset(each for each in days if each <= today)
