"""A file taken in by sets: it does what looking at each row does, tells it before, and leaves nothing half done."""

import csv
import io
import random
from datetime import date
from itertools import chain

import pytest
from django.core.management import call_command

from beneficiaries.domain.csv_columns import COLUMNS
from beneficiaries.models import Beneficiary, CnsNumber, Company, Contract, LineResult, Person, Plan, WaitingPeriod
from beneficiaries.services.csv_import import decide_rows
from beneficiaries.services.csv_import.import_file import FullRegistry, import_file
from beneficiaries.services.csv_import.receipt import receipt_row
from beneficiaries.sql import import_decisions
from demo.synthetic import invent, write_csv
from operators.context import operator_context
from operators.management.base import CommandRefused
from operators.models import AuditEvent
from tests.beneficiaries.csv_files import CPFS, csv_file, import_rows, row
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, cns

LINKS = 160


def invented(seed=3):
    """Rows of people of whom some have two links, and some no CPF."""
    text = io.StringIO(newline="")
    write_csv(invent(LINKS, seed), text)
    return list(csv.DictReader(io.StringIO(text.getvalue().lstrip("\ufeff"))))


def shaken(rows):
    """The same with what happens in a year: changes, newcomers, people who left, and mistakes."""
    chance = random.Random(5)
    changes = [
        {"telefone": "11 5555-0001"},
        {"cep": "01310100", "logradouro": "Rua Nova"},
        {"dataCancelamento": "2026-01-31", "motivoCancelamento": "41"},
        {"nome": "Outra Pessoa Qualquer"},
        {"cpf": "1"},
        {"nomeMae": "Mãe Mudada"},
        {"numeroPlanoANS": "400000077", "nomePlano": "Novo"},
        {"carenciaParto": "300 dias"},
        {"cns": "100000000000008"},
        {"dataNascimento": "1971-01-02"},
        {"relacaoDependencia": "10"},
        {"dataReativacao": "2026-02-01"},
        {"caepfEmpresaContratante": "", "numeroContrato": "C1", "razaoSocialContratante": ""},
        {"dataInicioCobertura": "2026-01-01", "dataFimCPT": "2027-06-30"},
    ]
    later = [one | (chance.choice(changes) if chance.random() < 0.4 else {}) for one in rows if chance.random() < 0.9]
    for place, one in enumerate(chance.sample(later, 12)):
        later.append(one | {"codigoBeneficiario": f"N{place}", "cco": ""} | chance.choice(changes))
    return later


def whole_registry():
    """Everything but keys and moments."""
    people = Person.objects.order_by("links__code").values_list(
        "links__code", "cpf", "name", "name_key", "social_name", "birth_date", "mother_name", "sex", "phone", "street",
        "postal_code", "city_code", "cns_refusal",
    )  # fmt: skip
    links = Beneficiary.objects.order_by("code").values_list(
        "code", "cco", "plan__ans_number", "plan__operator_code", "contract__number", "contract__company__cnpj",
        "holder__code", "relationship", "contracted_on", "cancelled_on", "cancellation_reason", "cover_from",
    )  # fmt: skip
    twins = (
        Beneficiary.objects.order_by("code")
        .values_list("code", "person__links__code")
        .order_by("code", "person__links__code")
    )
    numbers = CnsNumber.objects.order_by("number").values_list("number", "person__links__code", "source", "verified")
    waiting = WaitingPeriod.objects.order_by("beneficiary__code", "group").values_list(
        "beneficiary__code", "group", "amount", "unit", "ends_on"
    )
    plans = Plan.objects.order_by("ans_number", "operator_code").values_list("ans_number", "operator_code", "name")
    contracts = Contract.objects.order_by("number", "company__cnpj").values_list("number", "company__cnpj", "kind")
    companies = Company.objects.order_by("cnpj").values_list("cnpj", "legal_name")
    return [sorted(map(str, rows)) for rows in (people, links, twins, numbers, waiting, plans, contracts, companies)]


def trail():
    """The events, without the keys of what they are about."""

    def told(event):
        personal = {side: {name: value for name, value in values.items() if not name.endswith("_id")}
                    for side, values in event.personal.items() if isinstance(values, dict)}  # fmt: skip
        return str((event.kind, event.data, personal, event.source))

    return sorted(map(told, AuditEvent.objects.all()))


def changes():
    """How many events tell that something of the registry changed."""
    return AuditEvent.objects.exclude(kind__in=["people.imported", "cns.refused"]).count()


def taken(rows):
    """Receipt of an import of these rows."""
    lines = []
    import_file(csv_file(*rows, columns=COLUMNS), keep=lines.append)
    return [(line.line, line.code, line.result, line.note) for line in lines]


def taken_by_another(rows, later):
    with outside_operator_context(), operator_context(OperatorFactory().pk):
        receipts = [*taken(rows), *taken(later), *taken(later)]
        return [*receipts, *chain(*whole_registry()), *trail()]


@pytest.mark.parametrize("seed", [3, 11])
def test_sets_do_what_looking_at_each_row_does(operator, monkeypatch, seed):
    rows = invented(seed)
    by_sets = taken_by_another(rows, shaken(rows))
    for statement in ("SAME", "NEW", "MENDED"):
        monkeypatch.setattr(import_decisions, statement, "SELECT 1")

    one_by_one = taken_by_another(rows, shaken(rows))

    assert [pair for pair in zip(by_sets, one_by_one, strict=True) if pair[0] != pair[1]] == []


@pytest.mark.parametrize("changes", [{}, {"nome": "Pessoa Igual", "cpf": ""}])
def test_first_of_the_file_gets_a_number_that_two_want(operator, changes):
    people = [{"cpf": CPFS[place], "nome": f"Pessoa {letter}", **changes} for place, letter in enumerate("ABC")]
    rows = [row(str(place), cns=cns(7), **person) for place, person in enumerate(people)]

    _, notes = import_rows(*rows)

    assert CnsNumber.objects.get().person.links.get().code == "0"
    assert sum("cns: o número é de outra pessoa; a linha foi mantida sem ele." in note for note in notes) == 2


def test_file_taken_in_again_is_unchanged_to_the_last_row(operator):
    rows = invented()
    taken(rows)
    later = shaken(rows)
    taken(later)
    before = (whole_registry(), changes())

    again = taken(later)

    assert {result for _, _, result, _ in again} <= {LineResult.UNCHANGED, LineResult.REJECTED}
    assert (whole_registry(), changes()) == before


def rehearsed(rows, everybody=None):
    lines = []
    figures = import_file(csv_file(*rows, columns=COLUMNS), keep=lines.append, rehearse=True, everybody=everybody)
    return {name: count for name, count in figures.items() if count}, lines


def test_rehearsal_tells_what_will_happen_and_writes_nothing(operator):
    rows = invented()
    taken(rows)
    later = shaken(rows)
    before = (whole_registry(), trail())

    _, lines = rehearsed(later)

    assert (whole_registry(), trail()) == before
    assert [(line.line, line.code, line.result, line.note) for line in lines] == taken(later)


def test_rehearsal_tells_the_changes_field_by_field(operator):
    import_rows(row("1", telefone="11 5555-0000"), row("2", cpf=CPFS[1], nome="Outra Pessoa"))

    figures, lines = rehearsed([
        row("1", telefone="11 5555-0001", dataCancelamento="2024-05-31", motivoCancelamento="41"),
        row("2", cpf=CPFS[1], nome="Outra Pessoa de Nome"),
        row("3", cpf=CPFS[2], nome="Terceira Pessoa"),
        row("4", cpf="1"),
    ])  # fmt: skip

    assert figures == {"created": 1, "updated": 2, "rejected": 1}
    assert [receipt_row(line)["mudancas"] for line in lines] == [
        (
            "telefone: 11 5555-0000 → 11 5555-0001; dataCancelamento: em branco → 2024-05-31; "
            "motivoCancelamento: em branco → 41"
        ),
        "nome: Outra Pessoa → Outra Pessoa de Nome",
        "",
        "",
    ]


def test_plan_that_changes_is_told_without_its_key(operator):
    import_rows(row("1"))

    _, lines = rehearsed([row("1", numeroPlanoANS="400000002")])

    assert receipt_row(lines[0])["mudancas"] == "plano"


OLD = [row("1"), row("0002", cpf=CPFS[1], nome="Outra Pessoa"), row("3", cpf=CPFS[2], nome="Terceira Pessoa")]


def test_file_of_everybody_tells_who_is_leaving(operator):
    import_rows(*OLD)

    figures, lines = rehearsed([OLD[0], OLD[1] | {"codigoBeneficiario": "2", "cpf": "1"}], FullRegistry())

    assert figures == {"unchanged": 1, "rejected": 1, "leaving": 1}
    assert receipt_row(lines[-1])["codigoBeneficiario"] == "3"


def test_file_of_everybody_cancels_who_is_leaving_where_day_and_reason_are_given(operator):
    import_rows(*OLD)

    import_file(csv_file(*OLD[:2]), everybody=FullRegistry(date(2026, 11, 30), "41"))

    links = Beneficiary.objects.order_by("code").values_list("code", "cancelled_on", "cancellation_reason")
    event = AuditEvent.objects.get(kind="link.changed")
    assert list(links) == [("0002", None, ""), ("1", None, ""), ("3", date(2026, 11, 30), "41")]
    assert event.personal["after"] == {"cancelled_on": "2026-11-30", "cancellation_reason": "41"}


@pytest.mark.parametrize("everybody", [FullRegistry(), FullRegistry(date(2026, 11, 30)), None])
def test_nobody_is_cancelled_without_a_day_and_a_reason(operator, everybody):
    import_rows(*OLD)

    import_file(csv_file(*OLD[:2]), everybody=everybody)

    assert Beneficiary.objects.filter(cancelled_on=None).count() == 3


def test_nobody_is_cancelled_while_a_row_has_no_code(operator):
    import_rows(*OLD)

    import_file(csv_file(*OLD[:2], row("")), everybody=FullRegistry(date(2026, 11, 30), "41"))

    assert Beneficiary.objects.filter(cancelled_on=None).count() == 3


LEFT = "não está no arquivo, que é de todos"
TODAY_41 = FullRegistry(date(2026, 11, 30), "41")


def left_of(text, everybody=TODAY_41):
    """The receipt's last line of a file of everybody, and who is cancelled after it."""
    lines = []
    import_file(io.BytesIO(text.encode()), keep=lines.append, everybody=everybody)
    cancelled = Beneficiary.objects.exclude(cancelled_on=None).values_list("code", flat=True)
    return (lines[-1].result, lines[-1].code, lines[-1].note), list(cancelled)


def test_row_with_a_nickname_in_quotes_has_not_left(operator):
    import_rows(*OLD)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(OLD[0]), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(OLD)

    (result, code, _), cancelled = left_of(text.getvalue().replace('"Outra Pessoa"', '"Outra "Tita" Pessoa"'))

    assert (result, code, cancelled) == (LineResult.UNCHANGED, "3", [])


def test_nobody_is_cancelled_while_a_row_is_broken(operator):
    import_rows(*OLD)
    columns = [*(column for column in OLD[0] if column != "codigoBeneficiario"), "codigoBeneficiario"]
    text = csv_file(*OLD, columns=columns).getvalue().decode().replace("Outra Pessoa", "Outra;Pessoa")

    told, cancelled = left_of(text)

    why = "não foi cancelado: a linha 3 do arquivo não se lê, e pode ser deste vínculo."
    assert (told, cancelled) == ((LineResult.LEAVING, "0002", f"{LEFT}; {why}"), [])


def test_rejected_row_is_found_however_its_code_is_spaced(operator):
    import_rows(*OLD, row("4  A", cpf="", nome="Quarta Pessoa"))

    (result, code, _), cancelled = left_of(csv_file(*OLD, row("4  A", cpf="1")).getvalue().decode())

    assert (result, code, cancelled) == (LineResult.REJECTED, "4 A", [])


def test_file_without_rows_cancels_nobody(operator):
    import_rows(*OLD)

    told, cancelled = left_of(";".join(OLD[0]) + "\n")

    why = "não foi cancelado: o arquivo não tem linhas."
    assert (told, cancelled) == ((LineResult.LEAVING, "3", f"{LEFT}; {why}"), [])


def test_link_that_begins_after_the_day_of_cancelling_is_kept(operator):
    import_rows(*OLD)

    told, cancelled = left_of(csv_file(*OLD[:2]).getvalue().decode(), FullRegistry(date(1990, 1, 1), "41"))

    why = "não foi cancelado: o vínculo começa depois da data do cancelamento."
    assert (told, cancelled) == ((LineResult.LEAVING, "3", f"{LEFT}; {why}"), [])


def test_leaving_links_are_those_of_this_operator_that_are_in_force(operator):
    import_rows(OLD[0] | {"dataCancelamento": ""}, OLD[1] | {"dataCancelamento": "2024-01-31"})
    with outside_operator_context(), operator_context(OperatorFactory().pk):
        import_rows(OLD[2])

    figures, _ = rehearsed([OLD[0]], FullRegistry())

    assert figures == {"unchanged": 1}


def run(file, operator, *options: str):
    call_command("import_beneficiaries", str(file), *options, operator=operator.registration, receipt=f"{file}.recibo")


@pytest.mark.parametrize("batch", [1, 2000])
def test_contract_number_of_two_companies_costs_the_later_row_alone(operator, monkeypatch, batch):
    monkeypatch.setattr(decide_rows, "BATCH_SIZE", batch)
    companies = ["11222333000181", "11444777000161"]
    rows = [
        row(str(place), cpf=CPFS[place], nome=f"Pessoa {'AB'[place]}", cnpjEmpresaContratante=cnpj)
        for place, cnpj in enumerate(companies)
    ]
    import_rows(*rows)

    figures, notes = import_rows(*(one | {"numeroContrato": "C1"} for one in rows))

    assert (figures, notes) == (
        {"updated": 1, "rejected": 1},
        ["numeroContrato: este contrato já é de outra empresa."],
    )
    assert [contract.company.cnpj for contract in Contract.objects.filter(number="C1")] == companies[:1]


@pytest.mark.parametrize("receipt", ["", "base.csv"])
def test_receipt_takes_no_other_place(operator, tmp_path, receipt):
    file = tmp_path / "base.csv"
    file.write_bytes(csv_file(*OLD).getvalue())

    with pytest.raises(CommandRefused, match="--receipt"):
        call_command("import_beneficiaries", str(file), operator=operator.registration, receipt=str(tmp_path / receipt))

    assert (Person.objects.count(), file.read_bytes()) == (0, csv_file(*OLD).getvalue())


def test_command_rehearses(operator, tmp_path):
    file = tmp_path / "base.csv"
    file.write_bytes(csv_file(*OLD).getvalue())

    run(file, operator, "--rehearse")

    assert (Person.objects.count(), (tmp_path / "base.csv.recibo").exists()) == (0, True)


@pytest.mark.parametrize(
    "options",
    [["--cancelled-on", "2026-11-30"], ["--everybody", "--cancelled-on", "amanhã", "--cancellation-reason", "41"]],
)
def test_command_refuses_a_cancellation_that_is_not_whole(operator, tmp_path, options):
    file = tmp_path / "base.csv"
    file.write_bytes(csv_file(*OLD).getvalue())

    with pytest.raises(CommandRefused):
        run(file, operator, *options)


@pytest.mark.parametrize("before", ["", "T1"])
def test_dependant_who_gets_another_titular_leaves_a_trace(operator, before):
    holders = [row("T1", nome="Primeira Titular"), row("T2", cpf=CPFS[1], nome="Segunda Titular")]
    child = row("D", cpf=CPFS[2], nome="Quem Depende", relacaoDependencia="4")
    import_rows(*holders, child | {"codigoBeneficiarioTitular": before})
    lines = []

    import_file(csv_file(*holders, child | {"codigoBeneficiarioTitular": "T2"}), keep=lines.append)

    link = Beneficiary.objects.get(code="D")
    event = AuditEvent.objects.get(kind="link.changed")
    assert receipt_row(lines[-1])["mudancas"] == f"codigoBeneficiarioTitular: {before or 'em branco'} → T2"
    assert (event.subject_id, event.data["fields"], event.personal["after"]["holder_id"]) == (
        link.pk,
        ["holder_id"],
        link.holder_id,
    )
