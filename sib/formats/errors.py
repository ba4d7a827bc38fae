"""Why a file of the SIB is refused."""


class InvalidSibFile(Exception):
    """The file as a whole cannot be taken: one sentence for the user, and the place where there is one (from 1)."""

    def __init__(self, sentence: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line
        self.column = column
