"""Lists taken away: who may, what is offered, and how long the file is there."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from django.utils import timezone

from beneficiaries.views.reference_data import REFERENCE_TYPES
from cnsportal.jobs import Status
from operators.models import AuditEvent, ExportRun
from operators.permissions import Permission, Role
from operators.registry import LIST_EXPORTS, ExportRequest
from operators.services.exports import process_export
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, PersonFactory
from tests.pages import signed_in, text_of


@pytest.fixture
def clerk(operator, settings, tmp_path):
    settings.CNSPORTAL_DATA = tmp_path
    return signed_in(operator, Role.CADASTRO)


def at(operator, name, *args: object):
    return reverse(f"operators:{name}", args=[operator.registration, *args])


def order(client, operator, name="people", query="", **fields):
    return client.post(at(operator, "export_new", name) + query, {"kind": "csv", "reason": "", **fields})


def done(client, operator, **fields):
    order(client, operator, **fields)
    run = ExportRun.objects.latest("pk")
    process_export(run.pk)
    run.refresh_from_db()
    return run


def test_an_export_is_ordered_followed_and_downloaded(clerk, operator):
    PersonFactory(name="Benedita Exemplo")

    response = order(clerk, operator, query="?cns=sem&depois=7")
    run = ExportRun.objects.get()
    waiting = text_of(clerk.get(response.url))
    process_export(run.pk)
    ready = clerk.get(response.url)
    sent = clerk.post(at(operator, "export_download", run.pk))

    assert (response.url, run.query, run.status) == (at(operator, "export", run.pk), {"cns": "sem"}, Status.QUEUED)
    assert "na fila" in waiting
    assert 'href="{}?cns=sem"'.format(reverse("beneficiaries:people", args=[operator.registration])) in (
        ready.content.decode()
    )
    assert sent["Content-Disposition"] == f'attachment; filename="people-{run.pk}.csv"'
    assert len(b"".join(sent.streaming_content).decode("utf-8-sig").splitlines()) == 2


@pytest.mark.parametrize(
    ("role", "name", "status"),
    [
        (Role.CONSULTA, "people", 403),
        (Role.CADASTRO, "people", 200),
        (Role.REVISAO, "people", 200),
        (Role.EMISSAO, "people", 200),
        (Role.ADMINISTRACAO, "people", 200),
        (Role.AUDITORIA, "people", 200),
        (Role.CADASTRO, "audit", 403),
        (Role.AUDITORIA, "audit", 200),
        (Role.CADASTRO, "nothing", 404),
    ],
)
def test_a_list_is_exported_by_those_who_see_it_and_may_export(operator, role, name, status):
    client = signed_in(operator, role)

    assert client.get(at(operator, "export_new", name)).status_code == status
    assert (order(client, operator, name).status_code == 302) is (status == 200)


@pytest.mark.parametrize(
    ("role", "reason", "status"),
    [
        (Role.CADASTRO, "titular", 302),
        (Role.CADASTRO, "porque sim", 422),
        (Role.AUDITORIA, "titular", 422),
        (Role.AUDITORIA, "", 302),
    ],
)
def test_numbers_in_full_take_a_reason_and_the_permission(operator, role, reason, status):
    response = order(signed_in(operator, role), operator, reason=reason)

    assert response.status_code == status
    assert ExportRun.objects.filter(reason=reason).count() == (status == 302)


def test_a_list_without_numbers_asks_for_no_reason(operator):
    page = signed_in(operator, Role.AUDITORIA).get(at(operator, "export_new", "audit"))

    assert list(page.context["form"].fields) == ["kind"]


def test_everybody_downloads_what_he_or_she_exported_and_nothing_else(clerk, operator):
    run = done(clerk, operator)
    colleague = signed_in(operator, Role.CADASTRO)

    found = [colleague.post(at(operator, name, run.pk)) for name in ("export_download", "export_cancel")]

    assert [response.status_code for response in found] == [404] * 2
    assert "Baixar" not in text_of(colleague.get(at(operator, "export", run.pk)))
    assert colleague.get(at(operator, "exports")).context["rows"] == []
    assert [run for run, _ in clerk.get(at(operator, "exports")).context["rows"]] == [run]


def test_an_export_of_another_operator_is_not_found(clerk, operator):
    run = done(clerk, operator)
    other = OperatorFactory()
    stranger = signed_in(other, Role.CADASTRO)

    with outside_operator_context():
        found = [stranger.get(at(other, name, run.pk)) for name in ("export", "export_progress")]
        found.append(stranger.post(at(other, "export_download", run.pk)))

    assert [response.status_code for response in found] == [404] * 3


@pytest.mark.parametrize("is_gone_by_itself", [False, True])
def test_a_file_that_expired_or_is_gone_is_not_sent(clerk, operator, is_gone_by_itself):
    run = done(clerk, operator)
    if is_gone_by_itself:
        Path(run.path).unlink()
    else:
        ExportRun.objects.filter(pk=run.pk).update(expires_at=timezone.now())

    response = clerk.post(at(operator, "export_download", run.pk), follow=True)

    assert "Este arquivo já foi apagado. Exporte a lista de novo." in text_of(response)
    assert ("Exportar de novo" in text_of(response)) is not is_gone_by_itself
    assert AuditEvent.objects.filter(kind="list.downloaded").count() == 0


def test_a_file_in_full_is_not_sent_to_somebody_who_lost_the_permission(clerk, operator):
    run = done(clerk, operator, reason="titular")
    clerk.user.memberships.update(role=Role.AUDITORIA)

    assert clerk.post(at(operator, "export_download", run.pk)).status_code == 403


def test_a_file_that_is_not_written_yet_is_not_sent_and_can_be_cancelled(clerk, operator):
    order(clerk, operator)
    run = ExportRun.objects.get()

    assert clerk.post(at(operator, "export_download", run.pk)).status_code == 404
    assert "Exportação cancelada." in text_of(clerk.post(at(operator, "export_cancel", run.pk), follow=True))


def test_an_export_takes_no_search_but_the_word_for_it(clerk, operator):
    PersonFactory(name="Benedita Exemplo")
    found = clerk.post(reverse("beneficiaries:person_search", args=[operator.registration]), {"q": "benedita"}).url

    page = clerk.get(found).content.decode()
    href = re.search(r'href="([^"]*exportacoes/nova/people/[^"]*)"', page)[1]
    order(clerk, operator, query=href[href.index("?") :])

    assert re.fullmatch(r"[0-9a-f]{24}", ExportRun.objects.get().query["busca"])


def test_every_list_that_is_registered_has_its_button_and_the_other_way_round():
    templates = (django_settings.BASE_DIR / "templates").rglob("*.html")
    named = re.compile(r'html" with [^%]*export="(\w+)"|export_button.html" with name="(\w+)"')
    buttons = [first or second for path in templates for first, second in named.findall(path.read_text())]
    buttons += [each.name for each in REFERENCE_TYPES]  # their pages are of one template

    assert sorted(buttons) == sorted(LIST_EXPORTS)


class Asked(dict):
    """A query that remembers which keys were looked at."""

    def __init__(self) -> None:
        self.keys_asked = set()

    def get(self, key, default=None):
        self.keys_asked.add(key)
        return default


@pytest.mark.parametrize("name", LIST_EXPORTS)
def test_a_list_keeps_each_key_by_which_its_rows_are_narrowed(operator, name):
    """One that is forgotten would make a file of everything."""
    listing, query = LIST_EXPORTS[name], Asked()

    list(listing.rows(ExportRequest(query, 0, in_full=False)))

    assert query.keys_asked - set(listing.keys) == set()


@pytest.mark.parametrize("name", LIST_EXPORTS)
def test_a_list_is_kept_under_a_page_that_is_there(operator, name):
    listing = LIST_EXPORTS[name]

    assert (listing.name, len(set(listing.columns))) == (name, len(listing.columns))
    assert isinstance(listing.permission, Permission)
    assert reverse(listing.page, args=[operator.registration, *([1] if listing.page_key else [])])
