"""What ANS has and what it changed, as people see it: masked, beside the registry, page after page."""

import re

import pytest
from django.urls import reverse

from operators.permissions import Role
from sib.models import MirrorRecord
from tests.factories import BeneficiaryFactory, cns
from tests.pages import signed_in, text_of
from tests.sib.files import record

CCO = "000000000001"


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.CONSULTA)


@pytest.fixture
def link(operator):
    return BeneficiaryFactory(cco=CCO, code="777", person__name="Maria Aparecida Exemplo Z")


def address(operator, name, *args: object):
    return reverse(f"sib:{name}", args=[operator.registration, *args])


def test_records_are_listed_masked_with_whom_they_belong_to(operator, client, link, bring):
    stranger = BeneficiaryFactory.build(operator=operator, cco="000000000002", person=link.person, plan=link.plan)
    bring(record(link, cns=cns(1)), record(stranger, nome="SO NA ANS", cpf=None))

    page = client.get(address(operator, "mirror"))

    rows = [row.cco for row in page.context["page"].rows]
    assert rows == [CCO, "000000000002"]
    assert "só na ANS" in text_of(page)
    assert link.person.name in text_of(page)
    assert cns(1) not in page.content.decode()
    assert link.person.cpf not in page.content.decode()


@pytest.mark.parametrize("searched", ["1", "777", "cpf", "cns", "maria exemplo"])
def test_a_record_is_found_by_number_code_or_name(operator, client, link, bring, searched):
    other = BeneficiaryFactory(cco="000000000009", person__name="Benedita Outra")
    bring(record(link, cns=cns(1)), record(other, cns=cns(2)))
    text = {"cpf": link.person.cpf, "cns": cns(1)}.get(searched, searched)

    page = client.post(address(operator, "mirror_search"), {"q": text}, follow=True)

    assert [row.cco for row in page.context["page"].rows] == [CCO]
    assert re.fullmatch(r"/o/\d{6}/na-ans/\?busca=[0-9a-f]{24}", page.redirect_chain[-1][0])


def test_pages_follow_each_other_without_an_offset(operator, client, bring, monkeypatch):
    monkeypatch.setattr("operators.views.pagination.PAGE_SIZE", 2)
    links = [BeneficiaryFactory(cco=f"{at:012d}") for at in range(1, 4)]
    bring(*(record(each) for each in links))

    first = client.get(address(operator, "mirror"))
    second = client.get(first.context["page"].next)

    shown = [[row.cco for row in page.context["page"].rows] for page in (first, second)]
    assert shown == [["000000000001", "000000000002"], ["000000000003"]]


def test_a_record_stands_in_full_beside_our_person(operator, client, link, bring):
    bring(record(link, nomeMae="OUTRA MAE", cns=cns(1)))

    page = client.get(address(operator, "mirror_record", MirrorRecord.objects.get().pk))

    fields = {field.label: field for field in page.context["fields"]}
    assert (fields["Nome da mãe"].theirs, fields["Nome da mãe"].differs) == ("OUTRA MAE", True)
    assert (fields["Nome"].ours, fields["Nome"].differs) == ("Maria Aparecida Exemplo Z", False)
    assert fields["Nascimento"].theirs == link.person.birth_date.strftime("%d/%m/%Y")
    assert link.person.cpf not in page.content.decode()


def test_accents_and_case_are_no_difference_beside_our_person(operator, client, link, bring):
    link.person.mother_name = "Íris d'Ávila"
    link.person.save()
    bring(record(link, nomeMae="IRIS DAVILA"))

    page = client.get(address(operator, "mirror_record", MirrorRecord.objects.get().pk))

    assert [field.label for field in page.context["fields"] if field.differs] == []


def test_what_changed_is_told_with_before_and_after(operator, client, link, bring):
    gone = BeneficiaryFactory(cco="000000000002")
    bring(record(link), record(gone))
    new = BeneficiaryFactory(cco="000000000003")
    bring(record(link, cns=cns(1), situacao="INATIVO"), record(new), sequence=2)

    page = client.get(address(operator, "mirror_changes"))
    narrowed = client.get(address(operator, "mirror_changes"), {"tipo": "CHANGED"})

    told = {change.row.cco: change for change in page.context["changes"]}
    assert {cco: change.row.kind for cco, change in told.items()} == {
        CCO: "CHANGED", gone.cco: "GONE", new.cco: "NEW",
    }  # fmt: skip
    assert ("Situação", "ativo", "inativo") in told[CCO].fields
    assert cns(1) not in page.content.decode()
    assert [change.row.cco for change in narrowed.context["changes"]] == [CCO]
    assert [facet.count for facet in page.context["kinds"]] == [3, 1, 1, 1]


def test_first_conference_has_nothing_to_be_compared_with(operator, client, link, bring):
    bring(record(link))

    assert "Ainda não há com que comparar" in text_of(client.get(address(operator, "mirror_changes")))


def test_person_shows_what_ans_changed_of_her(operator, client, link, bring):
    bring(record(link))
    bring(record(link, situacao="INATIVO"), sequence=2)

    page = client.get(reverse("beneficiaries:person", args=[operator.registration, link.person_id]))

    assert "O que a ANS mudou" in text_of(page)
    assert "Situação: ativo → passou a inativo" in text_of(page)


@pytest.mark.parametrize("count", [1, 5])
def test_lists_ask_the_same_number_of_queries_however_long(operator, client, bring, count, django_assert_num_queries):
    links = [BeneficiaryFactory(cco=f"{at:012d}") for at in range(1, count + 1)]
    bring(*(record(each) for each in links))
    bring(*(record(each, situacao="INATIVO") for each in links), sequence=2)

    with django_assert_num_queries(10):
        client.get(address(operator, "mirror"))
    with django_assert_num_queries(11):
        client.get(address(operator, "mirror_changes"))
