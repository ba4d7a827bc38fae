"""Why accepting a number may be a mistake that costs much, so that two people shall answer for it. Pure."""

from collections.abc import Iterable, Mapping
from enum import Enum, unique

from beneficiaries.domain.field_comparison import Agreement, FieldComparison
from beneficiaries.domain.identity_policy import Tier, VerdictReason

IDENTIFYING_FIELDS = frozenset({"cpf", "nascimento", "nome", "mae"})
DOUBTFUL_REASONS = (
    VerdictReason.GIVEN_NAME,
    VerdictReason.OTHER_MOTHER,
    VerdictReason.OTHER_BIRTH_DATE,
    VerdictReason.OTHER_NAME,
    VerdictReason.OTHER_CPF,
)
"""Reasons that say by themselves that what identifies the person differs."""
_DOUBTS = frozenset(text for reason in DOUBTFUL_REASONS for text in (reason.name, reason.value))


@unique
class Risk(Enum):
    """The sentence is what the desk shows."""

    DATA_DIFFER = "CPF, nascimento, nome ou nome da mãe diferem"
    REPLACES_VERIFIED = "um número verificado seria trocado"
    TAKEN_AWAY = "este número já foi retirado desta pessoa, por não ser dela"


def data_differ(tier: str, reason: str, comparison: Iterable[Mapping[str, str]]) -> bool:
    """As the verdict says (a case keeps its reason as name or as sentence), or as a compared field does."""
    if tier == Tier.C or reason in _DOUBTS:
        return True
    fields = map(FieldComparison.from_json, comparison)
    return any(each.field in IDENTIFYING_FIELDS and each.agreement is Agreement.DIFFERENT for each in fields)
