"""What waits for whom: lines of the dashboard by permission, counters of the menu, and the two never differ."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from beneficiaries.models import CnsSource, PendingReason
from beneficiaries.services import CnsOffer, attach_cns
from operators.permissions import Permission, Role
from operators.registry import MENU, TODO_ITEMS, Registry, TodoItem, Waiting
from sib.models import SbxFile
from tests.beneficiaries.equal_cases import open_cases
from tests.beneficiaries.reasons import give_reason
from tests.factories import BeneficiaryFactory, cns
from tests.pages import signed_in, text_of


def lines_of(operator, role):
    page = signed_in(operator, role).get(reverse("operators:dashboard", args=[operator.registration]))
    return {line.item.name: line.waiting.count for line in page.context["todo"]}


def counters_of(operator, role):
    tray = signed_in(operator, role).get(
        reverse("operators:job_tray", args=[operator.registration]), headers={"HX-Request": "true"}
    )
    return {page: count for page, count in tray.context["counts"].items() if count}


@pytest.fixture
def items(monkeypatch):
    """Without the apps' own."""
    registry = Registry()
    monkeypatch.setattr("operators.views.todo.TODO_ITEMS", registry)
    monkeypatch.setattr("operators.templatetags.portal.TODO_ITEMS", registry)
    return registry


def item(count, *, permission=Permission.VIEW_PEOPLE, **parts):
    words = ("caso espera", "casos esperam")
    waiting = Waiting(count, datetime(2026, 11, 30, 12, tzinfo=UTC))
    return TodoItem("cases", words, permission, "beneficiaries:people", lambda _request: waiting, **parts)


@pytest.mark.parametrize(
    ("count", "shown"), [(1, "1 caso espera há 3 dias"), (1200, "1.200 casos esperam há 3 dias"), (0, "")]
)
def test_a_line_says_how_much_waits_and_for_how_long(operator, items, time_machine, count, shown):
    time_machine.move_to(datetime(2026, 12, 3, 13, tzinfo=UTC), tick=False)
    items.register(item(count))

    page = text_of(signed_in(operator, Role.CONSULTA).get(f"/o/{operator.registration}/"))

    assert ("Para você fazer" in page, shown in page) == (bool(count), True)


def test_a_line_leads_to_the_list_as_narrowed(operator, items):
    items.register(item(2, query="cns=sem"))

    page = signed_in(operator, Role.CONSULTA).get(f"/o/{operator.registration}/")

    assert [line.href for line in page.context["todo"]] == [f"/o/{operator.registration}/pessoas/?cns=sem"]


def test_what_the_reader_may_not_do_is_neither_shown_nor_counted(operator, items):
    items.register(item(2, permission=Permission.VIEW_AUDIT, menu="beneficiaries:people"))

    assert (lines_of(operator, Role.CONSULTA), counters_of(operator, Role.CONSULTA)) == ({}, {})


def test_an_entry_of_the_menu_counts_all_that_waits_behind_it(operator, items):
    items.register(item(2, menu="beneficiaries:people"))
    other = item(3, menu="beneficiaries:people")
    items.register(TodoItem(**{**{name: getattr(other, name) for name in other.__slots__}, "name": "others"}))

    assert counters_of(operator, Role.CONSULTA) == {"beneficiaries:people": 5}


def test_counters_stand_where_the_menu_has_room_for_them(operator, items):
    items.register(item(1, menu="beneficiaries:people"))
    client = signed_in(operator, Role.CONSULTA)

    menu = client.get(f"/o/{operator.registration}/").content.decode()
    tray = client.get(f"/o/{operator.registration}/tarefas/em-andamento/", headers={"HX-Request": "true"})

    place = 'id="contador-beneficiaries-people"'
    assert (menu.count(place), tray.content.decode().count(f"{place} hx-swap-oob")) == (1, 1)
    assert text_of(tray) == "Tarefas 1 espera por você"


def test_items_of_the_apps_count_behind_an_entry_that_there_is():
    pages = {entry.page for entry in MENU}

    assert {each.menu for each in TODO_ITEMS if each.menu} - pages == set()
    assert len({each.name for each in TODO_ITEMS}) == len(list(TODO_ITEMS))


def test_each_role_is_shown_its_own_work(operator):
    open_cases(2)
    link = BeneficiaryFactory()
    give_reason(link.person, PendingReason.CHECK_CPF)
    SbxFile.objects.create(operator=operator, competence="2026-11-01", sequence=1, name="a.SBX")

    shown = {role: set(lines_of(operator, role)) for role in Role}

    everybody_else = {"reviews": Role.REVISAO, "people_to_complete": Role.CADASTRO, "approve_sbx": Role.ADMINISTRACAO}
    assert {name: [role for role in Role if name in shown[role]] for name in everybody_else} == {
        name: [role] for name, role in everybody_else.items()
    }
    assert (shown[Role.CONSULTA], shown[Role.AUDITORIA]) == (set(), set())


def test_people_to_complete_are_the_ones_that_the_line_leads_to(operator):
    for reason in (PendingReason.CHECK_CPF, PendingReason.NOT_FOUND, PendingReason.QUEUED):
        give_reason(BeneficiaryFactory().person, reason)
    client = signed_in(operator, Role.CADASTRO)

    lines = client.get(reverse("operators:dashboard", args=[operator.registration])).context["todo"]
    (line,) = [line for line in lines if line.item.name == "people_to_complete"]

    assert (line.waiting.count, client.get(line.href).context["page"].total) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_counter_shows_ones_own_deed_at_once(operator):
    case = open_cases(2)[0]
    client = signed_in(operator, Role.REVISAO)
    tray = reverse("operators:job_tray", args=[operator.registration])
    before = client.get(tray, headers={"HX-Request": "true"}).context["counts"]["beneficiaries:reviews"]

    client.post(reverse("beneficiaries:review", args=[operator.registration, case.pk]), {"decision": "dismiss"})

    after = client.get(tray, headers={"HX-Request": "true"}).context["counts"]["beneficiaries:reviews"]
    assert (before, after) == (2, 1)


@pytest.mark.parametrize("count", [1, 12])
def test_the_tray_asks_as_often_for_little_as_for_much(operator, django_assert_num_queries, count):
    for link in BeneficiaryFactory.create_batch(count):
        attach_cns([CnsOffer(link.person_id, cns(link.person_id), CnsSource.CADSUS)])
    open_cases(count + 1)
    client = signed_in(operator, *Role)

    with django_assert_num_queries(28):
        client.get(reverse("operators:job_tray", args=[operator.registration]), headers={"HX-Request": "true"})
