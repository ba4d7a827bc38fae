"""An operator born from a conference: weighed before anything is written, made whole, and equal the next night."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection

from beneficiaries.domain.identifiers import cpf_from_base
from beneficiaries.models import Beneficiary, CnsNumber, Company, Contract, Person, Plan
from beneficiaries.sql.onboarding import HoldReason
from cnsportal.jobs import Status
from demo.synthetic import invent
from demo.synthetic.cnx_records import conference as invented_records
from operators.models import AuditEvent
from sib.formats.cnx.writer import Heading, write_cnx
from sib.models import Founding, HeldNewcomer
from sib.services import onboarding, process_conference, receive_file
from sib.services.onboarding import confirm_onboarding
from tests.factories import BeneficiaryFactory, PersonFactory, cns
from tests.sib.onboarding import onboard, row


def held(run):
    return {(each.cco[-2:], each.reason) for each in HeldNewcomer.objects.filter(founding=run)}


def test_rehearsal_counts_and_writes_nothing(bring):
    file = bring(row(1), row(2, relacaoDependencia="4", ccoBeneficiarioTitular="000000000001"))

    run = onboard(file, apply=False)

    assert (run.status, Person.objects.count(), Beneficiary.objects.count(), Plan.objects.count()) == (
        Status.WAITING, 0, 0, 0,
    )  # fmt: skip
    assert run.counts == {
        "links": 2, "active_links": 2, "new_people": 2, "known_people": 0, "families": 1, "companies": 0, "plans": 1,
        "numbers": 2, "without_holder": 0, "held": {},
    }  # fmt: skip


def test_people_links_families_companies_and_plans_come_in_whole(bring):
    file = bring(
        row(1, logradouro="RUA A", codigoMunicipio="355030", cep="01001000", cnpjEmpresaContratante="11222333000181"),
        row(2, relacaoDependencia="4", ccoBeneficiarioTitular="000000000001", numeroPlanoANS="",
            numeroPlanoOperadora="ANTIGO"),
    )  # fmt: skip

    run = onboard(file)

    holder, child = Beneficiary.objects.order_by("cco")
    assert (run.status, run.numbers, child.holder) == (Status.DONE, 2, holder)
    assert (holder.person.name, holder.person.street, holder.person.city_code) == (
        "PESSOA NUMERO A EXEMPLO", "RUA A", "355030",
    )  # fmt: skip
    assert (holder.plan.ans_number, child.plan.operator_code, child.relationship) == ("999999990", "ANTIGO", "4")
    assert (holder.contract.company.cnpj, child.contract) == ("11222333000181", None)
    assert (Company.objects.count(), Contract.objects.count()) == (1, 1)
    number = CnsNumber.objects.get(person=holder.person)
    assert (number.number, number.source, number.verified, number.evidence["file"]) == (cns(1), "CNX", True, file.pk)
    assert AuditEvent.objects.filter(kind="person.created").count() == 2
    assert AuditEvent.objects.get(kind="people.founded").data["links"] == 2


def test_one_person_with_several_links_is_one_person(bring):
    cpf = cpf_from_base("111444777")
    same = {"cpf": cpf, "nome": "MARIA EXEMPLO", "cns": cns(7)}
    ana = {"cpf": "", "nome": "ANA EXEMPLO"}
    file = bring(
        row(1, **same),
        row(2, **same),
        row(3, **ana),
        row(4, **ana, cns=None, numeroPlanoANS="999999991"),
    )

    run = onboard(file)

    assert (run.counts["links"], run.counts["new_people"], Person.objects.count()) == (4, 2, 2)
    assert {person.links.count() for person in Person.objects.all()} == {2}


def test_newborns_of_one_birth_are_as_many_people(bring):
    newborn = {"cpf": "", "nome": "RN DE MARTA EXEMPLO", "nomeMae": "MARTA EXEMPLO", "cns": None}
    file = bring(*(row(at, **newborn, dn=f"3011111111{at}") for at in (1, 2)), row(3, **newborn))

    run = onboard(file)

    assert (run.counts["new_people"], run.counts["held"], Person.objects.count()) == (3, {}, 3)


def test_one_person_in_two_spellings_is_one_person(bring):
    ana = {"cpf": "", "cns": cns(7)}
    file = bring(
        row(1, **ana, nome="ANA D AVILA JR", nomeMae="ROSA D'ÁVILA"),
        row(2, **ana, nome="ANA D'AVILA JUNIOR", nomeMae="ROSA DE D AVILA", numeroPlanoANS="999999991"),
        row(3, cpf="", nome="ANA D AVILA JR", nomeMae="ROSA ÁVILA", cns=None, numeroPlanoANS="999999992"),
    )

    onboard(file)

    assert sorted(person.links.count() for person in Person.objects.all()) == [1, 2]


def test_people_without_a_mothers_name_are_never_thrown_together(bring):
    file = bring(*(row(at, cpf="", nome="ANA EXEMPLO", nomeMae="") for at in (1, 2)))

    onboard(file)

    assert Person.objects.count() == 2


def test_somebody_whom_the_registry_knows_gets_the_link_and_nothing_else(bring):
    known = PersonFactory(name="Maria Exemplo", birth_date="1984-02-29", cpf=cpf_from_base("111444777"))
    before = Person.objects.filter(pk=known.pk).values().get()
    file = bring(row(1, cpf=known.cpf, nome="MARIA EXEMPLO"))

    run = onboard(file)

    assert (run.counts["known_people"], Beneficiary.objects.get().person, Person.objects.count()) == (1, known, 1)
    assert Person.objects.filter(pk=known.pk).values().get() == before


def test_inactive_records_come_in_only_where_asked_and_prove_no_number(bring):
    gone = row(1, situacao="INATIVO", dataCancelamento="2025-01-01", motivoCancelamento="41")
    file = bring(gone)

    assert onboarding.can_found(file)
    without = onboard(file)
    run = onboard(file, with_inactive=True)

    link = Beneficiary.objects.get()
    assert (without.counts["links"], run.counts["links"], run.numbers) == (0, 1, 0)
    assert (link.cancelled_on.isoformat(), link.cancellation_reason) == ("2025-01-01", "41")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"nome": ""}, "NO_NAME"),
        ({"dataNascimento": ""}, "NO_BIRTH"),
        ({"relacaoDependencia": ""}, "NO_RELATIONSHIP"),
        ({"dataContratacao": ""}, "NO_CONTRACT_DATE"),
        ({"numeroPlanoANS": ""}, "NO_PLAN"),
        ({"codigoBeneficiario": ""}, "NO_CODE"),
        ({"situacao": "INATIVO"}, "CANCELLED_WITHOUT_A_DAY"),
        ({"codigoBeneficiario": "0077"}, "CODE_TAKEN"),
        ({"cpf": "12345678900"}, "CPF_INVALID"),
        ({"cpf": cpf_from_base("555666777")}, "CPF_OF_ANOTHER"),
        ({"cpf": "", "nome": "BENEDITA CONHECIDA", "nomeMae": ""}, "NAMESAKE"),
    ],
)
def test_what_cannot_come_in_is_held_with_its_reason(bring, changes, reason):
    known = PersonFactory(name="Benedita Conhecida", birth_date="1984-02-29", cpf=cpf_from_base("555666777"))
    BeneficiaryFactory(person=known, code="77", cco="000000000099")
    file = bring(row(1, **changes), row(2))

    run = onboard(file, with_inactive=True)

    assert held(run) == {("01", reason)}
    assert run.counts["held"] == {reason: 1}
    assert list(Beneficiary.objects.exclude(person=known).values_list("cco", flat=True)) == ["000000000002"]


def test_of_a_code_that_stands_twice_the_newest_active_record_counts(bring):
    file = bring(
        row(1, codigoBeneficiario="5", dataAtualizacao="2026-01-01"),
        row(2, codigoBeneficiario="0005", dataAtualizacao="2026-02-01"),
    )

    run = onboard(file)

    assert held(run) == {("01", "CODE_REPEATED")}


def test_a_cpf_of_two_people_brings_in_neither(bring):
    cpf = cpf_from_base("111444777")
    file = bring(row(1, cpf=cpf), row(2, cpf=cpf))

    run = onboard(file)

    assert held(run) == {("01", "CPF_CONTRADICTS"), ("02", "CPF_CONTRADICTS")}
    assert Person.objects.count() == 0


def test_a_number_of_two_people_is_given_to_neither(bring):
    file = bring(row(1, cns=cns(5)), row(2, cns=cns(5)))

    run = onboard(file)

    assert (run.numbers, CnsNumber.objects.count(), Beneficiary.objects.count()) == (0, 0, 2)


def test_a_dependant_whose_holder_is_nowhere_comes_in_and_is_counted(bring):
    file = bring(row(1, relacaoDependencia="4", ccoBeneficiarioTitular="000000000055"))

    run = onboard(file)

    assert (run.counts["without_holder"], Beneficiary.objects.get().holder) == (1, None)


def test_the_same_again_changes_nothing(bring):
    file = bring(row(1), row(2))
    onboard(file)
    before = (list(Person.objects.values()), list(Beneficiary.objects.values()), list(CnsNumber.objects.values()))

    run = onboard(file)

    assert run.counts["links"] == 0
    assert before == (
        list(Person.objects.values()), list(Beneficiary.objects.values()), list(CnsNumber.objects.values()),
    )  # fmt: skip


@pytest.fixture
def invented(operator, tmp_path, time_machine):
    """Two conferences of an operator's two hundred invented links, the same but for their dates.

    They are received in the month as of which the people are invented: later some of the children are of age.
    """
    time_machine.move_to(datetime(2026, 11, 23, 12, tzinfo=UTC))

    def file(sequence):
        path = tmp_path / f"{sequence}.cnx"
        with path.open("wb") as stream:
            write_cnx(
                stream, Heading(operator.registration, sequence, f"2026-11-2{sequence}T03:12:45"),
                invented_records(invent(200, seed=5)),
            )  # fmt: skip
        taken, _ = receive_file(path, name=path.name, wants_apply=False)
        process_conference(taken.pk)
        taken.refresh_from_db()
        return taken

    return file


def test_the_night_after_finds_everything_equal_that_came_in(invented):
    run = onboard(invented(1), with_inactive=True)

    after = invented(2)

    ccos = set(Beneficiary.objects.active().values_list("cco", flat=True))
    differing = after.differences.filter(cco__in=ccos).exclude(outcome="REPEATED").values_list("outcome", flat=True)
    assert run.counts["links"] == Beneficiary.objects.count() > len(ccos) > 120
    assert set(differing) <= {"CNS_INVALID", "CNS_REPEATED", "HOLDER_WITHOUT_CNS", "CNS_ABSENT_WITH_CPF", "WITHOUT_CNS"}
    assert after.outcomes["EQUAL"] > 120


def test_a_killed_worker_leaves_nothing_and_the_next_one_does_all(bring, monkeypatch):
    file = bring(row(1), row(2))
    run = onboard(file, apply=False)
    confirm_onboarding(run)

    def die(*_: object, **__: object):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("beneficiaries.services.onboarding.attach_from_select", die)
        with pytest.raises(KeyboardInterrupt):
            onboarding.process_onboarding(run.pk)
    left = (Person.objects.count(), Beneficiary.objects.count())
    Founding.objects.filter(pk=run.pk).update(status=Status.QUEUED)

    onboarding.process_onboarding(run.pk)

    run.refresh_from_db()
    assert (left, run.status, Beneficiary.objects.count(), run.numbers) == ((0, 0), Status.DONE, 2, 2)


def test_every_reason_has_a_sentence_that_says_what_to_do():
    assert all(hold.sentence.count(".") >= 1 and hold.sentence.endswith(".") for hold in HoldReason)


def test_command_founds_and_reports(operator, bring, capsys):
    file = bring(row(1))

    call_command("onboard_operator", file.pk, operator=operator.registration, apply=True, json=True)

    assert '"links": 1' in capsys.readouterr().out
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM beneficiaries_beneficiary")
        assert cursor.fetchone() == (1,)
