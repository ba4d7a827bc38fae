import csv
import json

import pytest
from django.core.management import call_command

from beneficiaries.models import Beneficiary, Company, Contract, Person, Plan
from beneficiaries.services.importing import import_file
from operators.commands import Refused
from operators.models import AuditEvent
from tests.beneficiaries.test_csvfile import GOOD, file_of
from tests.factories import PersonFactory, cns

CPFS = ["11144477735", "52998224725", "12345678909", "98765432100"]


def row(code, **changes):
    return {
        **dict.fromkeys(
            [
                "cns",
                "nomeMae",
                "codigoBeneficiarioTitular",
                "cnpjEmpresaContratante",
                "numeroPlanoOperadora",
                "nomeSocial",
                "cco",
            ],
            "",
        ),
        **GOOD,
        "codigoBeneficiario": code,
        **changes,
    }


def table(path):
    """The rows of a CSV that the portal wrote."""
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, delimiter=";"))


def bring(*rows: dict[str, str]):
    """Import these rows; the figures without zeros, and the notes of the receipt."""
    lines = []
    figures = import_file(file_of(*rows), keep=lines.append)
    return {name: count for name, count in figures.items() if count}, [note for line in lines for note in line.notes]


def test_import_creates_people_links_plans_and_companies(operator):
    figures, notes = bring(
        row("1", nomeMae="Berenice", cnpjEmpresaContratante="11222333000181"),
        row("2", cpf=CPFS[1], nome="Outra Pessoa", numeroPlanoANS="", numeroPlanoOperadora="ANTIGO"),
    )

    first = Beneficiary.objects.get(code="1")
    assert (figures, notes) == ({"created": 2}, [])
    assert (first.person.cpf, first.person.name, first.person.mother_name) == (CPFS[0], "Conceição D'Ávila", "Berenice")
    assert first.person.name_key == "CONCEICAO DAVILA"
    assert first.contract.company.cnpj == "11222333000181"
    assert sorted(plan.number for plan in Plan.objects.all()) == ["400000001", "ANTIGO"]
    assert not first.plan.is_complete


def test_import_again_changes_nothing(operator):
    rows = [row("1", cnpjEmpresaContratante="11222333000181"), row("2", cpf=CPFS[1], nome="Outra Pessoa")]
    bring(*rows)
    events = AuditEvent.objects.count()

    figures, _ = bring(*rows)

    assert figures == {"unchanged": 2}
    assert (Person.objects.count(), Company.objects.count(), Contract.objects.count()) == (2, 1, 1)
    assert AuditEvent.objects.count() == events + 1  # that an import took place


def test_import_updates_what_changed_and_says_what(operator):
    bring(row("1"))

    figures, _ = bring(row("1", nomeSocial="Ceição", dataCancelamento="2024-05-31"))

    person = Person.objects.get()
    event = AuditEvent.objects.get(kind="person.changed")
    assert figures == {"updated": 1}
    assert (person.social_name, str(person.links.get().cancelled_on)) == ("Ceição", "2024-05-31")
    assert (event.data, event.personal["after"]) == ({"fields": ["social_name"]}, {"social_name": "Ceição"})


def test_import_never_erases_with_a_blank(operator):
    bring(row("1", nomeMae="Berenice", cco="000000000191"))

    figures, _ = bring(row("1", cpf=""))

    link = Beneficiary.objects.get()
    assert figures == {"unchanged": 1}
    assert (link.person.cpf, link.person.mother_name, link.cco) == (CPFS[0], "Berenice", "000000000191")


def test_import_sees_one_person_behind_two_links(operator):
    rows = [row("1"), row("2", numeroPlanoANS="400000002")]
    figures, _ = bring(*rows)

    again, _ = bring(*rows)

    assert (figures, again, Person.objects.count()) == ({"created": 2}, {"unchanged": 2}, 1)


def test_import_sees_one_person_without_cpf_by_name_birth_and_mother(operator):
    figures, _ = bring(
        row("1", cpf="", nomeMae="Berenice"), row("2", cpf="", nome="CONCEICAO DAVILA", nomeMae="berenice")
    )

    assert (figures, Person.objects.count()) == ({"created": 2}, 1)


def test_import_does_not_take_two_people_for_one_by_name_and_birth_alone(operator):
    bring(row("1", cpf=""), row("2", cpf=""))

    assert Person.objects.count() == 2


def test_import_gives_a_newborn_its_cpf_later(operator):
    bring(row("1", cpf="", nomeMae="Berenice"))

    bring(row("9", nomeMae="Berenice"))

    assert [(person.cpf, person.links.count()) for person in Person.objects.all()] == [(CPFS[0], 2)]


def test_import_finds_the_holder_that_stands_later_in_the_file(operator):
    bring(
        row("2", cpf=CPFS[1], nome="Filho", relacaoDependencia="4", codigoBeneficiarioTitular="1"),
        row("1"),
    )

    assert Beneficiary.objects.get(code="2").holder.code == "1"


@pytest.mark.parametrize(
    ("second", "note"),
    [
        (row("1", cpf=CPFS[1]), "codigoBeneficiario: repete o da linha 2."),
        (row("2", dataNascimento="1990-01-01"), "linha: este CPF já está cadastrado com outra data de nascimento."),
        (row("2", nome="Pessoa Diferente"), "linha: este CPF já está cadastrado com outro nome."),
        (row("2", cpf=CPFS[1], cco="000000000191"), "linha: o CCO já é do código 1."),
        (row("2", cpf="1"), "cpf: não passa nos dígitos de conferência."),
    ],
)
def test_import_rejects_a_row_that_contradicts_and_keeps_the_others(operator, second, note):
    figures, notes = bring(row("1", cco="000000000191"), second, row("3", cpf=CPFS[2], nome="Terceira Pessoa"))

    assert (figures, notes) == ({"created": 2, "rejected": 1}, [note])


def test_import_refuses_to_turn_one_person_into_another(operator):
    bring(row("1"))

    figures, notes = bring(row("1", cpf="", nome="Pessoa Diferente", dataNascimento="1990-01-01"))

    assert figures == {"rejected": 1}
    assert notes == ["linha: este código é de outra pessoa: nome e nascimento são outros."]


def test_import_offers_the_files_own_numbers_unverified(operator):
    bring(row("1", cns=cns(1)))

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
    bring(row("0", cpf=CPFS[3], nome="Quem Tem", cns=cns(7)))

    figures, notes = bring(row("1", cns=number))

    assert (figures, notes) == ({"created": 1}, [note])


@pytest.mark.parametrize("size", [2, 40])
def test_import_asks_the_database_as_often_for_few_rows_as_for_many(operator, django_assert_num_queries, size):
    people = PersonFactory.build_batch(size)
    rows = [row(str(index), cpf=person.cpf, nome=person.name, cns=cns(index)) for index, person in enumerate(people)]

    with django_assert_num_queries(21):
        bring(*rows)


def test_import_command_writes_a_receipt_for_every_row(operator, tmp_path, capsys):
    file, receipt = tmp_path / "base.csv", tmp_path / "recibo.csv"
    file.write_bytes(file_of(row("1"), row("2", cpf="1")).getvalue())

    call_command("import_beneficiaries", str(file), operator=operator.registration, json=True, receipt=str(receipt))

    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    lines = table(receipt)
    assert figures == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1, "receipt": str(receipt)}
    assert [(line["linha"], line["resultado"]) for line in lines] == [("2", "created"), ("3", "rejected")]


def test_import_command_refuses_a_file_that_is_none_and_writes_nothing(operator, tmp_path):
    file, receipt = tmp_path / "base.csv", tmp_path / "recibo.csv"
    file.write_bytes(b"")

    with pytest.raises(Refused, match=r"O arquivo está vazio\."):
        call_command("import_beneficiaries", str(file), operator=operator.registration, receipt=str(receipt))

    assert (receipt.exists(), Person.objects.count()) == (False, 0)


def test_export_brings_back_what_import_took(operator, tmp_path, capsys):
    bring(
        row("1", nomeMae="Berenice", cnpjEmpresaContratante="11222333000181", cns=cns(1)),
        row("2", cpf=CPFS[1], nome="Filho", relacaoDependencia="4", codigoBeneficiarioTitular="1"),
    )
    file = tmp_path / "saida.csv"

    call_command("export_beneficiaries", str(file), operator=operator.registration, json=True)

    lines = table(file)
    assert json.loads(capsys.readouterr().out) == {"exported": 2}
    assert [(line["cnsSituacao"], line["cnsOrigem"]) for line in lines] == [
        ("nao_verificado", "importacao"),
        ("ausente", ""),
    ]
    with file.open("rb") as stream:
        assert import_file(stream)["unchanged"] == 2
    assert AuditEvent.objects.get(kind="people.exported").data == {"links": 2}
