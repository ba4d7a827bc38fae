import json

import pytest
from django.core.management import call_command

from operators.context import operator_context
from operators.management.base import CommandRefused
from operators.models import AuditEvent, Operator

ARGUMENTS = {
    "registration": "999999",
    "cnpj": "11.222.333/0001-81",
    "legal_name": "Exemplo Saúde S.A.",
    "trade_name": "Exemplo Saúde",
    "cnes": "1234567",
}


def run(capsys, **changes):
    call_command("create_operator", json=True, **{**ARGUMENTS, **changes})
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_create_operator_creates(db, capsys):
    figures = run(capsys)

    operator = Operator.objects.get()
    assert figures == {"registration": "999999", "result": "created"}
    assert (operator.cnpj, operator.trade_name) == ("11222333000181", "Exemplo Saúde")


def test_create_operator_again_changes_nothing(db, capsys):
    run(capsys)

    assert run(capsys) == {"registration": "999999", "result": "unchanged"}
    assert Operator.objects.count() == 1


def test_create_operator_brings_up_to_date_and_leaves_a_trace(db, capsys):
    run(capsys)

    figures = run(capsys, trade_name="Exemplo Vida")

    with operator_context(Operator.objects.get().pk):
        events = list(AuditEvent.objects.order_by("pk").values_list("kind", "data__fields"))
    assert figures["result"] == "changed"
    assert events[-1] == ("operator.changed", ["trade_name"])


def test_create_operator_keeps_the_contact_that_nobody_gives_anew(db, capsys):
    run(capsys, phone="0800 123 4567", email="atendimento@example.invalid", website="https://exemplo.invalid")

    figures = run(capsys, email="contato@example.invalid")

    operator = Operator.objects.get()
    assert figures["result"] == "changed"
    assert (operator.phone, operator.email, operator.website) == (
        "0800 123 4567",
        "contato@example.invalid",
        "https://exemplo.invalid",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("website", "sem esquema"),
        ("cnpj", "11222333000182"),
        ("registration", "99999"),
        ("cnes", "12"),
        ("legal_name", ""),
    ],
)
def test_create_operator_refuses_what_cannot_be(db, field, value):
    with pytest.raises(CommandRefused):
        call_command("create_operator", **{**ARGUMENTS, field: value})

    assert Operator.objects.count() == 0
