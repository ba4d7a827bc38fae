"""Closed vocabularies of ANS as people write them in files: by code, by name, or abbreviated.

Facts: docs/reference/card.md §3.
The names are those of the models' choices (beneficiaries.models.plans), which tests hold together.
"""

from collections.abc import Mapping

from beneficiaries.domain.names import PARTICLES, fold

SEGMENTATIONS = {
    "01": ("Ambulatorial",),
    "02": ("Hospitalar com obstetrícia",),
    "03": ("Hospitalar sem obstetrícia",),
    "04": ("Odontológico", "Exclusivamente odontológico"),
    "05": ("Referência",),
    "06": ("Ambulatorial + Hospitalar com obstetrícia",),
    "07": ("Ambulatorial + Hospitalar sem obstetrícia",),
    "08": ("Ambulatorial + Odontológico",),
    "09": ("Hospitalar com e sem obstetrícia", "Hospitalar com obstetrícia + Hospitalar sem obstetrícia"),
    "10": ("Hospitalar com obstetrícia + Odontológico",),
    "11": ("Hospitalar sem obstetrícia + Odontológico",),
    "12": ("Ambulatorial + Hospitalar com e sem obstetrícia",),
    "13": ("Ambulatorial + Hospitalar com obstetrícia + Odontológico",),
    "14": ("Ambulatorial + Hospitalar sem obstetrícia + Odontológico",),
    "15": ("Hospitalar com e sem obstetrícia + Odontológico",),
}
ACCOMMODATIONS = {
    "C": ("Coletiva", "Coletivo", "Enfermaria"),
    "I": ("Individual", "Apartamento"),
    "S": ("Sem acomodação", "Nenhuma", "Nenhum", "Não se aplica"),
}
COVERAGE_AREAS = {
    "1": ("Nacional",),
    "2": ("Grupo de estados",),
    "3": ("Estadual",),
    "4": ("Grupo de municípios",),
    "5": ("Municipal",),
    "6": ("Outras", "Outra"),
}
CONTRACTINGS = {
    "1": ("Individual ou Familiar", "Individual/Familiar", "Individual", "Familiar"),
    "2": ("Coletivo Empresarial", "Empresarial"),
    "3": ("Coletivo por Adesão", "Adesão"),
}
REGULATIONS = {
    "R": ("Plano Regulamentado", "Regulamentado"),
    "N": ("Plano Não-regulamentado", "Não regulamentado"),
    "A": ("Plano Adaptado", "Adaptado"),
}
CANCELLATION_REASONS = {
    "41": ("iniciativa do beneficiário",),
    "42": ("desligamento da empresa",),
    "43": ("inadimplência",),
    "44": ("óbito",),
    "46": ("inclusão indevida",),
    "47": ("fraude",),
    "48": ("portabilidade",),
}
FORMER_CANCELLATION_REASONS = {"45": ("código antigo",)}
"""Of old records, which files still bring: kept as they are. An SBX takes none (docs/reference/sib.md)."""
YES_OR_NO = {"S": ("Sim",), "N": ("Não",)}
WAITING_UNITS = {
    "H": ("horas", "hora", "hs"),
    "D": ("dias", "dia"),
    "M": ("meses", "mês"),
    "A": ("anos", "ano"),
}
_ABBREVIATED = {
    "AMB": "AMBULATORIAL",
    "C": "COM",
    "HOSP": "HOSPITALAR",
    "OBST": "OBSTETRICIA",
    "ODONTO": "ODONTOLOGICO",
    "ODONTOLOGICA": "ODONTOLOGICO",
    "S": "SEM",
}


def as_written(vocabulary: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Code of every way to write it; ``key_of`` gives the keys."""
    return {key_of(text): code for code, names in vocabulary.items() for text in (code, *names)}


def key_of(text: str) -> str:
    """``1`` and ``01`` are one; accents, case, punctuation, particles and usual abbreviations make no difference."""
    words = fold(text).split()
    if len(words) == 1 and len(words[0]) <= 2:
        return words[0].lstrip("0")
    return " ".join(_ABBREVIATED.get(word, word) for word in words if word not in PARTICLES)
