"""The card data of an invented link besides its numbers: plan, contract, companies, cover, carências and CPT.

Everything follows from the link itself, so that telling it changes nobody.
"""

from datetime import date, timedelta

from beneficiaries.domain.row_rules import CPT_MONTHS
from demo.synthetic.families import PLAN_LAW, REFERENCE_DAY, InventedLink
from demo.synthetic.numbers import company_cnpj
from demo.synthetic.vocabulary import ADAPTED_PLANS, PRE_LAW_PLANS, REGULATED_PLANS

LINES = ("Essencial", "Clássico", "Amplo", "Total")
DENTAL = REGULATED_PLANS[-1]
ADMINISTRATORS = ("Aurora Benefícios", "Vértice Administradora", "Ponte Saúde")
FIRST_ADMINISTRATOR = 900  # place among the invented companies
WAITING = (("Ambulatorial", 30), ("Hospitalar", 180), ("Parto", 300))  # days
DENTAL_WAITING = (("Odontologica", 90),)


def described(link: InventedLink) -> dict[str, str]:
    """By column of the import; a column that is not there is blank."""
    return {**_plan(link), **_contract(link), **_cover(link)}


def _plan(link: InventedLink) -> dict[str, str]:
    number = link.plan_ans_number or link.plan_operator_code
    place = (*REGULATED_PLANS, *ADAPTED_PLANS, *PRE_LAW_PLANS).index(number)
    regulation = "R" if number in REGULATED_PLANS else "A" if number in ADAPTED_PLANS else "N"
    if number == DENTAL:
        told = {"nomePlano": "Vida Sorriso", "segmentacao": "04", "acomodacao": "sem acomodação", "abrangencia": "1"}
        return {**told, "regulamentacao": regulation}
    private = place % 2 == 0
    return {
        "nomePlano": f"Vida {LINES[place % 4]} {'Apartamento' if private else 'Enfermaria'}",
        "segmentacao": "06",
        "acomodacao": "individual" if private else "coletiva",
        "abrangencia": "nacional" if private else "estadual",
        "regulamentacao": regulation,
    }


def _contract(link: InventedLink) -> dict[str, str]:
    """Companies keep the contract of before the law beside the one that newcomers are under."""
    signed = {"dataAssinaturaContrato": link.signed_on.isoformat()}
    if not link.company_cnpj:
        second = "B" if link.code.endswith("90") else ""
        return {**signed, "numeroContrato": f"I{int(link.code[4:15]):06d}{second}", "contratacao": "1"}
    company, old = int(link.code[:4]) - 1, "A" if link.signed_on < PLAN_LAW else ""
    told = {**signed, "numeroContrato": f"C{company:04d}{old}", "contratacao": "2"}
    if company % 3 == 0:
        return {**told, **_names("Contratante", f"Associação Exemplo {company}", ""), **_administrator(company)}
    if company % 7 == 0:
        return {**told, **_names("Contratante", f"Ana Exemplo {company} ME", ""), "empresarioIndividual": "S"}
    return {**told, **_names("Contratante", f"Indústria Exemplo {company} Ltda.", f"Exemplo {company}")}


def _administrator(company: int) -> dict[str, str]:
    place = company // 3 % len(ADMINISTRATORS)
    names = _names("Administradora", f"{ADMINISTRATORS[place]} S.A.", ADMINISTRATORS[place])
    return {**names, "cnpjAdministradora": company_cnpj(FIRST_ADMINISTRATOR + place), "contratacao": "3"}


def _names(of: str, legal_name: str, trade_name: str) -> dict[str, str]:
    return {f"razaoSocial{of}": legal_name, f"nomeFantasia{of}": trade_name}


def _cover(link: InventedLink) -> dict[str, str]:
    """Newcomers of individual contracts and of associations wait; some of them have a CPT."""
    start = link.contracted_on
    told = {"dataInicioCobertura": start.isoformat()}
    if (REFERENCE_DAY - start).days > CPT_MONTHS * 30 or link.plan_operator_code:
        return told
    is_dental = link.plan_ans_number == DENTAL
    for group, days in DENTAL_WAITING if is_dental else WAITING:
        told[f"carencia{group}"] = f"{days} dias"
        told[f"fimCarencia{group}"] = (start + timedelta(days=days)).isoformat()
    if link.ordinal % 9 == 0 and not is_dental:
        told["dataFimCPT"] = _two_years_after(start).isoformat()
    return told


def _two_years_after(day: date) -> date:
    """The last day of a CPT that begins then."""
    return day.replace(year=day.year + 2, day=min(day.day, 28)) - timedelta(days=1)
