"""Shortens addresses to the length of the SIB: by words, and never inside a number.

Pure. Half a number is another house, another flat: where a number has no room the whole value is left out.
"""

import re

from beneficiaries.domain.names import plain_words

MAX_FIELD_CHARACTERS = {
    "logradouro": 50,
    "numero": 5,
    "complemento": 15,
    "bairro": 30,
}  # characters (docs/reference/sib.md §8.1)

FIRST = {
    "ALAMEDA": "AL", "ANDAR": "AND", "APARTAMENTO": "APTO", "APART": "APTO", "AVENIDA": "AV", "BARAO": "BR",
    "BLOCO": "BL", "CAPITAO": "CAP", "CHACARA": "CH", "COBERTURA": "COB", "COMENDADOR": "COM", "CONDOMINIO": "COND",
    "CONJUNTO": "CJ", "CORONEL": "CEL", "DEPUTADO": "DEP", "DOUTOR": "DR", "DOUTORA": "DRA", "EDIFICIO": "ED",
    "ENGENHEIRO": "ENG", "ESTRADA": "EST", "FUNDOS": "FDS", "GENERAL": "GEN", "GOVERNADOR": "GOV", "JARDIM": "JD",
    "LADEIRA": "LAD", "LARGO": "LG", "LOTEAMENTO": "LOT", "LOTE": "LT", "MARECHAL": "MAL", "NUMERO": "N",
    "PARQUE": "PQ", "PAVILHAO": "PAV", "PRACA": "PCA", "PREFEITO": "PREF", "PRESIDENTE": "PRES", "PROFESSOR": "PROF",
    "PROFESSORA": "PROFA", "QUADRA": "QD", "QUARTEIRAO": "QT", "RESIDENCIAL": "RES", "RODOVIA": "ROD", "RUA": "R",
    "SENADOR": "SEN", "SENHORA": "SRA", "SETOR": "ST", "SITIO": "SIT", "SOBRADO": "SOB", "TENENTE": "TEN",
    "TERREO": "TER", "TORRE": "TR", "TRAVESSA": "TV", "VEREADOR": "VER", "VIADUTO": "VD", "VILA": "VL",
    "VISCONDE": "VISC",
}  # fmt: skip
"""Words and what is commonly written for them."""
SECOND = {"APTO": "AP", "COND": "CD", "RES": "RS", "SALA": "SL", "CASA": "CS", "LOJA": "LJ"}
"""Shorter still, where that is not enough."""
_WITHOUT = dict.fromkeys(("DA", "DAS", "DE", "DO", "DOS"), "")
_ANNOUNCING = frozenset(
    {"AL", "AND", "AP", "APTO", "AV", "BL", "CASA", "CD", "CJ", "COND", "CS", "ED", "JD", "LJ", "LOJA", "LT", "N",
     "PCA", "PQ", "QD", "R", "SALA", "SL", "TR", "TV", "VL"}
)  # fmt: skip
"""They say nothing without the word behind them."""
_STOPS = re.compile(r"[.,;:]+(?= |$)")
_BLANK_IN_NUMBER = re.compile(r"(?<=[0-9]) (?=[^0-9])|(?<=[^0-9]) (?=[0-9])")
_DIGITS = re.compile("[0-9]+")
_BESIDE_A_MARK = re.compile(r" (?=[-/])|(?<=[-/]) ")


def shorten_address(field: str, text: str) -> str:
    """A value in capitals, single blanks between its words, as long as the SIB takes it; "" where it has no room."""
    longest = MAX_FIELD_CHARACTERS[field]
    if len(text) <= longest:
        return text
    if field == "numero" and list(plain_words(text)) == ["SEM", "NUMERO"]:
        return "S/N"
    words = _STOPS.sub("", text).split()
    for shorter in (FIRST, SECOND, _WITHOUT if field in {"logradouro", "bairro"} else {}):
        words = [short for word in words if (short := shorter.get("".join(plain_words(word)), word))]
        if len(" ".join(words)) <= longest:
            return " ".join(words)
    return _house(words, longest) if field == "numero" else _cut(" ".join(words), longest)


def _house(words: list[str], longest: int) -> str:
    """A house number loses blanks, and nothing else; between two numbers a word keeps them: 12E14 is not 12 E 14."""
    text = _BESIDE_A_MARK.sub("", " ".join(words))
    if len(_DIGITS.findall(text)) == 1:
        text = _BLANK_IN_NUMBER.sub("", text)
    return text if len(text) <= longest else ""


def _cut(text: str, longest: int) -> str:
    """Without its last words, or letters of the last, unless a number went with them."""
    kept = text[: longest + 1].rpartition(" ")[0]
    if len(kept) < longest // 2:
        kept = text[:longest]
    if any(map(str.isdigit, text[len(kept) :])) or _is_cut_in_a_number(text, len(kept)):
        return ""
    words = kept.split()
    while words and words[-1] in _ANNOUNCING:
        words.pop()
    return " ".join(words)


def _is_cut_in_a_number(text: str, place: int) -> bool:
    """Whether the word that ends there has a digit and goes on, as 12B does behind the 12."""
    before, behind = text[:place].rpartition(" ")[2], text[place:].partition(" ")[0]
    return bool(behind) and any(map(str.isdigit, before))


def is_cut_short(field: str, ours: str, theirs: str) -> bool:
    """Whether theirs is only the beginning of ours, as other programs cut it, and no number was lost."""
    longest = MAX_FIELD_CHARACTERS[field]
    return ours[:longest].rstrip() == theirs and not any(map(str.isdigit, ours[longest:]))
