"""Argument types of commands, for ``ArgumentParser.add_argument``."""

from argparse import ArgumentTypeError
from collections.abc import Callable


def whole_number(refusal: str, *, least: int = 0, most: int | None = None) -> Callable[[str], int]:
    """A type for numbers of plain digits within these bounds; ``refusal`` is the message for anything else."""

    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() else -1
        if number < least or (most is not None and number > most):
            raise ArgumentTypeError(refusal)
        return number

    return read
