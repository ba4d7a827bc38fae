"""Names of companies, plans and operators as typed: removes what is never part of a name."""

import re
import unicodedata

_MARKUP = re.compile("[<>]|^=")


def visible(text: str) -> str:
    """Single blanks, and nothing that is not seen: control characters, and marks that turn the direction of writing."""
    blanks = "".join(" " if character in "\t\r\n" else character for character in text)
    return " ".join("".join(each for each in blanks if unicodedata.category(each) not in {"Cc", "Cf"}).split())


def title_problem(text: str) -> str:
    """Why this is no name of a company or plan; blank where it may be one."""
    return "um nome não tem < nem >, e não começa com =." if _MARKUP.search(text) else ""
