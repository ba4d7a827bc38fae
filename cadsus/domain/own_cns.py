"""What a reply of DATASUS shows of a staff member's own CNS; SGOP requires one of good quality.

Pure. How good a record is PDQ does not tell and SGOP judges; what is plainly amiss can be seen before.
"""

from dataclasses import dataclass
from enum import StrEnum

from beneficiaries.domain.field_comparison import is_another
from beneficiaries.domain.identifiers import mask_cns
from cadsus.client.pdq_response import Registrant, Reply
from cnsportal.formats.br import mask_with_bullets


class OwnCnsFinding(StrEnum):
    GOOD = "GOOD"
    INCOMPLETE = "INCOMPLETE"
    PROVISIONAL = "PROVISIONAL"
    REPLACED = "REPLACED"
    INACTIVE = "INACTIVE"
    ANOTHER = "ANOTHER"
    SEVERAL = "SEVERAL"
    NOT_FOUND = "NOT_FOUND"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]

    @property
    def tone(self) -> str:
        if self is OwnCnsFinding.GOOD:
            return "good"
        return "bad" if self in {OwnCnsFinding.NOT_FOUND, OwnCnsFinding.ANOTHER, OwnCnsFinding.INACTIVE} else "warn"


UNIT = "Uma unidade de saúde corrige o cadastro; a própria pessoa vai até lá."
NUMBER = "Conferir o número com a própria pessoa."
_SENTENCES = {
    OwnCnsFinding.GOOD: "O DATASUS conhece este CNS: definitivo, ativo e sem dado em branco entre os que ele mostra.",
    OwnCnsFinding.INCOMPLETE: f"O DATASUS conhece este CNS, mas faltam dados no cadastro: {{detail}}. {UNIT}",
    OwnCnsFinding.PROVISIONAL: f"No DATASUS este CNS não é definitivo. {UNIT}",
    OwnCnsFinding.REPLACED: "O DATASUS tem um CNS mais novo desta pessoa, {detail}: é ele que se informa no SGOP.",
    OwnCnsFinding.INACTIVE: f"No DATASUS o cadastro deste CNS não está ativo. {UNIT}",
    OwnCnsFinding.ANOTHER: f"No DATASUS este CNS está com outro nome. {NUMBER}",
    OwnCnsFinding.SEVERAL: f"O DATASUS encontrou mais de um cadastro com este CNS. {UNIT}",
    OwnCnsFinding.NOT_FOUND: f"O DATASUS não encontrou este CNS. {NUMBER}",
}


@dataclass(frozen=True, slots=True)
class OwnCnsEvidence:
    """``detail``: which data are missing, or the newer number masked; nothing else of the record is kept."""

    finding: OwnCnsFinding
    detail: str = ""

    @property
    def sentence(self) -> str:
        return self.finding.sentence.format(detail=self.detail)

    @property
    def advice(self) -> str:
        """What to do about it; empty where nothing is amiss."""
        return "" if self.finding is OwnCnsFinding.GOOD else self.sentence


def see(number: str, name: str, reply: Reply) -> OwnCnsEvidence:
    """Of the answer to the question about this number, which somebody of this name called his or her own."""
    if not reply.registrants:
        return OwnCnsEvidence(OwnCnsFinding.NOT_FOUND)
    if len(reply.registrants) + reply.missing > 1:
        return OwnCnsEvidence(OwnCnsFinding.SEVERAL)
    found = reply.registrants[0]
    if is_another(name, found.name) and (not found.social_name or is_another(name, found.social_name)):
        return OwnCnsEvidence(OwnCnsFinding.ANOTHER)
    if found.deceased or not found.active:
        return OwnCnsEvidence(OwnCnsFinding.INACTIVE)
    return _see_number(number, found)


def _see_number(number: str, found: Registrant) -> OwnCnsEvidence:
    definitive = [each.number for each in found.numbers if each.kind == "D"]
    if not definitive:
        return OwnCnsEvidence(OwnCnsFinding.PROVISIONAL)
    if number not in definitive:
        return OwnCnsEvidence(OwnCnsFinding.REPLACED, mask_with_bullets(mask_cns(definitive[0])))
    missing = [label for field, label in _SHOWN.items() if not getattr(found, field)]
    return (
        OwnCnsEvidence(OwnCnsFinding.INCOMPLETE, ", ".join(missing)) if missing else OwnCnsEvidence(OwnCnsFinding.GOOD)
    )


_SHOWN = {
    "cpf": "CPF",
    "birth_date": "data de nascimento",
    "sex": "sexo",
    "mother_name": "nome da mãe",
    "city": "município",
}
