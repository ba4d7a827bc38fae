"""The view in which other apps read a link with its person, number, holder, plan and contracting company."""

from datetime import date

from django.db import connection

from beneficiaries.models import CnsSource, Company, Contract
from beneficiaries.models.plans import ContractKind
from beneficiaries.services import CnsOffer, attach_cns
from tests.factories import BeneficiaryFactory, PersonFactory, PlanFactory, cns


def rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM beneficiaries_registry_link_v1 ORDER BY id")
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_view_has_what_the_registry_says_of_a_link(operator):
    company = Company.objects.create(operator=operator, cnpj="11222333000181", legal_name="Padaria Exemplo Ltda.")
    contract = Contract.objects.create(operator=operator, company=company, kind=ContractKind.COMPANY)
    person = PersonFactory(
        pis_pasep="12345678900", dn="30000000019", street="Rua das Acácias", number="12", complement="Casa 2",
        district="Centro", city_code="355030", postal_code="01000000",
    )  # fmt: skip
    attach_cns([CnsOffer(person.pk, cns(1), CnsSource.CNX)])
    attach_cns([CnsOffer(person.pk, cns(2), CnsSource.CADSUS)])
    holder = BeneficiaryFactory()
    link = BeneficiaryFactory(
        person=person, contract=contract, holder=holder, relationship="3", cancellation_reason="41",
        plan=PlanFactory(operator_code="P-1"), reactivated_on=date(2023, 5, 2), cancelled_on=date(2025, 1, 31),
    )  # fmt: skip

    assert rows()[1] == {
        "id": link.pk,
        "operator_id": operator.pk,
        "person_id": person.pk,
        **{name: getattr(link, name) for name in ("cco", "code", "relationship", "contracted_on", "reactivated_on")},
        **{name: getattr(link, name) for name in ("cancelled_on", "cancellation_reason")},
        "holder_cco": holder.cco,
        **{name: getattr(person, name) for name in ("cpf", "name", "name_key", "birth_date", "mother_name", "sex")},
        **{name: getattr(person, name) for name in ("pis_pasep", "dn", "street", "complement", "district")},
        **{name: getattr(person, name) for name in ("city_code", "postal_code")},
        "house_number": "12",
        "cns": cns(2),
        "cns_verified": True,
        "plan_ans_number": link.plan.ans_number,
        "plan_operator_code": "P-1",
        "cnpj": "11222333000181",
        "caepf": "",
        "cei": "",
    }


def test_view_has_a_link_of_whom_little_is_known_once(operator):
    link = BeneficiaryFactory(cco=None)

    [row] = rows()

    known = ("id", "cco", "holder_cco", "cns", "cns_verified", "cnpj", "caepf", "cei")
    assert [row[name] for name in known] == [link.pk, *[None] * 7]


def test_joins_of_which_a_reader_asks_nothing_are_left_out(db):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (VERBOSE) SELECT id, cco, code FROM beneficiaries_registry_link_v1")
        plan = "".join(line for (line,) in cursor.fetchall())

    tables = ("person", "plan", "contract", "company")
    assert [name for name in tables if f"beneficiaries_{name}" in plan] == []
