"""The type and the fields of each movement. Pure: facts are texts by their names in the schema."""

from collections.abc import Collection, Mapping

from sib.domain.field_differences import PARTIES
from sib.formats.sbx.writer import BLOCKS, CANCELLATION, CONTRACT_CHANGE, FLAT, INCLUSION, REACTIVATION, as_sent

Facts = Mapping[str, str]

CONTRACTUAL = frozenset({"dataContratacao", "numeroPlanoANS", "numeroPlanoOperadora", *PARTIES})
"""Fields that change by a contract change; never by a rectification."""
_REPORTED_AS = {
    "ccoBeneficiarioTitular": "codigoBeneficiarioTitular"
}  # ANS names holders by CCO; files name their code
_LATER = {"dataReativacao", "dataCancelamento", "motivoCancelamento"}
_OF_INCLUSION = tuple(name for names in BLOCKS.values() for name in names if name not in _LATER)


def inclusion(facts: Facts, *, keep_accents: bool = False) -> dict[str, str]:
    return _chosen(facts, _OF_INCLUSION, keep_accents)


def rectification(facts: Facts, changed: Collection[str], *, keep_accents: bool = False) -> dict[str, str]:
    """Only what changed, the CNS alone included."""
    reported = {_REPORTED_AS.get(name, name) for name in changed} - CONTRACTUAL
    names = [name for names in BLOCKS.values() for name in names if name in reported]
    return _chosen(facts, names, keep_accents)


def contract_change(facts: Facts) -> dict[str, str]:
    return _chosen(facts, FLAT[CONTRACT_CHANGE], keep_accents=False)


def cancellation(facts: Facts) -> dict[str, str]:
    return _chosen(facts, FLAT[CANCELLATION], keep_accents=False)


def reactivation(facts: Facts) -> dict[str, str]:
    return _chosen(facts, FLAT[REACTIVATION], keep_accents=False)


def whole(movement_type: str, facts: Facts, *, keep_accents: bool = False) -> dict[str, str]:
    """The fields of a movement that takes all it can of the link."""
    if movement_type == INCLUSION:
        return inclusion(facts, keep_accents=keep_accents)
    return {CONTRACT_CHANGE: contract_change, CANCELLATION: cancellation, REACTIVATION: reactivation}[movement_type](
        facts
    )


def _chosen(facts: Facts, names: Collection[str], keep_accents: bool) -> dict[str, str]:
    fields = {name: as_sent(name, facts.get(name, ""), keep_accents=keep_accents) for name in names}
    if fields.get("numeroPlanoANS"):  # one number of the plan, and ANS's own where there is one
        fields.pop("numeroPlanoOperadora", None)
    if fields.get("relacaoDependencia") == "1":
        fields.pop("codigoBeneficiarioTitular", None)
    return {name: text for name, text in fields.items() if text}
