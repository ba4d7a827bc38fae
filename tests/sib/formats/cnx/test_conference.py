"""Every file of tests/data/cnx: what is read, under which hash, with which issues, or why it is refused."""

import io

import pytest

from sib.formats.cnx.conference import CnxRecord, HashState, Header, Issue, read
from sib.formats.cnx.record import FIELDS
from sib.formats.errors import InvalidSibFile
from tests.paths import DATA

CNX = DATA / "cnx"
PLAIN = (CNX / "three_links.cnx").read_bytes()
SAME = [
    *("one_line", "carriage_returns", "root_with_xsd", "root_bare", "prefixed", "another_case", "empty_elements"),
    *("attributes_in_another_order", "attributes_as_elements", "masks_and_eaten_zeros", "spreadsheet_dates"),
    *("comments_between", "utf8", "utf8_with_mark", "utf16", "utf8_said_to_be_latin1", "latin1_said_to_be_utf8"),
    *("hash_of_root_attributes", "hash_from_third_attribute", "hash_differs", "hash_missing"),
]


def conference(name):
    return read(io.BytesIO((CNX / f"{name}.cnx").read_bytes()))


def records(source):
    """The records of a file or of bytes, without their lines."""
    found = conference(source) if isinstance(source, str) else read(io.BytesIO(source))
    return [record._replace(line=0) for record in found.records()]


def state(name):
    found = conference(name)
    list(found.records())
    return found.hash_state


def refusal(data):
    with pytest.raises(InvalidSibFile) as refused:
        records(data)
    return refused.value


def test_record_has_the_fields_of_the_schema_in_its_order():
    names = [field.replace("_", "") for field in CnxRecord._fields]

    assert names == ["line", *(name.lower() for name in FIELDS), "outros", "issues"]


def test_read_tells_the_header_before_any_record():
    assert conference("three_links").header == Header(
        kind="CONFERENCIA CADASTRAL",
        sequence="12",
        created_at="2026-11-05T02:41:07",
        origin="03589068000146",
        registration="999999",
        version="1.1",
        software="SIB-XML",
    )


def test_read_gives_each_record_with_its_line():
    holder, dependant, cancelled = conference("three_links").records()

    assert [holder.line, dependant.line, cancelled.line] == [21, 51, 73]
    assert holder._asdict() == {
        **dict.fromkeys(CnxRecord._fields, ""),
        "line": 21,
        "cco": "000000051772",
        "situacao": "ATIVO",
        "data_atualizacao": "2026-10-30",
        "cpf": "05299822421",
        "cns": "200000005170004",
        "nome": "HELENA MODELO D'ÁVILA DA CONCEIÇÃO",
        "sexo": "3",
        "data_nascimento": "1984-02-29",
        "nome_mae": "JOANA MODELO DA CONCEIÇÃO",
        "logradouro": "RUA DAS ACÁCIAS",
        "numero": "100",
        "complemento": "AP 12",
        "bairro": "CENTRO",
        "codigo_municipio": "355030",
        "cep": "01000000",
        "tipo_endereco": "2",
        "reside_exterior": "0",
        "codigo_beneficiario": "00410000000051700",
        "relacao_dependencia": "1",
        "data_primeira_contratacao": "2015-03-01",
        "data_contratacao": "2021-07-01",
        "numero_plano_ans": "400070011",
        "cobertura_parcial_temporaria": "0",
        "itens_excluidos_cobertura": "0",
        "cnpj_empresa_contratante": "11222333000181",
        "issues": (),
    }
    assert (dependant.cns, dependant.dn, dependant.cco_beneficiario_titular) == ("", "30000000517", "000000051772")
    assert (cancelled.situacao, cancelled.data_reativacao) == ("INATIVO", "2012-02-01")
    assert (cancelled.data_cancelamento, cancelled.motivo_cancelamento) == ("2024-05-31", "44")
    assert (cancelled.numero_plano_ans, cancelled.numero_plano_operadora) == ("", "PLANO-ANTIGO-01")


@pytest.mark.parametrize("name", SAME)
def test_read_finds_the_same_in_every_dialect(name):
    assert records(name) == records("three_links")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("three_links", HashState.MATCHES),
        ("carriage_returns", HashState.MATCHES),
        ("attributes_in_another_order", HashState.MATCHES),
        ("comments_between", HashState.MATCHES),
        ("unknown_fields", HashState.MATCHES),
        ("utf16", HashState.MATCHES),
        ("latin1_said_to_be_utf8", HashState.MATCHES),
        ("hash_of_root_attributes", HashState.VARIANT),
        ("hash_from_third_attribute", HashState.VARIANT),
        ("hash_differs", HashState.DIFFERS),
        ("utf8_said_to_be_latin1", HashState.DIFFERS),
        ("hash_missing", HashState.MISSING),
    ],
)
def test_read_tells_the_state_of_the_hash(name, expected):
    assert state(name) is expected


def test_hash_state_has_a_label_for_people():
    assert [each.label for each in HashState] == [
        "confere",
        "confere por outra leitura da regra",
        "não confere",
        "não informado",
    ]


def test_read_takes_a_conference_without_records():
    assert (records("no_records"), state("no_records")) == ([], HashState.MATCHES)


def test_read_reports_what_it_cannot_understand_and_never_fills_it_in():
    first, second, third = records("bad_values")

    assert first.issues == (
        Issue(21, "cpf", "5299822472A", "não tem 11 dígitos"),
        Issue(21, "cns", "200000005170", "não tem 15 dígitos"),
        Issue(21, "sexo", "F", "não é um destes códigos: 1, 3"),
        Issue(21, "dataNascimento", "1984-02-30", "não é uma data"),
        Issue(21, "dataContratacao", "01.07.2021", "não é uma data"),
    )
    assert (first.cpf, first.sexo, first.data_nascimento, first.data_contratacao) == ("", "", "", "")
    assert first.cns == "200000005170"  # wrong, but not blank
    assert second.issues == (
        Issue(51, "relacaodependencia", "6", "apareceu mais de uma vez"),
        Issue(51, "nome", "", "falta"),
    )
    assert second.relacao_dependencia == "4"
    assert third.issues == (
        Issue(73, "motivoCancelamento", "444", "não tem 2 dígitos"),
        Issue(73, "cco", "", "falta"),
    )


def test_read_takes_zeros_for_no_number():
    zeros = PLAIN.replace(b"<cpf>05299822421<", b"<cpf>00000000000<").replace(b"200000005170004", b"0" * 15)

    (first, *_) = records(zeros)

    assert (first.cpf, first.cns) == ("", "")
    assert first.issues == (
        Issue(21, "cpf", "00000000000", "tem só zeros"),
        Issue(21, "cns", "000000000000000", "tem só zeros"),
    )


def changed(*changes: tuple[str, str]):
    """The first record of the plain conference, and its issues without their line, with pieces of it replaced."""
    text = PLAIN.decode("iso-8859-1")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    first, *_ = records(text.encode("iso-8859-1"))
    return first, [(issue.field, issue.reason) for issue in first.issues]


@pytest.mark.parametrize(
    "nothing", ["NULL", "nan", "NAO INFORMADO", "Não informada", "SEM NOME", "-", "#N/D", "N/A", "ND"]
)
def test_read_takes_what_systems_write_for_nothing_as_a_blank(nothing):
    first, issues = changed(
        ("<nomeMae>JOANA MODELO DA CONCEIÇÃO<", f"<nomeMae>{nothing}<"), ("<cpf>05299822421<", "<cpf>NULL<")
    )

    assert (first.nome_mae, first.cpf, issues) == ("", "", [])


def test_read_misses_a_required_field_that_says_nothing():
    first, issues = changed(("<nome>HELENA MODELO D'ÁVILA DA CONCEIÇÃO<", "<nome>NAO INFORMADO<"))

    assert (first.nome, issues) == ("", [("nome", "falta")])


@pytest.mark.parametrize("code", ["ND", "E", "NA"])
def test_read_keeps_a_code_that_looks_like_an_abbreviation(code):
    first, issues = changed(
        ("<codigoBeneficiario>", f"<codigoBeneficiario>{code}</codigoBeneficiario><x>"),
        ("</codigoBeneficiario>\n", "</x>\n"),
    )

    assert (first.codigo_beneficiario, issues) == (code, [])


@pytest.mark.parametrize("zone", ["-03:00", "Z", "+00:00", "T00:00:00-03:00", "T00:00:00Z", "T00:00:00"])
def test_read_drops_the_zone_of_a_day(zone):
    first, issues = changed(("<dataNascimento>1984-02-29<", f"<dataNascimento>1984-02-29{zone}<"))

    assert (first.data_nascimento, issues) == ("1984-02-29", [])


@pytest.mark.parametrize("day", ["1984-02-30Z", "1984-02-29+3", "1984-02-29 de manhã", "Z"])
def test_read_guesses_no_day(day):
    first, issues = changed(("<dataNascimento>1984-02-29<", f"<dataNascimento>{day}<"))

    assert (first.data_nascimento, issues) == ("", [("dataNascimento", "não é uma data")])


@pytest.mark.parametrize(
    ("city", "code", "issues"),
    [
        ("3550308", "355030", []),
        ("355030-8", "355030", []),
        ("3550309", "", [("codigoMunicipio", "não tem 6 dígitos")]),  # the digit is not the one of 355030
    ],
)
def test_read_takes_the_check_digit_of_a_municipality(city, code, issues):
    first, found = changed(("<codigoMunicipio>355030<", f"<codigoMunicipio>{city}<"))

    assert (first.codigo_municipio, found) == (code, issues)


def test_read_takes_nil_for_a_blank_however_often_it_is_said():
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'

    first, issues = changed(("<sexo>", f"<dn {nil}/><pisPasep {nil}/><sexo>"))

    assert (first.dn, first.pis_pasep, first.outros, issues) == ("", "", "", [])


def test_read_leaves_out_what_nobody_sees():
    text = PLAIN.decode("iso-8859-1").replace('encoding="ISO-8859-1"', 'encoding="UTF-8"')
    name = "HE\u200bLE\u00adNA MODELO D'A\u0301VILA DA CONCEIÇÃO"

    first, *_ = records(text.replace("HELENA MODELO D'ÁVILA DA CONCEIÇÃO", name, 1).encode())

    assert first.nome == "HELENA MODELO D'ÁVILA DA CONCEIÇÃO"


def test_read_keeps_dates_that_the_schema_would_refuse():
    (record,) = records("ancient_dates")

    assert (record.data_nascimento, record.data_cancelamento, record.issues) == ("1800-01-01", "3000-12-31", ())


def test_read_keeps_names_as_they_are_written_but_on_one_line():
    first, second = records("odd_names")

    assert first.nome == "HELENA  MODELO D'ÁVILA & CONCEIÇÃO  "
    assert second.nome == f"TOMÁS N.º 2 \\ MODELO {'X' * 180}"


def test_read_repairs_windows_1252_under_another_name():
    assert records("windows1252_said_to_be_latin1")[0].nome == "UBIRAJARA SANT’ANNA"


def test_read_keeps_fields_that_the_schema_does_not_know():
    (record,) = records("unknown_fields")

    assert record.outros == '{"origemcadastro": "RFB", "modalidadenova": "07", "situacaotransfrencia": "transferido"}'
    assert record._replace(outros="") == records("three_links")[0]


def test_read_keeps_the_code_with_its_zeros():
    assert records("padded_code")[0].codigo_beneficiario == "000000000000000000010000051890"


def test_read_gives_every_record_of_a_repeated_cco():
    first, second = records("repeated_cco")

    assert first.cco == second.cco
    assert (first.data_atualizacao, second.data_atualizacao) == ("2026-10-30", "2026-11-02")


def test_read_leaves_it_to_others_whose_file_it_is():
    assert conference("other_operator").header.registration == "888888"


ASK = "Envie a conferência cadastral (CNX) que a ANS gerou."
AGAIN = "Baixe a conferência de novo."
ENCODING = "não é aceita. Salve o arquivo em ISO-8859-1."
DTD = "O arquivo declara um DTD, o que não é aceito por segurança."


@pytest.mark.parametrize(
    ("name", "line", "column", "sentence"),
    [
        ("empty", 1, 1, f"O arquivo está vazio. {ASK}"),
        ("blank", 3, 1, f"O arquivo está vazio. {ASK}"),
        ("not_xml", 1, 19, f"O arquivo não é XML. {ASK}"),
        ("zip", 1, 3, f"O arquivo não é XML. {ASK}"),
        ("other_xml", 1, 1, f"O XML não é um arquivo do SIB. {ASK}"),
        ("transfer", None, None, f"É um arquivo de transferência de carteira. {ASK}"),
        ("no_conference", None, None, "O arquivo não traz uma conferência. Peça o arquivo CNX à ANS de novo."),
        ("cut_in_the_header", 7, 49, f"O arquivo está cortado: acaba na linha 7, antes do fim. {AGAIN}"),
        ("cut_in_a_record", 55, 23, f"O arquivo está cortado: acaba na linha 55, antes do fim. {AGAIN}"),
        ("cut_between_records", 51, 1, f"O arquivo está cortado: acaba na linha 51, antes do fim. {AGAIN}"),
        ("cut_in_the_epilogue", 102, 3, f"O arquivo está cortado: acaba na linha 102, antes do fim. {AGAIN}"),
        ("malformed", 25, 55, f"O XML está malformado na linha 25, coluna 55. {AGAIN}"),
        ("two_attributes_alike", 21, 42, f"O XML está malformado na linha 21, coluna 42. {AGAIN}"),
        ("control_character", 34, 24, f"O XML está malformado na linha 34, coluna 24. {AGAIN}"),
        ("unknown_entity", 34, 21, f"O XML está malformado na linha 34, coluna 21. {AGAIN}"),
        ("after_the_end", 104, 1, f"O XML está malformado na linha 104, coluna 1. {AGAIN}"),
        ("dtd", 2, 23, f"Linha 2: {DTD}"),
        ("external_dtd", 2, 52, f"Linha 2: {DTD}"),
        ("entity_bomb", 2, 13, f"Linha 2: {DTD}"),
        ("unknown_encoding", 1, 1, f"A codificação EBCDIC-CP-BR {ENCODING}"),
        ("python_encoding", 1, 1, f"A codificação unicode_escape {ENCODING}"),
    ],
)
def test_read_refuses_a_broken_file_with_one_sentence(name, line, column, sentence):
    refused = refusal((CNX / "broken" / f"{name}.cnx").read_bytes())

    assert (refused.sentence, refused.line, refused.column) == (sentence, line, column)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (
            "sbx/99999920261104101530.SBX",
            f"É um arquivo de atualização (SBX), que a operadora envia à ANS. {ASK}",
        ),
        ("sbx/99999920261204090000.SBX", f"É um arquivo de atualização (SBX), que a operadora envia à ANS. {ASK}"),
        ("rpx/99999920261106020000.RPX", f"É o resultado do processamento (RPX) de um arquivo SBX. {ASK}"),
        ("rpx/99999920261104103000.RPX", f"É o resultado do processamento (RPX) de um arquivo SBX. {ASK}"),
    ],
)
def test_read_tells_what_other_files_of_the_sib_are(file, sentence):
    assert refusal((DATA / file).read_bytes()).sentence == sentence


def test_read_refuses_a_file_cut_at_any_byte():
    end = PLAIN.rindex(b">")
    expected = {"O arquivo está cortado", "O arquivo está vazio", "O XML está malformado", "O arquivo não é XML"}

    begun = {refusal(PLAIN[:length]).sentence.partition(":")[0].partition(".")[0] for length in range(0, end, 7)}

    assert {sentence.partition(" na linha")[0] for sentence in begun} <= expected
    assert all(refusal(PLAIN[:length]).line for length in range(700, end, 11))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (b"<nome>" + b"A" * (2 << 20) + b"</nome>", "Linha 25: Um campo tem mais de um milhão de letras."),
        (b"<a>" * 60 + b"</a>" * 60, "Linha 25: O arquivo tem elementos demais uns dentro dos outros."),
        (
            b"".join(b"<a%d>1</a%d>" % (number, number) for number in range(300)),
            "Linha 25: O registro tem campos demais.",
        ),
        (b"<!--" + b"-a" * (5 << 20), "Linha 25: Uma etiqueta ou um comentário não termina."),
    ],
    ids=["longest text", "deepest nesting", "most fields", "longest comment"],
)
def test_read_refuses_what_would_fill_the_memory(wrong, sentence):
    name = b"<nome>HELENA MODELO D'\xc1VILA DA CONCEI\xc7\xc3O</nome>"

    assert refusal(PLAIN.replace(name, wrong)).sentence == sentence


def test_read_cuts_no_text_but_says_when_it_is_too_long():
    name = b"<bairro>CENTRO</bairro>"

    (first, *_) = records(PLAIN.replace(name, b"<bairro>" + b"A" * 600 + b"</bairro>"))

    assert first.bairro == ""
    assert first.issues == (Issue(21, "bairro", "A" * 500, "tem mais de 500 letras"),)
