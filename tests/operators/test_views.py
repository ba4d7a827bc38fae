"""Who may enter which page; the dashboard; the audit trail."""

import re

import pytest
from django.urls import reverse
from lucide.templatetags.lucide import lucide

from operators.audit import Event, EventKind, record
from operators.permissions import Role
from tests.factories import BeneficiaryFactory, OperatorFactory, UserFactory
from tests.pages import browser, signed_in, text_of
from tests.tones import TONES

PAGES = [
    "operators:dashboard",
    "operators:audit",
    "beneficiaries:people",
    "beneficiaries:reviews",
    "sib:conferences",
    "cadsus:lookups",
    "cadsus:accreditation",
    "cards:cards",
]
READER = {
    "operators:dashboard": 200,
    "operators:audit": 403,
    "beneficiaries:people": 200,
    "beneficiaries:reviews": 403,
    "sib:conferences": 200,
    "cadsus:lookups": 200,
    "cadsus:accreditation": 200,
    "cards:cards": 200,
}


def _address(operator, name):
    return reverse(name, args=[operator.registration])


@pytest.mark.parametrize(
    ("role", "more"),
    [
        (Role.CONSULTA, {}),
        (Role.CADASTRO, {}),
        (Role.REVISAO, {"beneficiaries:reviews": 200}),
        (Role.EMISSAO, {}),
        (Role.ADMINISTRACAO, {}),
        (Role.AUDITORIA, {"operators:audit": 200}),
    ],
)
def test_pages_open_by_role(operator, role, more):
    client = signed_in(operator, role)

    assert {page: client.get(_address(operator, page)).status_code for page in PAGES} == READER | more


def test_pages_are_not_found_by_members_of_another_operator(operator):
    client = signed_in(OperatorFactory(), *Role)

    assert {client.get(_address(operator, page)).status_code for page in PAGES} == {404}


def test_pages_of_an_operator_that_does_not_exist_are_not_found(operator):
    client = signed_in(operator, *Role)

    assert client.get("/o/000001/").status_code == 404


def test_pages_send_strangers_to_the_entrance(operator):
    response = browser().get(_address(operator, "beneficiaries:people"))

    assert (response.status_code, response["Location"]) == (302, f"/entrar/?next=/o/{operator.registration}/pessoas/")


def test_fragment_tells_htmx_to_go_to_the_entrance(operator):
    response = browser().get(_address(operator, "cadsus:lookups"), headers={"HX-Request": "true"})

    assert response["HX-Redirect"].startswith("/entrar/")
    assert response.content == b""


def test_refusal_names_what_is_missing(operator):
    response = signed_in(operator, Role.CONSULTA).get(_address(operator, "operators:audit"))

    assert response.status_code == 403
    assert "Seu perfil não permite ver a auditoria nesta operadora." in text_of(response)


MENU = [
    ("Painel", "layout-dashboard", ""),
    ("Pessoas", "users", "pessoas/"),
    ("Planos", "notebook-tabs", "planos/"),
    ("Revisões", "scale", "revisoes/"),
    ("Conferências", "file-check-corner", "conferencias/"),
    ("Movimentações", "file-pen", "movimentacoes/"),
    ("Resultados", "inbox", "resultados/"),
    ("Consultas", "radio-tower", "consultas/"),
    ("Certificados", "key-round", "certificados/"),
    ("Habilitação", "list-checks", "habilitacao/"),
    ("Cartões", "id-card", "cartoes/"),
    ("Vistas", "bookmark", "vistas/"),
    ("Exportações", "download", "exportacoes/"),
    ("Auditoria", "scroll-text", "auditoria/"),
]
NOT_FOR_ALL = {"Exportações", "Revisões", "Certificados", "Habilitação", "Auditoria"}
ENTRY = re.compile(
    r'<li><a class="nav__link" href="([^"]+)"[^>]*>(.+?)([^<>]+)</a>(?:<span[^>]*></span>)?</li>', re.DOTALL
)


@pytest.mark.parametrize(
    ("role", "more"),
    [
        (Role.CONSULTA, set()),
        (Role.CADASTRO, {"Exportações"}),
        (Role.REVISAO, {"Exportações", "Revisões"}),
        (Role.EMISSAO, {"Exportações"}),
        (Role.ADMINISTRACAO, {"Exportações", "Certificados", "Habilitação"}),
        (Role.AUDITORIA, {"Exportações", "Auditoria"}),
    ],
)
def test_navigation_shows_only_the_rooms_that_open(operator, role, more):
    response = signed_in(operator, role).get(_address(operator, "operators:dashboard"))

    shown = [(label, drawn, path) for path, drawn, label in ENTRY.findall(response.content.decode())]
    attributes = {"class": "icon", "aria_hidden": "true", "focusable": "false"}
    assert shown == [
        (label, lucide({}, name, size=16, **attributes), f"/o/{operator.registration}/{path}")
        for label, name, path in MENU
        if label not in NOT_FOR_ALL - more
    ]


@pytest.mark.parametrize(
    ("page", "room"),
    [
        ("beneficiaries:people", "Pessoas"),
        ("beneficiaries:contract_list", "Planos"),
        ("sib:calendar", "Movimentações"),
        ("sib:mirror", "Conferências"),
        ("sib:night_reports", "Conferências"),
        ("sib:criticas", "Resultados"),
        ("cards:batches", "Cartões"),
        ("cards:operator_names", "Cartões"),
        ("operators:dashboard", "Painel"),
    ],
)
def test_navigation_marks_the_present_room_alone(operator, page, room):
    response = signed_in(operator, *Role).get(_address(operator, page))

    [entry] = re.findall(r'aria-current="page">.*?</svg>([^<]+)</a>', response.content.decode(), re.DOTALL)
    assert entry.strip() == room


def test_home_sends_to_the_only_operator(operator):
    response = signed_in(operator, Role.CONSULTA).get("/")

    assert (response.status_code, response["Location"]) == (302, f"/o/{operator.registration}/")


def test_home_lets_choose_among_several_operators(operator):
    from tests.factories import MembershipFactory

    other = OperatorFactory()
    client = signed_in(operator, Role.CONSULTA, Role.EMISSAO)
    MembershipFactory(user=client.user, operator=other, role=Role.CONSULTA)

    page = client.get("/").content.decode()

    assert [page.count(f'href="/o/{place.registration}/"') for place in (operator, other)] == [1, 1]


def test_home_says_so_to_somebody_without_any_operator(db):
    client = browser()
    client.force_login(UserFactory())

    assert "Sua conta ainda não tem acesso a nenhuma operadora." in text_of(client.get("/"))


@pytest.mark.parametrize("people", [1, 3])
def test_dashboard_asks_the_same_number_of_queries_however_many_people(operator, people, django_assert_num_queries):
    BeneficiaryFactory.create_batch(people)
    client = signed_in(operator, *Role)

    with django_assert_num_queries(DASHBOARD_QUERIES):
        client.get(_address(operator, "operators:dashboard"))


DASHBOARD_QUERIES = 40


def test_audit_lists_newest_first_and_narrows_by_kind(operator):
    record([Event(EventKind.PEOPLE_EXPORTED, "operator", operator.pk)])
    record([Event(EventKind.PEOPLE_IMPORTED, "operator", operator.pk)])
    client = signed_in(operator, Role.AUDITORIA)

    every = text_of(client.get(_address(operator, "operators:audit")))
    narrowed = client.get(_address(operator, "operators:audit"), {"tipo": "people.exported"})

    assert every.rindex("Cadastro importado") < every.rindex("Cadastro exportado")
    assert [event.kind for event, *_ in narrowed.context["moments"]] == ["people.exported"]


def test_audit_goes_on_without_an_offset(operator):
    record([Event(EventKind.PEOPLE_EXPORTED, "operator", number) for number in range(53)])
    client = signed_in(operator, Role.AUDITORIA)

    first = client.get(_address(operator, "operators:audit"))
    second = client.get(first.context["page"].next)

    shown = [event.subject_id for event, *_ in (*first.context["moments"], *second.context["moments"])]
    assert shown == list(range(52, -1, -1))
    assert (first.context["page"].total, second.context["page"].next) == (53, "")


def test_every_state_of_a_run_has_a_tone():
    from cnsportal.jobs import Status

    assert {status.tone for status in Status} <= TONES
