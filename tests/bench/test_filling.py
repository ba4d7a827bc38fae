"""The registry that the bench fills by COPY is the one that the import makes."""

import io

from bench.files import COLUMNS, _links, registry_file
from bench.filling import fill
from beneficiaries.invented import write_csv
from beneficiaries.models import Beneficiary, Person
from beneficiaries.services.importing import import_file
from operators.context import operator_context
from operators.models import AuditEvent
from tests.factories import OperatorFactory

RECORDS = 600

PERSON = [
    field.name for field in Person._meta.fields if field.name not in {"id", "operator", "created_at", "updated_at"}
]
LINK = (
    *("code", "cco", "relationship", "contracted_on", "first_contracted_on", "reactivated_on", "cancelled_on"),
    *("cancellation_reason", "plan__ans_number", "plan__operator_code", "contract__company__cnpj", "contract__kind"),
    *("holder__code", "person__name", "person__birth_date", "person__cpf"),
)


def _told(operator):
    """Everything that the registry says, without its own numbers and times."""
    with operator_context(operator.pk):
        people = list(Person.objects.order_by("name", "birth_date", "cpf").values_list(*PERSON))
        links = list(Beneficiary.objects.order_by("code").values_list(*LINK))
        created = AuditEvent.objects.filter(kind="person.created")
        events = list(created.values_list("source", "actor_label", "subject", "data", "personal"))
    return people, links, events


def test_registry_filled_by_copy_equals_the_imported_one(db, settings, tmp_path):
    settings.CNSPORTAL_DATA = tmp_path
    imported, filled = OperatorFactory(), OperatorFactory()
    table = io.StringIO()
    write_csv((link._replace(known_cns="") for link in _links(RECORDS)), table)

    with operator_context(imported.pk):
        import_file(io.BytesIO(table.getvalue().encode()))
    with operator_context(filled.pk):
        fill(filled.pk, registry_file(RECORDS))

    assert _told(filled) == _told(imported)
    assert len(_told(filled)[1]) == RECORDS


def test_files_are_made_once_and_anew_when_their_makers_change(settings, tmp_path, monkeypatch):
    settings.CNSPORTAL_DATA = tmp_path
    first = registry_file(5)
    made = first.stat().st_mtime_ns

    again = registry_file(5).stat().st_mtime_ns
    monkeypatch.setattr("bench.files._makers", lambda: "others")
    anew = registry_file(5)

    assert again == made
    assert anew != first
    assert not first.exists()
    assert len(anew.read_text(encoding="utf-8").splitlines()[0].split(",")) == len(COLUMNS)
