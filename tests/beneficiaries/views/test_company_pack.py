"""The company pack: who has what to correct, the sheet out, the letter, the sheet back; nothing crosses companies."""

import io
from datetime import timedelta

import pytest
import time_machine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from beneficiaries.domain.identifiers import format_cpf
from beneficiaries.forms.company_pack import CHANGED_MEANWHILE as CHANGED
from beneficiaries.forms.company_pack import EXPIRED, GONE, LEFT, LIKE_ANOTHER, NOT_OURS
from beneficiaries.models import Company, PendingReason, Person
from beneficiaries.queries.company_pack import count_by_company, wanted_fields
from beneficiaries.services.company_pack import COLUMNS, PACK_TTL, TO_FILL
from operators.models import AuditEvent
from operators.permissions import Role
from tests.beneficiaries.reasons import give_reason
from tests.factories import BeneficiaryFactory, ContractFactory
from tests.pages import signed_in, text_of

FILLED = {name: index for index, name in enumerate(COLUMNS)}


@pytest.fixture
def clerk(operator):
    return signed_in(operator, Role.CADASTRO)


@pytest.fixture
def bakery(operator):
    return Company.objects.create(operator=operator, legal_name="Padaria Exemplo Ltda.", cnpj="11222333000181")


def worker(company, **fields):
    """With an active link by the company, and without a mother's name."""
    contract = ContractFactory(company=company)
    return BeneficiaryFactory(contract=contract, person__mother_name="", **fields).person


def at(company, name):
    return reverse(f"beneficiaries:{name}", args=[company.operator.registration, company.pk])


def sheet(clerk, company):
    """Rows of the workbook as the company opens it."""
    answer = clerk.post(at(company, "company_pack"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    return [[*map(str, row), *[""] * (len(COLUMNS) - len(row))] for row in rows]


def returned(clerk, company, rows, **told):
    """The page that checks it, after the first row was filled in."""
    for field, text in told.items():
        rows[1][FILLED[TO_FILL[field]]] = text
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for line, cells in enumerate(rows):
            page.write_row(line, 0, cells)
    return clerk.post(at(company, "company_pack_upload"), {"sent": SimpleUploadedFile("a.xlsx", stream.getvalue())})


def problems(page):
    return [row.problem for row in page.context["refused"]]


def test_companies_are_counted_by_whom_they_can_correct(bakery, operator, django_assert_num_queries):
    worker(bakery)
    worker(bakery)
    BeneficiaryFactory(contract=ContractFactory(company=bakery), person__mother_name="Ana Exemplo")
    other = Company.objects.create(operator=operator, legal_name="Outra", cnpj="11444777000161")
    worker(other).links.update(cancelled_on="1999-12-31")

    with django_assert_num_queries(2):
        counted = count_by_company()

    assert [(row.company, row.people) for row in counted] == [(bakery, 2)]


@pytest.mark.parametrize(
    ("reason", "fields", "wanted"),
    [
        (PendingReason.CHECK_CPF, {}, ["cpf"]),
        (PendingReason.NOT_FOUND, {}, ["cpf", "name", "birth_date"]),
        (PendingReason.UNSURE, {"sex": ""}, ["sex"]),
        (PendingReason.NEVER_ASKED, {"mother_name": ""}, ["mother_name"]),
        (PendingReason.NEVER_ASKED, {"cpf": None, "mother_name": ""}, ["cpf", "mother_name"]),
        (PendingReason.NEVER_ASKED, {}, []),
    ],
)
def test_a_company_is_asked_for_what_lacks_and_what_the_reason_doubts(operator, reason, fields, wanted):
    known = {"mother_name": "Ana Exemplo", "sex": "3", "city_code": "355030"}
    person = BeneficiaryFactory(**{f"person__{name}": value for name, value in {**known, **fields}.items()}).person
    give_reason(person, reason)

    assert wanted_fields(Person.objects.with_pending().get(pk=person.pk)) == wanted


def test_a_sheet_goes_out_masked_and_is_on_record(clerk, bakery):
    person = worker(bakery, person__name="=Ana Exemplo")

    rows = sheet(clerk, bakery)

    assert rows[0] == list(COLUMNS)
    assert tuple(rows[1][1:5]) == (
        "'=Ana Exemplo",
        "29/02/1984",
        f"•••.{person.cpf[3:6]}.{person.cpf[6:9]}-••",
        "nome da mãe",
    )
    assert set(rows[1][5:]) == {""}
    assert person.cpf not in str(rows)
    assert AuditEvent.objects.get(kind="company_pack.made").data == {"people": 1}


def test_what_comes_back_is_shown_before_it_is_written(clerk, bakery):
    person = worker(bakery)
    book = sheet(clerk, bakery)

    shown = returned(clerk, bakery, book, mother_name="Marta Exemplo", sex="M")
    before = Person.objects.get(pk=person.pk).mother_name
    done = clerk.post(at(bakery, "company_pack_confirm"), {"planilha": shown.context["token"]}, follow=True)

    (row,) = shown.context["changed"]
    assert (row.changes[0], before) == (("Nome da mãe", "em branco", "Marta Exemplo"), "")
    person.refresh_from_db()
    assert (person.mother_name, person.sex) == ("Marta Exemplo", "1")
    assert "1 pessoa corrigida." in text_of(done)
    assert AuditEvent.objects.get(kind="company_pack.applied").data == {"corrected": 1, "left_out": 0}
    assert AuditEvent.objects.get(kind="person.changed").personal["after"]["mother_name"] == "Marta Exemplo"


def test_a_sheet_is_written_once(clerk, bakery):
    worker(bakery)
    token = returned(clerk, bakery, sheet(clerk, bakery), mother_name="Marta Exemplo").context["token"]

    clerk.post(at(bakery, "company_pack_confirm"), {"planilha": token})
    again = clerk.post(at(bakery, "company_pack_confirm"), {"planilha": token}, follow=True)

    assert "A conferência desta planilha expirou." in text_of(again)
    assert AuditEvent.objects.filter(kind="company_pack.applied").count() == 1


def test_what_nobody_filled_in_changes_nothing(clerk, bakery):
    worker(bakery)

    page = returned(clerk, bakery, sheet(clerk, bakery))

    assert (page.context["changed"], page.context["refused"]) == ([], [])


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"cpf": "11111111111"}, "CPF"),
        ({"birth_date": "31/02/1999"}, "data"),
        ({"sex": "X"}, "escolha"),
        ({"sex": "Mulher"}, "escolha"),
        ({"mother_name": "<script>"}, "nome"),
    ],
)
def test_a_value_that_cannot_be_is_told_in_its_row(clerk, bakery, told, problem):
    worker(bakery)

    (sentence,) = problems(returned(clerk, bakery, sheet(clerk, bakery), **told))

    assert problem.lower() in sentence.lower()


def test_a_correction_made_meanwhile_is_not_overwritten(clerk, bakery):
    person = worker(bakery)
    book = sheet(clerk, bakery)
    Person.objects.filter(pk=person.pk).update(mother_name="Outra Exemplo")

    assert problems(returned(clerk, bakery, book, mother_name="Marta Exemplo")) == [CHANGED]


def test_a_correction_made_while_the_page_was_read_is_not_overwritten(clerk, bakery):
    person = worker(bakery)
    token = returned(clerk, bakery, sheet(clerk, bakery), mother_name="Marta Exemplo").context["token"]
    Person.objects.filter(pk=person.pk).update(mother_name="Outra Exemplo")

    clerk.post(at(bakery, "company_pack_confirm"), {"planilha": token})

    assert Person.objects.get(pk=person.pk).mother_name == "Outra Exemplo"


def test_a_row_never_reaches_people_of_another_company_or_operator(clerk, bakery, operator):
    worker(bakery)
    other = Company.objects.create(operator=operator, legal_name="Outra", cnpj="11444777000161")

    assert problems(returned(clerk, other, sheet(clerk, bakery), mother_name="Marta Exemplo")) == [NOT_OURS]


def test_who_left_the_company_is_out_of_its_reach(clerk, bakery):
    person = worker(bakery)
    rows = sheet(clerk, bakery)
    token = returned(clerk, bakery, rows, mother_name="Marta Exemplo").context["token"]
    person.links.update(cancelled_on="1999-12-31")

    checked = problems(returned(clerk, bakery, rows, mother_name="Marta Exemplo"))
    clerk.post(at(bakery, "company_pack_confirm"), {"planilha": token})

    assert (checked, Person.objects.get(pk=person.pk).mother_name) == ([LEFT], "")


def test_a_stored_cpf_is_masked_and_the_written_one_may_have_lost_its_zeros(clerk, bakery):
    person = worker(bakery)

    page = returned(clerk, bakery, sheet(clerk, bakery), cpf="191")

    (row,) = page.context["changed"]
    assert row.changes == [("CPF", f"•••.{person.cpf[3:6]}.{person.cpf[6:9]}-••", "000.000.001-91")]
    assert (person.cpf in page.content.decode(), format_cpf(person.cpf) in page.content.decode()) == (False, False)


def test_a_key_that_was_changed_is_refused(clerk, bakery):
    worker(bakery)
    book = sheet(clerk, bakery)
    book[1][0] = book[1][0][:-2] + "xx"

    assert problems(returned(clerk, bakery, book, mother_name="Marta Exemplo")) == [NOT_OURS]


def test_a_sheet_expires(clerk, bakery):
    worker(bakery)
    with time_machine.travel(timezone.now() - PACK_TTL - timedelta(minutes=1), tick=False):
        book = sheet(clerk, bakery)

    assert problems(returned(clerk, bakery, book, mother_name="Marta Exemplo")) == [EXPIRED]


def test_a_person_who_is_gone_is_told(clerk, bakery):
    person = worker(bakery)
    book = sheet(clerk, bakery)
    person.links.all().delete()
    person.delete()

    assert problems(returned(clerk, bakery, book, mother_name="Marta Exemplo")) == [GONE]


def test_who_would_become_somebody_else_is_left_to_the_page_of_the_person(clerk, bakery):
    worker(bakery)
    known = BeneficiaryFactory().person

    assert problems(returned(clerk, bakery, sheet(clerk, bakery), cpf=known.cpf)) == [LIKE_ANOTHER]


def test_a_person_twice_in_a_sheet_is_taken_once(clerk, bakery):
    worker(bakery)
    book = sheet(clerk, bakery)
    book.append([*book[1][:8], "Marta Exemplo", ""])

    page = returned(clerk, bakery, book, mother_name="Marta Exemplo")

    assert (len(page.context["changed"]), problems(page)) == (1, ["A mesma pessoa está em outra linha."])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"nome;cpf\nAna;1\n", "A primeira linha não é a da planilha do portal."),
        (b"", "O arquivo está vazio."),
        (b"PK\x03\x04garbage", "planilha"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_a_sentence(clerk, bakery, content, told):
    page = clerk.post(at(bakery, "company_pack_upload"), {"sent": SimpleUploadedFile("a.xlsx", content)})

    assert (page.status_code, told in text_of(page)) == (422, True)


def test_the_letter_says_how_many_of_what(clerk, bakery):
    worker(bakery)
    worker(bakery, person__cpf=None)

    letter = text_of(clerk.get(at(bakery, "company_letter")))

    assert "De 2 pessoas do seu contrato ainda não o temos" in letter
    assert ("CPF: 1 pessoa" in letter, "Nome da mãe: 2 pessoas" in letter) == (True, True)


def test_a_company_with_nothing_to_correct_gets_no_sheet(clerk, bakery):
    answer = clerk.post(at(bakery, "company_pack"), follow=True)

    assert "Esta empresa não tem mais nada a corrigir." in text_of(answer)


@pytest.mark.parametrize("role", [Role.CONSULTA, Role.REVISAO, Role.AUDITORIA])
def test_only_who_edits_people_sees_it(operator, bakery, role):
    reader = signed_in(operator, role)

    answers = [reader.get(at(bakery, "company_letter")), reader.post(at(bakery, "company_pack"))]
    assert [answer.status_code for answer in answers] == [403, 403]
