"""Saved views: kept without searched words, own or the team's, pinned with a count that is the list's own."""

import pytest
from django.urls import reverse

from operators.models import AuditEvent, SavedView
from operators.permissions import Role
from operators.registry import LIST_EXPORTS
from tests.contexts import outside_operator_context
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory
from tests.pages import signed_in, text_of


@pytest.fixture
def clerk(operator):
    return signed_in(operator, Role.CADASTRO)


def at(operator, name, *args: object):
    return reverse(f"operators:{name}", args=[operator.registration, *args])


def save(client, operator, name="Sem CNS", query="?cns=sem&colunas=codigo", listing="people", **fields):
    chosen = {"name": name, "is_pinned": "on", **fields}
    return client.post(at(operator, "saved_view_new", listing) + query, chosen)


def pinned(client, operator):
    tray = client.get(at(operator, "job_tray"), headers={"HX-Request": "true"})
    return [(each.view.name, each.count) for each in tray.context["pinned"]]


def test_a_view_opens_the_list_as_it_was(clerk, operator):
    response = save(clerk, operator)

    people = reverse("beneficiaries:people", args=[operator.registration])
    assert response.url == f"{people}?cns=sem&colunas=codigo"
    assert [each.href for each in clerk.get(at(operator, "saved_views")).context["views"]] == [response.url]
    assert AuditEvent.objects.filter(kind="view.saved").count() == 1


def test_searched_words_are_not_kept_and_the_page_says_so(clerk, operator):
    page = clerk.get(at(operator, "saved_view_new", "people") + "?busca=0123&cns=sem")
    save(clerk, operator, query="?busca=0123&cns=sem")

    assert "As palavras da busca não são gravadas" in text_of(page)
    assert SavedView.objects.get().query == {"cns": "sem"}


def test_a_pinned_view_is_counted_in_the_menu_as_its_list_counts(clerk, operator):
    BeneficiaryFactory()
    PersonFactory()
    save(clerk, operator)
    save(clerk, operator, name="Ativos", query="?vinculo=ativo")
    save(clerk, operator, name="Outra", is_pinned="")

    assert pinned(clerk, operator) == [("Ativos", 1), ("Sem CNS", 2)]


@pytest.mark.parametrize(("shared", "seen"), [("on", ["Sem CNS"]), ("", [])])
def test_a_shared_view_is_seen_by_the_team_and_pinned_by_each(clerk, operator, shared, seen):
    save(clerk, operator, is_shared=shared)
    other = signed_in(operator, Role.CONSULTA)

    shown = other.get(at(operator, "saved_views")).context["views"]
    before = pinned(other, operator)
    for each in shown:
        other.post(at(operator, "saved_view_pin", each.view.pk), {"fixar": "1"})

    assert ([each.view.name for each in shown], before) == (seen, [])
    assert [name for name, _ in pinned(other, operator)] == seen


def test_only_the_owner_changes_and_deletes_a_view(clerk, operator):
    save(clerk, operator, is_shared="on")
    view, other = SavedView.objects.get(), signed_in(operator, Role.CADASTRO)

    answers = [
        other.get(at(operator, "saved_view", view.pk)).status_code,
        other.post(at(operator, "saved_view", view.pk), {"name": "Minha"}).status_code,
        other.post(at(operator, "saved_view_delete", view.pk)).status_code,
    ]

    assert (answers, SavedView.objects.get().name) == ([404, 404, 404], "Sem CNS")


def test_the_owner_renames_unpins_and_deletes(clerk, operator):
    save(clerk, operator)
    view = SavedView.objects.get()

    clerk.post(at(operator, "saved_view", view.pk), {"name": "Outro nome"})
    changed = (SavedView.objects.get().name, pinned(clerk, operator))
    clerk.post(at(operator, "saved_view_delete", view.pk))

    assert (changed, SavedView.objects.count()) == (("Outro nome", []), 0)
    assert AuditEvent.objects.filter(kind="view.deleted").count() == 1


def test_who_only_looks_keeps_views_but_shows_them_to_nobody(operator):
    reader = signed_in(operator, Role.CONSULTA)
    save(reader, operator, is_shared="on")

    assert [(view.name, view.is_shared) for view in SavedView.objects.all()] == [("Sem CNS", False)]


@pytest.mark.parametrize(
    ("names", "told"),
    [([""], "Dê um nome à vista"), (["A", "A"], "Você já tem uma vista com este nome. Escolha outro.")],
)
def test_a_name_is_given_once(clerk, operator, names, told):
    *_, last = [save(clerk, operator, name=name) for name in names]

    assert (last.status_code, told in text_of(last)) == (422, True)


def test_there_is_an_end_to_views(clerk, operator, monkeypatch):
    monkeypatch.setattr("operators.services.saved_views.MAX_VIEWS", 1)
    save(clerk, operator)

    assert "Você já tem 1 vistas" in text_of(save(clerk, operator, name="Mais uma"))


def test_a_view_of_what_the_reader_may_not_see_is_not_there(clerk, operator):
    reviewer = signed_in(operator, Role.REVISAO)
    save(reviewer, operator, listing="decided_reviews", query="?decisao=ACCEPTED", is_shared="on")

    refused = save(clerk, operator, listing="decided_reviews").status_code

    assert (clerk.get(at(operator, "saved_views")).context["views"], refused) == ([], 403)


def test_views_stay_within_their_operator(clerk, operator):
    save(clerk, operator, is_shared="on")
    view = SavedView.objects.get()

    other = OperatorFactory()
    stranger = signed_in(other, Role.CADASTRO)

    with outside_operator_context():
        opened = stranger.get(at(other, "saved_view", view.pk)).status_code
        pinning = stranger.post(at(other, "saved_view_pin", view.pk), {"fixar": "1"}).status_code

    assert (opened, pinning) == (404, 404)


@pytest.mark.parametrize("name", ["differences", "nenhuma"])
def test_a_list_of_one_row_or_none_has_no_views(clerk, operator, name):
    assert save(clerk, operator, listing=name).status_code == 404


@pytest.mark.parametrize("count", [1, 8])
def test_the_page_asks_as_often_for_few_as_for_many(clerk, operator, count, django_assert_num_queries):
    for index in range(count):
        save(clerk, operator, name=f"Vista {index}")

    with django_assert_num_queries(8):
        clerk.get(at(operator, "saved_views"))


@pytest.mark.parametrize("name", LIST_EXPORTS)
def test_no_list_keeps_the_words_of_its_search(name):
    listing = LIST_EXPORTS[name]

    assert set(listing.narrowed(dict.fromkeys(listing.keys, "1"))) == set(listing.keys) - set(listing.searches)
