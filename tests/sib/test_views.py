"""Conference files as people see them: rehearsed, filtered, applied by a decision."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cnsportal.runs import Status
from operators.permissions import Role
from sib.models import ConferenceFile, Difference, Step
from sib.reconcile import Deed, Outcome
from sib.templatetags.conferences import OUTCOME_TONES, STEP_TONES, moment
from tests.factories import PersonFactory, cns
from tests.pages import signed_in, text_of


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.REVISAO)


def _file(operator, **changes):
    given = {
        "name": "CNX_999999.xml",
        "path": "/nowhere",
        "sha256": f"{ConferenceFile.objects.count():064d}",
        "size": 1200,
        "wants_apply": False,
        "status": Status.WAITING,
        "step": Step.REHEARSED,
        "records": 3,
        "outcomes": {"EQUAL": 1, "CNS_NEW": 1, "OTHER_PERSON": 1},
    }
    return ConferenceFile.objects.create(operator=operator, **(given | changes))


def _difference(file, **changes):
    given = {"position": 1, "cco": "000000000001", "outcome": "CNS_NEW", "deed": Deed.ATTACH, "number": cns(3)}
    return Difference.objects.create(operator=file.operator, file=file, **(given | changes))


def _address(operator, name, *args: object):
    return reverse(f"sib:{name}", args=[operator.registration, *args])


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_same_number_of_queries_however_many_files(operator, client, count, django_assert_num_queries):
    for _ in range(count):
        _file(operator)

    with django_assert_num_queries(9):
        client.get(_address(operator, "conferences"))


def test_list_shows_why_a_file_was_refused(operator, client):
    _file(operator, status=Status.FAILED, step=Step.REFUSED, failure="O arquivo é de outra operadora.")

    assert "O arquivo é de outra operadora." in text_of(client.get(_address(operator, "conferences")))


@pytest.mark.parametrize(
    ("days", "tone", "text"),
    [(0, "good", "de hoje"), (1, "good", "há 1 dia"), (36, "warn", "há 36 dias"), (66, "bad", "há 66 dias")],
)
def test_light_follows_the_age_of_the_last_conference(operator, client, days, tone, text):
    _file(operator, queued_at=timezone.now() - timedelta(days=days))

    light = client.get(_address(operator, "conferences")).context["light"]

    assert (light["tone"], light["text"]) == (tone, text)


def test_light_is_red_without_any_conference(operator, client):
    assert client.get(_address(operator, "conferences")).context["light"]["tone"] == "bad"


def test_conference_counts_outcomes_and_narrows_by_them(operator, client):
    file = _file(operator)
    person = PersonFactory()
    wrong = _difference(file, outcome="OTHER_PERSON", deed=Deed.QUARANTINE, person=person, position=2)
    _difference(file)

    response = client.get(_address(operator, "conference", file.pk), {"resultado": "OTHER_PERSON"})

    assert [row.pk for row in response.context["page"].rows] == [wrong.pk]
    assert {facet.label: facet.count for facet in response.context["outcomes"]} == {
        "Todas": 3,
        "igual": 1,
        "CNS novo": 1,
        "CCO aponta para outra pessoa": 1,
    }


def test_conference_masks_the_numbers(operator, client):
    file = _file(operator)
    _difference(file)

    page = client.get(_address(operator, "conference", file.pk)).content.decode()

    assert (page.count(cns(3)), page.count(f"•••• {cns(3)[-4:]}")) == (0, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_conference_asks_the_same_number_of_queries_however_many_differences(
    operator, client, count, django_assert_num_queries
):
    file = _file(operator)
    for position in range(count):
        _difference(file, position=position, person=PersonFactory())

    with django_assert_num_queries(10):
        client.get(_address(operator, "conference", file.pk))


def test_conference_of_another_operator_is_not_found(operator):
    assert signed_in(operator, *Role).get(_address(operator, "conference", 10_000_000)).status_code == 404


def test_applying_sends_the_rehearsed_file_on(operator, client):
    file = _file(operator)

    response = client.post(_address(operator, "apply", file.pk), follow=True)

    file.refresh_from_db()
    assert (file.status, file.wants_apply) == (Status.QUEUED, True)
    assert "A conferência está sendo aplicada." in text_of(response)


@pytest.mark.parametrize(
    ("status", "step"),
    [(Status.DONE, Step.APPLIED), (Status.FAILED, Step.REFUSED), (Status.RUNNING, Step.STAGED)],
)
def test_applying_what_is_not_rehearsed_changes_nothing(operator, client, status, step):
    file = _file(operator, status=status, step=step)

    response = client.post(_address(operator, "apply", file.pk), follow=True)

    file.refresh_from_db()
    assert (file.status, file.step, file.wants_apply) == (status, step, False)
    assert "Só uma conferência ensaiada e ainda não aplicada pode ser aplicada." in text_of(response)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.CONSULTA, 403),
        (Role.CADASTRO, 403),
        (Role.REVISAO, 302),
        (Role.EMISSAO, 403),
        (Role.ADMINISTRACAO, 302),
        (Role.AUDITORIA, 403),
    ],
)
def test_applying_is_for_those_who_may(operator, role, status):
    file = _file(operator)

    assert signed_in(operator, role).post(_address(operator, "apply", file.pk)).status_code == status


def test_apply_button_states_how_many(operator, client):
    file = _file(operator)
    for position in range(3):
        _difference(file, position=position)

    page = text_of(client.get(_address(operator, "conference", file.pk)))

    assert "Aplicar decide 3 registros" in page


def test_progress_asks_for_itself_only_while_the_run_is_active(operator, client):
    running = _file(operator, status=Status.RUNNING, done=50, total=200)
    over = _file(operator, status=Status.DONE, step=Step.APPLIED)

    pages = [client.get(_address(operator, "progress", file.pk)).content.decode() for file in (running, over)]

    assert [page.count('hx-trigger="every 2s"') for page in pages] == [1, 0]
    assert 'value="25" max="100"' in pages[0]


def test_progress_refreshes_the_page_once_the_run_is_over(operator, client):
    over = _file(operator, status=Status.DONE, step=Step.APPLIED)

    response = client.get(_address(operator, "progress", over.pk), headers={"HX-Request": "true"})

    assert response["HX-Refresh"] == "true"


def test_person_shows_what_the_conferences_said(operator, client):
    file, person = _file(operator), PersonFactory()
    _difference(file, person=person, outcome="OTHER_PERSON")

    page = text_of(client.get(reverse("beneficiaries:person", args=[operator.registration, person.pk])))

    assert "Nas conferências da ANS" in page
    assert "000000000001 CCO aponta para outra pessoa" in page


def test_every_outcome_and_step_has_a_tone():
    assert (set(OUTCOME_TONES), set(STEP_TONES)) == (set(Outcome), set(Step))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-05T08:12:44", "05/11/2026 08:12"),
        ("2026-11-05T08:12:44-03:00", "05/11/2026 08:12"),
        ("ontem", "ontem"),
        ("", ""),
    ],
)
def test_moment_of_the_file_is_read_as_a_date_where_it_is_one(text, expected):
    assert moment(text) == expected
