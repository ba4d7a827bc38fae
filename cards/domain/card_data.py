"""The registry's data about one link, and the text of every catalogue item that follows from it. Pure."""

import unicodedata
from dataclasses import dataclass, fields

from cards.domain.catalogue import Circumstance
from cnsportal.formats.br import format_iso_date

ANS_CONTACT = "0800 701 9656 · www.gov.br/ans"
REGULATIONS = {"R": "Plano Regulamentado", "N": "Plano Não-regulamentado", "A": "Plano Adaptado"}
CONTRACTINGS = {"1": "Individual ou Familiar", "2": "Coletivo Empresarial", "3": "Coletivo por Adesão"}
SOLE_TRADER = "Plano contratado por empresário individual"
WAITING_GROUPS = {"A": "Ambulatorial", "H": "Hospitalar", "P": "Parto a termo", "O": "Odontológico"}
_CONTRACTING_CASES = {"1": Circumstance.INDIVIDUAL, "2": Circumstance.COMPANY, "3": Circumstance.ADHESION}
_REGULATION_CASES = {"N": Circumstance.PRE_LAW, "A": Circumstance.ADAPTED}
_SEGMENTATION_CASES = {"04": Circumstance.DENTAL, "01": Circumstance.OUTPATIENT, "08": Circumstance.OUTPATIENT}


@dataclass(frozen=True, slots=True)
class CardWaitingPeriod:
    """A waiting period (carência) of one group of procedures; what the law wants is open, so both are printed."""

    group: str  # WAITING_GROUPS
    term: str  # "180 dias"
    ends_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardData:
    """What the registry knows about one link; blank is unknown, dates are ISO, codes are ANS's unless said."""

    name: str
    social_name: str = ""
    birth_date: str
    cns: str
    cpf: str = ""  # for the proposal that prints it; no card does today
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
    administrator_cnpj: str = ""
    administrator_legal_name: str = ""
    administrator_trade_name: str = ""
    sole_trader: bool = False
    contracted_on: str = ""
    cover_from: str = ""
    waiting: tuple[CardWaitingPeriod, ...] = ()
    cpt_until: str = ""
    notice: str = ""


def cases_of(subject: CardData) -> frozenset[Circumstance]:
    """The circumstances that decide which items apply (decision table of RN 509/2022's catalogue).

    Of a plan whose regulation is unknown, one that has only an operator's code is taken as older than the law, so that
    the right number is asked for: newer ones have a registry number.
    """
    found = {
        _CONTRACTING_CASES.get(subject.contracting),
        _REGULATION_CASES.get(subject.regulation),
        _SEGMENTATION_CASES.get(subject.segmentation),
    }
    if not subject.regulation and not subject.plan_ans_number:
        found.add(Circumstance.PRE_LAW)
    if subject.administrator_cnpj or subject.administrator_legal_name:
        found.add(Circumstance.ADMINISTERED)
    return frozenset(case for case in found if case)


def texts_of(subject: CardData) -> dict[str, str]:
    """The printed text of every catalogue item, by its key; blank where nothing is known."""
    given = {field.name: str(getattr(subject, field.name)) for field in fields(subject)}
    dates = {key: _format_day(given[key]) for key in ("birth_date", "contracted_on", "cover_from", "cpt_until")}
    return {key: _normalised(value) for key, value in {**given, **dates, **_derived(subject)}.items()}


def _derived(subject: CardData) -> dict[str, str]:
    return {
        "plan_number": subject.plan_ans_number,
        "plan_scpa": subject.plan_operator_code,
        "segmentation": subject.segmentation_label,
        "regulation": REGULATIONS.get(subject.regulation, ""),
        "contracting": CONTRACTINGS.get(subject.contracting, ""),
        "company": _both(subject.company_legal_name, subject.company_trade_name),
        "administrator": _both(subject.administrator_legal_name, subject.administrator_trade_name),
        "sole_trader": SOLE_TRADER if subject.sole_trader else "",
        "waiting": _waiting(subject),
        "contact": " · ".join(filter(None, (subject.phone, subject.email or subject.website))),
        "ans_contact": ANS_CONTACT,
    }


def _both(legal_name: str, trade_name: str) -> str:
    """Razão social e nome fantasia; once where they are the same. Without the former there is no saying who it is."""
    names = (legal_name.strip(), trade_name.strip())
    return " · ".join(dict.fromkeys(filter(None, names))) if names[0] else ""


def _waiting(subject: CardData) -> str:
    """One entry a group, in the order of the norm; of a dental plan, the dental group alone."""
    groups = "O" if subject.segmentation == "04" else WAITING_GROUPS
    periods = [period for group in groups for period in subject.waiting if period.group == group]
    return " · ".join(_period(period) for period in periods)


def _period(period: CardWaitingPeriod) -> str:
    until = f", até {_format_day(period.ends_on)}" if period.ends_on else ""
    return f"{WAITING_GROUPS[period.group]} {period.term}{until}"


def _format_day(iso: str) -> str:
    return format_iso_date(iso) if iso else ""


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
