"""What ANS's reasons for a rejection mean, in plain words, for all operators (criticas.json).

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
