from functools import partial
from hashlib import new

from hypothesis import given
from hypothesis import strategies as st

from sib.formats.sib_hash import SibHash, Variant

md5 = partial(new, "md5", usedforsecurity=False)
SCHEMA = "http://www.ans.gov.br/padroes/sib/schemas http://www.ans.gov.br/padroes/sib/schemas/sib.xsd"
ROOT = [("xmlns:ansSIB", "a"), ("xmlns:xsi", "b"), ("xsi:schemaLocation", SCHEMA)]
HEADER = "CONFERENCIA CADASTRAL|1|2026-09-08T03:12:45|03589068000146|999999|1.1|SIB-XML|1.1|ANS"
RECORDS = [
    (
        [("cco", "000000000191"), ("situacao", "ATIVO"), ("dataAtualizacao", "2026-08-31")],
        (
            "11122233396|100000000190000|FULANA EXEMPLO DA CONCEIÇÃO|3|1984-02-29|BELTRANA EXEMPLO DA CONCEIÇÃO|"
            "RUA FICTÍCIA|100|CENTRO|355030|01000000|2|0|00010001000001001|1|2015-03-01|2021-07-01|999999990|0|0|"
            "11222333000181"
        ),
    ),
    (
        [("cco", "000000000272"), ("situacao", "ATIVO"), ("dataAtualizacao", "2026-09-05")],
        (
            "22233344405|30000000000|SICRANO EXEMPLO DA CONCEIÇÃO|1|2019-11-05|FULANA EXEMPLO DA CONCEIÇÃO|355030|"
            "00010001000001002|4|000000000191|2020-01-01|2021-07-01|999999990|11222333000181"
        ),
    ),
    (
        [("cco", "000000000353"), ("situacao", "INATIVO"), ("dataAtualizacao", "2024-06-05")],
        (
            "33344455508|10000000019|700000000000013|JOÃO MODELO D'ÁVILA|1|1951-12-31|AV MODELO|SN|330455|0|"
            "000000000000000000000000000777|1|1998-05-10|2012-02-01|2024-05-31|44|PLANO-ANTIGO-01"
        ),
    ),
]
SBX = (
    "Atualizacao SIB|42|2026-09-04T10:15:30|999999|03589068000146|1.1|SISTEMA EXEMPLO|1.0|EXEMPLO|"
    "22233344405|30000000000|SICRANO EXEMPLO DA CONCEICAO|1|2019-11-05|FULANA EXEMPLO DA CONCEICAO|355030|0|"
    "00010001000001002|4|00010001000001001|2026-08-01|999999990|11222333000181|000000000191|100000000190000|"
    "FULANA EXEMPLO DA CONCEICAO|000000000191|1|2026-08-15|999999991|11222333000181|000000000353|2026-08-20|42|"
    "000000000434|2026-08-25"
)


def document(texts=()):
    """A hash that has seen the root and these texts."""
    seen = SibHash()
    seen.start("mensagemSIB", ROOT, is_root=True)
    for text in texts:
        seen.text(text)
    return seen


def test_hash_of_the_known_update():
    assert document(SBX.split("|")).hexdigest() == "E4E1096ADFDF5AC37675B060C4EE0C92"


def test_hash_of_the_known_conference_under_each_reading():
    seen = document(HEADER.split("|"))
    for attributes, texts in RECORDS:
        seen.start("beneficiario", attributes)
        for text in texts.split("|"):
            seen.text(text)

    assert seen.hexdigests() == {
        Variant.ALL_ATTRIBUTES: "2A5344491BA62688C86495C2B8AE4C9B",
        Variant.FROM_THIRD_ATTRIBUTE: "9B9822B1A496059B1B07EB5D66CEC058",
        Variant.ROOT_ATTRIBUTES: "65F72EBD99CF3C21E839F5B38246411F",
    }


def test_record_counts_as_its_element_and_texts_do():
    seen = document(HEADER.split("|"))
    for attributes, texts in RECORDS:
        seen.record([value for _, value in attributes], texts.replace("|", ""))

    assert seen.hexdigests()[Variant.ALL_ATTRIBUTES] == "2A5344491BA62688C86495C2B8AE4C9B"
    assert seen.hexdigests()[Variant.FROM_THIRD_ATTRIBUTE] == "9B9822B1A496059B1B07EB5D66CEC058"
    assert seen.hexdigests()[Variant.ROOT_ATTRIBUTES] == "65F72EBD99CF3C21E839F5B38246411F"


def test_blank_texts_and_namespaces_do_not_count_and_blanks_around_texts_do():
    assert document(["\n  ", "A ", ""]).hexdigest() == md5(f"{SCHEMA}A ".encode()).hexdigest().upper()


def test_rejected_records_count_all_their_attributes_in_every_program():
    attributes = [("cco", "1"), ("codigoTipoMovimento", "2"), ("tipoMovimento", "X")]
    seen = document()
    seen.start("registroRejeitado", attributes)

    digests = seen.hexdigests()

    assert digests[Variant.FROM_THIRD_ATTRIBUTE] == digests[Variant.ALL_ATTRIBUTES]
    assert digests[Variant.ROOT_ATTRIBUTES] == document().hexdigest()


@given(st.lists(st.text(st.characters(codec="iso-8859-1"), min_size=1), max_size=1500))
def test_hash_is_that_of_all_texts_at_once(texts):
    counted = "".join(text for text in texts if not text.isspace())

    expected = md5((SCHEMA + counted).encode("iso-8859-1")).hexdigest().upper()

    assert document(texts).hexdigest() == expected
