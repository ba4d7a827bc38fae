import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from beneficiaries.formats.csv_records import InvalidFile
from beneficiaries.models import Beneficiary, Company, Contract, ContractKind, Person, Plan
from beneficiaries.services.csv_import import decide_rows
from beneficiaries.services.csv_import.ambiguous_rows import PERHAPS
from beneficiaries.services.csv_import.import_file import import_file
from beneficiaries.services.csv_import.match_people import FREED
from beneficiaries.services.csv_import.receipt import receipt_row
from operators.context import operator_context
from operators.management.base import CommandRefused
from operators.models import AuditEvent
from tests.beneficiaries.csv_files import CPFS, csv_file, import_rows, read_table, row
from tests.contexts import outside_operator_context
from tests.factories import OperatorFactory, PersonFactory, PlanFactory, UserFactory, cns

QUERIES = 75  # of a file of plain rows, attaching and the final event included


def test_import_creates_people_links_plans_and_companies(operator):
    figures, notes = import_rows(
        row("1", nomeMae="Berenice", cnpjEmpresaContratante="11222333000181"),
        row("2", cpf=CPFS[1], nome="Outra Pessoa", numeroPlanoANS="", numeroPlanoOperadora="ANTIGO"),
    )

    first = Beneficiary.objects.get(code="1")
    assert (figures, notes) == ({"created": 2}, [])
    assert (first.person.cpf, first.person.name, first.person.mother_name) == (CPFS[0], "Conceição D'Ávila", "Berenice")
    assert first.person.name_key == "CONCEICAO DAVILA"
    assert first.contract.company.cnpj == "11222333000181"
    assert sorted(plan.number for plan in Plan.objects.all()) == ["400000001", "ANTIGO"]
    assert first.plan.missing


def test_import_again_changes_nothing(operator):
    rows = [row("1", cnpjEmpresaContratante="11222333000181"), row("2", cpf=CPFS[1], nome="Outra Pessoa")]
    import_rows(*rows)
    events = AuditEvent.objects.count()

    figures, _ = import_rows(*rows)

    assert figures == {"unchanged": 2}
    assert (Person.objects.count(), Company.objects.count(), Contract.objects.count()) == (2, 1, 1)
    assert AuditEvent.objects.count() == events + 1  # that an import took place


def test_import_updates_what_changed_and_says_what(operator):
    import_rows(row("1"))

    figures, _ = import_rows(row("1", nomeSocial="Ceição", dataCancelamento="2024-05-31"))

    person = Person.objects.get()
    event = AuditEvent.objects.get(kind="person.changed")
    assert figures == {"updated": 1}
    assert (person.social_name, str(person.links.get().cancelled_on)) == ("Ceição", "2024-05-31")
    assert (event.data, event.personal["after"]) == ({"fields": ["social_name"]}, {"social_name": "Ceição"})


def test_import_never_erases_with_a_blank(operator):
    import_rows(row("1", nomeMae="Berenice", cco="000000000191"))

    figures, _ = import_rows(row("1", cpf=""))

    link = Beneficiary.objects.get()
    assert figures == {"unchanged": 1}
    assert (link.person.cpf, link.person.mother_name, link.cco) == (CPFS[0], "Berenice", "000000000191")


def test_import_sees_one_person_behind_two_links(operator):
    rows = [row("1"), row("2", numeroPlanoANS="400000002")]
    figures, _ = import_rows(*rows)

    again, _ = import_rows(*rows)

    assert (figures, again, Person.objects.count()) == ({"created": 2}, {"unchanged": 2}, 1)


def test_import_sees_one_person_without_cpf_by_name_birth_and_mother(operator):
    figures, _ = import_rows(
        row("1", cpf="", nomeMae="Berenice"),
        row("2", cpf="", nome="CONCEICAO DAVILA", nomeMae="berenice", numeroPlanoANS="400000002"),
    )

    assert (figures, Person.objects.count()) == ({"created": 2}, 1)


def test_import_does_not_take_two_people_for_one_by_name_and_birth_alone(operator):
    import_rows(row("1", cpf=""), row("2", cpf=""))

    assert Person.objects.count() == 2


NEWBORN = {"cpf": "", "nome": "RN de Berenice", "nomeMae": "Berenice", "dataNascimento": "2026-11-20"}
TWINS = [
    row("1", **NEWBORN, dn="30111111111", sexo="1"),
    row("2", **NEWBORN, dn="30222222222", sexo="1"),
    row("3", **NEWBORN, dn="30333333333", sexo="3"),
]


def test_import_takes_newborns_of_one_birth_for_as_many_people(operator):
    figures, _ = import_rows(*TWINS)

    again, _ = import_rows(*TWINS)

    assert (figures, again) == ({"created": 3}, {"unchanged": 3})
    assert list(Person.objects.order_by("dn").values_list("dn", "sex")) == [
        ("30111111111", "1"), ("30222222222", "1"), ("30333333333", "3"),
    ]  # fmt: skip


def test_import_names_each_newborn_by_its_code(operator):
    import_rows(*TWINS)
    named = [TWINS[0] | {"nome": "João Ávila", "cpf": CPFS[0]}, TWINS[1] | {"nome": "Pedro Ávila", "cpf": CPFS[1]}]

    figures, notes = import_rows(*named, TWINS[2] | {"nome": "Lúcia Ávila", "cpf": CPFS[2]})

    assert (figures, notes) == ({"updated": 3}, [])
    assert dict(Person.objects.values_list("cpf", "name")) == dict(
        zip(CPFS, ["João Ávila", "Pedro Ávila", "Lúcia Ávila"], strict=False)
    )


def test_import_names_a_newborn_and_mends_its_birth_date_at_once(operator):
    import_rows(TWINS[0])

    figures, _ = import_rows(TWINS[0] | {"nome": "João Ávila", "dataNascimento": "2026-11-19"})

    assert (figures, Person.objects.get().name) == ({"updated": 1}, "João Ávila")


def test_import_does_not_call_a_child_newborn_again(operator):
    import_rows(TWINS[0] | {"nome": "João Ávila"})

    figures, _ = import_rows(TWINS[0])

    assert (figures, Person.objects.get().name) == ({"unchanged": 1}, "João Ávila")


ONE = {"cpf": "", "nomeMae": "Berenice"}
OTHER_PLAN = {"numeroPlanoANS": "400000002"}


@pytest.mark.parametrize(
    ("first", "second", "doubt"),
    [
        ({"sexo": "3"}, {"sexo": "1", **OTHER_PLAN}, "Nome, nascimento e nome da mãe são os mesmos, mas o sexo não."),
        ({}, {}, "Nome, nascimento e nome da mãe são os mesmos, mas os vínculos parecem de irmãos do mesmo parto."),
        ({"cns": cns(1)}, {"cns": cns(2), **OTHER_PLAN},
         "Nome, nascimento e nome da mãe são os mesmos, mas o CNS não."),
        ({"nomeMae": ""}, OTHER_PLAN, "Nome e nascimento são os mesmos; falta o nome da mãe para comparar."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("batch", [1, 2000])
def test_import_makes_two_of_who_is_not_proven_to_be_one_and_says_so(
    operator, monkeypatch, first, second, doubt, batch
):
    monkeypatch.setattr(decide_rows, "BATCH_SIZE", batch)

    figures, notes = import_rows(row("1", **ONE | first), row("2", **ONE | second))

    assert (figures, Person.objects.count()) == ({"created": 2}, 2)
    assert notes == [PERHAPS.format(doubt=doubt)]


def test_import_does_not_choose_between_two_of_whom_a_row_may_speak(operator):
    import_rows(row("1", **ONE), row("2", **ONE))

    import_rows(row("3", **ONE | OTHER_PLAN))

    assert Person.objects.count() == 3


def test_import_refuses_a_mothers_cpf_on_two_newborns(operator):
    figures, notes = import_rows(*(child | {"cpf": CPFS[0]} for child in TWINS[:2]))

    assert (figures, notes) == (
        {"created": 1, "rejected": 1},
        ["linha: este CPF já está cadastrado para outro recém-nascido. Confira de quem é o CPF."],
    )


def test_import_gives_a_newborn_its_cpf_later(operator):
    import_rows(row("1", cpf="", nomeMae="Berenice"))

    import_rows(row("9", nomeMae="Berenice"))

    assert [(person.cpf, person.links.count()) for person in Person.objects.all()] == [(CPFS[0], 2)]


def test_import_finds_the_holder_that_stands_later_in_the_file(operator):
    import_rows(
        row("2", cpf=CPFS[1], nome="Filho", relacaoDependencia="4", codigoBeneficiarioTitular="1"),
        row("1"),
    )

    assert Beneficiary.objects.get(code="2").holder.code == "1"


DEPENDANT = row("2", cpf=CPFS[1], nome="Filho Ávila", relacaoDependencia="4", codigoBeneficiarioTitular="1")


def test_import_finds_the_holder_that_stands_in_a_later_batch(operator, monkeypatch):
    monkeypatch.setattr(decide_rows, "BATCH_SIZE", 1)

    figures, notes = import_rows(DEPENDANT, row("1"))

    assert (figures, notes) == ({"created": 2}, [])
    assert Beneficiary.objects.get(code="2").holder.code == "1"


def test_import_keeps_a_dependant_whose_holder_is_nowhere_and_says_so(operator):
    figures, notes = import_rows(DEPENDANT)

    assert figures == {"created": 1}
    assert notes == ["codigoBeneficiarioTitular: não há titular com este código; o vínculo ficou sem ele."]
    assert Beneficiary.objects.get().holder is None


def test_import_hangs_nobody_on_a_dependant(operator):
    import_rows(row("1"), DEPENDANT)

    _, notes = import_rows(row("3", cpf=CPFS[2], nome="Neto", relacaoDependencia="10", codigoBeneficiarioTitular="2"))

    assert notes == ["codigoBeneficiarioTitular: não há titular com este código; o vínculo ficou sem ele."]


def test_import_counts_a_dependant_that_changes_its_holder_as_updated(operator):
    import_rows(row("1"), DEPENDANT, row("3", cpf=CPFS[2], nome="Outro Titular"))

    figures, _ = import_rows(DEPENDANT | {"codigoBeneficiarioTitular": "3"})

    assert figures == {"updated": 1}
    assert Beneficiary.objects.get(code="2").holder.code == "3"


def test_import_takes_a_holder_that_names_itself(operator):
    figures, notes = import_rows(row("1", codigoBeneficiarioTitular="1"))

    assert (figures, notes, Beneficiary.objects.get().holder) == ({"created": 1}, [], None)


def test_import_knows_a_plan_by_its_own_code_as_well(operator):
    plan = PlanFactory(ans_number="400000009", operator_code="OURO")

    import_rows(row("1", numeroPlanoANS="", numeroPlanoOperadora="OURO"))

    assert (Beneficiary.objects.get().plan, Plan.objects.count()) == (plan, 1)


def test_import_leaves_a_link_its_own_contract_of_the_company(operator):
    import_rows(row("1", cnpjEmpresaContratante="11222333000181"))
    link = Beneficiary.objects.get()
    own = Contract.objects.create(
        operator_id=operator.pk, company=link.contract.company, number="17", kind=ContractKind.COMPANY
    )
    Beneficiary.objects.update(contract=own)

    figures, _ = import_rows(row("1", cnpjEmpresaContratante="11222333000181"))

    assert (figures, Beneficiary.objects.get().contract) == ({"unchanged": 1}, own)


@pytest.mark.parametrize(
    ("second", "note"),
    [
        (row("1", cpf=CPFS[1]), "codigoBeneficiario: repete o da linha 2."),
        (row("2", dataNascimento="1990-01-01"), "cpf: está na linha 2 com outra data de nascimento."),
        (row("2", nome="Pessoa Diferente"), "linha: este CPF já está cadastrado com outro nome."),
        (row("2", cpf=CPFS[1], cco="000000000191"), "linha: o CCO já é do código 1."),
        (row("2", cpf="1"), "cpf: não passa nos dígitos de conferência."),
    ],
)
def test_import_rejects_a_row_that_contradicts_and_keeps_the_others(operator, second, note):
    figures, notes = import_rows(row("1", cco="000000000191"), second, row("3", cpf=CPFS[2], nome="Terceira Pessoa"))

    assert (figures, notes) == ({"created": 2, "rejected": 1}, [note])


@pytest.mark.parametrize(
    "changes",
    [
        {"cpf": "", "nome": "Pessoa Diferente", "dataNascimento": "1990-01-01"},
        {"cpf": CPFS[1], "nome": "Pessoa Diferente"},
        {"cpf": CPFS[1], "dataNascimento": "1990-01-01"},
    ],
)
def test_import_refuses_to_turn_one_person_into_another(operator, changes):
    import_rows(row("1"))

    figures, notes = import_rows(row("1", **changes))

    person = Person.objects.get()
    assert figures == {"rejected": 1}
    assert notes == ["linha: este código é de outra pessoa: CPF, nascimento ou nome não combinam."]
    assert (person.cpf, person.name) == (CPFS[0], "Conceição D'Ávila")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cpf": CPFS[1]}, "cpf"),
        ({"dataNascimento": "1985-03-01"}, "birth_date"),
        ({"nome": "Conceição Moura"}, "name"),
    ],
)
def test_import_mends_one_thing_of_a_person_at_a_time(operator, changes, field):
    import_rows(row("1"))

    figures, _ = import_rows(row("1", **changes))

    assert figures == {"updated": 1}
    assert [str(getattr(Person.objects.get(), field))] == list(changes.values())


def test_import_refuses_a_cpf_that_the_registry_has_for_somebody_else(operator):
    import_rows(row("1"), row("2", cpf=CPFS[1], nome="Outra Pessoa"))

    figures, notes = import_rows(row("2", cpf=CPFS[0], nome="Outra Pessoa"))

    assert (figures, notes) == ({"rejected": 1}, ["linha: este CPF é de outra pessoa do cadastro."])


def test_import_refuses_a_cpf_that_the_registry_has_with_another_birth_date(operator):
    import_rows(row("1"))

    figures, notes = import_rows(row("2", dataNascimento="1990-01-01"))

    assert figures == {"rejected": 1}
    assert notes == ["linha: este CPF já está cadastrado com outra data de nascimento."]


def test_import_does_not_take_a_mother_unknown_for_a_mother(operator):
    import_rows(row("1", cpf="", nomeMae="Sem informação"), row("2", cpf="", nomeMae="SEM INFORMACAO"))

    assert Person.objects.count() == 2


TWO_LINKS = [
    row("1", cep="01310100", telefone="", nomeSocial=""),
    row("2", cep="20040002", telefone="11 5555-0000", nome="CONCEICAO DAVILA"),
]


def test_import_lets_the_first_row_describe_a_person_and_later_ones_fill_in(operator):
    figures, notes = import_rows(*TWO_LINKS)

    person = Person.objects.get()
    assert figures == {"created": 2}
    assert (person.name, person.postal_code, person.phone) == ("Conceição D'Ávila", "01310100", "11 5555-0000")
    assert notes == ["cep: vale o que disse a primeira linha desta pessoa."]


def test_import_of_two_links_that_disagree_changes_nothing_the_second_time(operator, monkeypatch):
    import_rows(*TWO_LINKS)
    monkeypatch.setattr(decide_rows, "BATCH_SIZE", 1)

    figures, _ = import_rows(*TWO_LINKS)

    assert (figures, Person.objects.get().postal_code) == ({"unchanged": 2}, "01310100")


def test_import_says_all_that_changed_of_a_person_with_two_links(operator):
    import_rows(*TWO_LINKS)

    import_rows(TWO_LINKS[0] | {"cep": "30130005"}, TWO_LINKS[1] | {"nomeMae": "Berenice"})

    event = AuditEvent.objects.get(kind="person.changed")
    assert event.personal["after"] == {"postal_code": "30130005", "mother_name": "Berenice"}


def test_import_offers_the_files_own_numbers_unverified(operator):
    import_rows(row("1", cns=cns(1)))

    number = Person.objects.get().cns_numbers.get()
    assert (number.number, number.source, number.verified) == (cns(1), "IMPORT", False)


@pytest.mark.parametrize(
    ("number", "note"),
    [
        (cns(7), "cns: o número é de outra pessoa; a linha foi mantida sem ele."),
        ("100000000000008", "cns: não passa nos dígitos de conferência; a linha foi mantida sem ele."),
        ("abc", "cns: não passa nos dígitos de conferência; a linha foi mantida sem ele."),
    ],
)
def test_import_keeps_a_row_whose_number_cannot_be_taken(operator, number, note):
    import_rows(row("0", cpf=CPFS[3], nome="Quem Tem", cns=cns(7)))

    figures, notes = import_rows(row("1", cns=number))

    assert (figures, notes) == ({"created": 1}, [note])


def test_import_never_replaces_a_number(operator):
    import_rows(row("1", cns=cns(1)))

    figures, notes = import_rows(row("1", cns=cns(2)))

    assert figures == {"unchanged": 1}
    assert notes == ["cns: a pessoa tem outro número, de fonte melhor; a linha foi mantida sem ele."]
    assert Person.objects.get().cns_numbers.get().number == cns(1)


def test_import_says_when_two_rows_of_one_person_bring_two_numbers(operator):
    _, notes = import_rows(row("1", cns=cns(1)), row("2", cns=cns(2)))

    assert notes == ["cns: difere do da linha 2, da mesma pessoa, que valeu."]
    assert Person.objects.get().cns_numbers.get().number == cns(1)


def test_import_counts_a_link_whose_person_gets_a_number_as_updated(operator):
    import_rows(row("1"))

    figures, _ = import_rows(row("1", cns=cns(1)))

    assert figures == {"updated": 1}


def test_import_sees_nothing_of_another_operator(operator):
    import_rows(row("1", cco="000000000191", cnpjEmpresaContratante="11222333000181", cns=cns(1)))
    with outside_operator_context(), operator_context(OperatorFactory().pk):
        figures, notes = import_rows(row("1", cco="000000000191", cnpjEmpresaContratante="11222333000181", cns=cns(1)))

    assert (figures, notes) == ({"created": 1}, [])


def test_import_that_is_interrupted_leaves_nothing(operator):
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(csv_file(row("1")), progress=interrupt)

    assert (Person.objects.count(), AuditEvent.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_import_of_one_file_by_two_at_once_creates_everybody_once():
    operator = OperatorFactory()
    rows = [row(str(index), cpf=cpf, nome="Maria Lima") for index, cpf in enumerate(CPFS)]
    start = threading.Barrier(2)

    def operation():
        try:
            with operator_context(operator.pk):
                start.wait()
                return import_rows(*rows)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        figures = [future.result() for future in [pool.submit(operation), pool.submit(operation)]]

    with operator_context(operator.pk):
        assert sorted(figures, key=str) == [{"created": 4}, {"unchanged": 4}]
        assert (Person.objects.count(), Beneficiary.objects.count()) == (4, 4)


def test_import_audits_people_one_by_one_and_itself_once(operator):
    actor = UserFactory()

    import_file(csv_file(row("1"), row("2", cpf="1")), actor=actor)

    events = AuditEvent.objects.order_by("pk")
    assert list(events.values_list("kind", "actor", "source")) == [
        ("person.created", actor.pk, "import"),
        ("people.imported", actor.pk, ""),
    ]
    assert events.last().data == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}


@pytest.mark.parametrize("size", [2, 40])
def test_import_asks_the_database_as_often_for_few_rows_as_for_many(operator, django_assert_num_queries, size):
    people = PersonFactory.build_batch(size)
    days = [date(1980, 1, 1) + timedelta(days=index) for index in range(size)]
    rows = [
        row(str(index), cpf=person.cpf, nome=person.name, cns=cns(index), dataNascimento=str(day))
        for index, (person, day) in enumerate(zip(people, days, strict=True))
    ]

    with django_assert_num_queries(QUERIES):
        import_rows(*rows)


def test_import_command_writes_a_receipt_for_every_row(operator, tmp_path, capsys):
    file, receipt = tmp_path / "base.csv", tmp_path / "recibo.csv"
    file.write_bytes(csv_file(row("1"), row("2", cpf="1")).getvalue())

    call_command("import_beneficiaries", str(file), operator=operator.registration, json=True, receipt=str(receipt))

    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    lines = read_table(receipt)
    assert figures == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1, "receipt": str(receipt)}
    assert [(line["linha"], line["resultado"], line["mensagem"]) for line in lines] == [
        ("2", "created", ""),
        ("3", "rejected", "cpf: não passa nos dígitos de conferência."),
    ]
    assert [(line["nome"], line["cpf"]) for line in lines] == [("", ""), ("Conceição D'Ávila", "1")]


def test_import_command_takes_the_mended_lines_of_a_receipt(operator, tmp_path):
    lines = []
    import_file(csv_file(row("1", cpf="1")), keep=lines.append)
    receipt = receipt_row(lines[0]) | {"cpf": CPFS[0]}

    figures, notes = import_rows(receipt)

    assert (figures, notes) == ({"created": 1}, [])


def test_import_of_a_file_that_is_refused_late_writes_nothing(operator):
    with pytest.raises(InvalidFile):
        import_rows(row("1"), row("2", cpf=CPFS[1], nome="Outra Pessoa", dataContratacao="12/31/2020"))

    assert (Person.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_import_of_a_row_with_a_nickname_in_quotes_costs_that_row_alone(operator):
    good = csv_file(row("1"), row("2", cpf=CPFS[1], nome="Ze da Silva")).getvalue()
    lines = []

    figures = import_file(io.BytesIO(good.replace(b"Ze da", b'"Ze" da')), keep=lines.append)

    assert (figures["created"], figures["rejected"]) == (1, 1)
    assert receipt_row(lines[1])["codigoBeneficiario"] == "2"
    assert AuditEvent.objects.filter(kind="people.imported").count() == 1


def test_import_command_refuses_a_file_that_is_none_and_writes_nothing(operator, tmp_path):
    file, receipt = tmp_path / "base.csv", tmp_path / "recibo.csv"
    file.write_bytes(b"")

    with pytest.raises(CommandRefused, match="O arquivo está vazio"):
        call_command("import_beneficiaries", str(file), operator=operator.registration, receipt=str(receipt))

    assert (receipt.exists(), Person.objects.count()) == (False, 0)


def test_import_takes_what_systems_write_for_nothing_as_a_blank(operator):
    child = {"cpf": "", "nome": "Maria Exemplo", "nomeMae": "NULL", "nomeSocial": "nan"}

    figures, _ = import_rows(row("1", **child), row("2", **child), row("3", **child | {"nome": "#N/D"}))

    assert figures == {"created": 2, "rejected": 1}
    assert list(Person.objects.values_list("mother_name", "social_name")) == [("", "")] * 2


@pytest.mark.parametrize("number", ["1" * 500, "sem número " * 30])
def test_cns_of_any_length_costs_neither_its_row_nor_the_file(operator, number):
    figures, notes = import_rows(row("1", cns=number), row("2", cpf=CPFS[1], nome="Outra Pessoa"))

    refused = Person.objects.get(links__code="1").cns_refused_number
    assert (figures, notes) == (
        {"created": 2},
        ["cns: não passa nos dígitos de conferência; a linha foi mantida sem ele."],
    )
    assert (len(refused), refused[-1]) == (15, "…")


def test_cpf_that_the_file_takes_from_somebody_is_not_given_to_another_at_once(operator):
    import_rows(row("1"))

    figures, notes = import_rows(row("1", cpf=CPFS[1]), row("2", nome="Outra Pessoa"))

    assert figures == {"updated": 1, "rejected": 1}
    assert notes == [f"linha: {FREED}"]
    assert import_rows(row("2", nome="Outra Pessoa"))[0] == {"created": 1}


def test_characters_that_nobody_sees_are_not_kept(operator):
    import_rows(row("1", logradouro="Rua\x01 das\x0bFlores\x7f", complemento="Ap\x1b 2"))

    person = Person.objects.get()
    assert (person.street, person.complement) == ("Rua das Flores", "Ap 2")
