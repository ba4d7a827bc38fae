"""A municipality as people type it: by name and state, or by its code."""

import re
from collections import defaultdict
from functools import cache

from beneficiaries.domain.municipalities import Municipality, find_municipality, municipalities_by_code
from beneficiaries.domain.names import plain_words
from beneficiaries.domain.number_cells import InvalidValue

_WITH_STATE = re.compile(r"(.+?)\s*(?:/|-|,|\()\s*([A-Za-z]{2})\s*\)?")


def read_municipality(text: str) -> Municipality | None:
    """By code, by ``Bom Jesus/PI`` or ``Bom Jesus (PI)``, or by a name that only one has; None where it is blank.

    Raises InvalidValue, with what to write instead.
    """
    text = text.strip()
    if not text:
        return None
    if text.replace("-", "").isdigit():
        if found := find_municipality(text.replace("-", "")):
            return found
        raise InvalidValue("não há município com este código; escreva o nome e o estado, como São Paulo/SP.")
    return _by_typed_name(text)


def _by_typed_name(text: str) -> Municipality:
    named = _by_name().get(_key(text), [])
    if not named and (parts := _WITH_STATE.fullmatch(text)):
        named = [each for each in _by_name().get(_key(parts[1]), []) if each.state == parts[2].upper()]
    if len(named) == 1:
        return named[0]
    if not named:
        raise InvalidValue("não há município com este nome; confira a grafia e escreva também o estado.")
    states = ", ".join(sorted(each.state for each in named))
    raise InvalidValue(f"há municípios com este nome em {states}; escreva também o estado, como {named[0].typed}.")


@cache
def _by_name() -> dict[str, list[Municipality]]:
    found = defaultdict(list)
    for each in municipalities_by_code().values():
        found[_key(each.name)].append(each)
    return found


def _key(name: str) -> str:
    return " ".join(plain_words(name.replace("-", " ")))
