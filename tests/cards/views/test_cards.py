"""Cards as people see them: who may have one, the masked preview, issuing, the download on record."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from beneficiaries.domain.identifiers import format_cns
from beneficiaries.models import CnsSource, Person
from beneficiaries.services import CnsOffer, attach_cns
from cards.models import Card
from cards.queries.filters import TO_ISSUE
from cards.services import issue_cards
from operators.models import AuditEvent, Operator
from operators.permissions import Role
from operators.views.pagination import MAX_COUNTED
from tests.factories import BeneficiaryFactory, PlanFactory, cns
from tests.pages import signed_in, text_of


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.EMISSAO)


def _with_cns(number=1, **changes):
    link = BeneficiaryFactory(whole=True, **changes)
    attach_cns([CnsOffer(link.person_id, cns(number), CnsSource.CADSUS, kind="D", tier="A")])
    return link


def _address(operator, name, *args: object):
    return reverse(f"cards:{name}", args=[operator.registration, *args])


def test_list_tells_who_may_have_a_card_and_why_the_others_may_not(operator, client):
    _with_cns()
    BeneficiaryFactory()

    page = text_of(client.get(_address(operator, "cards")))

    assert "pode ser emitido" in page
    assert "A pessoa ainda não tem CNS: a página dela diz por quê e o que fazer." in page


@pytest.mark.parametrize(
    ("state", "expected"),
    [("emitiveis", {0}), ("impedidos", {1}), ("emitidos", {2}), ("cancelados", {3}), ("", {0, 1, 2, 3})],
)
def test_list_narrows_by_state(operator, client, state, expected):
    links = [_with_cns(1), BeneficiaryFactory(), _with_cns(3), _with_cns(4, cancelled_on="2024-01-01")]
    client.post(_address(operator, "card_issue", links[2].pk))

    rows = client.get(_address(operator, "cards"), {"situacao": state}).context["page"].rows

    assert {row.pk for row in rows} == {links[position].pk for position in expected}


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_same_number_of_queries_however_many_links(operator, client, count, django_assert_num_queries):
    for index in range(count):
        link = _with_cns(index + 1)
        client.post(_address(operator, "card_issue", link.pk))

    with django_assert_num_queries(17):
        client.get(_address(operator, "cards"))


@pytest.mark.parametrize("state", TO_ISSUE)
@pytest.mark.parametrize("count", [1, 3])
def test_cards_are_compared_with_the_registry_once_for_all_who_look(operator, client, state, count):
    links = [_with_cns(index + 1) for index in range(count)]
    if state == "mudaram":
        issue_cards([link.pk for link in links])
        Person.objects.update(name="Outra Pessoa")
    asked = {"situacao": state, "contrato": ""}

    with CaptureQueriesContext(connection) as first:
        page = client.get(_address(operator, "cards"), asked).context["page"]
    with CaptureQueriesContext(connection) as second:
        client.get(_address(operator, "cards"), asked)
        client.get(_address(operator, "cards"), {**asked, "antes": links[-1].pk})

    assert ([row.pk for row in page.rows], page.total) == ([link.pk for link in reversed(links)], count)
    assert [sum(_compares(query["sql"]) for query in seen) for seen in (first, second)] == [1, 0]


def _compares(sql):
    """Whether all cards are, not those of one page."""
    return "JSON_OBJECT" in sql and f"LIMIT {MAX_COUNTED}" in sql


def test_preview_is_a_picture_of_each_side(operator, client):
    link = _with_cns()

    sides = [client.get(_address(operator, "card_picture", link.pk, side)) for side in ("frente", "verso")]

    assert [side["Content-Type"] for side in sides] == ["image/svg+xml"] * 2
    assert [side.content.count(b"<svg") > 0 for side in sides] == [True, True]
    assert sides[0].content != sides[1].content


def test_preview_masks_the_number(operator, client):
    link = _with_cns()

    page = client.get(_address(operator, "card", link.pk)).content.decode()

    assert (page.count(format_cns(cns(1))), page.count(cns(1)), page.count(f"•••• {cns(1)[-4:]}")) == (0, 0, 1)


def test_preview_of_somebody_without_cns_is_not_drawn(operator, client):
    link = BeneficiaryFactory()

    assert client.get(_address(operator, "card_picture", link.pk, "frente")).status_code == 404
    assert "A pessoa ainda não tem CNS" in text_of(client.get(_address(operator, "card", link.pk)))


def test_card_that_cannot_be_issued_anew_is_shown_as_it_is(operator, client):
    link = _with_cns()
    client.post(_address(operator, "card_issue", link.pk))
    link.plan.ans_number, link.plan.operator_code, link.plan.name = "", "X1", ""
    link.plan.save()
    link.operator.legal_name = ""
    link.operator.save()

    response = client.get(_address(operator, "card", link.pk))

    assert response.context["defects"] != ()
    assert dict(response.context["fields"]["front"])["Matrícula"] == link.code
    assert client.get(_address(operator, "card_picture", link.pk, "frente")).status_code == 200


def test_issuing_makes_the_first_via(operator, client):
    link = _with_cns()

    response = client.post(_address(operator, "card_issue", link.pk), follow=True)

    card = Card.objects.get()
    assert (card.beneficiary_id, card.via, card.issued_by) == (link.pk, 1, client.user)
    assert "Cartão emitido: 1ª via." in text_of(response)


def test_issuing_the_same_card_again_is_refused_in_a_sentence(operator, client):
    link = _with_cns()
    client.post(_address(operator, "card_issue", link.pk))

    response = client.post(_address(operator, "card_issue", link.pk), follow=True)

    assert "O cartão atual já mostra estes mesmos dados." in text_of(response)
    assert Card.objects.count() == 1


def test_download_is_the_card_in_full_and_on_record(operator, client):
    link = _with_cns()
    client.post(_address(operator, "card_issue", link.pk))
    card = Card.objects.get()

    response = client.post(_address(operator, "card_file", card.pk, "cartao.pdf"))

    pages = PdfReader(io.BytesIO(response.content)).pages
    assert (response["Content-Type"], len(pages)) == ("application/pdf", 2)
    assert format_cns(cns(1)) in " ".join(pages[0].extract_text().split())
    assert AuditEvent.objects.filter(kind="card.downloaded", actor=client.user, person_id=link.person_id).count() == 1


def test_download_tells_nothing_of_the_person_in_the_name_of_the_file(operator, client):
    link = _with_cns()
    client.post(_address(operator, "card_issue", link.pk))
    card = Card.objects.get()

    response = client.post(_address(operator, "card_file", card.pk, "cartao.pdf"))

    assert response["Content-Disposition"] == f'attachment; filename="cartao-{card.pk}-cartao.pdf"'


@pytest.mark.parametrize("name", [("card_issue", 1), ("card_file", 1, "cartao.pdf")])
def test_issuing_and_download_are_never_links(operator, client, name):
    assert client.get(_address(operator, *name)).status_code == 405


@pytest.mark.parametrize(("role", "status"), [(role, 302 if role is Role.EMISSAO else 403) for role in Role])
def test_issuing_is_for_those_who_may(operator, role, status):
    link = _with_cns()

    assert signed_in(operator, role).post(_address(operator, "card_issue", link.pk)).status_code == status


def test_voiding_says_why_and_ends_the_card(operator, client):
    link = _with_cns()
    client.post(_address(operator, "card_issue", link.pk))
    card = Card.objects.get()

    page = client.get(_address(operator, "card_void", card.pk))
    done = client.post(_address(operator, "card_void", card.pk), {"reason": "perda"}, follow=True)

    card.refresh_from_db()
    assert link.person.name in text_of(page)
    assert "A 1ª via foi anulada." in text_of(done)
    told = AuditEvent.objects.get(kind="card.voided").data
    assert (card.status, told) == ("VOID", {"via": 1, "reason": "perda"})


def test_voiding_without_a_reason_changes_nothing(operator, client):
    client.post(_address(operator, "card_issue", _with_cns().pk))

    response = client.post(_address(operator, "card_void", Card.objects.get().pk), {"reason": "porque sim"})

    assert (response.status_code, Card.objects.get().status) == (422, "ISSUED")
    assert "Escolha um dos motivos da lista." in text_of(response)


def test_voiding_twice_is_told(operator, client):
    client.post(_address(operator, "card_issue", _with_cns().pk))
    address = _address(operator, "card_void", Card.objects.get().pk)
    client.post(address, {"reason": "perda"})

    again = client.post(address, {"reason": "perda"}, follow=True)

    assert "Esta via já não era a atual. Nada mudou." in text_of(again)
    assert AuditEvent.objects.filter(kind="card.voided").count() == 1


def test_voiding_is_for_those_who_issue(operator, client):
    client.post(_address(operator, "card_issue", _with_cns().pk))

    response = signed_in(operator, Role.CADASTRO).post(
        _address(operator, "card_void", Card.objects.get().pk), {"reason": "perda"}
    )

    assert (response.status_code, Card.objects.get().status) == (403, "ISSUED")


def test_card_of_another_operator_is_not_found(operator):
    client = signed_in(operator, *Role)

    addresses = [_address(operator, "card", 10_000_000), _address(operator, "card_picture", 10_000_000, "frente")]

    assert [client.get(address).status_code for address in addresses] == [404, 404]


def test_person_leads_to_the_card(operator, client):
    link = _with_cns()

    page = client.get(reverse("beneficiaries:person", args=[operator.registration, link.person_id])).content.decode()

    assert page.count(f'href="{_address(operator, "card", link.pk)}"') == 1


def test_dashboard_counts_cards_to_issue_and_issued(operator, client):
    _with_cns(1)
    issued = _with_cns(2)
    client.post(_address(operator, "card_issue", issued.pk))

    page = text_of(client.get(reverse("operators:dashboard", args=[operator.registration])))

    assert "Cartões a emitir 1 1 cartão atual" in page


def test_what_a_card_lacks_is_named_with_the_field_that_mends_it(operator):
    link = _with_cns(plan=PlanFactory(), contract=None)
    Operator.objects.filter(pk=operator.pk).update(phone="")
    address = _address(operator, "card", link.pk)

    clerk, reader = signed_in(operator, Role.CADASTRO), signed_in(operator, Role.CONSULTA)

    page = clerk.get(address)
    plan = reverse("beneficiaries:plan_edit", args=[operator.registration, link.plan_id])
    contract = reverse("beneficiaries:link_edit", args=[operator.registration, link.pk])
    assert [(mending.sentence, mending.href) for mending in page.context["defects"]] == [
        ("Falta “Número do contrato ou da apólice”: informe no contrato.", f"{contract}#id_contract"),
        ("Falta “Informação sobre o tipo de contratação”: informe no contrato.", f"{contract}#id_contract"),
        (
            "Falta “Informação sobre a regulamentação do plano”: informe no cadastro do plano.",
            f"{plan}#id_regulation",
        ),
        ("Falta “Data da contratação do plano”: informe no contrato.", f"{contract}#id_contract"),
        ("Falta “Segmentação assistencial do plano”: informe no cadastro do plano.", f"{plan}#id_segmentation"),
        ("Falta “Padrão de acomodação”: informe no cadastro do plano.", f"{plan}#id_accommodation"),
        (
            "Falta “Área de abrangência geográfica do plano”: informe no cadastro do plano.",
            f"{plan}#id_coverage_area",
        ),
        (
            "Falta “Informação de contato da operadora”: informe na aparência do cartão.",
            f"/o/{operator.registration}/cartoes/aparencia/#id_phone",
        ),
    ]
    assert (f'href="{plan}#id_regulation"' in page.content.decode(), "cartoes/aparencia" in text_of(page)) == (
        True,
        False,
    )
    assert f'href="{plan}#id_regulation"' not in reader.get(address).content.decode()


def test_a_card_that_lacks_something_is_not_issued_and_every_thing_is_one_sentence(operator, client):
    link = _with_cns(plan=PlanFactory(whole=True, coverage_area="", name=""))

    page = text_of(client.post(_address(operator, "card_issue", link.pk), follow=True))

    assert Card.objects.count() == 0
    assert (
        "Falta “Nome do plano de saúde”: informe no cadastro do plano. "
        "Falta “Área de abrangência geográfica do plano”: informe no cadastro do plano."
    ) in page


@pytest.mark.parametrize(
    ("changes", "told"),
    [({}, ["Falta “Nome do plano de saúde”: informe no cadastro do plano."]), ({"cancelled_on": "2024-01-01"}, [])],
)
def test_somebody_without_a_number_sees_at_once_what_else_is_missing(operator, client, changes, told):
    link = BeneficiaryFactory(whole=True, plan__name="", **changes)

    page = client.get(_address(operator, "card", link.pk))

    assert [mending.sentence for mending in page.context["defects"]] == told


@pytest.mark.parametrize(
    ("name", "kind", "start"),
    [("componente-cadastral.pdf", "application/pdf", b"%PDF"), ("frente.png", "image/png", b"\x89PNG")],
)
def test_a_card_is_taken_as_a_file_on_record(operator, client, name, kind, start):
    link = _with_cns()
    client.post(_address(operator, "card_issue", link.pk))
    card = Card.objects.get()

    answer = client.post(_address(operator, "card_file", card.pk, name))

    assert (answer.status_code, answer["Content-Type"], answer.content[:4]) == (200, kind, start)
    assert AuditEvent.objects.filter(kind="card.downloaded").get().data == {"via": 1, "file": name}


def test_a_file_that_is_none_or_a_role_that_may_not_gets_nothing(operator, client):
    client.post(_address(operator, "card_issue", _with_cns().pk))
    pk = Card.objects.get().pk

    reader = signed_in(operator, Role.CONSULTA)
    assert client.post(_address(operator, "card_file", pk, "tudo.zip")).status_code == 404
    assert reader.post(_address(operator, "card_file", pk, "componente-cadastral.pdf")).status_code == 403


# ---- the life of a card -------------------------------------------------------------------------------------------


def _issued(operator, client, number=1):
    link = _with_cns(number)
    client.post(_address(operator, "card_issue", link.pk))
    return Card.objects.get(beneficiary=link)


def test_a_second_copy_asks_why_and_is_issued(operator, client):
    card = _issued(operator, client)
    address = _address(operator, "card_second_copy", card.beneficiary_id)

    asked = client.post(address, {})
    done = client.post(address, {"reason": "DAMAGED"}, follow=True)

    assert (asked.status_code, "Escolha o motivo." in text_of(asked)) == (422, True)
    assert "Cartão emitido: 2ª via." in text_of(done)
    assert list(Card.objects.order_by("via").values_list("status", "reason")) == [
        ("SUPERSEDED", "FIRST"),
        ("ISSUED", "DAMAGED"),
    ]


def test_the_page_offers_a_second_copy_and_says_when_the_number_was_confirmed(operator, client):
    card = _issued(operator, client)

    response = client.get(_address(operator, "card", card.beneficiary_id))

    page = text_of(response)
    assert response.content.decode().count(_address(operator, "card_second_copy", card.beneficiary_id)) == 1
    assert f"CNS conferido em {card.confirmed_on:%d/%m/%Y}" in page


@pytest.mark.parametrize(("state", "words"), [("PRINTED", "impressa"), ("DELIVERED", "entregue")])
def test_a_card_is_marked(operator, client, state, words):
    card = _issued(operator, client)

    response = client.post(_address(operator, "card_mark", card.pk), {"para": state}, follow=True)

    assert f"1ª via marcada como {words}." in text_of(response)
    assert Card.objects.get().status == state


@pytest.mark.parametrize("state", ["LOST", "ISSUED", ""])
def test_a_card_is_marked_as_nothing_else(operator, client, state):
    card = _issued(operator, client)

    response = client.post(_address(operator, "card_mark", card.pk), {"para": state}, follow=True)

    assert "A 1ª via está como “emitido”. Nada mudou." in text_of(response)
    assert Card.objects.get().status == "ISSUED"


def test_a_lost_card_ends_after_a_question(operator, client):
    card = _issued(operator, client)
    address = _address(operator, "card_lost", card.pk)

    asked = client.get(address)
    done = client.post(address, follow=True)

    assert "Um cartão achado depois não volta a valer." in text_of(asked)
    assert "A 1ª via foi dada por perdida." in text_of(done)
    assert Card.objects.get().status == "LOST"


@pytest.mark.parametrize("name", ["cartao.pdf", "componente-cadastral.pdf", "cartao-com-sangria.pdf"])
def test_a_printed_card_is_downloaded_again_only_with_a_reason(operator, client, name):
    card = _issued(operator, client)
    client.post(_address(operator, "card_mark", card.pk), {"para": "PRINTED"})
    address = _address(operator, "card_file", card.pk, name)

    asked = client.post(address)
    without = client.post(address, {"pedido": "1"})
    done = client.post(address, {"pedido": "1", "reason": "falha"})

    assert [asked.status_code, without.status_code, done.status_code] == [200, 422, 200]
    assert [page["Content-Type"] for page in (asked, done)] == ["text/html; charset=utf-8", "application/pdf"]
    event = AuditEvent.objects.get(kind="card.downloaded")
    assert event.data == {"via": 1, "file": name, "reason": "falha"}


def test_a_card_with_bleed_is_a_larger_page(operator, client):
    card = _issued(operator, client)

    answer = client.post(_address(operator, "card_file", card.pk, "cartao-com-sangria.pdf"))

    box = PdfReader(io.BytesIO(answer.content)).pages[0].mediabox
    assert [round(float(side) / 72 * 25.4, 2) for side in (box.width, box.height)] == [91.6, 59.98]


def test_what_changed_since_is_told_item_by_item_and_masked(operator, client):
    card = _issued(operator, client)
    link = card.beneficiary
    link.plan.name = "Plano Novo"
    link.plan.save()
    attach_cns([CnsOffer(link.person_id, cns(9), CnsSource.CNX, tier="A")])

    response = client.get(_address(operator, "card", link.pk))

    changed = {change.key: (change.before, change.after) for change in response.context["changed"]}
    assert set(changed) == {"cns", "plan_name"}
    assert changed["cns"] == (f"••• •••• •••• {cns(1)[-4:]}", f"••• •••• •••• {cns(9)[-4:]}")
    assert "O que mudou desde a 1ª via" in text_of(response)


@pytest.mark.parametrize("name", ["card_second_copy", "card_mark", "card_lost"])
def test_lives_are_for_those_who_issue(operator, client, name):
    card = _issued(operator, client)
    key = card.beneficiary_id if name == "card_second_copy" else card.pk

    response = signed_in(operator, Role.CADASTRO).post(_address(operator, name, key), {"para": "PRINTED"})

    assert (response.status_code, Card.objects.get().status) == (403, "ISSUED")
