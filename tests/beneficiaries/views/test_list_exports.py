"""Lists of people and of reviews as files: what their pages show, in their order, in a constant number of queries."""

import pytest
from django.urls import reverse

from beneficiaries.domain.identifiers import format_cns, format_cpf, told_cns, told_cpf
from beneficiaries.models import Administrator, CnsSource, Company, Person
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.reviews import ReviewCase, open_reviews, settle_review
from beneficiaries.views.list_exports import EXPIRED
from beneficiaries.views.reference_data import REFERENCE_TYPES
from operators.permissions import Role
from operators.registry import CannotExport
from tests.exported_rows import names, rows
from tests.factories import BeneficiaryFactory, ContractFactory, PersonFactory, PlanFactory, UserFactory, cns
from tests.pages import signed_in


def test_people_are_told_as_their_page_tells_them(operator):
    link = BeneficiaryFactory(person__name="Benedita Exemplo", person__social_name="Íris")
    attach_cns([CnsOffer(link.person_id, cns(1), CnsSource.INFORMED, verified=False)])
    alone = PersonFactory(name="Zulmira Exemplo", cpf=None)
    held = link.person

    masked, full = (rows("people", in_full=in_full) for in_full in (False, True))

    cpf, number = (told_cpf(held.cpf, in_full=False), told_cns(cns(1), in_full=False))
    assert masked == [
        (held.name, "Íris", held.birth_date, cpf, number, "não verificado", str(link.plan)),
        (alone.name, "", alone.birth_date, "", "", "ainda não consultado", ""),
    ]
    assert full[0][3:5] == (format_cpf(held.cpf), format_cns(cns(1)))


@pytest.mark.parametrize("query", ["", "cns=sem", "cns=nao-verificado", "vinculo=ativo", "motivo=NEVER_ASKED", "cns=?"])
def test_file_and_page_have_the_same_people(operator, query):
    with_number = BeneficiaryFactory().person
    attach_cns([CnsOffer(with_number.pk, cns(1), CnsSource.INFORMED, verified=False)])
    BeneficiaryFactory()
    PersonFactory(cpf=None)
    address = reverse("beneficiaries:people", args=[operator.registration])
    page = signed_in(operator, Role.CONSULTA).get(f"{address}?{query}")

    assert names(rows("people", query)) == [person.name for person in page.context["page"].rows]


def test_people_that_were_searched_are_exported_for_who_searched_them(operator):
    PersonFactory(name="Benedita Exemplo")
    PersonFactory(name="Zulmira Exemplo")
    client = signed_in(operator, Role.CADASTRO)
    found = client.post(reverse("beneficiaries:person_search", args=[operator.registration]), {"q": "benedita"})
    query = found.url.partition("?")[2]

    assert names(rows("people", query, reader_id=client.user.pk)) == ["Benedita Exemplo"]
    with pytest.raises(CannotExport, match=EXPIRED):
        rows("people", query, reader_id=client.user.pk + 1)


@pytest.mark.parametrize("count", [1, 12])
def test_people_take_the_same_number_of_queries_however_many_they_are(operator, count, django_assert_num_queries):
    for number in range(count):
        attach_cns([CnsOffer(BeneficiaryFactory().person_id, cns(number + 1), CnsSource.CADSUS, kind="D")])

    with django_assert_num_queries(3):
        assert len(rows("people")) == count


@pytest.fixture
def cases(operator):
    for number, name in enumerate(("Benedita Exemplo", "Zulmira Exemplo"), start=1):
        person = BeneficiaryFactory(person__name=name).person
        open_reviews([ReviewCase(person.pk, cns(number), CnsSource.CADSUS, "B", "NAME_ABBREVIATED", "D", [])])
    return list(Person.objects.order_by("pk"))


def test_open_reviews_are_those_that_wait_longest_first(cases, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = rows("reviews")

    origin = CnsSource.CADSUS.label
    assert [row[:6] for row in found] == [
        (person.name, "", told_cpf(person.cpf, in_full=False), told_cns(cns(number), in_full=False), origin, "B")
        for number, person in enumerate(cases, start=1)
    ]


def test_decided_reviews_are_the_latest_first_and_narrowed_as_on_their_page(cases, django_assert_num_queries):
    actor = UserFactory()
    for person, accept in zip(cases, (True, False), strict=True):
        settle_review(
            person.reviews.get().pk,
            accept=accept,
            actor=actor,
            reason="DUVIDA" if not accept else "DADOS",
            note="Visto.",
        )

    every = rows("decided_reviews", in_full=True)
    with django_assert_num_queries(1):
        dismissed = rows("decided_reviews", "decisao=DISMISSED&de=nada")

    assert [(row[0], row[2], row[4], row[6], *row[7:]) for row in every] == [
        (cases[1].name, format_cns(cns(2)), "descartada", actor, "Não dá para ter certeza", "Visto."),
        (cases[0].name, format_cns(cns(1)), "aceita", actor, "Os dados conferem", "Visto."),
    ]
    assert names(dismissed) == [cases[1].name]


def test_plans_are_told_as_their_page_tells_them(operator):
    whole = BeneficiaryFactory(whole=True).plan
    lacking = PlanFactory(name="Sem nada")

    assert rows("plan") == [
        (lacking.name, ", ".join(lacking.missing), lacking.number, "", "", 0),
        (whole.name, "", whole.number, whole.get_segmentation_display(), whole.get_regulation_display(), 1),
    ]


@pytest.mark.parametrize("query", ["", "cartao=falta", "q=exemplo", "q=11222333000181"])
@pytest.mark.parametrize("reference_type", REFERENCE_TYPES, ids=lambda each: each.name)
def test_file_and_page_have_the_same_plans_and_parties(operator, query, reference_type, django_assert_num_queries):
    company = Company.objects.create(operator=operator, cnpj="11222333000181", legal_name="Exemplo S.A.")
    other = Administrator.objects.create(operator=operator, cnpj="45997418000153")
    BeneficiaryFactory(contract=ContractFactory(company=company, administrator=other, number="Exemplo"))
    PlanFactory(name="Exemplo")
    address = reverse(f"beneficiaries:{reference_type.name}_list", args=[operator.registration])
    page = signed_in(operator, Role.CONSULTA).get(f"{address}?{query}").context["page"]

    with django_assert_num_queries(1):
        found = rows(reference_type.name, query)

    called = {"plan": "name", "contract": "number"}.get(reference_type.name, "legal_name")
    assert [(row[0], row[-1]) for row in found] == [(getattr(each, called), each.hanging) for each in page.rows]
