"""Maps a reply of CadSUS to the candidates that the identity policy compares."""

from beneficiaries.domain.identity_policy import Candidate, CnsCandidate
from cadsus.client.pdq_response import Registrant

SIB_SEX = {"M": "1", "F": "3"}
HL7_SEX = {code: letter for letter, code in SIB_SEX.items()}


def candidate_of(registrant: Registrant) -> Candidate:
    return Candidate(
        cpf=registrant.cpf,
        name=registrant.name,
        birth_date=registrant.birth_date,
        mother_name=registrant.mother_name,
        sex=SIB_SEX.get(registrant.sex, ""),
        city_code=registrant.city,
        social_name=registrant.social_name,
        numbers=tuple(CnsCandidate(found.number, found.kind) for found in registrant.numbers),
        active=registrant.active,
        deceased=registrant.deceased,
    )
