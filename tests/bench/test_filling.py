"""The registry that the bench fills by COPY is the one that the import makes."""

import io

from bench.files import COLUMNS, _links, registry_file
from bench.filling import fill
from beneficiaries.models import Beneficiary, Person, Plan, WaitingPeriod
from beneficiaries.services.csv_import.import_file import import_file
from cards.services import rehearse_cards
from demo.synthetic import write_described
from operators.context import operator_context
from operators.models import AuditEvent
from tests.factories import OperatorFactory

RECORDS = 600

PERSON = [
    field.name for field in Person._meta.fields if field.name not in {"id", "operator", "created_at", "updated_at"}
]
LINK = (
    *("code", "cco", "relationship", "contracted_on", "first_contracted_on", "reactivated_on", "cancelled_on"),
    *("cover_from", "cpt_until", "cancellation_reason", "plan__ans_number", "plan__operator_code"),
    *("holder__code", "person__name", "person__birth_date", "person__cpf"),
    *(f"contract__{name}" for name in ("number", "kind", "signed_on", "sole_trader")),
    *(f"contract__company__{name}" for name in ("cnpj", "legal_name", "trade_name")),
    *(f"contract__administrator__{name}" for name in ("cnpj", "legal_name", "trade_name")),
)
PLAN = [field.name for field in Plan._meta.fields if field.name not in {"id", "operator"}]
WAITING = ("beneficiary__code", "group", "amount", "unit", "ends_on")


def _told(operator):
    """Everything that the registry says, without its own numbers and times."""
    with operator_context(operator.pk):
        people = list(Person.objects.order_by("name", "birth_date", "cpf").values_list(*PERSON))
        links = list(Beneficiary.objects.order_by("code").values_list(*LINK))
        plans = list(Plan.objects.order_by("ans_number", "operator_code").values_list(*PLAN))
        waiting = list(WaitingPeriod.objects.order_by("beneficiary__code", "group").values_list(*WAITING))
        created = AuditEvent.objects.filter(kind="person.created")
        events = list(created.values_list("source", "actor_label", "subject", "data", "personal"))
    return people, links, plans, waiting, events


def test_registry_filled_by_copy_equals_the_imported_one(db, settings, tmp_path):
    settings.CNSPORTAL_DATA = tmp_path
    imported, filled = OperatorFactory(), OperatorFactory()
    table = io.StringIO()
    write_described((link._replace(known_cns="") for link in _links(RECORDS)), table)

    with operator_context(imported.pk):
        import_file(io.BytesIO(table.getvalue().encode()))
    with operator_context(filled.pk):
        fill(filled.pk, registry_file(RECORDS))

    assert _told(filled) == _told(imported)
    assert (len(_told(filled)[1]), len(_told(filled)[3]) > 0) == (RECORDS, True)


def test_of_a_card_everybody_in_it_lacks_the_number_alone(db, settings, tmp_path):
    settings.CNSPORTAL_DATA = tmp_path
    operator = OperatorFactory(cards_without_cns=True)
    with operator_context(operator.pk):
        fill(operator.pk, registry_file(RECORDS))

        assert rehearse_cards(list(Beneficiary.objects.values_list("pk", flat=True))) == {}


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
