"""Conference files as people see them: rehearsed, filtered, applied by a decision."""

from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from beneficiaries.models import CnsNumber
from cnsportal.jobs import Status
from operators.models import AuditEvent
from operators.permissions import Role
from sib.domain.outcome_groups import Group
from sib.domain.reconcile import DifferenceAction, Outcome
from sib.models import CnxStep, ConferenceFile, Difference, RowIssue
from sib.services import process_conference
from sib.templatetags.conference_labels import xsd_datetime
from sib.views.apply import NOT_APPLICABLE, NOTHING_MARKED
from tests.factories import BeneficiaryFactory, PersonFactory, PlanFactory, cns
from tests.pages import signed_in, text_of
from tests.sib.files import record
from tests.tones import TONES


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.REVISAO)


def _file(operator, **changes):
    given = {
        "name": "CNX_999999.xml",
        "path": "/nowhere",
        "digest": f"{ConferenceFile.objects.count():064d}",
        "size": 1200,
        "wants_apply": False,
        "status": Status.WAITING,
        "step": CnxStep.REHEARSED,
        "records": 3,
        "outcomes": {"EQUAL": 1, "CNS_NEW": 1, "OTHER_PERSON": 1},
    }
    return ConferenceFile.objects.create(operator=operator, **(given | changes))


def _difference(file, **changes):
    given = {
        "position": 1,
        "cco": "000000000001",
        "outcome": "CNS_NEW",
        "deed": DifferenceAction.ATTACH,
        "number": cns(3),
    }
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
    _file(operator, status=Status.FAILED, step=CnxStep.REFUSED, failure="O arquivo é de outra operadora.")

    assert "O arquivo é de outra operadora." in text_of(client.get(_address(operator, "conferences")))


@pytest.mark.parametrize(
    ("days", "tone", "text"),
    [(0, "good", "de hoje"), (1, "good", "há 1 dia"), (36, "warn", "há 36 dias"), (66, "bad", "há 66 dias")],
)
def test_light_follows_the_age_of_the_last_conference(operator, client, days, tone, text):
    _file(operator, received_at=timezone.now() - timedelta(days=days), mirrored_at=timezone.now())

    light = client.get(_address(operator, "conferences")).context["light"]

    assert (light.tone, light.text) == (tone, text)


def test_light_is_of_the_newest_conference_whatever_older_one_is_brought_after_it(operator, client, bring):
    newest = bring(record(BeneficiaryFactory()))
    older = _file(operator, generated_at="2024-01-01T00:00:00", mirrored_at=None)

    assert older.pk > newest.pk
    assert client.get(_address(operator, "conferences")).context["light"].last == newest


def test_a_conference_stays_received_when_it_was_whatever_one_does_with_it(operator, client, rehearsed):
    then = timezone.now() - timedelta(days=3)
    ConferenceFile.objects.filter(pk=rehearsed.pk).update(received_at=then)

    client.post(_address(operator, "conference_apply", rehearsed.pk), {"tudo": "1"})
    process_conference(rehearsed.pk)

    rehearsed.refresh_from_db()
    assert (rehearsed.step, rehearsed.received_at) == (CnxStep.APPLIED, then)
    assert f"Recebido {timezone.localtime(then):%d/%m/%Y %H:%M}" in text_of(_get(operator, client, rehearsed))


def test_light_is_red_without_any_conference(operator, client):
    assert client.get(_address(operator, "conferences")).context["light"].tone == "bad"


def _shown(response):
    return [row.pk for row in response.context["page"].rows]


def _get(operator, client, file, **query):
    return client.get(_address(operator, "conference", file.pk), query)


def test_conference_sorts_its_counts_as_a_clerk_does(operator, client):
    file = _file(operator)

    groups = _get(operator, client, file).context["groups"]

    assert [(each.group.title, each.count) for each in groups] == [
        ("Será gravado", 1), ("Precisa de alguém", 1), ("Igual", 1),
    ]  # fmt: skip


def test_every_outcome_is_in_exactly_one_group():
    assert Counter(outcome for group in Group for outcome in group.outcomes) == Counter(Outcome)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, ["new", "wrong"]),
        ({"resultado": "OTHER_PERSON"}, ["wrong"]),
        ({"resultado": "EQUAL"}, ["new", "wrong"]),
        ({"resultado": "nonsense"}, ["new", "wrong"]),
        ({"grupo": "WRITE"}, ["new"]),
        ({"grupo": "MISSING_HERE"}, []),
        ({"depois": "CNS_NEW.0"}, ["new", "wrong"]),
        ({"depois": "OTHER_PERSON.0"}, ["wrong"]),
        ({"depois": "CNS_NEW.x"}, ["new", "wrong"]),
    ],
)
def test_conference_lists_by_outcome_what_the_address_asks_for(operator, client, query, shown):
    file = _file(operator)
    wrong = _difference(
        file, outcome="OTHER_PERSON", deed=DifferenceAction.QUARANTINE, person=PersonFactory(), position=2
    )
    pks = {"wrong": wrong.pk, "new": _difference(file).pk}

    response = _get(operator, client, file, **query)

    assert _shown(response) == [pks[name] for name in shown]


def test_conference_goes_on_behind_the_last_row_across_outcomes(operator, client):
    file = _file(operator, outcomes={"CNS_NEW": 49, "REVIEW": 3})
    doubts = [_difference(file, outcome="REVIEW").pk for _ in range(3)]
    new = [_difference(file).pk for _ in range(49)]

    first = _get(operator, client, file)
    second = client.get(first.context["page"].next)

    assert (_shown(first), _shown(second)) == ([*new, doubts[0]], doubts[1:])
    assert (first.context["page"].total, second.context["page"].next) == (52, "")


@pytest.mark.parametrize("text", ["joana batista", "000.000.000-07", "7"], ids=["name", "cco", "cpf"])
def test_search_finds_the_records_of_a_person(operator, client, text):
    file = _file(operator)
    link = BeneficiaryFactory(cco="000000000007", person__name="Joana Batista Exemplo")
    wanted = _difference(file, person=link.person, cco="000000000007")
    _difference(file, person=PersonFactory(), cco="000000000008")

    address = _address(operator, "conference_search", file.pk)
    response = client.post(address, {"q": link.person.cpf if text == "7" else text}, follow=True)

    assert _shown(response) == [wanted.pk]
    assert "joana" not in response.redirect_chain[0][0].lower()


def test_search_finds_those_whom_only_ans_knows(bring, operator, client):
    stranger = BeneficiaryFactory.build(person__name="Zenaide Desconhecida", plan=PlanFactory(), cco="900000000009")
    file = bring(record(stranger), record(BeneficiaryFactory(), cns=cns(1)), apply=False)

    response = client.post(_address(operator, "conference_search", file.pk), {"q": "zenaide"}, follow=True)

    assert [row.cco for row in response.context["page"].rows] == ["900000000009"]
    assert "ZENAIDE DESCONHECIDA não está no cadastro" in text_of(response)


def test_a_search_of_too_many_letters_is_told_so(operator, client):
    file = _file(operator)

    response = client.post(_address(operator, "conference_search", file.pk), {"q": "a" * 151}, follow=True)

    assert "A busca tem mais de 150 letras." in text_of(response)


def test_conference_shows_what_could_not_be_read_without_telling_numbers(operator, client):
    file = _file(operator, with_issues=1)
    RowIssue.objects.create(
        operator=operator, file=file, position=7, part=1, line=42, field="cpf", text="123.456", reason="Faltam dígitos."
    )

    page = text_of(_get(operator, client, file, ver="ilegiveis"))

    assert "42 CPF •••.••• Faltam dígitos." in page


def test_conference_puts_divergent_fields_beside_the_identity(operator, client):
    file = _file(operator, outcomes={"DIVERGENT": 1})
    told = [
        {"field": "cep", "ours": "20031170", "theirs": "20031171", "kind": "DIFFERENT"},
        {"field": "pisPasep", "ours": "12345678901", "theirs": "", "kind": "BLANK_THERE"},
        {"field": "dataContratacao", "ours": "2021-07-01", "theirs": "2021-07-02", "kind": "DIFFERENT"},
    ]
    _difference(file, outcome="DIVERGENT", deed="", divergences=told)

    page = _get(operator, client, file).content.decode()

    assert "2003117<mark>1</mark>" in page
    assert "•••.456.789-••" in page
    assert "0<mark>2</mark>/07/2021" in page


def test_conference_tells_what_coverage_it_brings(operator, client):
    file = _file(operator, coverage={"active": 200, "before": 100, "after": 150})

    page = text_of(_get(operator, client, file))

    assert "50,0% → 75,0% das 200 pessoas com vínculo ativo terão CNS: 50 a mais, se tudo for aplicado" in page


def test_conference_warns_of_a_wrong_hash_and_names_its_parts(operator, client):
    parts = [{"name": f"{number}.cnx", "records": 2, "hash_state": "DIFFERS"} for number in (1, 2)]
    before = _file(operator)
    file = _file(operator, hash_state="DIFFERS", parts=parts, compared_with=before)

    page = text_of(_get(operator, client, file))

    assert "O hash no fim do arquivo não confere com o conteúdo" in page
    assert "Os 2 arquivos desta conferência" in page
    assert f"conferência de {timezone.localtime(before.received_at):%d/%m/%Y}" in page


def test_conference_says_where_something_of_it_may_be_missing(operator, client):
    days = ("2026-11-20T03:00:00", "2026-11-20T09:00:00", "2026-10-20T03:00:00")
    parts = [{"name": "a", "records": 1, "hash_state": "MATCHES", "generated_at": day} for day in days]
    before = _file(operator, records=12_000)
    cases = {
        "as before": _file(operator, records=10_800, compared_with=before),
        "smaller": _file(operator, records=10_799, compared_with=before),
        "of one day": _file(operator, parts=parts[:2]),
        "of two days": _file(operator, parts=parts),
    }

    doubts = {name: file.doubts for name, file in cases.items()}

    assert {name for name, found in doubts.items() if found} == {"smaller", "of two days"}
    assert "Registros nesta conferência: 10.799; na anterior: 12.000." in text_of(
        _get(operator, client, cases["smaller"])
    )
    assert "gerados em dias diferentes" in text_of(_get(operator, client, cases["of two days"]))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"outcomes": {}, "status": Status.QUEUED, "step": CnxStep.RECEIVED}, "ainda não comparada"),
        ({"mirrored_at": timezone.now()}, "primeira conferência"),
        ({}, "só o cadastro: é mais antiga que a última"),
    ],
    ids=["not read yet", "first", "older"],
)
def test_conference_says_what_it_was_compared_with(operator, client, state, words):
    page = text_of(_get(operator, client, _file(operator, **state)))

    assert f"Comparada com {words}" in page


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
    client.get(_address(operator, "conference", file.pk))  # counts what is to apply, once

    with django_assert_num_queries(11):
        client.get(_address(operator, "conference", file.pk))


def test_conference_of_another_operator_is_not_found(operator):
    assert signed_in(operator, *Role).get(_address(operator, "conference", 10_000_000)).status_code == 404


def test_applying_sends_the_rehearsed_file_on(operator, client):
    file = _file(operator)

    response = client.post(_address(operator, "conference_apply", file.pk), follow=True)

    file.refresh_from_db()
    assert (file.status, file.wants_apply) == (Status.QUEUED, True)
    assert "A conferência está sendo aplicada." in text_of(response)


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (Status.DONE, CnxStep.APPLIED),
        (Status.FAILED, CnxStep.REFUSED),
        (Status.RUNNING, CnxStep.STAGED),
    ],
)
def test_applying_what_is_not_rehearsed_changes_nothing(operator, client, status, step):
    file = _file(operator, status=status, step=step)

    response = client.post(_address(operator, "conference_apply", file.pk), follow=True)

    file.refresh_from_db()
    assert (file.status, file.step, file.wants_apply) == (status, step, False)
    assert NOT_APPLICABLE in text_of(response)


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

    assert signed_in(operator, role).post(_address(operator, "conference_apply", file.pk)).status_code == status


def test_apply_button_states_how_many(operator, client):
    file = _file(operator)
    for position in range(3):
        _difference(file, position=position)

    page = text_of(client.get(_address(operator, "conference", file.pk)))

    assert "Aplicar decide 3 registros" in page


@pytest.fixture
def rehearsed(bring):
    """Two new numbers, one of which may be doubted, and a record of somebody else."""
    sure, doubtful, wrong = (BeneficiaryFactory(person__name="Maria Aparecida Exemplo Z") for _ in range(3))
    return bring(
        record(sure, cns=cns(1)),
        record(doubtful, cns=cns(2), nome="MARIA A EXEMPLO Z"),
        record(wrong, cns=cns(3), nome="OUTRA PESSOA QUALQUER"),
        apply=False,
    )


def _pk(file, outcome):
    return file.differences.get(outcome=outcome).pk


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"tudo": "1"}, "O que vai acontecer com 3 registros grava o CNS 1 avisa na pessoa 1 abre uma revisão 1"),
        ({"resultado": ["CNS_NEW"]}, "O que vai acontecer com 1 registro grava o CNS 1"),
        ({"resultado": ["CNS_NEW", "REVIEW"]}, "Ficam 1 para decidir depois."),
    ],
)
def test_applying_is_confirmed_in_numbers_before_anything_happens(operator, client, rehearsed, asked, says):
    response = client.post(_address(operator, "conference_apply_confirm", rehearsed.pk), asked)

    rehearsed.refresh_from_db()
    assert says in text_of(response)
    assert (rehearsed.status, CnsNumber.objects.count()) == (Status.WAITING, 0)


def test_a_marked_record_alone_is_applied(operator, client, rehearsed):
    pk = _pk(rehearsed, "CNS_NEW")
    confirmation = client.post(_address(operator, "conference_apply_confirm", rehearsed.pk), {"registro": [pk]})

    client.post(_address(operator, "conference_apply", rehearsed.pk), {"registro": [pk]})
    process_conference(rehearsed.pk)

    rehearsed.refresh_from_db()
    assert f'name="registro" value="{pk}"' in confirmation.content.decode()
    assert (rehearsed.status, rehearsed.step, rehearsed.applied) == (Status.WAITING, CnxStep.REHEARSED, 1)
    assert set(rehearsed.differences.to_apply().values_list("outcome", flat=True)) == {"REVIEW", "OTHER_PERSON"}


def test_what_lies_between_marked_records_is_not_applied_with_them(operator, client, bring):
    links = BeneficiaryFactory.create_batch(3)
    file = bring(*(record(link, cns=cns(at)) for at, link in enumerate(links)), apply=False)
    first, between, last = file.differences.order_by("pk").values_list("pk", flat=True)

    client.post(_address(operator, "conference_apply", file.pk), {"registro": [first, last]})
    process_conference(file.pk)

    assert list(file.differences.to_apply().values_list("pk", flat=True)) == [between]
    assert links[1].person.cns_numbers.count() == 0


def test_marked_outcomes_alone_are_applied_and_the_page_says_what_happened(operator, client, rehearsed):
    client.post(_address(operator, "conference_apply", rehearsed.pk), {"resultado": ["CNS_NEW", "REVIEW"]})
    process_conference(rehearsed.pk)

    page = text_of(_get(operator, client, rehearsed))

    assert "O que foi feito vinculado 1 revisão aberta 1" in page
    assert "Parte já foi aplicada. Aplicar decide 1 registro:" in page


def test_marking_nothing_asks_to_mark_something(operator, client, rehearsed):
    response = client.post(_address(operator, "conference_apply_confirm", rehearsed.pk), follow=True)

    assert NOTHING_MARKED in text_of(response)


def test_an_older_conference_than_the_last_is_not_applied(operator, client, rehearsed, bring):
    bring(record(BeneficiaryFactory()), apply=False, sequence=2)

    response = client.post(_address(operator, "conference_apply_confirm", rehearsed.pk), {"tudo": "1"}, follow=True)

    page = text_of(response)
    assert NOT_APPLICABLE in page
    assert "Chegou uma conferência mais nova, e esta já não pode ser aplicada. A mais nova não tem nada a" in page


@pytest.mark.parametrize(
    ("asked", "step"),
    [({}, CnxStep.REHEARSED), ({"resultado": ["CNS_NEW"]}, CnxStep.APPLIED)],
    ids=["nothing", "part"],
)
def test_a_conference_is_closed_without_applying_the_rest(operator, client, rehearsed, asked, step):
    if asked:
        client.post(_address(operator, "conference_apply", rehearsed.pk), asked)
        process_conference(rehearsed.pk)

    question = text_of(client.post(_address(operator, "conference_close_confirm", rehearsed.pk)))
    client.post(_address(operator, "conference_close", rehearsed.pk))

    rehearsed.refresh_from_db()
    assert "não poderão mais ser aplicados desta conferência" in question
    assert (rehearsed.status, rehearsed.step) == (Status.DONE, step)
    assert AuditEvent.objects.get(kind="cnx.closed").data == {"left": 2 if asked else 3}


def test_a_closed_conference_is_not_closed_again(operator, client):
    file = _file(operator, status=Status.DONE, step=CnxStep.APPLIED)

    response = client.post(_address(operator, "conference_close", file.pk), follow=True)

    assert "Esta conferência não está aguardando uma decisão." in text_of(response)


def test_progress_asks_for_itself_only_while_the_run_is_active(operator, client):
    running = _file(operator, status=Status.RUNNING, done=50, total=200)
    over = _file(operator, status=Status.DONE, step=CnxStep.APPLIED)

    pages = [
        client.get(_address(operator, "conference_progress", file.pk)).content.decode() for file in (running, over)
    ]

    assert [page.count('hx-trigger="every 2s"') for page in pages] == [1, 0]
    assert 'value="25" max="100"' in pages[0]


def test_progress_refreshes_the_page_once_the_run_is_over(operator, client):
    over = _file(operator, status=Status.DONE, step=CnxStep.APPLIED)

    response = client.get(_address(operator, "conference_progress", over.pk), headers={"HX-Request": "true"})

    assert response["HX-Refresh"] == "true"


def test_person_shows_what_the_conferences_said(operator, client):
    file, person = _file(operator), PersonFactory()
    _difference(file, person=person, outcome="OTHER_PERSON")

    page = text_of(client.get(reverse("beneficiaries:person", args=[operator.registration, person.pk])))

    assert "Nas conferências da ANS" in page
    assert "000000000001 CCO aponta para outra pessoa" in page


def test_every_outcome_and_step_has_a_tone():
    assert {each.tone for each in (*Outcome, *CnxStep)} <= TONES


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
    assert xsd_datetime(text) == expected


@pytest.mark.parametrize("name", ["sib:sbx", "sib:sbx_file"], ids=["as it was called before", "as it is called"])
def test_what_kept_a_conference_from_being_undone_leads_to_its_page(operator, client, name):
    person = PersonFactory()
    kept = {"person_id": person.pk, "sentence": "o CNS já foi à ANS", "page": name, "subject": 7}
    file = _file(operator, status=Status.DONE, step=CnxStep.APPLIED, standing=[kept])
    _difference(file, person=person, answer="ATTACHED", applied_at=timezone.now())

    content = _get(operator, client, file).content.decode()

    assert content.count(f'<a href="{_address(operator, "sbx_file", 7)}">o CNS já foi à ANS</a>') == 1
