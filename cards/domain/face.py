"""The face of a card: every text on it, or exactly what prevents it from being made. Pure.

A face is kept with its card, so that a reprint shows what was issued, whatever has changed since.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from beneficiaries.domain.identifiers import cns_is_valid, format_cns, format_cpf
from cards.domain.card_data import CardData, cases_of, texts_of
from cards.domain.catalogue import FixPage, Item, Side, in_force, item
from cards.domain.theme import DEFAULT, Theme

LAYOUT_VERSION = 1
"""Version of cards/render/typst/card.typ that a new face is made for."""

MAX_CODE_DIGITS = 20  # TISS, numeroCarteira (st_texto20)
WITHOUT_CNS = "não informado"
"""What stands for the CNS where the operator's policy issues cards without one."""

PRINTABLE = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA1, 0x180)])) - {"\xad"} | frozenset("–—‘’“”•…")
"""Latin script, with what the cards' font holds of punctuation; the soft hyphen shows nothing."""
LAST_DAY_BEFORE_THE_LAW = "1999-01-01"  # Lei 9.656/1998, art. 35
OLDER_THAN_THE_LAW = ("N", "A")  # ANS's codes: not regulated, adapted
_SHOWN = {"cns": format_cns, "cpf": format_cpf}


@dataclass(frozen=True, slots=True)
class Field:
    key: str
    caption: str
    value: str
    side: Side


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that keeps the card from being made: the sentence says what is wrong and where it is corrected.

    ``field`` is that of the place's form, blank where the page itself is the answer.
    """

    key: str
    sentence: str
    place: FixPage
    field: str = ""


class Incomplete(ValueError):
    """A card may not be made of this subject; ``defects`` say why, and hold nothing of the person."""

    def __init__(self, *defects: Defect) -> None:
        super().__init__(" ".join(defect.sentence for defect in defects))
        self.defects = defects


@dataclass(frozen=True, slots=True)
class CardFace:
    """What one card shows. ``via`` 0 and a blank ``verification`` are a preview's: no card stands behind it yet."""

    layout: int
    fields: tuple[Field, ...]
    via: int = 0
    verification: str = ""  # what the QR code says
    confirmed: str = ""  # dd/mm/aaaa, on a second copy: when the CNS was last confirmed
    check_code: str = ""  # what is typed where the QR code fails (cards.domain.check_code.shown)
    theme: Theme = DEFAULT

    def __getitem__(self, key: str) -> str:
        """The printed text of a catalogue item; blank when the card does not show it."""
        return next((field.value for field in self.fields if field.key == key), "")

    def on(self, side: Side) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.side is side)

    def as_json(self) -> dict[str, Any]:
        """Written out: ``asdict`` of the fields takes as long as all else of a face."""
        own = {name: getattr(self, name) for name in self.__slots__}
        printed = [
            {"key": field.key, "caption": field.caption, "value": field.value, "side": field.side.name}
            for field in self.fields
        ]
        return {**own, "fields": printed, "theme": self.theme.as_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        printed = tuple(
            Field(field["key"], field["caption"], field["value"], Side[field["side"]]) for field in data["fields"]
        )
        return cls(**{**data, "fields": printed, "theme": Theme(**data.get("theme", {}))})


def compose(subject: CardData, *, on: date, theme: Theme = DEFAULT, proposals: bool = False) -> CardFace:
    """The face that the norm in force on this day asks for; raises Incomplete with everything that is wrong."""
    cases, texts = cases_of(subject), texts_of(subject)
    items = [item for item in in_force(on, proposals=proposals) if item.applies(cases)]
    defects = [defect for item in items for defect in _defects(item, texts[item.key])]
    if defects := [*defects, *_contradictions(subject)]:
        raise Incomplete(*defects)
    printed = (Field(item.key, item.caption, texts[item.key], item.side) for item in items if texts[item.key])
    return CardFace(LAYOUT_VERSION, tuple(_formatted(field) for field in printed), theme=theme)


def defect(item: Item, sentence: str) -> Defect:
    return Defect(item.key, sentence, item.place, item.field)


def _formatted(field: Field) -> Field:
    form = _SHOWN.get(field.key)
    return (
        Field(field.key, field.caption, form(field.value), field.side) if form and field.value != WITHOUT_CNS else field
    )


def _contradictions(subject: CardData) -> Iterator[Defect]:
    """What each by itself could be printed, and not both: who reads the card would not know which one is true."""
    if subject.regulation in OLDER_THAN_THE_LAW and subject.contracted_on > LAST_DAY_BEFORE_THE_LAW:
        yield defect(
            item("contracted_on"),
            "O plano é anterior à Lei 9.656 (ou adaptado a ela) e o contrato é de depois de 01/01/1999: corrija a data "
            "no contrato ou a regulamentação no cadastro do plano.",
        )


def _defects(item: Item, value: str) -> Iterator[Defect]:
    if item.required and not value:
        yield defect(item, f"Falta “{item.label}”: informe {item.correction}.")
    if item.key == "cns" and value not in ("", WITHOUT_CNS) and not cns_is_valid(value):
        yield defect(item, f"O CNS não passa nos dígitos de conferência: corrija {item.correction}.")
    if item.key == "code" and len(value) > MAX_CODE_DIGITS:
        limit = f"A matrícula tem {len(value)} caracteres e o padrão TISS aceita {MAX_CODE_DIGITS}"
        yield defect(item, f"{limit}: corrija {item.correction}.")
    if not PRINTABLE.issuperset(value):
        shown = " ".join(f"U+{ord(character):04X}" for character in sorted(set(value) - PRINTABLE))
        yield defect(
            item, f"“{item.label}” tem caracteres que o cartão não imprime ({shown}): corrija {item.correction}."
        )
