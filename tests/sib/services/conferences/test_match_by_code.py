"""Links that have no CCO here yet, found in the file by their code."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from beneficiaries.services.give_ccos import give_ccos
from cnsportal.jobs import Status
from operators.models import AuditEvent
from sib.services import apply_conference, process_conference
from sib.services.conferences.revert import request_revert
from tests.factories import BeneficiaryFactory, UserFactory, cns
from tests.sib.cns_numbers import hold, number_of
from tests.sib.files import record


def test_a_link_without_cco_is_known_by_its_code_and_gets_its_cco(bring):
    link = BeneficiaryFactory(cco=None, code="777")

    file = bring(record(link, cco="000000000353", cns=cns(1), codigoBeneficiario="777".zfill(30)))

    link.refresh_from_db()
    assert (file.outcomes, link.cco, number_of(link)[0]) == ({"CNS_NEW": 1}, "000000000353", cns(1))


@pytest.mark.parametrize(
    ("here", "there"), [("777", "0" * 27 + "777"), ("0000777", "0" * 27 + "777"), ("0000777", "777"), ("777", "777")]
)
def test_codes_are_the_same_with_and_without_their_zeros(bring, here, there):
    link = BeneficiaryFactory(cco=None, code=here)

    bring(record(link, cco="000000000353", codigoBeneficiario=there))

    link.refresh_from_db()
    assert link.cco == "000000000353"


def test_a_link_known_by_its_code_gets_its_cco_whatever_becomes_of_the_number(bring):
    equal, blank, newborn, invalid, stranger = (BeneficiaryFactory(cco=None) for _ in range(5))
    type(newborn.person).objects.filter(pk=newborn.person_id).update(cpf=None)
    for index, link in enumerate((equal, blank, newborn)):
        hold(link, cns(index))

    file = bring(
        record(equal, cco="000000000191", cns=cns(0)),
        record(blank, cco="000000000272"),
        record(newborn, cco="000000000353", cns=cns(2), cpf=None),
        record(invalid, cco="000000000434", cns="100000000000008"),
        record(stranger, cco="000000000515", nome="OUTRA PESSOA QUALQUER"),
    )

    links = [link for link in (equal, blank, newborn, invalid, stranger) if link.refresh_from_db() is None]
    assert file.outcomes == {"CNS_BLANK": 1, "CNS_INVALID": 1, "OTHER_PERSON": 1, "CPF_MISSING": 1, "DIVERGENT": 1}
    assert [link.cco for link in links] == ["000000000191", "000000000272", "000000000353", "000000000434", None]
    assert (file.only_here, file.applied) == (0, 0)


def test_a_cco_that_another_link_got_meanwhile_is_not_given_again(bring):
    link, other = BeneficiaryFactory(cco=None), BeneficiaryFactory()
    file = bring(record(link, cco="000000000353", cns=cns(1)), apply=False)
    type(other).objects.filter(pk=other.pk).update(cco="000000000353")

    apply_conference(file, actor=UserFactory())
    process_conference(file.pk)

    link.refresh_from_db()
    file.refresh_from_db()
    assert (file.status, link.cco, number_of(link)[0]) == (Status.DONE, None, cns(1))


def test_a_code_that_means_two_links_means_neither(bring):
    first, second = BeneficiaryFactory(cco=None, code="777"), BeneficiaryFactory(cco=None, code="0777")

    file = bring(record(first, cco="000000000353", cns=cns(1)))

    second.refresh_from_db()
    assert (file.outcomes, file.only_here, second.cco) == ({"ONLY_AT_ANS": 1, "ONLY_HERE": 2}, 2, None)


def test_of_two_records_of_one_code_the_active_one_is_the_links(bring):
    link = BeneficiaryFactory(cco=None, code="777")

    file = bring(
        record(link, cco="000000000191", situacao="INATIVO"),
        record(link, cco="000000000353", cns=cns(1), codigoBeneficiario="0777"),
    )

    link.refresh_from_db()
    assert (file.outcomes, link.cco) == ({"CNS_NEW": 1, "ONLY_AT_ANS_INACTIVE": 1}, "000000000353")


def test_two_active_records_of_one_code_are_nobodys(bring):
    link = BeneficiaryFactory(cco=None, code="777")

    file = bring(record(link, cco="000000000191"), record(link, cco="000000000353", cns=cns(1)))

    link.refresh_from_db()
    assert (file.outcomes, link.cco) == ({"ONLY_AT_ANS": 2, "ONLY_HERE": 1}, None)


# ---- one door -------------------------------------------------------------------------------------------------------


def events(kind):
    rows = AuditEvent.objects.filter(kind=kind).order_by("subject_id")
    return [(each.subject, each.subject_id, each.person_id, each.data, each.source, each.actor) for each in rows]


def test_a_cco_that_a_conference_gives_is_on_record_and_so_is_its_way_back(bring):
    links = [BeneficiaryFactory(cco=None, code=code) for code in ("777", "778")]
    records = [record(link, cco=f"{at:012d}", cns=cns(at)) for at, link in enumerate(links, 353)]
    file = bring(*records, apply=False)
    actor = UserFactory()

    apply_conference(file, actor=actor)
    process_conference(file.pk)
    request_revert(file, actor=actor)
    process_conference(file.pk)

    told = [
        ("beneficiary", link.pk, link.person_id, {"cco": f"{at:012d}"}, file.origin, actor)
        for at, link in enumerate(links, 353)
    ]
    assert (events("cco.given"), events("cco.withdrawn")) == (told, told)


def test_the_first_of_several_that_want_one_cco_gets_it_and_no_odd_text_is_one(operator):
    first, second, numbered, odd = (BeneficiaryFactory(cco=cco) for cco in (None, None, "000000000434", None))
    wanted = "SELECT * FROM unnest(%(links)s::bigint[], %(ccos)s::text[]) AS told (link_id, cco)"
    rows = [(first, "000000000353"), (second, "000000000353"), (numbered, "000000000515"), (odd, "")]

    given = give_ccos(wanted, {"links": [link.pk for link, _ in rows], "ccos": [cco for _, cco in rows]}, origin="x")

    for link, _ in rows:
        link.refresh_from_db()
    assert given == {first.pk}
    assert [link.cco for link, _ in rows] == ["000000000353", None, "000000000434", None]
    assert [subject for _, subject, *_ in events("cco.given")] == [first.pk]


def test_conferences_and_answers_have_one_door_for_the_cco():
    writes = re.compile(r"SET\s+cco\b|^\s*[\w.]+\.cco = |update\([^)]*\bcco=")
    apps = ("beneficiaries", "sib", "cadsus", "cards", "demo", "operators")
    files = [path for app in apps for path in (Path(settings.BASE_DIR) / app).rglob("*.*")]
    sources = [path for path in files if path.suffix in {".py", ".sql"}]

    found = {path.name for path in sources if any(writes.search(text) for text in statements(path))}

    assert found == {"give_ccos.sql", "detach_cns.sql"}


def statements(path):
    """Lines that write to a link: comparisons in SQL, which look alike, stand behind a WHERE, AND, ON or WHEN."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not re.search(r"\b(WHERE|AND|ON|WHEN|JOIN|FROM|ORDER BY|OR)\b", line)]
