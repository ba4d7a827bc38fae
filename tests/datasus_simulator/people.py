"""Invented people, one for each case of the registry."""

from beneficiaries.domain.identifiers import cns_from_base, cpf_from_base

CLARICE = "11144477735"
CLARICE_D, CLARICE_P, CLARICE_OLD = "700000000000005", "898000000000002", "123456789010000"
TWINS_CPF = cpf_from_base("200000001")
NOBODY = "98765432100"


def person(name, cpf="", cns="", **cells):
    return {"person": name, "cpf": cpf, "cns": cns, "cns_kind": "D" if cns else "", "name": name, **cells}


def number(index):
    return cns_from_base(f"1{index:010d}")


def cpf(index):
    return cpf_from_base(f"3{index:08d}")


PEOPLE = [
    {
        "person": "clarice", "cpf": CLARICE, "cns": CLARICE_D, "cns_kind": "D", "name": "CLARICE FICTICIA DOS TESTES",
        "social_name": "CLARA FICTICIA", "mother_name": "BERENICE FICTICIA DOS TESTES", "birth_date": "1984-02-29",
        "sex": "F", "birth_city": "530010", "nis": "12345678900",
    },
    {"person": "clarice", "cns": CLARICE_P, "cns_kind": "P"},
    {"person": "clarice", "cns": CLARICE_OLD, "cns_kind": "OLD"},
    person("GÊMEA UM", TWINS_CPF, number(1), birth_date="2001-05-05"),
    person("GÊMEA DOIS", TWINS_CPF, number(2), birth_date="2001-05-05"),
    person("RECEM NASCIDO FICTICIO", cns=number(3), dnv="12345678901", birth_date="2026-11-01"),
]  # fmt: skip
