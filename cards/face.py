"""The face of a card: every text that it shows, or exactly what keeps it from being made. Pure.

A face is kept with its card, so that a reprint shows what was issued, whatever has changed since.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Self

from beneficiaries.identifiers import cns_is_valid, format_cnpj, format_cns
from cards.catalogue import Case, Item, Side, in_force

LAYOUT = 1
"""Version of cards/typst/card.typ that a new face is made for."""

CODE_LENGTH = 20  # TISS, numeroCarteira (st_texto20)
ANS_CONTACT = "0800 701 9656 · www.gov.br/ans"
REGULATIONS = {"R": "Plano Regulamentado", "N": "Plano Não-regulamentado", "A": "Plano Adaptado"}
CONTRACTINGS = {"1": "Individual ou Familiar", "2": "Coletivo Empresarial", "3": "Coletivo por Adesão"}
_CONTRACTING_CASES = {"1": Case.INDIVIDUAL, "2": Case.COMPANY, "3": Case.ADHESION}
_REGULATION_CASES = {"N": Case.PRE_LAW, "A": Case.ADAPTED}
_SEGMENTATION_CASES = {"04": Case.DENTAL, "01": Case.OUTPATIENT, "08": Case.OUTPATIENT}
PRINTABLE = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA1, 0x180)])) - {"\xad"} | frozenset("–—‘’“”•…")
"""Latin script, with what the cards' font holds of punctuation; the soft hyphen shows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSubject:
    """What the registry knows about one link; blank is unknown, dates are ISO, codes are ANS's unless said."""

    name: str
    social_name: str = ""
    birth_date: str
    cns: str
    code: str
    registration: str
    trade_name: str
    legal_name: str
    phone: str = ""
    email: str = ""
    website: str = ""
    plan_ans_number: str = ""
    plan_operator_code: str = ""
    plan_name: str = ""
    segmentation: str = ""
    segmentation_label: str = ""
    accommodation: str = ""  # in words, as the area
    coverage_area: str = ""
    regulation: str = ""
    contract: str = ""
    contracting: str = ""
    company_cnpj: str = ""
    company_legal_name: str = ""
    company_trade_name: str = ""
    administrator_legal_name: str = ""
    administrator_trade_name: str = ""
    sole_trader: bool = False
    contracted_on: str = ""
    cover_from: str = ""
    waiting: str = ""
    cpt_until: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    key: str
    caption: str
    value: str
    side: Side


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that keeps the card from being made; the sentence says what is wrong and where it is mended."""

    key: str
    sentence: str


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
    check_code: str = ""  # what is typed where the QR code fails (cards.checkcode.shown)

    def __getitem__(self, key: str) -> str:
        """The printed text of a catalogue item; blank when the card does not show it."""
        return next((field.value for field in self.fields if field.key == key), "")

    def on(self, side: Side) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.side is side)

    def as_json(self) -> dict[str, Any]:
        data = asdict(self)
        return {**data, "fields": [{**field, "side": field["side"].name} for field in data["fields"]]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        printed = tuple(Field(**{**field, "side": Side[field["side"]]}) for field in data["fields"])
        return cls(**{**data, "fields": printed})


def compose(subject: CardSubject, *, on: date) -> CardFace:
    """The face that the norm in force on this day asks for; raises Incomplete with everything that is wrong."""
    cases, values = cases_of(subject), _values(subject)
    items = [item for item in in_force(on) if item.applies(cases)]
    if defects := tuple(defect for item in items for defect in _defects(item, values[item.key])):
        raise Incomplete(*defects)
    printed = (Field(item.key, item.caption, values[item.key], item.side) for item in items if values[item.key])
    return CardFace(LAYOUT, tuple(_shown(field) for field in printed))


def cases_of(subject: CardSubject) -> frozenset[Case]:
    """The circumstances that decide which items apply (decision table of RN 509/2022's catalogue).

    A plan that nobody described yet and that has only an operator's code is older than the law: newer ones have a
    registry number.
    """
    found = {
        _CONTRACTING_CASES.get(contracting(subject)),
        _REGULATION_CASES.get(subject.regulation),
        _SEGMENTATION_CASES.get(subject.segmentation),
    }
    if not subject.regulation and not subject.plan_ans_number:
        found.add(Case.PRE_LAW)
    return frozenset(case for case in found if case)


def contracting(subject: CardSubject) -> str:
    """ANS's code; where nobody told, a company means employer and none means individual."""
    by_company = "2" if _company(subject) else "1"
    return subject.contracting if subject.contracting in CONTRACTINGS else by_company


def _company(subject: CardSubject) -> str:
    """By its names; one met in a file has only its CNPJ until somebody completes it."""
    names = _both(subject.company_legal_name, subject.company_trade_name)
    return names or (subject.company_cnpj and f"CNPJ {format_cnpj(subject.company_cnpj)}")


def _values(subject: CardSubject) -> dict[str, str]:
    """The printed text of every catalogue item, by its key; blank where nothing is known."""
    given = {field.name: str(getattr(subject, field.name)) for field in fields(subject)}
    dates = {key: _day(given[key]) for key in ("birth_date", "contracted_on", "cover_from", "cpt_until")}
    return {key: _tidy(value) for key, value in {**given, **dates, **_derived(subject)}.items()}


def _derived(subject: CardSubject) -> dict[str, str]:
    return {
        "plan_number": subject.plan_ans_number,
        "plan_scpa": subject.plan_operator_code,
        "segmentation": subject.segmentation_label,
        "regulation": REGULATIONS.get(subject.regulation, ""),
        "contracting": CONTRACTINGS[contracting(subject)],
        "company": _company(subject),
        "administrator": _both(subject.administrator_legal_name, subject.administrator_trade_name),
        "sole_trader": "Plano contratado por empresário individual" if subject.sole_trader else "",
        "contact": " · ".join(filter(None, (subject.phone, subject.email or subject.website))),
        "ans_contact": ANS_CONTACT,
    }


def _both(legal_name: str, trade_name: str) -> str:
    """Razão social e nome fantasia; once where they are the same."""
    distinct = dict.fromkeys(name for name in (legal_name.strip(), trade_name.strip()) if name)
    return " · ".join(distinct)


def _day(iso: str) -> str:
    return date.fromisoformat(iso).strftime("%d/%m/%Y") if iso else ""


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _shown(field: Field) -> Field:
    return Field(field.key, field.caption, format_cns(field.value), field.side) if field.key == "cns" else field


def _defects(item: Item, value: str) -> Iterator[Defect]:
    if item.required and not value:
        yield Defect(item.key, f"Falta “{item.label}”: informe {item.mend}.")
    if item.key == "cns" and value and not cns_is_valid(value):
        yield Defect(item.key, f"O CNS não passa nos dígitos de conferência: corrija {item.mend}.")
    if item.key == "code" and len(value) > CODE_LENGTH:
        yield Defect(
            item.key,
            f"A matrícula tem {len(value)} caracteres e o padrão TISS aceita {CODE_LENGTH}: corrija {item.mend}.",
        )
    if odd := sorted(set(value) - PRINTABLE):
        shown = " ".join(f"U+{ord(character):04X}" for character in odd)
        yield Defect(
            item.key, f"“{item.label}” tem caracteres que o cartão não imprime ({shown}): corrija {item.mend}."
        )
