"""Abbreviates a name that is too long for its place. Pure.

First and last name, particles and what distinguishes generations (Júnior, Filho, Neto…) stay; the names between become
initials one at a time, beginning next to the last name: ``Ana Lúcia de Souza Lima Neto`` → ``Ana Lúcia de S. Lima
Neto`` → ``Ana L. de S. Lima Neto``.
"""

from collections.abc import Iterator

PARTICLES = frozenset({"da", "de", "di", "do", "das", "dos", "del", "della", "von", "van", "y", "e"})
GENERATIONS = frozenset({"júnior", "junior", "jr", "jr.", "filho", "filha", "neto", "neta", "sobrinho", "sobrinha"})


def shortened(name: str) -> Iterator[str]:
    """The name with one more initial each time; nothing where no name stands between first and last."""
    words = name.split()
    for at in reversed(_between(words)):
        if len(words[at].rstrip(".")) > 1:
            words[at] = f"{words[at][0]}."
            yield " ".join(words)


def _between(words: list[str]) -> list[int]:
    """Where the names stand that may become initials."""
    names = [at for at, word in enumerate(words) if word.casefold() not in PARTICLES]
    while len(names) > 1 and words[names[-1]].casefold() in GENERATIONS:
        names.pop()
    return names[1:-1]
