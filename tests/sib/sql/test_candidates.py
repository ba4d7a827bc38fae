"""What SQL leaves out or sorts into shapes, pure code would have decided just so, record by record."""

from datetime import date

import pytest
from django.db import connection

from beneficiaries.models import Beneficiary, CnsNumber, CnsSource, Company, Contract
from beneficiaries.models.plans import ContractKind
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.csv_import.import_file import import_file
from demo.synthetic import invent, write_csv
from demo.synthetic.cnx_records import conference
from sib.domain.field_differences import FIELDS, field_differences
from sib.domain.reconcile import Outcome
from sib.formats.cnx.writer import Heading, write_cnx
from sib.queries import staging_tables
from sib.queries.staged_records import _SQL, _parameters, _rows, find_different, find_facts, shapes
from sib.services import receive_file
from sib.services.conferences.compare import _decide
from sib.services.conferences.stage import stage_records
from tests.factories import BeneficiaryFactory, PersonFactory, PlanFactory, cns
from tests.sib.files import conference as conference_of
from tests.sib.files import record

LINKS = 800


@pytest.fixture
def file(operator, tmp_path):
    """A conference with every kind of divergence, of people of whom every third has a number already."""
    table, path = tmp_path / "registry.csv", tmp_path / "a.cnx"
    with table.open("w", encoding="utf-8", newline="") as stream:
        write_csv((link._replace(known_cns="") for link in invent(LINKS, seed=11)), stream)
    with table.open("rb") as stream:
        import_file(stream)
    with path.open("wb") as stream:
        write_cnx(stream, Heading(operator.registration, 1, "2026-11-20T03:12:45"), conference(invent(LINKS, seed=11)))
    _give_some_their_numbers()
    file, _ = receive_file(path, name="a.cnx", wants_apply=False)
    assert stage_records(file, lambda _: True)
    with staging_tables.large_work_memory():
        find_facts(file)
        find_different(file)
    yield file
    staging_tables.drop(file.pk)


def _give_some_their_numbers():
    people = Beneficiary.objects.values_list("cco", "person_id")
    numbers = {link.cco: link.person.cns for link in invent(LINKS, seed=11)}
    offers = {person: CnsOffer(person, numbers[cco], CnsSource.CADSUS, verified=person % 2 == 0)
              for cco, person in people if person % 3 == 0 and numbers.get(cco)}  # fmt: skip
    attach_cns(list(offers.values()))


def wide(file, where):
    with connection.cursor() as cursor:
        cursor.execute(staging_tables.with_tables(_SQL["records"], file.pk, condition=where), _parameters(file))
        return list(_rows(cursor))


def decided(file, row):
    differing = field_differences(row) if row["beneficiary_id"] else ()
    finding = _decide(file, row, differing)
    counting = tuple(field.field for field in differing if field.counts)
    return finding.outcome, finding.action, finding.tier, finding.reason, finding.gives_cco, counting


def test_records_of_one_shape_are_decided_alike(file):
    by_shape = {shape: decided(file, example) for shape, _, example in shapes(file)}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT position, shape FROM {staging_tables.tables(file.pk).different}")
        shape_of = dict(cursor.fetchall())

    plain = wide(file, "d.is_plain")

    assert len(by_shape) >= 5
    assert len(plain) >= 100
    assert [decided(file, row) for row in plain] == [by_shape[shape_of[row["position"]]] for row in plain]


def test_what_sql_leaves_out_is_equal(file):
    names = staging_tables.tables(file.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH left_out AS (
                INSERT INTO {names.different}
                SELECT s.position, s.part, s.line, s.cco, s.cns, link.id, link.person_id, false, false, false, false,
                       false, 'left out'
                  FROM {names.rows} s
                  JOIN beneficiaries_beneficiary link ON link.operator_id = %s AND link.cco = s.cco
                 WHERE s.position NOT IN (SELECT position FROM {names.different})
                RETURNING position)
            SELECT count(*) FROM left_out
            """,
            [file.operator_id],
        )
        (count,) = cursor.fetchone()

    outcomes = {decided(file, row)[0] for row in wide(file, "d.shape = 'left out'")}

    assert (count > 100, outcomes) == (True, {Outcome.EQUAL})


def test_people_who_have_the_number_of_the_file_are_left_out_where_it_is_verified(file):
    verified = CnsNumber.objects.current().filter(verified=True).count()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {staging_tables.tables(file.pk).different}")
        (different,) = cursor.fetchone()

    assert verified > 100
    assert different < file.records - verified / 2


@pytest.fixture
def dependant(operator):
    """A cancelled link of which every field is told, and its number verified."""
    company = Company.objects.create(operator=operator, cnpj="11222333000181", legal_name="Padaria Exemplo Ltda.")
    contract = Contract.objects.create(operator=operator, company=company, kind=ContractKind.COMPANY)
    person = PersonFactory(
        pis_pasep="12345678900", dn="30000000019", street="Rua das Acácias", number="12", complement="Casa 2",
        district="Centro", city_code="355030", postal_code="01000000",
    )  # fmt: skip
    attach_cns([CnsOffer(person.pk, cns(1), CnsSource.CADSUS)])
    return BeneficiaryFactory(
        person=person, contract=contract, holder=BeneficiaryFactory(), relationship="3", cancellation_reason="41",
        plan=PlanFactory(operator_code="P-1"), reactivated_on=date(2023, 5, 2), cancelled_on=date(2025, 1, 31),
    )  # fmt: skip


@pytest.fixture
def staged_record(dependant, operator, tmp_path):
    """The conference in which ANS holds just that, staged."""
    person = dependant.person
    path = conference_of(
        tmp_path / "a.cnx",
        record(
            dependant, situacao="INATIVO", cns=cns(1), pisPasep=person.pis_pasep, dn=person.dn,
            ccoBeneficiarioTitular=dependant.holder.cco, dataReativacao="2023-05-02", dataCancelamento="2025-01-31",
            motivoCancelamento="41", cnpjEmpresaContratante="11222333000181",
        ),
        registration=operator.registration,
    )  # fmt: skip
    file, _ = receive_file(path, name="a.cnx", wants_apply=False)
    assert stage_records(file, lambda _: True)
    yield file
    staging_tables.drop(file.pk)


def different(file, column, value):
    """How many records differ, once this column of the staged ones says something else."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {staging_tables.tables(file.pk).rows} SET {column} = %s", [value])
    with staging_tables.large_work_memory():
        find_facts(file)
        return find_different(file)


def test_a_record_that_says_what_we_say_is_left_out(staged_record):
    assert different(staged_record, "part", 1) == 0


@pytest.mark.parametrize("column", [{"nome": "name_key"}.get(theirs, theirs) for _, _, theirs in FIELDS])
def test_any_field_that_ans_tells_differently_is_looked_at(staged_record, column):
    value = date(2020, 2, 2) if column.startswith("data_") else "9"

    assert different(staged_record, column, value) == 1
