"""Warnings before a certificate ends: when, in which words, to whom, once; with a real SMTP server."""

import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from cadsus.models import Credential, CredentialState, EnvironmentName, Revocation
from cadsus.pki.expiry_policy import AHEAD, EXPIRED_DAYS, ExpiryNotice, is_due, successor
from cadsus.services import activate_credential, seal_credential, warn_of_expiry
from cadsus.tasks import warn_of_expiry as scheduled
from operators.context import operator_context
from operators.models import AuditEvent
from operators.permissions import Role
from tests.cadsus.certificates import CNPJ, read
from tests.factories import MembershipFactory, OperatorFactory, UserFactory
from tests.pages import signed_in, text_of

SIMULATOR = EnvironmentName.SIMULATOR
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
UNTIL = datetime(2027, 3, 31, 12, 30, tzinfo=SAO_PAULO)
LATER = datetime(2028, 3, 31, tzinfo=SAO_PAULO)


def before(**left):
    return UNTIL - timedelta(**left)


# ---- the rule -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "threshold"),
    [
        ({"days": 60, "seconds": 1}, None),
        ({"days": 60}, 60),
        ({"days": 30, "seconds": 1}, 60),
        ({"days": 30}, 30),
        ({"days": 15}, 15),
        ({"days": 8}, 15),
        ({"days": 7}, 7),
        ({"days": 1}, 1),
        ({"seconds": 1}, 1),
        ({}, EXPIRED_DAYS),
        ({"days": -400}, EXPIRED_DAYS),
    ],
)
def test_threshold_is_the_nearest_that_was_reached(left, threshold):
    assert ExpiryNotice("de produção", "X", UNTIL).threshold(before(**left)) == threshold


@given(st.lists(st.floats(min_value=-5, max_value=90), max_size=40))
def test_warnings_go_out_once_for_each_threshold_however_often_somebody_looks(days):
    warned, sent = None, []
    for left in sorted(days, reverse=True):
        threshold = ExpiryNotice("", "", UNTIL).threshold(before(days=left))
        if is_due(threshold, warned):
            warned = threshold
            sent.append(threshold)

    assert sent == sorted(set(sent), reverse=True)
    assert set(sent) <= {*AHEAD, EXPIRED_DAYS}
    if days and min(days) <= AHEAD[0]:
        assert sent[-1] == ExpiryNotice("", "", UNTIL).threshold(before(days=min(days)))


def test_successor_is_the_one_that_lasts_longest_and_longer():
    assert successor(UNTIL, [before(days=1), LATER, UNTIL + timedelta(days=3)]) == LATER
    assert successor(UNTIL, [UNTIL]) is None


@pytest.mark.parametrize(
    ("left", "headline"),
    [
        ({"days": 60}, "O certificado de produção vence em 60 dias, em 31/03/2027"),
        ({"days": 1, "hours": 14}, "O certificado de produção vence em 2 dias, em 31/03/2027"),
        ({"days": 1}, "O certificado de produção vence amanhã, 31/03/2027, às 12:30"),
        ({"hours": 2}, "O certificado de produção vence hoje, 31/03/2027, às 12:30"),
        ({"days": -1}, "O certificado de produção venceu em 31/03/2027, às 12:30"),
    ],
)
def test_headline_says_when_in_plain_words(left, headline):
    assert ExpiryNotice("de produção", "X", UNTIL).headline(before(**left)) == headline


SEND_NEXT = "Envie o próximo certificado: sem ele as consultas de produção"
USE_NEXT = "O próximo já está guardado e vale até 31/03/2028: teste-o e ponha-o em uso"


@pytest.mark.parametrize(
    ("left", "next_until", "advice"),
    [
        (7, None, f"{SEND_NEXT} vão parar."),
        (-1, None, f"{SEND_NEXT} estão paradas."),
        (7, LATER, f"{USE_NEXT} antes disso; senão as consultas de produção vão parar."),
        (-1, LATER, f"{USE_NEXT}. Até lá as consultas de produção estão paradas."),
    ],
)
def test_advice_says_what_to_do_and_what_happens_otherwise(left, next_until, advice):
    assert ExpiryNotice("de produção", "X", UNTIL, next_until).advice(before(days=left)) == advice


# ---- the e-mail -----------------------------------------------------------------------------------------------------


@pytest.fixture
def credential(certificate, operator):
    sealed = seal_credential(certificate, EnvironmentName.PRODUCTION)
    Credential.objects.update(not_before=before(days=365), not_after=UNTIL)
    return sealed


@pytest.fixture
def ana(operator):
    user = UserFactory(first_name="Ana", last_name="Lima", email="ana@example.invalid")
    MembershipFactory(user=user, operator=operator, role=Role.ADMINISTRACAO)
    return user


@pytest.fixture
def stage(pki, credential):
    """Another certificate that waits for its turn."""

    def staged(until):
        data = pki.issue_ecnpj(cnpj=CNPJ, legal_name="Operadora Exemplo", password="x")
        waiting = seal_credential(read(data), EnvironmentName.PRODUCTION, activate=False)
        Credential.objects.filter(pk=waiting.pk).update(not_after=until)
        return waiting

    return staged


@pytest.fixture
def on(time_machine):
    """Warn as on the day so many days before the end; how many e-mails went out."""

    def warned(days):
        time_machine.move_to(before(days=days), tick=False)
        return warn_of_expiry()

    return warned


def subject(letter):
    """Unfolded: a long subject begins on the header's second line."""
    return letter["Subject"].strip()


def words(letter):
    return letter.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_warning_is_sent_in_words_that_lead_to_the_certificates(mailbox, credential, ana, operator, on):
    sent = on(30)

    ((recipients, letter),) = mailbox.letters
    text = words(letter)
    assert (sent, recipients, letter["To"]) == (1, ["ana@example.invalid"], "Ana Lima <ana@example.invalid>")
    assert letter["From"] == "portal@example.invalid"
    assert subject(letter) == (f"{operator.trade_name}: O certificado de produção vence em 30 dias, em 31/03/2027")
    assert text.split("\n\n")[:2] == [
        "O certificado de produção vence em 30 dias, em 31/03/2027.",
        f"{SEND_NEXT} vão parar.",
    ]
    assert f"\nhttps://portal.example.invalid/o/{operator.registration}/certificados/\n" in text


def test_warning_has_an_html_part_that_says_the_same(mailbox, credential, ana, operator, on):
    operator.trade_name = "Saúde & Vida <teste>"
    operator.save()

    on(7)

    html = mailbox.letters[0][1].get_body(("html",)).get_content()
    assert "O certificado de produção vence em 7 dias, em 31/03/2027." in html
    assert f'href="https://portal.example.invalid/o/{operator.registration}/certificados/"' in html
    assert "Saúde &amp; Vida &lt;teste&gt;" in html


def test_warnings_go_out_at_60_30_15_7_1_days_and_once_after_the_end(mailbox, credential, ana, on):
    sent = {days: on(days) for days in range(70, -10, -1)}

    assert [days for days, count in sent.items() if count] == [60, 30, 15, 7, 1, 0]
    assert len(mailbox.letters) == 6


def test_missed_days_are_caught_up_with_one_warning(mailbox, credential, ana, on):
    assert [on(60), on(10), on(9), on(7)] == [1, 1, 0, 1]


def test_warning_goes_to_the_administrators_alone_and_to_each_once(mailbox, credential, ana, operator, on):
    MembershipFactory(user=ana, operator=operator, role=Role.AUDITORIA)
    MembershipFactory(user=UserFactory(email="bia@example.invalid"), operator=operator, role=Role.ADMINISTRACAO)
    MembershipFactory(user=UserFactory(), operator=operator, role=Role.CADASTRO)
    MembershipFactory(user=UserFactory(is_active=False), operator=operator, role=Role.ADMINISTRACAO)
    MembershipFactory(user=UserFactory(), operator=OperatorFactory(), role=Role.ADMINISTRACAO)

    on(60)

    assert [recipients for recipients, _ in mailbox.letters] == [["ana@example.invalid", "bia@example.invalid"]]


def test_warning_of_an_operator_without_administrators_waits_for_one(mailbox, credential, operator, on, ana):
    ana.memberships.all().delete()
    first = on(60)
    MembershipFactory(user=ana, operator=operator, role=Role.ADMINISTRACAO)

    assert (first, on(59)) == (0, 1)


def test_warning_tells_of_the_successor_that_waits(mailbox, credential, ana, stage, on):
    stage(LATER)

    on(15)

    text = words(mailbox.letters[0][1])
    assert text.split("\n\n")[1] == f"{USE_NEXT} antes disso; senão as consultas de produção vão parar."


@pytest.mark.parametrize("change", [{"not_after": UNTIL}, {"revocation": Revocation.REVOKED}, {"key_id": ""}], ids=str)
def test_one_that_cannot_follow_is_no_successor(mailbox, credential, ana, stage, on, change):
    waiting = stage(LATER)
    Credential.objects.filter(pk=waiting.pk).update(**change)

    on(15)

    text = words(mailbox.letters[0][1])
    assert text.split("\n\n")[1] == f"{SEND_NEXT} vão parar."


def test_certificate_that_was_replaced_is_not_spoken_of_any_more(mailbox, credential, ana, stage, on, time_machine):
    waiting = stage(LATER)
    on(15)
    activate_credential(waiting.pk)

    assert [on(7), on(-1)] == [0, 0]
    assert Credential.objects.get(pk=credential.pk).state == CredentialState.RETIRED


def test_warning_is_on_the_audit_trail_without_addresses(mailbox, credential, ana, on):
    on(30)

    event = AuditEvent.objects.latest("pk")
    assert (event.kind, event.subject_id, event.actor_label) == ("credential.warned", credential.pk, "sistema")
    assert (event.data, event.personal) == ({"environment": "production", "days": 30, "recipients": 1}, {})


def test_warning_that_the_mail_server_does_not_take_is_sent_the_next_time(mailbox, credential, ana, on):
    mailbox.refuses = True
    first, events = on(30), AuditEvent.objects.filter(kind="credential.warned").count()
    mailbox.refuses = False

    assert (first, events, on(29), on(28)) == (0, 0, 1, 0)


def test_warning_without_any_mail_server_is_sent_the_next_time(mailbox, credential, ana, on, settings):
    on(60)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    first = on(30)
    settings.EMAIL_PORT = port

    assert (first, Credential.objects.get().warned_days, on(29)) == (0, 60, 1)


def test_schedule_warns_every_operator_and_one_operators_trouble_does_not_stop_the_others(
    mailbox, certificate, db, time_machine
):
    operators = OperatorFactory.create_batch(3)
    for operator in operators:
        MembershipFactory(user=UserFactory(), operator=operator, role=Role.ADMINISTRACAO)
        with operator_context(operator.pk):
            seal_credential(certificate, EnvironmentName.PRODUCTION)
    Credential._base_manager.filter(operator=operators[1]).update(environment="nowhere")
    time_machine.move_to(certificate.not_after - timedelta(days=5), tick=False)

    scheduled.apply()

    subjects = [subject(letter).partition(":")[0] for _, letter in mailbox.letters]
    assert subjects == [operators[0].trade_name, operators[2].trade_name]


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_send_one_warning(mailbox, credential, ana, operator, time_machine):
    time_machine.move_to(before(days=30), tick=False)
    gate, sent = threading.Barrier(4), []

    def run():
        with operator_context(operator.pk):
            gate.wait()
            sent.append(warn_of_expiry())
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (sorted(sent), len(mailbox.letters)) == ([0, 0, 0, 1], 1)


# ---- the dashboard --------------------------------------------------------------------------------------------------


def dashboard(operator, *roles: Role):
    return text_of(signed_in(operator, *roles).get(f"/o/{operator.registration}/"))


def test_dashboard_says_the_same_from_sixty_days_on(credential, operator, time_machine):
    time_machine.move_to(before(days=60), tick=False)

    page = dashboard(operator, Role.ADMINISTRACAO)

    assert "O certificado de produção vence em 60 dias, em 31/03/2027. Envie o próximo certificado: sem ele" in page


def test_dashboard_says_nothing_before_or_to_those_who_cannot_help(credential, operator, time_machine):
    time_machine.move_to(before(days=59), tick=False)
    to_others = dashboard(operator, Role.CADASTRO)
    time_machine.move_to(before(days=61), tick=False)

    assert ["O certificado" in page for page in (to_others, dashboard(operator, Role.ADMINISTRACAO))] == [False, False]


@pytest.mark.parametrize(("days", "tone"), [(8, "warn"), (7, "bad"), (-1, "bad")])
def test_dashboard_grows_urgent_as_the_end_comes_near(credential, operator, time_machine, days, tone):
    time_machine.move_to(before(days=days), tick=False)

    page = signed_in(operator, Role.ADMINISTRACAO).get(f"/o/{operator.registration}/")

    panels = [panel for panel in page.context["wide"] if panel.template == "cadsus/_expiry_panel.html"]
    assert [worry.tone for panel in panels for worry in panel.context["worries"]] == [tone]


def test_dashboard_says_loudly_that_a_certificate_was_revoked(credential, operator, time_machine):
    Credential.objects.update(revocation=Revocation.REVOKED)
    time_machine.move_to(before(days=200), tick=False)

    page = dashboard(operator, Role.ADMINISTRACAO)

    assert (
        "O emissor revogou o certificado de produção em uso. O DATASUS deve recusá-lo. Envie outro certificado, "
        "teste-o e ponha-o em uso." in page
    )
