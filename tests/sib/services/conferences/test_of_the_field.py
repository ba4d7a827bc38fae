"""Conferences as other systems write them, beside the registry that they are about (tests/data/field)."""

import re

import pytest
from django.core.management import call_command

from beneficiaries.models import Person
from operators.context import operator_context
from sib.models import Difference, MirrorRecord
from sib.services import process_conference, receive_file
from tests.factories import OperatorFactory
from tests.paths import DATA
from tests.sib.files import MADE

FIELD = DATA / "field"


@pytest.fixture
def operator(db):
    operator = OperatorFactory(registration="412345")
    with operator_context(operator.pk):
        yield operator


@pytest.fixture
def outcomes(operator, tmp_path):
    """The registry is brought, and the conference applied: outcomes by CCO."""
    call_command("import_beneficiaries", str(FIELD / "20_registry_for_cnx.csv"), operator="412345")

    def outcomes(name):
        path = tmp_path / name
        path.write_bytes(re.sub(rb"2026-11-20T02:0.:00", MADE.encode(), (FIELD / name).read_bytes()))
        file, _ = receive_file(path, name=name, wants_apply=True)
        process_conference(file.pk)
        file.refresh_from_db()
        assert file.with_issues == 0
        rows = Difference.objects.filter(file=file).exclude(outcome="ONLY_HERE").order_by("cco")
        return [outcome for (outcome,) in rows.values_list("outcome")]

    return outcomes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("21_xsd_date_timezone.CNX", ["CNS_NEW", "CNS_NEW"]),
        ("22_names_receita_style.CNX", ["CNS_NEW", "CNS_NEW", "CNS_NEW"]),
        ("24_municipality_seven_digits.CNX", ["CNS_NEW"]),
        ("25_xsi_nil.CNX", ["CNS_NEW"]),
    ],
)
def test_a_number_comes_in_however_the_record_is_written(outcomes, name, expected):
    assert outcomes(name) == expected
    assert Person.objects.with_cns().count() == len(expected)


def test_a_municipality_of_seven_digits_is_kept_in_six(outcomes):
    outcomes("24_municipality_seven_digits.CNX")

    assert MirrorRecord.objects.get().codigo_municipio == "355030"
