"""The labelled set: invented people as an operator keeps them beside records as DATASUS would give them, of which it is
known whether they are one person, and which tier the written policy puts them in. The same for the same seed.

``python -m tests.labelled`` says what is in it; ``python -m tests.labelled FILE`` writes it as CSV.
"""

from tests.labelled.pairs import COLUMNS, SEED, TODAY, Pair, digest, labelled

__all__ = ["COLUMNS", "SEED", "TODAY", "Pair", "digest", "labelled"]
