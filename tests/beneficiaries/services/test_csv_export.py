import json
from datetime import date

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiaries.domain.csv_columns import COLUMNS
from beneficiaries.domain.placeholders import without_placeholder
from beneficiaries.models import Beneficiary, CnsNumber, CnsSource
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.csv_export import EXPORTED, export_rows
from beneficiaries.services.csv_import.import_file import import_file
from demo.synthetic.csv_rows import as_csv_row
from demo.synthetic.families import invent
from demo.synthetic.plan_details import described
from operators.context import operator_context
from operators.formats.csv_tables import neutral
from operators.management.base import CommandRefused
from operators.models import AuditEvent
from tests.beneficiaries.csv_files import CPFS, csv_file, import_rows, read_table, row
from tests.contexts import outside_operator_context
from tests.factories import BeneficiaryFactory, OperatorFactory, UserFactory, cns

FAMILIES = [{**dict.fromkeys(COLUMNS, ""), **as_csv_row(link), **described(link)} for link in invent(300, seed=11)]


def exported_file(operator, tmp_path):
    file = tmp_path / "saida.csv"
    call_command("export_beneficiaries", str(file), operator=operator.registration, json=True)
    return file


def known_of_the_number(**number):
    """What the export says of a person who was given this number."""
    link = BeneficiaryFactory()
    if number:
        attach_cns([CnsOffer(link.person_id, cns(1), **number)])
    (line,) = export_rows()
    return line["cns"], line["cnsSituacao"], line["cnsOrigem"]


def test_export_has_the_columns_of_the_import_and_two_more():
    assert (*COLUMNS, "cnsSituacao", "cnsOrigem") == EXPORTED


def test_export_writes_every_value_of_a_link(operator, tmp_path):
    full = {
        **row("1", cco="000000000191", nomeMae="Berenice", nomeSocial="Ceição", cns=cns(1)),
        "dn": "30123456789",
        "pisPasep": "12012345678",
        "logradouro": "Rua das Flores",
        "numero": "12 A",
        "complemento": 'ap. 3; "fundos"',
        "bairro": "Centro",
        "codigoMunicipio": "355030",
        "cep": "01310100",
        "dataReativacao": "2023-02-01",
        "dataCancelamento": "2024-05-31",
        "motivoCancelamento": "41",
        "numeroPlanoOperadora": "",
        "cnpjEmpresaContratante": "12ABC34501DE35",
        "caepfEmpresaContratante": "",
        "ceiEmpresaContratante": "",
        "email": "a@example.invalid",
        "telefone": "+55 11 5555-0000",
        "cpf": CPFS[0],
        "dataContratacao": "2021-07-01",
        "codigoBeneficiarioTitular": "",
        "dataInicioCobertura": "2021-08-01",
        "dataFimCPT": "2023-08-01",
        "carenciaAmbulatorial": "24 horas",
        "fimCarenciaAmbulatorial": "",
        "carenciaHospitalar": "180 dias",
        "fimCarenciaHospitalar": "2022-01-28",
        "carenciaParto": "10 meses",
        "fimCarenciaParto": "2022-06-01",
        "carenciaOdontologica": "",
        "fimCarenciaOdontologica": "",
        "nomePlano": "Essencial",
        "segmentacao": "06",
        "acomodacao": "C",
        "abrangencia": "3",
        "contratacao": "2",
        "regulamentacao": "R",
        "numeroContrato": "C-17",
        "dataAssinaturaContrato": "2020-03-15",
        "empresarioIndividual": "S",
        "razaoSocialContratante": "Exemplo Ltda.",
        "nomeFantasiaContratante": "Exemplo",
        "cnpjAdministradora": "11222333000181",
        "razaoSocialAdministradora": "Administra Exemplo S.A.",
        "nomeFantasiaAdministradora": "Administra",
    }
    import_rows(full)

    (line,) = read_table(exported_file(operator, tmp_path))

    known = {"cnsSituacao": "nao_verificado", "cnsOrigem": "importacao"}
    assert line == full | known | {"telefone": "'+55 11 5555-0000"}


@pytest.mark.parametrize(
    ("number", "situation", "origin"),
    [
        ({"source": CnsSource.CADSUS, "kind": "D"}, "definitivo", "cadsus"),
        ({"source": CnsSource.CADSUS, "kind": "P"}, "provisorio", "cadsus"),
        ({"source": CnsSource.CNX}, "definitivo", "cnx"),
        ({"source": CnsSource.REVIEW, "kind": "D"}, "definitivo", "revisao"),
        ({"source": CnsSource.INFORMED, "verified": False}, "nao_verificado", "informado"),
        ({"source": CnsSource.INFORMED, "kind": "D"}, "definitivo", "informado"),
        ({"source": CnsSource.IMPORT, "verified": False}, "nao_verificado", "importacao"),
    ],
)
def test_export_says_what_is_known_of_the_number(operator, number, situation, origin):
    assert known_of_the_number(**number) == (cns(1), situation, origin)


def test_export_says_that_there_is_no_number(operator):
    assert known_of_the_number() == (None, "ausente", "")


def test_export_has_the_current_number_only(operator):
    link = BeneficiaryFactory()
    for index in (1, 2):
        attach_cns([CnsOffer(link.person_id, cns(index), CnsSource.CNX)])

    assert CnsNumber.objects.count() == 2
    assert [line["cns"] for line in export_rows()] == [cns(2)]


def test_export_is_in_the_order_of_the_codes(operator):
    for code in ("3", "1", "2"):
        BeneficiaryFactory(code=code)

    assert [line["codigoBeneficiario"] for line in export_rows()] == ["1", "2", "3"]


def test_export_has_nobody_of_another_operator(operator):
    with outside_operator_context(), operator_context(OperatorFactory().pk):
        BeneficiaryFactory(code="alheio")
    BeneficiaryFactory(code="nosso")

    assert [line["codigoBeneficiario"] for line in export_rows()] == ["nosso"]


@pytest.mark.parametrize("size", [1, 30])
def test_export_asks_the_database_as_often_for_one_as_for_many(operator, django_assert_num_queries, size):
    BeneficiaryFactory.create_batch(size)

    with django_assert_num_queries(4):  # the cursor, the event, and the context told twice to the database
        assert len(list(export_rows())) == size


def test_export_audits_who_took_how_many(operator):
    actor = UserFactory()
    BeneficiaryFactory.create_batch(3)

    list(export_rows(actor=actor))

    event = AuditEvent.objects.get()
    assert (event.kind, event.actor, event.data, event.personal) == ("people.exported", actor, {"links": 3}, {})


def test_export_that_is_broken_off_audits_what_went_out(operator):
    BeneficiaryFactory.create_batch(3)
    rows = export_rows()
    next(rows)

    rows.close()

    assert AuditEvent.objects.get().data == {"links": 1}


def test_export_command_says_how_many(operator, tmp_path, capsys):
    BeneficiaryFactory.create_batch(2)

    exported_file(operator, tmp_path)

    assert json.loads(capsys.readouterr().out) == {"exported": 2}


def test_import_of_an_export_changes_nothing(operator, tmp_path):
    figures = import_file(csv_file(*FAMILIES))
    events = AuditEvent.objects.count()
    file = exported_file(operator, tmp_path)

    with file.open("rb") as stream:
        again = import_file(stream)

    assert figures == {"created": 300, "updated": 0, "unchanged": 0, "rejected": 0}
    assert again == {"created": 0, "updated": 0, "unchanged": 300, "rejected": 0}
    assert AuditEvent.objects.count() == events + 2  # that an export and an import took place


def test_export_gives_another_operator_the_same_registry(operator, tmp_path):
    import_file(csv_file(*FAMILIES))
    file = exported_file(operator, tmp_path)
    other = OperatorFactory()

    with outside_operator_context(), operator_context(other.pk), file.open("rb") as stream:
        figures = import_file(stream)
        copy = list(export_rows())

    assert figures == {"created": 300, "updated": 0, "unchanged": 0, "rejected": 0}
    assert _told(copy) == _told(export_rows())


def _is_meant(text):
    """Not what spreadsheets and other systems write for something else."""
    return without_placeholder(text) == text and not text.startswith('="')


def _told(rows):
    return [{column: value for column, value in line.items() if not column.startswith("cns")} for line in rows]


@settings(max_examples=30)
@given(
    st.text("ABÇÉõ '-", min_size=1, max_size=40).map(lambda name: f"M{' '.join(name.split())}"),
    st.text('";,áb\n+=', max_size=40).map(lambda text: " ".join(text.split())).filter(_is_meant),
    st.dates(date(1900, 1, 1), date(2026, 1, 1)),
)
def test_whatever_is_in_a_row_comes_back_from_an_export(operator, tmp_path, name, complement, birth):
    Beneficiary.objects.all().delete()
    wanted = row("1", cpf="", nome=name, complemento=complement, dataNascimento=birth.isoformat())
    import_rows(wanted)
    file = exported_file(operator, tmp_path)

    (line,) = read_table(file)

    assert {column: line[column] for column in ("nome", "complemento", "dataNascimento")} == {
        "nome": name,
        "complemento": neutral(complement),
        "dataNascimento": birth.isoformat(),
    }
    with file.open("rb") as stream:
        assert import_file(stream)["unchanged"] == 1


def test_export_refuses_a_folder_that_is_not_there(operator, tmp_path):
    file = tmp_path / "nenhuma" / "saida.csv"

    with pytest.raises(CommandRefused, match=r"^A pasta .*nenhuma não existe\. Crie a pasta ou escolha outra\.$"):
        call_command("export_beneficiaries", str(file), operator=operator.registration)

    assert list(tmp_path.iterdir()) == []


def test_code_that_begins_with_an_apostrophe_comes_back_as_it_was(operator, tmp_path):
    import_rows(row("''9"))
    file = exported_file(operator, tmp_path)

    with file.open("rb") as stream:
        figures = import_file(stream)

    assert (figures["unchanged"], Beneficiary.objects.get().code) == (1, "'9")


def test_what_looks_like_a_formula_leaves_as_text_and_comes_back_as_it_was(operator, tmp_path):
    import_rows(
        row("-7", razaoSocialContratante="+Saúde Ltda.", cnpjEmpresaContratante="11222333000181", contratacao="2")
    )
    file = exported_file(operator, tmp_path)

    (line,) = read_table(file)
    with file.open("rb") as stream:
        figures = import_file(stream)

    assert (line["codigoBeneficiario"], line["razaoSocialContratante"]) == ("'-7", "'+Saúde Ltda.")
    assert (figures["unchanged"], figures["created"]) == (1, 0)
