import io
from collections import Counter
from itertools import islice

from beneficiaries.domain.identifiers import cns_is_valid
from beneficiaries.domain.names import fold
from demo.synthetic import invent
from demo.synthetic.cnx_records import Variation, case_of, conference, is_in_registry
from sib.formats.cnx.conference import HashState, read
from sib.formats.cnx.writer import Heading, write_cnx

LINKS = list(invent(3000, seed=5))
RECORDS = {record.cco: record for record in conference(LINKS)}


def pairs(case):
    """The links of a case with their records."""
    return [(link, RECORDS[link.cco]) for link in LINKS if case_of(link) is case and link.cco in RECORDS]


def test_cases_come_as_often_as_they_say():
    counts = Counter(case_of(link) for link in LINKS)

    assert sum(case.value for case in Variation) == 1000
    assert {
        case: count for case, count in counts.items() if case not in {Variation.FAITHFUL, Variation.NOT_IN_REGISTRY}
    } == {case: case.value * 3 for case in Variation if case not in {Variation.FAITHFUL, Variation.NOT_IN_REGISTRY}}
    assert counts[Variation.NOT_IN_REGISTRY] > 0


def test_conference_says_the_truth_about_faithful_links():
    for link, record in pairs(Variation.FAITHFUL):
        assert (record.cpf, record.cns, record.codigo_beneficiario) == (link.person.cpf, link.person.cns, link.code)
        assert (record.nome, record.cco_beneficiario_titular) == (link.person.name.upper(), link.holder_cco)
        assert record.situacao == ("INATIVO" if link.cancelled_on else "ATIVO")


def test_conference_says_the_truth_about_all_when_asked_to():
    records = list(conference(LINKS, faithful=True))

    assert [(record.cco, record.cns) for record in records] == [(link.cco, link.person.cns) for link in LINKS]


def test_conference_does_not_know_some_links_and_the_registry_does_not_know_others():
    missing = [link for link in LINKS if link.cco not in RECORDS]
    unknown = [link for link in LINKS if not is_in_registry(link)]

    assert {case_of(link) for link in missing} == {Variation.NOT_AT_ANS}
    assert {case_of(link) for link in unknown} == {Variation.NOT_IN_REGISTRY}
    assert all(link.holder_code for link in unknown)


def test_other_person_shares_neither_name_nor_birth_date_nor_number():
    numbers = {link.person.cns for link in LINKS}

    for link, record in pairs(Variation.OTHER_PERSON):
        assert (record.nome, record.data_nascimento) != (link.person.name.upper(), link.person.birth_date.isoformat())
        assert cns_is_valid(record.cns)
        assert record.cns not in numbers


def test_invalid_numbers_fail_their_check_digits():
    assert not any(cns_is_valid(record.cns) for _, record in pairs(Variation.INVALID_CNS))


def test_repeated_numbers_are_those_of_the_link_before():
    for link, record in pairs(Variation.REPEATED_CNS):
        before = LINKS[link.ordinal - 1]
        assert record.cns == (before.person.cns if before.person.ordinal != link.person.ordinal else link.person.cns)


def test_cancelled_at_ans_are_inactive_with_day_and_reason():
    for link, record in pairs(Variation.CANCELLED_AT_ANS):
        expected = (link.cancelled_on.isoformat(), link.cancellation_reason) if link.cancelled_on else None
        assert record.situacao == "INATIVO"
        assert (record.data_cancelamento, record.motivo_cancelamento) == (expected or ("2026-11-01", "42"))


def test_abbreviated_names_keep_first_and_last():
    for link, record in pairs(Variation.ABBREVIATED_NAME):
        ours, theirs = link.person.name.upper().split(), record.nome.split()
        assert (ours[0], ours[-1], len(ours)) == (theirs[0], theirs[-1], len(theirs))


def test_unaccented_names_are_folded():
    for link, record in pairs(Variation.UNACCENTED_NAME):
        assert (record.nome, record.nome_mae) == (fold(link.person.name), fold(link.person.mother_name))


def test_links_without_cns_have_none():
    assert {record.cns for _, record in pairs(Variation.WITHOUT_CNS)} == {""}


def test_written_conference_is_read_back_with_a_hash_that_matches():
    stream = io.BytesIO()

    count = write_cnx(stream, Heading("999999", 7, "2026-11-01T03:12:45"), islice(RECORDS.values(), 500))

    found = read(io.BytesIO(stream.getvalue()))
    assert count == 500
    assert [record._replace(line=0) for record in found.records()] == list(islice(RECORDS.values(), 500))
    assert found.hash_state is HashState.MATCHES
    assert (found.header.registration, found.header.sequence) == ("999999", "7")
    assert 1100 < len(stream.getvalue()) / count < 1300


def test_written_conference_escapes_what_xml_needs():
    (record, *_) = RECORDS.values()
    odd = record._replace(nome="A < B & \"C\" > 'D' €", bairro="&amp;")
    stream = io.BytesIO()

    write_cnx(stream, Heading("999999", 1, "2026-11-01T03:12:45"), [odd])

    found = read(io.BytesIO(stream.getvalue()))
    assert [record._replace(line=0) for record in found.records()] == [odd]
    assert found.hash_state is HashState.MATCHES
