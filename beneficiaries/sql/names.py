"""Names in the words of the database, for what it decides alone; beneficiaries.domain.names says the same. Pure text.

``fold_name(name)`` is a function of the database (migration 0009).
"""

from beneficiaries.domain.names import PARTICLES

_PARTICLES = "|".join(sorted(PARTICLES))


def without_particles(key: str) -> str:
    """Of a folded name, as names.normalise; ``key`` is SQL."""
    return rf"rtrim(regexp_replace({key} || ' ', '\m({_PARTICLES}) ', '', 'g'))"
