"""Plain records and odd ones are read alike, wherever the pieces of a file are cut."""

import io
import re
import tracemalloc
from datetime import date
from itertools import islice, permutations, repeat
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beneficiaries.domain.placeholders import NOT_NAMES, is_placeholder
from demo.synthetic import invent
from demo.synthetic.cnx_records import conference
from sib.formats import encoding
from sib.formats.cnx import conference as cnx
from sib.formats.cnx import reader as reading
from sib.formats.cnx.fast_path import read_plain_records
from sib.formats.cnx.record import ATTRIBUTES, BLOCKS, FIELDS, TEXT, CnxRecord
from sib.formats.cnx.writer import Heading, write_cnx
from sib.formats.errors import InvalidSibFile
from sib.formats.sib_hash import SibHash
from tests.paths import DATA

PLAIN = (DATA / "cnx" / "three_links.cnx").read_bytes()
HEADING = Heading("999999", 1, "2026-11-01T03:12:45")

days = st.dates(date(1850, 1, 1), date(2150, 12, 31)).map(date.isoformat)
letters = st.characters(codec="iso-8859-1", exclude_characters="\r", exclude_categories=["Cc"])
any_words = st.text(letters, min_size=1, max_size=12).filter(lambda text: not text.isspace())
plain_words = st.from_regex(r"[A-Z][A-Z &<>'\"]{0,12}", fullmatch=True).filter(lambda text: not is_placeholder(text))
VALUES = {
    "situacao": st.sampled_from(["ATIVO", "INATIVO"]),
    "sexo": st.sampled_from("13"),
    "tipoEndereco": st.sampled_from("12"),
    "relacaoDependencia": st.sampled_from(["1", "3", "4", "6", "8", "10"]),
    "cns": st.from_regex(r"[1-9][0-9]{14}", fullmatch=True),
}
REQUIRED = {"cco", "situacao", "nome", "dataNascimento", "codigoBeneficiario"}


def values_of(name, kind, words):
    """Values that the field may have, in the form in which the reader gives them."""
    if name in VALUES:
        return VALUES[name]
    if name.startswith("data"):
        return days
    if match := re.search(r"\\d\{(\d+)\}$", kind.plain):
        return st.integers(1, 10 ** int(match[1]) - 1).map(lambda value: f"{value:0{match[1]}d}")
    return st.sampled_from("01") if kind.plain == "0|1" else words


def records_with(words):
    """Records whose texts are made of these words."""
    fields = [
        values_of(name, kind, words) if name in REQUIRED else st.just("") | values_of(name, kind, words)
        for name, kind in FIELDS.items()
    ]
    return st.tuples(*fields).map(lambda values: CnxRecord._make((0, *values, "", ())))


def read(data):
    found = cnx.read(io.BytesIO(data))
    return list(found.records()), found.hash_state


def read_by_parser(data):
    """As ``read``, but nothing is lifted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "read_plain_records", lambda _text, start, line, _document: ([], start, line))
        return read(data)


def file_of(records):
    stream = io.BytesIO()
    write_cnx(stream, HEADING, records)
    return stream.getvalue()


@given(st.lists(records_with(any_words), max_size=4))
def test_plain_and_parsed_records_are_the_same(records):
    data = file_of(records)

    found, state = read(data)

    assert (found, state) == read_by_parser(data)
    assert state is cnx.HashState.MATCHES
    assert [record.cco for record in found] == [record.cco for record in records]


@given(st.lists(records_with(plain_words), max_size=4))
def test_what_is_written_is_what_is_read(records):
    found, _ = read(file_of(records))

    assert [record._replace(line=0) for record in found] == records


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 500, 1023, 4096])
def test_reading_does_not_depend_on_where_the_pieces_are_cut(monkeypatch, size):
    expected = read(PLAIN)

    monkeypatch.setattr(encoding, "CHUNK_BYTES", size)

    assert read(PLAIN) == expected


@given(
    place=st.integers(0, len(PLAIN) - 1),
    piece=st.sampled_from(
        [b"", b"<", b">", b"&", b'"', b"<!-- ", b" -->", b"<a/>", b"\0", b"\xe3", b"</beneficiario>"]
    ),
    length=st.integers(0, 3),
)
@example(place=PLAIN.index(b"<beneficiario"), piece=b"<!-- ", length=0)
@example(place=PLAIN.index(b"<cpf>"), piece=b"<![CDATA[</beneficiario>]]>", length=0)
@example(place=4465, piece=b"</beneficiario>", length=1)  # behind a plain record on the same line
@settings(max_examples=400)
def test_damage_is_read_alike_by_both(place, piece, length):
    damaged = PLAIN[:place] + piece + PLAIN[place + length :]

    assert outcome(read, damaged) == outcome(read_by_parser, damaged)


def outcome(reader, data):
    """What was read, or why it was refused."""
    try:
        return reader(data)
    except InvalidSibFile as refusal:
        return refusal.sentence, refusal.line, refusal.column


@pytest.mark.parametrize("write", [str.upper, str.lower, str.title])
def test_no_placeholder_is_plain(write):
    plain = re.compile(f"(?:{TEXT.plain})<", re.ASCII)
    signs = ["-", "...", "#N/D", "N/A", "(NULL)", "\\N", "NÃO INFORMADO", "SEM INFORMAÇÃO", "MÃE DESCONHECIDA", "N.I."]

    assert [text for text in sorted(NOT_NAMES) + signs if plain.fullmatch(f"{write(text)}<")] == []


@pytest.mark.parametrize("text", ["SÃO PAULO", "S/N", "ÂNGELA MARIA", "NAIR SILVA", "CAMPOS", "SEMPRE VIVA", "E", "12"])
def test_what_only_begins_like_a_placeholder_is_plain(text):
    assert re.compile(f"(?:{TEXT.plain})<", re.ASCII).fullmatch(f"{text}<")


def test_everything_plain_is_lifted():
    text = file_of(conference(invent(300, seed=3))).decode("iso-8859-1")
    begin = text.index("<conferencia>") + len("<conferencia>")

    lifted, *_ = read_plain_records(text, begin, 1, SibHash())

    assert len(lifted) == text.count("</beneficiario>")


@pytest.mark.parametrize("order", list(permutations(("cco", "situacao", "dataAtualizacao"))), ids=" ".join)
def test_attributes_are_lifted_in_any_order(order):
    def reordered(tag):
        return f"<beneficiario {' '.join(each for name in order for each in tag[1].split() if each.startswith(name))}>"

    text = re.sub("<beneficiario (.*?)>", reordered, PLAIN.decode("iso-8859-1").replace("1984-02-29", "1984-02-28"))
    begin = text.index("<conferencia>") + len("<conferencia>")

    assert len(read_plain_records(text, begin, 1, SibHash())[0]) == 3
    assert read(text.encode("iso-8859-1")) == read_by_parser(text.encode("iso-8859-1"))


@pytest.mark.parametrize(
    ("plain", "odd"),
    [
        ("<cpf>05299822421</cpf>", "<cpf> 05299822421</cpf>"),
        ("<cpf>05299822421</cpf>", "<cpf>05299822421</cpf><cpf>05299822421</cpf>"),
        ("<cpf>05299822421</cpf>", "<cpf>٠٥٢٩٩٨٢٢٤٢١</cpf>"),
        ("<numero>100</numero>", "<numero>&#49;00</numero>"),
        ("<numero>100</numero>", "<numero>100<!-- --></numero>"),
        ("<numero>100</numero>", "<numero>1]]&gt;0</numero>"),
        ("<numero>100</numero>", "<numero/>"),
        ("<cpf>05299822421</cpf>", "<cpf>00000000000</cpf>"),
        ("<cns>200000005170004</cns>", "<cns>000000000000000</cns>"),
        ("<endereco>", "<endereco x='1'>"),
        ("1984-02-28", "1984-02-29"),
        ("1984-02-28", "1984-02-30"),
        ('situacao="ATIVO"', 'situacao="ATIVO" nova="1"'),
        ('situacao="ATIVO"', 'situacao="ATIVO" situacao="ATIVO"'),
        ('situacao="ATIVO"', "situacao='ATIVO'"),
    ],
)
def test_what_needs_a_second_look_is_not_lifted(plain, odd):
    text = PLAIN.decode("iso-8859-1").replace("1984-02-29", "1984-02-28")
    begin = text.index("<conferencia>") + len("<conferencia>")

    assert len(read_plain_records(text, begin, 1, SibHash())[0]) == 3
    assert read_plain_records(text.replace(plain, odd, 1), begin, 1, SibHash()) == ([], begin, 1)


@pytest.mark.parametrize("birth", [b"1984-02-28", b"1984-02-29"], ids=["plain", "parsed"])
def test_memory_does_not_grow_with_the_file(birth):
    few, many = (peak_while_reading(PLAIN.replace(b"1984-02-29", birth), count) for count in (2_000, 5_000))

    assert many < 8 << 20
    assert many < few * 1.1


def stream_of(data, count):
    """A file with one record written again and again, made while it is read."""
    begin, end = data.index(b"        <beneficiario"), data.index(b"</beneficiario>") + 16
    pieces = iter([data[:begin], *repeat(data[begin:end], count), data[data.index(b"      </conf") :]])
    return SimpleNamespace(read=lambda _: b"".join(islice(pieces, 100)))


def peak_while_reading(data, count):
    stream = stream_of(data, count)
    tracemalloc.start()
    try:
        assert sum(1 for _ in cnx.read(stream).records()) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_fields_of_a_record_are_named_once():
    assert list(FIELDS) == [*ATTRIBUTES, *(name for fields in BLOCKS.values() for name in fields)]
