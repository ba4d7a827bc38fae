"""By which data CadSUS is searched: those that somebody chose, else the most reliable that are known."""

from collections.abc import Collection
from typing import Any

from beneficiaries.domain.identifiers import nis_is_valid
from beneficiaries.domain.placeholders import without_placeholder
from beneficiaries.models import Person
from cadsus.client.pdq_query import Search, SearchKey
from cadsus.domain.candidate_mapping import HL7_SEX
from cadsus.models import Lookup

SUREST_FIRST = (SearchKey.CPF, SearchKey.CNS, SearchKey.NIS)


def search_for(lookup: Lookup, known_cns: str = "") -> Search:
    """By one number where there is one: CadSUS then ignores all else, and the identity policy compares it afterwards.

    An old CNS finds the person too, with the number that counts today.
    """
    wished = [SearchKey(lookup.key)] if lookup.key else SUREST_FIRST
    for key in wished:
        if number := lookup.number or known_number(key, lookup.person, known_cns):
            return Search(**{key.value: number})  # type: ignore[arg-type]
    return by_demographics(lookup.person, lookup.facts.split(","), lookup.birth_city)


def known_number(key: SearchKey, person: Person, known_cns: str) -> str:
    """What the registry holds of this kind, empty where it holds nothing that may be asked by."""
    nis = person.pis_pasep if nis_is_valid(person.pis_pasep) else ""
    return {SearchKey.CPF: person.cpf or "", SearchKey.CNS: known_cns, SearchKey.NIS: nis}.get(key, "")


def by_demographics(person: Person, chosen: Collection[str], birth_city: str) -> Search:
    """By what was chosen of what is known; by all of that, where too little was.

    The town of birth has to be given: the SIB, and so the registry, knows only where people live.
    """
    known = known_facts(person)
    facts = {name: known[name] for name in known if name in chosen}
    return Search(**(facts if len(facts) + bool(birth_city) > 1 else known), birth_city=birth_city)


def known_facts(person: Person) -> dict[str, Any]:
    """What the registry holds that a search may name, by the field of Search."""
    facts = {
        "name": without_placeholder(person.name),
        "birth_date": person.birth_date,
        "mother_name": without_placeholder(person.mother_name),
        "sex": HL7_SEX.get(person.sex, ""),
    }
    return {name: value for name, value in facts.items() if value}
