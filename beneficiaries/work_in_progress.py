"""What is under way about people who are to be merged or split. Other apps say so when they are ready, by registering.

A guard is asked in the transaction of the deed, with the people locked. It stops what may be stopped, and answers with
a sentence where something may not; blank where nothing stands in the way.
"""

from collections.abc import Callable, Collection

Guard = Callable[[Collection[int]], str]
_GUARDS: list[Guard] = []


def register_guard(guard: Guard) -> None:
    if guard not in _GUARDS:
        _GUARDS.append(guard)


def stop_what_is_under_way(people: Collection[int]) -> str:
    """The first sentence of why the people must be left alone for now; blank where everything has stopped."""
    return next((sentence for guard in _GUARDS if (sentence := guard(people))), "")
