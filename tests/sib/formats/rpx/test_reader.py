"""Results of ANS: what is read of them, in which dialects, and which files are refused."""

import io
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.synthetic.rpx_answers import answer
from sib.formats.cnx.conference import HashState
from sib.formats.cnx.writer import Heading
from sib.formats.errors import InvalidSibFile
from sib.formats.rpx.reader import Included, Rejected, RejectedFile, Tally, normal_code, read
from sib.formats.rpx.writer import RpxContent, write_rpx
from tests.paths import DATA

PROCESSED = (DATA / "rpx" / "99999920261106020000.RPX").read_bytes()
REFUSED = (DATA / "rpx" / "99999920261104103000.RPX").read_bytes()
SBX = (DATA / "sbx" / "99999920261104101530.SBX").read_bytes()
NAME = "99999920261104101530.SBX"
HEADING = Heading("999999", 7, "2026-11-06T02:00:00")

ON_CNS = Rejected(
    1, 27, "2", "000000051772", "", "07", "CNS", "200000005170004", "0799", "MENSAGEM FICTICIA SOBRE O CNS"
)
TOMAS = Included(40, "00410000000051701", "000000051853", "TOMAS MODELO DA CONCEICAO")


def through(data):
    """The result with all its rows read, and these."""
    result = read(io.BytesIO(data))
    return result, list(result.rows())


def refusal(data):
    with pytest.raises(InvalidSibFile) as refused:
        through(data)
    return refused.value


def edited(*changes: tuple[str, str]):
    text = PROCESSED.decode("iso-8859-1")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text.encode("iso-8859-1")


def processed(*rows: str):
    """A result with these records between the protocol and the end."""
    head, _, rest = PROCESSED.partition(b"<registrosRejeitados>")
    return head + "".join(rows).encode() + rest[rest.index(b"</arquivoProcessado>") :]


def test_a_processed_file_is_read_whole():
    result, rows = through(PROCESSED)

    assert rows == [ON_CNS, TOMAS]
    assert (result.registration, result.sbx_name, result.protocol) == ("999999", NAME, "00000000000000000517")
    assert (result.created_at, result.hash_state) == ("2026-11-06T02:00:00Z", HashState.MATCHES)
    assert (result.refusal, result.rejected, result.included) == (None, 1, 1)
    assert result.errors == {"0799": 1}
    assert result.tallies == {
        "1": Tally(1, 1, 0),
        "2": Tally(1, 0, 1),
        "3": Tally(1, 1, 0),
        "4": Tally(1, 1, 0),
        "5": Tally(1, 1, 0),
        "6": Tally(0, 0, 0),
        "": Tally(5, 4, 1),
    }


def test_a_refused_file_tells_why():
    result, rows = through(REFUSED)

    assert rows == []
    assert result.refusal == RejectedFile("20", "HASH INVALIDO", "2026-11-04T10:20:00")
    assert (result.sbx_name, result.hash_state) == (NAME, HashState.MATCHES)


@pytest.mark.parametrize(
    "changes",
    [
        [("registroRejeitado", "REGISTROREJEITADO"), ("codigoErro", "CodigoErro")],
        [
            (
                '<registroRejeitado cco="000000051772" codigoTipoMovimento="2"',
                '<registroRejeitado codigoTipoMovimento="2" cco="000000051772"',
            )
        ],
        [
            (
                '<registroRejeitado cco="000000051772" codigoTipoMovimento="2" tipoMovimento="RETIFICAÇÃO">',
                "<registroRejeitado><cco>000000051772</cco><codigoTipoMovimento>2</codigoTipoMovimento>",
            )
        ],
        [('cco="000000051772"', 'cco="51772"'), ("<codigoErro>0799<", "<codigoErro>799<")],
        [('cco="000000051772"', 'cco="0000000517-72" codigoBeneficiario="  "')],
        [("<codigoCampo>07<", "<codigoCampo>7<")],
        [("<codigoCampo>07</codigoCampo>", "")],
        [("<codigoCampo>07<", "<codigoCampo><!-- o campo -->07<")],
        [("<registroRejeitado", "<x:registroRejeitado"), ("</registroRejeitado", "</x:registroRejeitado")],
    ],
    ids=["case", "order", "elements", "eaten", "masked", "one digit", "field of the code", "comment", "prefix"],
)
def test_dialects_say_the_same(changes):
    data = edited(*changes).replace(b"<mensagemSIB ", b'<mensagemSIB xmlns:x="x" ')

    assert [row._replace(line=0) for row in through(data)[1]] == [ON_CNS._replace(line=0), TOMAS._replace(line=0)]


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", "UTF-8"), ("utf-8", "ISO-8859-1"), ("iso-8859-1", "UTF-8"), ("utf-16", "UTF-16")]
)
def test_encodings_are_read_as_declared_and_otherwise(encoding, mark):
    text = PROCESSED.decode("iso-8859-1").replace("ISO-8859-1", mark).replace("SOBRE O CNS", "À TOA: Ç Ã")

    assert through(text.encode(encoding))[1][0].message == "MENSAGEM FICTICIA À TOA: Ç Ã"


def test_each_error_of_each_field_is_a_rejection_of_one_record():
    rejected = (
        '<registroRejeitado codigoBeneficiario="01" codigoTipoMovimento="1">'
        "<campoErro><codigoCampo>04</codigoCampo><erro><codigoErro>0401</codigoErro></erro>"
        "<erro><codigoErro>0402</codigoErro></erro></campoErro>"
        "<campoErro><codigoCampo>06</codigoCampo><valorCampo/></campoErro></registroRejeitado>"
    )

    result, rows = through(processed(rejected, '<registroRejeitado cco="000000000000" codigoTipoMovimento="4"/>'))

    told = [(row.record, row.movement, row.cco, row.code, row.field_code, row.error_code) for row in rows]
    assert told == [
        (1, "1", "", "01", "04", "0401"),
        (1, "1", "", "01", "04", "0402"),
        (1, "1", "", "01", "06", ""),
        (2, "4", "", "", "", ""),
    ]
    assert result.rejected == 2


def test_a_wrong_hash_is_told_and_nothing_more():
    result, rows = through(edited(("SOBRE O CNS", "SOBRE O CPF")))

    assert (result.hash_state, len(rows)) == (HashState.DIFFERS, 2)


def test_a_missing_hash_is_told():
    assert through(PROCESSED[: PROCESSED.index(b"<epilogo>")] + b"</mensagemSIB>")[0].hash_state is HashState.MISSING


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "O arquivo está vazio."),
        (b"nada", "O arquivo não é XML."),
        (b"<nfe/>", "O XML não é um arquivo do SIB."),
        (SBX, "É um arquivo de atualização (SBX), que a operadora envia à ANS."),
        ((DATA / "cnx" / "three_links.cnx").read_bytes(), "É uma conferência cadastral (CNX)"),
        (PROCESSED[:2500], "O arquivo está cortado: acaba na linha 54"),
        (PROCESSED.replace(b"</erro>", b"</erros>"), "O XML está malformado na linha 35, coluna 19."),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><mensagemSIB/>', "Linha 1: O arquivo declara um DTD"),
        (b"<mensagemSIB/>", "O arquivo não traz o resultado de um arquivo SBX."),
        (b"<mensagemSIB>" + b"<a>" * 40, "Linha 1: O arquivo tem elementos demais uns dentro dos outros."),
        (processed("<a>" + "<b/>" * 20_001 + "</a>"), "Linha 26: O registro tem campos demais."),
        (processed("<a>" + "<b>" + "c" * (1 << 20) + "d</b></a>"), "Um campo tem mais de um milhão de letras."),
        (processed("<a>", *(f"<b{n}>{'c' * 400_000}</b{n}>" for n in (1, 2, 3)), "</a>"), "mais de um milhão"),
        (b'<?xml version="1.0" encoding="EBCDIC-X"?><mensagemSIB/>', "A codificação EBCDIC-X não é aceita."),
        (
            processed("<protocoloProcessamento><nomeArquivo>B.SBX</nomeArquivo></protocoloProcessamento>"),
            "Linha 26: o arquivo traz mais de um resultado.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_result_is_refused_with_a_sentence(data, sentence):
    assert sentence in refusal(data).sentence


@pytest.mark.parametrize("cut", range(0, len(PROCESSED) - 20, 97))
def test_a_file_cut_anywhere_is_refused(cut):
    assert refusal(PROCESSED[:cut]).sentence.endswith("Envie o resultado do processamento (RPX) que a ANS gerou.")


@given(data=st.binary(max_size=200), place=st.integers(0, len(PROCESSED)))
@settings(max_examples=60)
def test_bytes_put_anywhere_never_crash_the_reader(data, place):
    with suppress(InvalidSibFile):
        through(PROCESSED[:place] + data + PROCESSED[place:])


TEXT = st.text(st.characters(codec="iso-8859-1", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
WORDS = TEXT.filter(lambda text: not any("\x80" <= letter <= "\xbf" for letter in text))
DIGITS = "0123456789"
REJECTED = st.builds(
    Rejected,
    record=st.just(0),
    line=st.just(0),
    movement=st.sampled_from("12345"),
    cco=st.integers(1, 10**12 - 1).map("{:012d}".format),
    code=WORDS,
    field_code=st.text(DIGITS, min_size=2, max_size=2),
    field_name=WORDS,
    value=st.just("") | WORDS,
    error_code=st.text(DIGITS, min_size=4, max_size=4),
    message=WORDS,
)
INCLUDED = st.builds(Included, line=st.just(0), code=WORDS, cco=st.just("000000051853"), name=WORDS)


@given(rejected=st.lists(REJECTED, max_size=5), included=st.lists(INCLUDED, max_size=5))
@settings(max_examples=50)
def test_what_is_written_is_read_again(rejected, included):
    rejected = [row._replace(record=number) for number, row in enumerate(rejected, start=1)]
    stream = io.BytesIO()

    write_rpx(stream, HEADING, RpxContent(NAME, "1", {"2": 9}, rejected, included))
    result, rows = through(stream.getvalue())

    assert [row._replace(line=0) for row in rows] == [
        *rejected,
        *(row._replace(code=row.code.zfill(30)) for row in included),
    ]
    assert (result.hash_state, result.tallies[""]) == (HashState.MATCHES, Tally(9, 9 - len(rejected), len(rejected)))
    assert sum(result.errors.values()) == len(rejected)


def test_a_refusal_is_written_and_read_again():
    stream, refused = io.BytesIO(), RejectedFile("22", "CNPJ ANS NAO INFORMADO", "2026-11-04T10:20:00")

    write_rpx(stream, HEADING, (NAME, refused))
    result, _ = through(stream.getvalue())

    assert (result.refusal, result.sbx_name, result.hash_state) == (refused, NAME, HashState.MATCHES)


@pytest.mark.parametrize(("every", "fields"), [(0, []), (2, ["07", "32"]), (1, ["04", "07", "12", "32", "20"])])
def test_the_simulated_ans_rejects_every_so_many_movements(every, fields):
    given = answer(io.BytesIO(SBX), NAME, reject_every=every)

    assert [row.field_code for row in given.rejected] == fields
    assert given.sent == {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1}
    assert [row.code for row in given.included] == ([] if every == 1 else ["00410000000051701"])


def test_the_simulated_ans_answers_a_month_without_movements():
    given = answer(io.BytesIO((DATA / "sbx" / "99999920261204090000.SBX").read_bytes()), "99999920261204090000.SBX")

    assert (given.sent, list(given.rejected), list(given.included)) == ({"6": 1}, [], [])


def test_the_simulated_ans_takes_only_update_files():
    with pytest.raises(InvalidSibFile, match="É um arquivo que a ANS manda"):
        answer(io.BytesIO(PROCESSED), NAME)


@pytest.mark.parametrize(
    ("code", "normal"), [("00410000000051701", "410000000051701"), (" 7 ", "7"), ("000", ""), ("A-01", "A-01")]
)
def test_codes_are_compared_without_their_padding(code, normal):
    assert normal_code(code) == normal


def test_twice_the_rejections_are_read_in_the_same_memory():
    few, many = peak_while_reading(10_000), peak_while_reading(20_000)

    assert many - few < 256 << 10  # 26 bytes a rejection


def peak_while_reading(rejections):
    row = (
        '<registroRejeitado cco="{:012d}" codigoTipoMovimento="2"><campoErro><codigoCampo>07</codigoCampo>'
        "<erro><codigoErro>0799</codigoErro><mensagemErro>M</mensagemErro></erro></campoErro></registroRejeitado>\n"
    )
    head, tail = (part.encode() for part in processed("@").decode("iso-8859-1").split("@"))
    stream = io.BytesIO(head + b"".join(row.format(number).encode() for number in range(1, rejections + 1)) + tail)
    tracemalloc.start()
    try:
        assert sum(1 for _ in read(stream).rows()) == rejections
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
