"""By which data a person is to be searched for, where somebody chose it instead of the portal."""

from dataclasses import dataclass

from cadsus.client.pdq_query import SearchKey


@dataclass(frozen=True, slots=True, repr=False)
class SearchOverride:
    """``number``: a CNS or NIS that the person gave; ``facts``: of the registry's own, those to search by (none: all).

    ``birth_city`` is the 6-digit IBGE code of the town of birth, which the registry does not know.
    """

    key: SearchKey
    number: str = ""
    facts: tuple[str, ...] = ()
    birth_city: str = ""

    def columns(self) -> dict[str, str]:
        """As a lookup keeps it."""
        facts = ",".join(self.facts)
        return {"key": self.key.value, "number": self.number, "facts": facts, "birth_city": self.birth_city}

    @property
    def is_by_registry(self) -> bool:
        """Whether all that the key needs is taken from the registry: then the answer is about the person as kept."""
        return not (self.number or self.facts or self.birth_city)

    @property
    def suffices(self) -> bool:
        """Whether it holds enough to ask by, however little the registry knows."""
        return bool(self.number) or self.key is SearchKey.DEMOGRAPHICS


NO_OVERRIDE = dict.fromkeys(("key", "number", "facts", "birth_city"), "")
