"""The sixteen ways in which writers of SIB files differ, each told apart from the good file and brought to one reading.

The numbers are those of the list in which the dialects were gathered; test_cnx.py reads whole files of most of them.
"""

import io
import socket

import pytest

from sib.formats.cnx.conference import CnxRecord, HashState, Issue, read
from sib.formats.errors import InvalidSibFile
from sib.models import Difference, MirrorRecord
from sib.services import process_conference, receive_file
from tests.factories import BeneficiaryFactory, cns
from tests.paths import DATA
from tests.sib.cns_numbers import number_of
from tests.sib.files import conference, record

PLAIN = (DATA / "cnx" / "three_links.cnx").read_bytes().decode("iso-8859-1")
ROOT = PLAIN[PLAIN.index("<mensagemSIB") : PLAIN.index(">", PLAIN.index("<mensagemSIB")) + 1]
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
ADDRESS = PLAIN[PLAIN.index("<endereco>") : PLAIN.index("</endereco>") + len("</endereco>")]


def conference_of(text, encoding="iso-8859-1"):
    return read(io.BytesIO(text if isinstance(text, bytes) else text.encode(encoding)))


def records(text, encoding="iso-8859-1"):
    """What is read, without the lines on which it stands."""
    return [each._replace(line=0) for each in conference_of(text, encoding).records()]


def first(text):
    return records(text)[0]


def changed(old, new, text=PLAIN):
    """The good file with the first ``old`` made ``new``; it must be there."""
    assert old in text
    return text.replace(old, new, 1)


GOOD = records(PLAIN)
OF_ADDRESS = CnxRecord._fields[CnxRecord._fields.index("logradouro") : CnxRecord._fields.index("codigo_beneficiario")]


@pytest.mark.parametrize(
    "root",
    [
        f'<mensagemSIB {XSI} xmlns:xsd="http://www.w3.org/2001/XMLSchema" xsi:schemaLocation="a b">',
        f"<mensagemSIB {XSI}>",
        "<mensagemSIB>",
        '<mensagemSIB xmlns="http://www.ans.gov.br/padroes/sib/schemas">',
    ],
    ids=["xsd", "only xsi", "bare", "default namespace"],
)
def test_01_root_may_declare_what_it_likes(root):
    assert records(changed(ROOT, root)) == GOOD


def test_01_names_may_have_a_prefix():
    prefixed = PLAIN.replace("</", "</\0").replace("<", "<ansSIB:").replace("<ansSIB:/\0", "</ansSIB:")

    assert records(prefixed.replace("<ansSIB:?xml", "<?xml")) == GOOD


@pytest.mark.parametrize(
    ("as_ansed", "as_written"),
    [
        ('cco="000000051772"', 'cco="51772"'),
        ('cco="000000051772"', 'cco="0000000517-72"'),
        ("<cpf>05299822421<", "<cpf>5299822421<"),
        ("<cpf>05299822421<", "<cpf>052.998.224-21<"),
        ("<cns>200000005170004<", "<cns>200 0000 0517 0004<"),
        ("<cep>01000000<", "<cep>1000000<"),
        ("<cep>01000000<", "<cep>01000-000<"),
        ("<numeroPlanoANS>400070011<", "<numeroPlanoANS>400.070/01-1<"),
        ("<cnpjEmpresaContratante>11222333000181<", "<cnpjEmpresaContratante>11.222.333/0001-81<"),
    ],
)
def test_02_numbers_lose_their_masks_and_get_their_zeros_back(as_ansed, as_written):
    assert records(changed(as_ansed, as_written)) == GOOD


def test_02_registration_gets_its_zeros_back():
    short = changed("<destino><registroANS>999999<", "<destino><registroANS>421-0<")

    assert conference_of(short).header.registration == "004210"


@pytest.mark.parametrize(
    "attributes",
    [
        'situacao="ATIVO" cco="000000051772" dataAtualizacao="2026-10-30"',
        'dataAtualizacao="2026-10-30" situacao="ATIVO" cco="000000051772"',
        "situacao='ATIVO'\n  dataAtualizacao='2026-10-30'\n  cco='000000051772'",
    ],
)
def test_03_attributes_are_read_by_their_names(attributes):
    good = 'cco="000000051772" situacao="ATIVO" dataAtualizacao="2026-10-30"'

    assert records(changed(good, attributes)) == GOOD


def test_04_what_should_be_an_attribute_may_be_an_element_and_the_other_way_round():
    as_elements = changed(' situacao="ATIVO" dataAtualizacao="2026-10-30">', "><situacao>ATIVO</situacao>"
                          "<dataAtualizacao>2026-10-30</dataAtualizacao>")  # fmt: skip
    both = changed("<identificacao>", '<identificacao sexo="3">', changed("<sexo>3</sexo>", "", as_elements))

    assert records(both) == GOOD


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("beneficiario", "Beneficiario"),
        ("identificacao", "IDENTIFICACAO"),
        ("dataNascimento", "datanascimento"),
        ("conferencia", "Conferencia"),
        ("mensagemSIB", "MensagemSib"),
    ],
)
def test_05_names_are_compared_without_case(name, written):
    written_so = PLAIN.replace(f"<{name}>", f"<{written}>").replace(f"<{name} ", f"<{written} ")

    assert records(written_so.replace(f"</{name}>", f"</{written}>")) == GOOD


def test_05_situacao_is_read_without_case_and_blanks(bring):
    active, cancelled = BeneficiaryFactory(), BeneficiaryFactory()

    file = bring(
        record(active, cns=cns(1), situacao=" Ativo "),
        record(cancelled, cns=cns(2), situacao="inativo"),
    )

    assert file.outcomes == {"CNS_NEW": 1, "CANCELLED_AT_ANS": 1}


@pytest.mark.parametrize("empty", ["<endereco/>", "<endereco></endereco>", "<endereco>\n</endereco>", ""])
def test_06_an_empty_block_takes_nothing_from_the_others(empty):
    assert records(changed(ADDRESS, empty)) == [GOOD[0]._replace(**dict.fromkeys(OF_ADDRESS, "")), *GOOD[1:]]


def test_06_every_record_keeps_its_own_caepf():
    cnpj = "<cnpjEmpresaContratante>11222333000181</cnpjEmpresaContratante>"
    caepf = "<caepfEmpresaContratante>{}</caepfEmpresaContratante>"
    assert PLAIN.count(cnpj) == 2
    numbers = ["11122233300144", "55566677700188"]
    written = changed(cnpj, caepf.format(numbers[1]), changed(cnpj, caepf.format(numbers[0])))

    assert [each.caepf_empresa_contratante for each in records(written)] == [*numbers, ""]


@pytest.mark.parametrize("nothing", ["", "<nomeMae/>", "<nomeMae></nomeMae>", "<nomeMae> \n </nomeMae>"])
def test_07_missing_empty_and_blank_are_no_value(nothing):
    found = first(changed("<nomeMae>JOANA MODELO DA CONCEIÇÃO</nomeMae>", nothing))

    assert found == GOOD[0]._replace(nome_mae="")


@pytest.mark.parametrize("written", ["2026-11-20T03:12:45Z", "2026-11-20T03:12:45.0Z", "2026-11-20T03:12:45-03:00"])
def test_08_conference_is_dated_whatever_the_zone_it_says(operator, tmp_path, written):
    path = conference(tmp_path / "a.cnx", registration=operator.registration, made=written)
    file, _ = receive_file(path, name="a.cnx", wants_apply=False)

    process_conference(file.pk)

    file.refresh_from_db()
    assert (file.failure, file.generated_at) == ("", written)


@pytest.mark.parametrize("kind", ["Conferência Cadastral", "conferencia", ""])
def test_08_kind_of_file_is_told_by_its_structure(kind):
    written = conference_of(changed("CONFERENCIA CADASTRAL", kind))

    assert written.header.kind == kind
    assert [each._replace(line=0) for each in written.records()] == GOOD


@pytest.mark.parametrize(
    ("written", "value", "issues"),
    [
        ("", "", ()),
        ("1889-12-31", "1889-12-31", ()),
        ("31/12/1889", "1889-12-31", ()),
        ("2021-07-01T00:00:00", "2021-07-01", ()),
        ("0000-00-00", "", (Issue(0, "dataContratacao", "0000-00-00", "não é uma data"),)),
        ("01/07", "", (Issue(0, "dataContratacao", "01/07", "não é uma data"),)),
    ],
)
def test_09_dates_may_be_blank_old_or_told_as_they_came(written, value, issues):
    found = first(changed("<dataContratacao>2021-07-01<", f"<dataContratacao>{written}<"))

    assert found.data_contratacao == value
    assert tuple(issue._replace(line=0) for issue in found.issues) == issues


def test_10_texts_stay_as_they_are_written():
    name = "  HELENA  D'ÁVILA " + "DA CONCEIÇÃO " * 10

    assert first(changed("HELENA MODELO D'ÁVILA DA CONCEIÇÃO", name)).nome == name


@pytest.mark.parametrize("written", ["MARIA  CONCEICAO D'AVILA ", "Maria Conceição d'Ávila"])
def test_10_accents_blanks_and_case_make_nobody_another_person(bring, written):
    link = BeneficiaryFactory(person__name="Maria Conceição D'Ávila")

    file = bring(record(link, cns=cns(1), nome=written))

    assert (file.outcomes, number_of(link)[0]) == ({"CNS_NEW": 1}, cns(1))


def test_11_unknown_leaves_are_kept_and_told_to_the_mirror(bring):
    link = BeneficiaryFactory()
    written = record(link).replace("</vinculo>", "<modalidadeNova>07</modalidadeNova></vinculo><situacaoTransfrencia>"
                                   "transferido</situacaoTransfrencia>")  # fmt: skip

    bring(written)

    assert MirrorRecord.objects.get().outros == {"modalidadenova": "07", "situacaotransfrencia": "transferido"}


def test_11_a_portfolio_transfer_is_told_from_a_conference():
    with pytest.raises(InvalidSibFile, match="É um arquivo de transferência de carteira"):
        conference_of(PLAIN.replace("conferencia>", "transferencia>"))


def test_12_a_file_by_the_schema_of_2015_is_whole():
    of_2015 = changed("<dataPrimeiraContratacao>2015-03-01</dataPrimeiraContratacao>", "")

    assert records(of_2015) == [GOOD[0]._replace(data_primeira_contratacao=""), *GOOD[1:]]


def test_12_what_no_schema_allows_is_told_and_the_rest_read():
    found = conference_of(changed("<versaoPadrao>1.1<", "<versaoPadrao>9.9<", changed("<sexo>3<", "<sexo>9<")))

    told = Issue(21, "sexo", "9", "não é um destes códigos: 1, 3")
    assert (found.header.version, next(found.records())) == ("9.9", GOOD[0]._replace(line=21, sexo="", issues=(told,)))


def test_13_code_is_kept_as_written_and_matched_without_its_zeros(bring):
    link = BeneficiaryFactory(cco=None, code="777")

    bring(record(link, cco="000000000353", cns=cns(1), codigoBeneficiario="777".zfill(30)))

    link.refresh_from_db()
    assert (link.cco, link.code, number_of(link)[0]) == ("000000000353", "777", cns(1))
    assert MirrorRecord.objects.get().codigo_beneficiario == "777".zfill(30)


@pytest.mark.parametrize("end", ["\r\n", "\r", "", "\n\n"])
def test_14_lines_may_end_in_any_way_or_not_at_all(end):
    assert records(PLAIN.replace("\n", end)) == GOOD


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("ISO-8859-1", "iso-8859-1"), ("ISO-8859-1", "cp1252"), ("ISO-8859-1", "utf-8"), ("ISO-8859-1", "utf-8-sig"),
        ("ISO-8859-1", "utf-16"), ("UTF-8", "utf-8"), ("UTF-8", "iso-8859-1"), ("utf8", "utf-8-sig"),
        ("windows-1252", "cp1252"), ("US-ASCII", "iso-8859-1"), ("UTF-16", "utf-8"),
        ("windows-1252", "utf-8"),
    ],
)  # fmt: skip
def test_14_accents_come_through_a_wrong_declaration(declared, written):
    assert records(changed("ISO-8859-1", declared), written) == GOOD


@pytest.mark.parametrize("name", ["ArqConf99999911.CNX", "conferencia.cnx", "conferencia.XML", "sem sufixo"])
def test_14_name_of_the_file_means_nothing(operator, tmp_path, name):
    link = BeneficiaryFactory()
    path = conference(tmp_path / name, record(link), registration=operator.registration)

    file, _ = receive_file(path, name=name, wants_apply=False)
    process_conference(file.pk)

    file.refresh_from_db()
    assert (file.failure, file.records) == ("", 1)


@pytest.fixture
def bring_set(operator, tmp_path):
    """Receive and process one conference of several files, each of one record."""

    def bring_set(*written: str):
        (tmp_path / "set").mkdir()
        for number, each in enumerate(written, 1):
            conference(tmp_path / "set" / f"{number}.cnx", each, registration=operator.registration, sequence=number)
        file, _ = receive_file(tmp_path / "set", name="set", wants_apply=True)
        process_conference(file.pk)
        file.refresh_from_db()
        return file

    return bring_set


@pytest.mark.parametrize(("days", "counts"), [(("2026-11-01", "2025-01-01"), 0), (("2025-01-01", "2026-11-01"), 1),
                                              (("2026-11-01", "2026-11-01"), 1), (("2026-11-01", ""), 0)])  # fmt: skip
def test_15_of_a_cco_in_several_files_the_last_update_counts_and_the_other_is_told(bring_set, days, counts):
    link = BeneficiaryFactory()

    file = bring_set(*(record(link, cns=cns(number), dataAtualizacao=day) for number, day in enumerate(days)))

    superseded = Difference.objects.get(outcome="REPEATED")
    assert (file.outcomes, number_of(link)[0]) == ({"CNS_NEW": 1, "REPEATED": 1}, cns(counts))
    assert (superseded.part, MirrorRecord.objects.get().cns) == (2 - counts, cns(counts))


@pytest.fixture
def elsewhere():
    """The address of a server that listens; afterwards, that nobody has called."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE mensagemSIB>",
        '<!DOCTYPE mensagemSIB SYSTEM "{}/sib.dtd">',
        '<!DOCTYPE mensagemSIB [<!ENTITY a SYSTEM "{}/a">]>',
        '<!DOCTYPE mensagemSIB [<!ENTITY % a SYSTEM "{}/a"> %a;]>',
    ],
    ids=["plain", "external", "entity", "parameter"],
)
def test_16_a_dtd_is_refused_and_nothing_fetched(doctype, elsewhere):
    with pytest.raises(InvalidSibFile, match="declara um DTD, o que não é aceito por segurança"):
        conference_of(changed("<mensagemSIB", f"{doctype.format(elsewhere)}<mensagemSIB"))


def test_16_the_schema_is_not_fetched(elsewhere):
    assert records(changed("http://www.ans.gov.br/padroes/sib/schemas/sib.xsd", f"{elsewhere}/sib.xsd")) == GOOD


def test_16_a_text_without_end_is_refused():
    with pytest.raises(InvalidSibFile, match="Um campo tem mais de um milhão de letras"):
        records(changed("HELENA MODELO", "A" * (1 << 21)))


def test_dialects_change_no_hash_but_where_a_value_is_written_otherwise():
    through = conference_of(PLAIN.replace("\n", "\r\n").replace("<nomeMae>", "<!-- of her mother --><nomeMae>"))
    list(through.records())
    otherwise = conference_of(changed("<cpf>05299822421<", "<cpf>5299822421<"))
    list(otherwise.records())

    assert (through.hash_state, otherwise.hash_state) == (HashState.MATCHES, HashState.DIFFERS)
