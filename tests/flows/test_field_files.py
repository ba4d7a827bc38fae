"""Files as the field sends them (tests/data/field): what spreadsheets, ERPs, Java's XML and other people's tools write.

Each is given to the command that a person would use, and compared with the right outcome. People and numbers are
invented. The clock stands still: the certificates end, and the newborns of the files grow up.
"""

import csv
import json
from dataclasses import dataclass
from datetime import date

import pytest
import time_machine
from django.core.management import call_command

from beneficiaries.models import Beneficiary, CnsNumber, Person, Review
from operators.context import operator_context
from operators.management.base import CommandRefused
from operators.models import AuditEvent
from sib.domain.reconcile import Outcome
from sib.models import ConferenceFile, RowIssue, SbxFile
from tests.factories import OperatorFactory
from tests.paths import DATA

FIELD = DATA / "field"
REGISTRATION = "412345"
PASSWORD = "segredo"


@pytest.fixture(autouse=True)
def that_day():
    with time_machine.travel("2026-11-30T12:00:00-03:00", tick=True):
        yield


@pytest.fixture
def operator(db):
    operator = OperatorFactory(registration=REGISTRATION, cnpj="22333444000181", phone="")
    with operator_context(operator.pk):
        yield operator


@dataclass
class Imported:
    """What the command said: its figures, and the receipt by line of the file."""

    figures: dict[str, int]
    receipt: dict[int, dict[str, str]]

    @property
    def refused(self) -> dict[int, str]:
        """The sentence of each row that was not taken."""
        lines = self.receipt.items()
        return {line: row["mensagem"] for line, row in lines if row["resultado"] in {"rejected", "recusada"}}


@pytest.fixture
def take(operator, tmp_path, capsys):
    """Import a file of beneficiaries."""

    def imported(name: str) -> Imported:
        receipt = tmp_path / "recibo.csv"
        call_command(
            "import_beneficiaries", str(FIELD / name), operator=operator.registration, receipt=str(receipt), json=True
        )
        figures = json.loads(capsys.readouterr().out.splitlines()[-1])
        with receipt.open(encoding="utf-8-sig", newline="") as stream:
            return Imported(figures, {int(row["linha"]): row for row in csv.DictReader(stream, delimiter=";")})

    return imported


@pytest.fixture
def outcomes(operator, take, capsys):
    """Ingest a conference over the ten people of the field's registry: outcome by CCO."""
    take("20_registry_for_cnx.csv")

    def ingested(name: str) -> dict[str, str]:
        call_command("ingest_cnx", str(FIELD / name), operator=operator.registration, json=True)
        capsys.readouterr()
        file = ConferenceFile.objects.latest("pk")
        told = file.differences.exclude(outcome=Outcome.ONLY_HERE.name)
        return dict(told.order_by("cco").values_list("cco", "outcome"))

    return ingested


@pytest.fixture
def seal(operator, capsys, monkeypatch):
    """Hand in a certificate: its holder."""

    def sealed(name: str, password: str = PASSWORD) -> str:
        monkeypatch.setenv("CREDENTIAL_PASSWORD", password)
        arguments = {"operator": operator.registration, "environment": "simulator", "stage": True, "json": True}
        call_command("import_credential", str(FIELD / name), **arguments)
        return json.loads(capsys.readouterr().out.splitlines()[-1])["holder"]

    return sealed


def person(code: str) -> Person:
    return Beneficiary.objects.get(code=code).person


def codes() -> set[str]:
    return set(Beneficiary.objects.values_list("code", flat=True))


# Numbers


def test_a_number_written_as_a_decimal_is_its_whole_part(take):
    imported = take("01_float_suffix.csv")

    first, second = person("F0001"), person("F0002")
    assert imported.refused == {}
    assert (first.cpf, first.postal_code, first.city_code) == ("00123000122", "01310100", "355030")
    assert (second.cpf, second.postal_code) == ("12300000113", "01310100")


def test_the_trailing_zero_never_makes_another_valid_cpf(take):
    imported = take("01b_float_cpf_alone.csv")

    assert person("F0101").cpf == "00123000122"
    assert set(imported.refused) == {3}
    assert not Person.objects.filter(cpf="01230001220").exists()


def test_a_code_in_scientific_notation_is_refused_with_its_cure(take):
    imported = take("03_code_scientific.csv")

    assert codes() == set()
    assert set(imported.refused) == {2, 3}
    assert all("notação científica" in sentence for sentence in imported.refused.values())
    assert all("formate a coluna como texto" in sentence for sentence in imported.refused.values())


def test_what_makes_a_spreadsheet_read_text_is_unwrapped(take):
    imported = take("04_excel_text_trick.csv")

    assert (imported.refused, codes()) == ({}, {"0000000123", "0000000124"})
    assert [person(code).cpf for code in ("0000000123", "0000000124")] == ["00123000556", "00123000637"]


def test_a_municipality_is_known_with_its_check_digit_and_else_refused(take):
    imported = take("14_municipality.csv")

    assert {code: person(code).city_code for code in sorted(codes())} == {"U0001": "355030", "U0003": "355030"}
    assert set(imported.refused) == {3, 5}
    assert all(sentence.startswith("codigoMunicipio: ") for sentence in imported.refused.values())


def test_a_wrong_cns_does_not_cost_its_row(take):
    imported = take("17_cns_variants.csv")

    numbers = dict(CnsNumber.objects.values_list("person__links__code", "number"))
    assert (imported.refused, len(codes())) == ({}, 10)
    assert numbers["C0000"] == "898000001234562"
    assert imported.receipt[3]["mensagem"].startswith("cns: ")
    assert {"C0001", "C0005", "C0006", "C0009"}.isdisjoint(numbers)


def test_a_cns_of_two_people_is_the_firsts(take):
    imported = take("36_cns_in_two_people.csv")

    assert list(CnsNumber.objects.values_list("person__links__code", "number")) == [("E0012", "700000001234689")]
    assert "o número é de outra pessoa" in imported.receipt[3]["mensagem"]


def test_a_cnpj_may_have_letters(take):
    imported = take("15_cnpj_alphanumeric.csv")

    contracts = Beneficiary.objects.values_list("contract__company__cnpj", flat=True)
    assert (imported.refused, list(contracts)) == ({}, ["12ABC34501DE35"] * 2)


# Text


def test_one_line_of_another_system_spoils_no_other(take):
    take("05a_good_utf8.csv")
    again = take("05b_one_latin1_line.csv")

    names = dict(Beneficiary.objects.values_list("code", "person__name"))
    assert names == {
        "M0000": "JOÃO GONÇALVES MODELO",
        "M0001": "ESTÊVÃO MODELO PRÓXIMO",
        "M0002": "LÚCIA SIMÕES MODELO",
        "M0099": "JOSÉ OUTRO SISTEMA",
    }
    assert (again.figures["created"], again.figures["unchanged"]) == (1, 3)


def test_the_line_by_which_excel_tells_its_delimiter_is_skipped(take):
    assert (take("06_sep_line.csv").refused, codes()) == ({}, {"S0001"})


def test_utf_16_is_read_or_named(take):
    try:
        take("07_excel_unicode.csv")
    except CommandRefused as refusal:
        assert "UTF-16" in str(refusal)  # noqa: PT017
        assert codes() == set()
    else:
        assert codes() == {"S0002"}


def test_invisible_characters_fall_away_and_every_apostrophe_is_one(take):
    imported = take("11_names.csv")

    keys = {code: person(code).name_key for code in codes()}
    assert len({keys["N0000"], keys["N0001"], keys["N0002"]}) == 1
    assert (person("N0004").name, person("N0005").name) == ("ANA MARIA ZEROWIDTH", "ANA SILVA SOFT")
    assert keys["N0003"] == "JOAO CONCEICAO NFD"
    assert set(imported.refused) == {13}  # a name with digits


def test_letters_of_a_dos_file_are_told(take):
    imported = take("18_dos_cp850.csv")

    assert codes() == set()
    assert "DOS" in imported.refused[2]


def test_a_nickname_in_quotes_costs_its_row_alone(take):
    imported = take("31_nickname_in_quotes.csv")

    assert (codes(), set(imported.refused)) == ({"E0004"}, {2})


def test_a_broken_row_in_the_middle_leaves_nothing_untold(take):
    imported = take("12_bad_quote_line_2502.csv")

    assert (Beneficiary.objects.count(), set(imported.refused)) == (2599, {2502})
    assert (imported.figures["created"], imported.figures["rejected"]) == (2599, 1)
    assert len(imported.receipt) == 2600
    assert AuditEvent.objects.filter(kind="people.imported").count() == 1


def test_the_line_told_is_that_of_the_file(take):
    imported = take("30_line_numbers.csv")

    assert (codes(), set(imported.refused)) == ({"E0001"}, {5})


def test_a_column_of_another_name_is_named(take):
    with pytest.raises(CommandRefused, match="codigoBeneficiario"):
        take("32_header_variants.csv")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("33_trailing_delimiters.csv", {"E0006", "E0007"}), ("34_cr_line_ends.csv", {"E0008", "E0009"})],
)
def test_odd_line_ends_are_read(take, name, expected):
    assert (take(name).refused, codes()) == ({}, expected)


def test_a_social_name_stands_beside_the_name(take):
    take("39_social_name.csv")

    assert (person("E0020").name, person("E0020").social_name) == ("CARLOS REGISTRO CIVIL", "LUANA REGISTRO")


# Dates


def test_dates_of_other_programs(take):
    imported = take("08_date_serial.csv")

    births = dict(Beneficiary.objects.values_list("code", "person__birth_date"))
    assert {2, 3}.issubset(imported.refused)
    assert (births["S0006"], births["S0007"]) == (date(1984, 3, 5), date(1984, 3, 5))


def test_a_leap_day_is_one_only_in_leap_years(take):
    imported = take("16_leap_day.csv")

    assert (codes(), set(imported.refused)) == ({"L0001"}, {3})


def test_dates_with_the_month_first_are_told_for_the_whole_file(take):
    with pytest.raises(CommandRefused, match="mês"):
        take("35_month_first.csv")

    assert codes() == set()


# Who is one person


def test_newborns_of_one_birth_are_as_many_people(take):
    take("37_newborn_twins.csv")

    assert (Beneficiary.objects.count(), Person.objects.count()) == (3, 3)


def test_newborns_with_their_dn_get_their_names_each_for_itself(take):
    take("37b_newborn_twins_with_their_dn.csv")
    newborns = {code: person(code).pk for code in codes()}
    again = take("37c_the_same_twins_named.csv")

    assert len(set(newborns.values())) == 3
    assert {code: person(code).pk for code in codes()} == newborns
    assert again.figures["updated"] == 3
    assert [(person(code).name, person(code).dn, person(code).sex) for code in sorted(newborns)] == [
        ("JOAO EXEMPLO MODELO", "30111111111", "1"),
        ("PEDRO EXEMPLO MODELO", "30222222222", "1"),
        ("LUCIA EXEMPLO MODELO", "30333333333", "3"),
    ]


def test_what_systems_write_for_nothing_is_nothing(take):
    imported = take("60a_null_placeholders.csv")

    first, second = person("G0001"), person("G0002")
    assert first.pk != second.pk
    assert {(one.mother_name, one.social_name, one.street, one.phone) for one in (first, second)} == {("", "", "", "")}
    assert set(imported.refused) == {4}


def test_an_export_holds_no_formula(take, operator, tmp_path, capsys):
    take("60a_null_placeholders.csv")
    out = tmp_path / "saida.csv"
    call_command("export_beneficiaries", str(out), operator=operator.registration, json=True)

    with out.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert len(rows) > 1
    assert [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")] == []


# Conferences


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("21_xsd_date_timezone.CNX", {"000070000100": "CNS_NEW", "000070000200": "CNS_NEW"}),
        ("24_municipality_seven_digits.CNX", {"000070000700": "CNS_NEW"}),
        ("25_xsi_nil.CNX", {"000070000800": "CNS_NEW"}),
        ("26_default_namespace.CNX", {"000070000900": "CNS_NEW"}),
        ("27_cp1252_and_char_ref.CNX", {"000070001000": "CNS_NEW"}),
    ],
)
def test_a_conference_as_others_write_it_brings_its_numbers(outcomes, name, expected):
    assert outcomes(name) == expected


def test_spellings_of_one_name_do_not_point_to_another_person(outcomes):
    found = outcomes("22_names_receita_style.CNX")

    assert set(found) == {"000070000300", "000070000400", "000070000500"}
    assert "OTHER_PERSON" not in found.values()


@pytest.mark.parametrize("name", ["24_municipality_seven_digits.CNX", "25_xsi_nil.CNX"])
def test_a_value_that_is_read_leaves_no_issue(outcomes, name):
    outcomes(name)

    assert RowIssue.objects.count() == 0


def test_a_conference_is_known_again_in_a_zip_with_a_dos_name(outcomes):
    outcomes("26_default_namespace.CNX")
    outcomes("29_cp437_name.zip")

    assert ConferenceFile.objects.count() == 1


# What goes to ANS, and cards


def test_no_file_says_that_nothing_moved_while_something_is_held(take, operator, tmp_path, capsys):
    take("70_registry_for_sbx.csv")
    out = tmp_path / "sbx"
    out.mkdir()

    with pytest.raises(CommandRefused, match="retidas"):
        call_command("write_sbx", operator=operator.registration, out=str(out), approve=True, json=True)

    assert (SbxFile.objects.count(), list(out.iterdir())) == (0, [])


def test_an_operator_without_contact_is_told_why_nobody_gets_a_card(take, operator, tmp_path, capsys):
    take("71_cards_odd_names.csv")

    call_command("issue_cards", operator=operator.registration, out=str(tmp_path / "cartoes.pdf"), json=True)

    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[-1])["issued"] == 0
    assert captured.err != ""


# Certificates


@pytest.mark.parametrize(
    "name",
    [
        "40_plain_good.p12",
        "42_old_3des_sha1.p12",
        "45_san_bmpstring.p12",
        "46_rc2_40.p12",
        "48_no_local_key_id_leaf_last.p12",
        "49_all_same_local_key_id.p12",
        "50_ber_indefinite.p12",
        "51_san_trailing_blank.p12",
    ],
)
def test_certificates_of_every_maker_are_sealed(seal, name):
    assert seal(name).strip() == "OPERADORA CAMPO SA"


def test_a_password_may_have_accents(seal):
    assert seal("41_password_with_accents.p12", "senhaçãé1") == "OPERADORA CAMPO SA"


def test_a_certificate_of_a_cnpj_with_letters_is_its_operators(seal, operator):
    operator.cnpj = "12ABC34501DE35"
    operator.save()

    assert seal("44_alphanumeric_cnpj.p12") == "OPERADORA LETRAS SA"


@pytest.mark.parametrize(
    ("name", "sentence"), [("43_expired_intermediate.p12", "venceu"), ("53_no_chain.p12", "cadeia")]
)
def test_what_a_chain_lacks_is_told_for_what_it_is(seal, name, sentence):
    with pytest.raises(CommandRefused, match=sentence):
        seal(name)


def test_nothing_of_it_opens_a_review(take):
    for name in ("11_names.csv", "37b_newborn_twins_with_their_dn.csv", "60a_null_placeholders.csv"):
        take(name)

    assert Review.objects.count() == 0
