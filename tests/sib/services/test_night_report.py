"""The report of a night: once a day, silent where nothing happened, by e-mail to those who administer the operator."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from beneficiaries.models import CnsSource
from beneficiaries.services import CnsOffer, attach_cns
from operators.context import operator_context
from operators.models import AuditEvent
from operators.permissions import Role
from sib.models import ConferenceFile, NightReport
from sib.services import night_report, process_conference
from sib.services.conferences.revert import request_revert
from sib.services.night_report import facts_of, make_report, subject_line
from sib.tasks import report_night
from tests.factories import BeneficiaryFactory, MembershipFactory, OperatorFactory, UserFactory, cns
from tests.pages import signed_in, text_of
from tests.sib.files import record


@pytest.fixture
def ana(operator):
    user = UserFactory(first_name="Ana", last_name="Lima", email="ana@example.invalid")
    MembershipFactory(user=user, operator=operator, role=Role.ADMINISTRACAO)
    return user


@pytest.fixture
def recent(operator, bring):
    """A conference that is not old, of before the night."""
    file = bring(record(BeneficiaryFactory()), sequence=99)
    before = timezone.now() - timedelta(days=10)
    made = before.replace(tzinfo=None).isoformat()
    ConferenceFile.objects.filter(pk=file.pk).update(received_at=before, generated_at=made)
    return file


def test_a_night_in_which_nothing_came_is_reported_and_silent(mailbox, ana, recent):
    report = make_report()

    assert subject_line(report) == "nada chegou, nenhum CNS novo"
    assert (report.facts["urgent"], report.mailed_at, mailbox.letters) == ([], None, [])


def test_report_tells_what_came_and_what_was_attached(mailbox, ana, recent, bring):
    link, doubtful = (BeneficiaryFactory(person__name="Maria Aparecida Exemplo Z") for _ in range(2))
    file = bring(record(link, cns=cns(1)), record(doubtful, cns=cns(2), nome="MARIA A EXEMPLO Z"))

    facts = make_report().facts

    assert [(each["id"], each["records"], each["differing"], each["applied"]) for each in facts["conferences"]] == [
        (file.pk, 2, 3, 1)  # one of the three is only here
    ]
    assert facts["attached"] == {"CNX": 1}
    assert facts["waiting"] == {"conferences": 0, "reviews": 1, "strangers": 0}
    assert facts["coverage"] == {"active": 3, "with_cns": 1, "before": None}


def test_a_conference_that_could_not_be_undone_is_not_told_as_refused(mailbox, recent, bring):
    link = BeneficiaryFactory(person__name="Maria Aparecida Exemplo Z")
    file = bring(record(link, cns=cns(1)))
    attach_cns([CnsOffer(link.person_id, cns(5), CnsSource.CADSUS)])
    request_revert(file)
    process_conference(file.pk)

    report = make_report()

    assert subject_line(report) == "1 conferência, 1 CNS novo"
    assert [each["failure"] for each in report.facts["conferences"]] == [""]


def test_new_is_what_people_without_a_number_got_from_outside(recent):
    """The same number again, another one in its place, and what the operator's own file says are told apart."""
    fresh, informed, changed, own = (BeneficiaryFactory().person for _ in range(4))
    for index, person in enumerate((informed, changed, own), 1):
        attach_cns([CnsOffer(person.pk, cns(index), CnsSource.IMPORT, verified=False)])
    attach_cns([CnsOffer(fresh.pk, cns(9), CnsSource.CADSUS)])
    attach_cns([CnsOffer(informed.pk, cns(1), CnsSource.CNX)])
    attach_cns([CnsOffer(changed.pk, cns(8), CnsSource.CADSUS)])

    facts = make_report().facts

    assert facts["attached"] == {"CADSUS": 1}
    assert facts["lines"][:3] == [
        ["CNS trocados por outro", 1],
        ["CNS que já estavam aqui e foram confirmados", 1],
        ["CNS lidos do cadastro da operadora", 3],
    ]


def test_strangers_of_the_report_are_those_whose_cco_points_to_somebody_else_now(recent, bring):
    with_number, without = (BeneficiaryFactory() for _ in range(2))
    attach_cns([CnsOffer(with_number.person_id, cns(5), CnsSource.CADSUS)])
    both = [
        record(link, cns=cns(index), nome="OUTRA PESSOA QUALQUER")
        for index, link in enumerate((with_number, without), 1)
    ]
    bring(*both)
    first = make_report().facts["waiting"]["strangers"]
    bring(record(with_number, cns=cns(5)), both[1], sequence=2)

    assert (first, facts_of(timezone.now(), timezone.now(), None)["waiting"]["strangers"]) == (2, 1)


@pytest.mark.parametrize(("attached", "told"), [(0, "nenhum CNS novo"), (1, "1 CNS novo"), (1634, "1.634 CNS novos")])
def test_headline_counts_as_people_write(attached, told):
    report = NightReport(facts={"conferences": [], "attached": {"CNX": attached}})

    assert subject_line(report) == f"nada chegou, {told}"


def test_coverage_is_told_beside_that_of_the_last_report(mailbox, recent, time_machine):
    make_report()
    attach_cns([CnsOffer(BeneficiaryFactory().person_id, cns(5), CnsSource.CADSUS)])
    time_machine.move_to(timezone.now() + timedelta(days=1))

    facts = make_report().facts

    assert facts["coverage"] == {"active": 2, "with_cns": 1, "before": 0}
    assert facts["attached"] == {"CADSUS": 1}


def test_letter_says_the_night_in_plain_words_without_names_or_numbers(mailbox, ana, recent, bring, operator):
    link = BeneficiaryFactory(person__name="Maria Aparecida Exemplo Z")
    bring(record(link, cns=cns(1)))

    report = make_report()

    [(to, letter)] = mailbox.letters
    text = letter.get_body(("plain",)).get_content()
    assert to == ["ana@example.invalid"]
    assert letter["Subject"].strip() == f"{operator.trade_name}: 1 conferência, 1 CNS novo"  # a long one is folded
    assert "1 registro, 2 diferentes, 1 CNS gravado." in text
    address = reverse("sib:night_report", args=[operator.registration, report.pk])
    assert f"https://portal.example.invalid{address}" in text
    for secret in (link.person.name, link.person.cpf, cns(1)):
        assert secret not in letter.as_string()
    report.refresh_from_db()
    assert report.mailed_at is not None
    assert AuditEvent.objects.get(kind="night.reported").data == {"recipients": 1}


def test_report_says_where_something_of_a_conference_may_be_missing(mailbox, ana, recent, bring):
    ConferenceFile.objects.filter(pk=recent.pk).update(records=100)
    bring(record(BeneficiaryFactory(), cns=cns(1)))

    [sentence] = make_report().facts["urgent"]

    assert sentence.startswith("1.cnx: Registros nesta conferência: 1; na anterior: 100.")


def test_twice_in_one_night_is_one_report_and_one_letter(mailbox, ana, recent, bring):
    bring(record(BeneficiaryFactory(), cns=cns(1)))

    first, second = make_report(), make_report()

    assert (first.pk, len(mailbox.letters), NightReport.objects.count()) == (second.pk, 1, 1)


def test_letter_that_was_not_taken_is_sent_next_time(mailbox, ana, recent, bring):
    bring(record(BeneficiaryFactory(), cns=cns(1)))
    mailbox.refuses = True
    make_report()
    mailbox.refuses = False

    make_report()

    assert len(mailbox.letters) == 1


@pytest.mark.parametrize(
    ("days", "reminded"), [(35, False), (36, True), (37, False), (43, True), (44, False), (50, True)]
)
def test_old_conference_is_reminded_of_once_and_then_weekly(mailbox, ana, recent, days, reminded):
    then = timezone.now() - timedelta(days=days)
    ConferenceFile.objects.update(received_at=then, generated_at=then.isoformat())

    report = make_report()

    sentence = f"A última conferência é de {days} dias atrás. Peça a próxima à ANS."
    assert (report.facts["urgent"], len(mailbox.letters)) == (([sentence], 1) if reminded else ([], 0))


def test_age_goes_by_what_the_file_says_and_not_by_when_it_came(recent):
    ConferenceFile.objects.update(generated_at=(timezone.now() - timedelta(days=40)).isoformat())

    assert night_report.age_of_last().days == 40


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_make_one_report_and_one_letter(mailbox):
    operator = OperatorFactory()
    user = UserFactory(email="ana@example.invalid")
    MembershipFactory(user=user, operator=operator, role=Role.ADMINISTRACAO)
    barrier = threading.Barrier(2)

    def run():
        with operator_context(operator.pk):
            barrier.wait()
            make_report()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with operator_context(operator.pk):
        assert (NightReport.objects.count(), len(mailbox.letters)) == (1, 1)


@pytest.mark.django_db
def test_each_operator_gets_its_own_report(mailbox):
    operators = [OperatorFactory(), OperatorFactory()]

    report_night()

    assert {report.operator_id for report in NightReport._base_manager.all()} == {each.pk for each in operators}


# ---- pages ----------------------------------------------------------------------------------------------------------


def test_report_is_read_on_its_page_and_on_the_dashboard(operator, mailbox, ana, recent, bring):
    file = bring(record(BeneficiaryFactory(), cns=cns(1)))
    report = make_report()
    client = signed_in(operator, Role.CONSULTA)

    page = client.get(reverse("sib:night_report", args=[operator.registration, report.pk]))
    nights = client.get(reverse("sib:night_reports", args=[operator.registration]))
    dashboard = client.get(reverse("operators:dashboard", args=[operator.registration]))

    assert "CNS novos: ANS (conferência CNX) 1" in text_of(page)
    assert reverse("sib:conference", args=[operator.registration, file.pk]) in page.content.decode()
    assert "1 conferência, 1 CNS novo" in text_of(nights)
    assert "1 conferência, 1 CNS novo" in text_of(dashboard)
