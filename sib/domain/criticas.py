"""The meaning of ANS's rejection reasons in plain words, for all operators (criticas.json).

ANS's own list of codes is not public in a form that could be had; the first two digits of a code name the field, and
that is what these explanations go by. An operator's own explanations and the messages learned from its results are
rows (sib.models.Critica).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Explanation:
    """``field`` is the SIB's name of the field it is about; ``""`` for a whole file, or where nobody knows."""

    title: str
    explanation: str
    next_step: str
    field: str = ""


def _read(part: Mapping[str, Mapping[str, Any]]) -> dict[str, Explanation]:
    return {code: Explanation(**told) for code, told in part.items()}


_DATA = json.loads(Path(__file__).with_name("criticas.json").read_text(encoding="utf-8"))
FIELDS: Mapping[str, Explanation] = _read(_DATA["fields"])
"""By codigoCampo."""
REFUSALS: Mapping[str, Explanation] = _read(_DATA["refusals"])
"""By codigoMotivoRejeicao, of whole files."""

UNKNOWN = Explanation(
    "Motivo que o portal ainda não conhece",
    "A ANS recusou por um motivo que ainda não tem explicação no portal. A mensagem da ANS diz qual é.",
    "Leia a mensagem da ANS, corrija o que ela pede e gere a movimentação de novo. Um administrador pode explicar este"
    " motivo para todos na página Críticas.",
)
UNKNOWN_REFUSAL = Explanation(
    "Arquivo recusado",
    "A ANS recusou o arquivo inteiro por um motivo que ainda não tem explicação no portal.",
    "As movimentações voltaram a esperar. Leia a mensagem da ANS, corrija o que ela pede e gere o arquivo de novo.",
)


def of_field(code: str) -> Explanation:
    return FIELDS.get(code, UNKNOWN)


def of_refusal(code: str) -> Explanation:
    return REFUSALS.get(code, UNKNOWN_REFUSAL)


FINDINGS: Mapping[str, Explanation] = {
    "TAKEN": Explanation(
        "O CCO já é de outro vínculo",
        "A ANS deu a esta inclusão um CCO que já está em outro vínculo do cadastro.",
        "Busque o CCO em Pessoas e compare os dois vínculos; peça uma conferência (CNX) para saber de quem ele é.",
    ),
    "HAS_OTHER": Explanation(
        "O vínculo já tem outro CCO",
        "O vínculo recebeu outro CCO antes desta resposta. Na ANS ele pode estar incluído duas vezes.",
        "Peça uma conferência (CNX) e, se os dois CCO forem da mesma pessoa, cancele um deles.",
    ),
    "NOT_HERE": Explanation(
        "O vínculo não está mais no cadastro",
        "A ANS aceitou a inclusão de um código que o cadastro não tem mais.",
        "Cadastre o vínculo de novo ou peça o cancelamento dele à ANS; a próxima conferência (CNX) o mostra.",
    ),
    "WITHOUT_CCO": Explanation(
        "A ANS não informou o CCO",
        "A inclusão consta como aceita, mas a resposta não traz o CCO.",
        "Peça uma conferência (CNX): ela traz o CCO, e o portal o grava pelo código do beneficiário.",
    ),
    "NOT_SENT": Explanation(
        "A inclusão não estava no arquivo enviado",
        "A resposta traz um CCO para um código que o arquivo enviado não tinha.",
        "Confira se o arquivo foi editado depois de gerado, ou enviado por outro programa.",
    ),
}
"""Why a CCO of ANS could not be given to its link (sib.services.results.settle_sql)."""
