"""Invented operators, staff and beneficiaries; numbers follow from a sequence and pass their check digits."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from beneficiaries.domain.identifiers import cnpj_from_base, cns_from_base, cpf_from_base
from beneficiaries.models import Beneficiary, Contract, Person, Plan
from operators.context import current_operator_id
from operators.models import Membership, Operator, User


def cns(index: int) -> str:
    """The index-th valid CNS of the tests."""
    return cns_from_base(f"1{index:010d}")


class OperatorFactory(DjangoModelFactory):
    class Meta:
        model = Operator
        django_get_or_create = ("registration",)

    registration = factory.Sequence(lambda index: f"{900000 + index:06d}")
    cnpj = factory.Sequence(lambda index: cnpj_from_base(f"{11222333 + index:08d}0001"))
    legal_name = factory.Sequence(lambda index: f"Operadora Exemplo {index} Ltda.")
    trade_name = factory.Sequence(lambda index: f"Saúde Exemplo {index}")
    cnes = "1234567"
    phone = "0800 123 4567"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda index: f"pessoa{index}@example.invalid")
    first_name = "Ana"
    last_name = factory.Sequence(lambda index: f"Exemplo {index}")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    operator = factory.SubFactory(OperatorFactory)
    role = "consulta"


class _Owned(DjangoModelFactory):
    class Meta:
        abstract = True

    operator_id = factory.LazyFunction(current_operator_id)


class PersonFactory(_Owned):
    class Meta:
        model = Person

    cpf = factory.Sequence(lambda index: cpf_from_base(f"{100000000 + index:09d}"))
    name = factory.Sequence(lambda index: f"Maria Aparecida Exemplo {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[index % 26]}")
    birth_date = date(1984, 2, 29)
    mother_name = "Joana Exemplo da Conceição"
    sex = "3"


class PlanFactory(_Owned):
    class Meta:
        model = Plan

    ans_number = factory.Sequence(lambda index: f"{400000000 + index:09d}")
    name = "Plano Exemplo"

    class Params:
        whole = factory.Trait(segmentation="06", accommodation="C", coverage_area="1", regulation="R")


class ContractFactory(_Owned):
    class Meta:
        model = Contract

    number = factory.Sequence(lambda index: f"2021/{index:07d}")
    kind = "1"
    signed_on = date(2021, 7, 1)


class BeneficiaryFactory(_Owned):
    class Meta:
        model = Beneficiary

    person = factory.SubFactory(PersonFactory)
    plan = factory.SubFactory(PlanFactory)
    code = factory.Sequence(lambda index: f"{index + 1:017d}")
    cco = factory.Sequence(lambda index: f"{index + 1:012d}")
    relationship = "1"
    contracted_on = date(2021, 7, 1)

    class Params:
        whole = factory.Trait(
            plan=factory.SubFactory(PlanFactory, whole=True), contract=factory.SubFactory(ContractFactory)
        )
        """Of a card it lacks the CNS alone."""
