"""Merging, splitting and the list of who may be one person, as pages."""

from datetime import date

import pytest
from django.urls import reverse

from beneficiaries.models import Beneficiary, CnsNumber, CnsSource, DistinctPair, Person, Regrouping
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.remove_wrong_cns import remove_wrong_cns
from operators.context import operator_context
from operators.models import AuditEvent
from operators.permissions import Role
from tests.contexts import outside_operator_context
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, cns
from tests.pages import signed_in, text_of

MARIA = {"name": "Maria Exemplo da Silva", "birth_date": date(1984, 2, 29), "mother_name": "Joana Exemplo"}


def address(operator, name, *keys: int):
    return reverse(f"beneficiaries:{name}", args=[operator.registration, *keys])


@pytest.fixture
def clerk(operator):
    return signed_in(operator, Role.CADASTRO)


@pytest.fixture
def pair(operator):
    """Two records of one person: each has a link, a number and a CPF."""
    people = [PersonFactory(**MARIA, cpf=cpf) for cpf in ("11144477735", "52998224725")]
    for at, person in enumerate(people, 1):
        BeneficiaryFactory(person=person, code=str(at))
        attach_cns([CnsOffer(person.pk, cns(at), CnsSource.CADSUS)])
    return people


def read_of(client, page):
    return client.get(page).context["form"]["read"].value()


def merging(client, page, **changes):
    return {"read": read_of(client, page), "reason": "mesmo RG", "cpf": "kept", "cns": "other", **changes}


@pytest.mark.parametrize("name", ["possible_duplicates", "person_merge_choose", "person_merge", "person_split"])
def test_only_those_who_edit_people_get_there(operator, pair, name):
    keys = {"possible_duplicates": 0, "person_merge_choose": 1, "person_merge": 2, "person_split": 1}[name]
    page = address(operator, name, *(person.pk for person in pair[:keys]))
    others = [role for role in Role if role is not Role.CADASTRO]

    assert signed_in(operator, *others).get(page).status_code == 403
    assert signed_in(operator, Role.CADASTRO).get(page).status_code == 200


def test_only_those_who_edit_people_decide(operator, clerk, pair):
    page = address(operator, "person_merge", *(person.pk for person in pair))
    clerk.post(page, merging(clerk, page))
    others = signed_in(operator, *[role for role in Role if role is not Role.CADASTRO])

    undone = others.post(address(operator, "regrouping_undo", Regrouping.objects.get().pk))
    decided = others.post(address(operator, "person_decide_distinct", pair[0].pk, PersonFactory().pk), {"reason": "x"})

    assert (undone.status_code, decided.status_code) == (403, 403)
    assert (Regrouping.objects.get().undone_at, DistinctPair.objects.count()) == (None, 0)


@pytest.mark.parametrize("name", ["person_merge", "person_decide_distinct", "regrouping_undo", "person_split"])
def test_people_of_another_operator_are_not_found(operator, clerk, name):
    other = OperatorFactory()
    with outside_operator_context(), operator_context(other.pk):
        one, two = PersonFactory(), PersonFactory()
        made = Regrouping.objects.create(
            operator=other, kind="MERGE", person_id=one.pk, other_id=99, reason="x", transaction=1
        )
    keys = {"regrouping_undo": [made.pk], "person_split": [one.pk]}.get(name, [one.pk, two.pk])

    clerk.post(address(operator, name, *keys), {"reason": "x"})

    with outside_operator_context(), operator_context(other.pk):
        assert (Person.objects.count(), DistinctPair.objects.count()) == (2, 0)
        assert Regrouping.objects.get().undone_at is None


def test_merge_shows_both_sides_and_leads_to_the_one_that_stays(operator, clerk, pair):
    kept, other = pair
    page = address(operator, "person_merge", kept.pk, other.pk)

    shown = text_of(clerk.get(page))
    response = clerk.post(page, merging(clerk, page), follow=True)

    assert "111.444.777-35" in shown
    assert "mas o CPF e o CNS não" in shown
    assert "o vínculo 2, de" in shown
    assert response.redirect_chain[-1][0] == address(operator, "person", kept.pk)
    assert "Os dois cadastros são um só agora." in text_of(response)
    assert [number.number for number in response.context["numbers"]] == [cns(2), cns(1)]
    assert response.context["current"].number == cns(2)
    assert set(AuditEvent.objects.filter(kind="person.unmasked").values_list("person_id", flat=True)) == {
        kept.pk, other.pk,
    }  # fmt: skip


def test_page_of_a_merged_record_leads_to_the_one_that_has_it_and_to_its_past(operator, clerk, pair):
    kept, other = pair
    page = address(operator, "person_merge", kept.pk, other.pk)
    clerk.post(page, merging(clerk, page))

    response = clerk.get(address(operator, "person", other.pk), follow=True)

    assert response.redirect_chain[-1][0] == address(operator, "person", kept.pk)
    assert "O cadastro que você abriu foi juntado a este." in text_of(response)
    assert text_of(response).count("CNS vinculado") == 2


def test_merge_warns_where_somebody_said_that_the_number_is_not_this_persons(operator, clerk, pair):
    kept, other = pair
    remove_wrong_cns(CnsNumber.objects.get(person=kept).pk, reason="é de outra", actor=clerk.user)
    page = address(operator, "person_merge", kept.pk, other.pk)

    before = text_of(clerk.get(page))
    remove_wrong_cns(CnsNumber.objects.get(person=other).pk, reason="trocado", actor=clerk.user)
    attach_cns([CnsOffer(other.pk, cns(1), CnsSource.CADSUS)])

    assert "já foi retirado do outro" not in before
    assert "já foi retirado do outro" in text_of(clerk.get(page))


def test_the_number_that_counts_stands_first_even_where_it_is_the_older_one(operator, clerk, pair):
    page = address(operator, "person_merge", *(person.pk for person in pair))

    response = clerk.post(page, merging(clerk, page, cns="kept"), follow=True)

    assert [number.number for number in response.context["numbers"]] == [cns(1), cns(2)]


def test_merge_wants_a_reason_and_a_choice_of_cpf(operator, clerk, pair):
    page = address(operator, "person_merge", *(person.pk for person in pair))

    response = clerk.post(page, merging(clerk, page, reason=" ", cpf=""))

    assert (response.status_code, Person.objects.count()) == (422, 2)
    assert "Diga o motivo." in text_of(response)
    assert "Escolha qual dos dois vale." in text_of(response)


@pytest.mark.parametrize("number", ["529.982.247-25", "52998224725 12/03", cns(1), f"{cns(1)[:3]} {cns(1)[3:]}"])
def test_reasons_hold_no_number_of_anybody(operator, clerk, pair, number):
    """Who may see no number in full reads them."""
    page = address(operator, "person_merge", *(person.pk for person in pair))

    merged = clerk.post(page, merging(clerk, page, reason=f"é o CPF {number}"))
    reason = {"reason": f"outra, {number}"}
    decided = clerk.post(
        address(operator, "person_decide_distinct", *(person.pk for person in pair)), reason, follow=True
    )

    assert merged.status_code == 422
    assert "Não escreva CPF nem CNS aqui" in text_of(merged)
    assert "Não escreva CPF nem CNS aqui" in text_of(decided)


def test_merge_of_what_somebody_changed_meanwhile_is_shown_again(operator, clerk, pair):
    page = address(operator, "person_merge", *(person.pk for person in pair))
    sent = merging(clerk, page)
    Person.objects.filter(pk=pair[1].pk).update(phone="11 5555-0000")

    response = clerk.post(page, sent)

    assert (response.status_code, Person.objects.count()) == (409, 2)
    assert "Alguém mudou este cadastro enquanto você decidia." in text_of(response)
    assert "11 5555-0000" in text_of(response)


def test_second_click_and_the_back_key_lead_to_the_one_that_stays(operator, clerk, pair):
    kept, other = pair
    page = address(operator, "person_merge", kept.pk, other.pk)
    sent = merging(clerk, page)
    clerk.post(page, sent)

    answers = [clerk.post(page, sent), clerk.get(page), clerk.get(address(operator, "person_merge", other.pk, kept.pk))]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [
        (302, address(operator, "person", kept.pk))
    ] * 3


def test_merge_with_itself_is_not_found(operator, clerk, pair):
    assert clerk.get(address(operator, "person_merge", pair[0].pk, pair[0].pk)).status_code == 404


def test_the_way_back_stands_on_the_page(operator, clerk, pair):
    kept, other = pair
    page = address(operator, "person_merge", kept.pk, other.pk)
    clerk.post(page, merging(clerk, page))
    made = Regrouping.objects.get()

    before = text_of(clerk.get(address(operator, "person", kept.pk)))
    for_others = text_of(signed_in(operator, Role.CONSULTA).get(address(operator, "person", kept.pk)))
    response = clerk.post(address(operator, "regrouping_undo", made.pk), follow=True)

    assert "Motivo: mesmo RG" in before
    assert "Desfazer a junção" in before
    assert "Desfazer a junção" not in for_others
    assert "Desfeito: tudo voltou a ser como era antes." in text_of(response)
    assert Person.objects.count() == 2


def test_what_cannot_be_undone_is_told_why(operator, clerk, pair):
    page = address(operator, "person_merge", *(person.pk for person in pair))
    clerk.post(page, merging(clerk, page))
    BeneficiaryFactory(person=pair[0])

    response = clerk.post(address(operator, "regrouping_undo", Regrouping.objects.get().pk), follow=True)

    assert "Não dá para desfazer: depois disso entraram, saíram ou mudaram de pessoa vínculos." in text_of(response)


def test_other_record_is_proposed_or_searched_for_without_its_name_in_the_address(operator, clerk, pair):
    kept, other = pair
    stranger = PersonFactory(name="Rosa Exemplo", birth_date=date(1950, 1, 1))
    page = address(operator, "person_merge_choose", kept.pk)

    proposed = clerk.get(page)
    searched = clerk.post(page, {"q": "rosa"})

    assert [duplicate.other for duplicate in proposed.context["duplicates"]] == [other]
    assert searched.context["found"] == [stranger]
    assert address(operator, "person_merge", kept.pk, stranger.pk) in searched.content.decode()


def splitting(client, page, links, **changes):
    forms = client.get(page).context
    names = {
        form.add_prefix(name): form[name].value() or ""
        for form in (forms["stays"], forms["goes"])
        for name in form.fields
        if name != "read"
    }
    return {**names, "read": forms["form"]["read"].value(), "reason": "são gêmeos", "links": links, **changes}


def test_split_makes_a_person_with_a_page_of_its_own(operator, clerk):
    child = PersonFactory(**MARIA | {"name": "RN de Joana Exemplo"}, cpf=None, dn="30111111111")
    first, second = (BeneficiaryFactory(person=child, code=code) for code in "12")
    page = address(operator, "person_split", child.pk)

    sent = splitting(clerk, page, [second.pk], **{"fica-name": "Ana Exemplo", "sai-name": "Pedro Exemplo"})
    response = clerk.post(page, sent | {"sai-dn": "30222222222"}, follow=True)

    new = Person.objects.exclude(pk=child.pk).get()
    assert response.redirect_chain[-1][0] == address(operator, "person", new.pk)
    assert "Este cadastro saiu de outro" in text_of(response)
    assert dict(Person.objects.values_list("name", "dn")) == {
        "Ana Exemplo": "30111111111", "Pedro Exemplo": "30222222222",
    }  # fmt: skip
    assert [Beneficiary.objects.get(pk=link.pk).person for link in (first, second)] == [child, new]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"links": []}, "Escolha ao menos um vínculo da pessoa nova."),
        ({"sai-name": ""}, "Preencha “Nome”."),
        ({"sai-cpf": "529.982.247-25"}, "Este CPF já é de outra pessoa do cadastro."),
        ({"reason": ""}, "Diga o motivo."),
    ],
)
def test_split_says_what_is_missing_and_writes_nothing(operator, clerk, changes, sentence):
    child = PersonFactory(**MARIA, cpf=None)
    PersonFactory(cpf="52998224725")
    links = [BeneficiaryFactory(person=child).pk, BeneficiaryFactory(person=child).pk]
    page = address(operator, "person_split", child.pk)

    response = clerk.post(page, splitting(clerk, page, links[:1]) | changes)

    assert (response.status_code, Person.objects.count()) == (422, 2)
    assert sentence in text_of(response)


def test_split_of_one_link_has_nothing_to_split(operator, clerk):
    link = BeneficiaryFactory()

    assert "Esta pessoa tem um só vínculo." in text_of(clerk.get(address(operator, "person_split", link.person_id)))
    assert "Separar em duas" not in text_of(clerk.get(address(operator, "person", link.person_id)))


def test_list_shows_pairs_masked_and_a_decided_one_no_more(operator, clerk, pair):
    page = address(operator, "possible_duplicates")

    before = text_of(clerk.get(page))
    refused = clerk.post(address(operator, "person_decide_distinct", *(person.pk for person in pair)), follow=True)
    response = clerk.post(
        address(operator, "person_decide_distinct", *(person.pk for person in pair)), {"reason": "primas"}, follow=True
    )

    assert "Nome, nascimento e nome da mãe são os mesmos, mas o CPF e o CNS não." in before
    assert "111.444.777-35" not in before
    assert "Nada foi decidido. Diga o motivo." in text_of(refused)
    assert "Este par não será perguntado de novo." in text_of(response)
    assert "Nenhum par à espera" in text_of(response)
    assert 'aria-label="Páginas"' not in response.content.decode()


@pytest.mark.parametrize("query", ["?tipo=recem-nascidos", "?tipo=cns", "?tipo=nada", "?depois=99999999", "?depois=x"])
def test_list_takes_any_address(operator, clerk, pair, query):
    assert clerk.get(address(operator, "possible_duplicates") + query).status_code == 200
