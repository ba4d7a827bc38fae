"""The pages of onboarding: rehearsed first, imported once somebody confirms."""

from django.urls import reverse

from beneficiaries.models import Beneficiary
from beneficiaries.sql.onboarding import HoldReason
from operators.permissions import Role
from sib.models import ConferenceFile, Founding
from sib.services import onboarding
from sib.services.onboarding import confirm_onboarding
from tests.pages import signed_in, text_of
from tests.sib.onboarding import onboard, row


def address(operator, name, *args: object):
    return reverse(f"sib:{name}", args=[operator.registration, *args])


def test_pages_weigh_first_and_write_when_somebody_agrees(operator, bring):
    client = signed_in(operator, Role.ADMINISTRACAO)
    file = bring(row(1), row(2, nome=""))

    offered = client.get(address(operator, "conference", file.pk))
    client.post(address(operator, "onboarding_start", file.pk))
    run = Founding.objects.get()
    onboarding.process_onboarding(run.pk)
    weighed = client.get(address(operator, "onboarding", run.pk))
    client.post(address(operator, "onboarding_confirm", run.pk))
    onboarding.process_onboarding(run.pk)
    done = client.get(address(operator, "onboarding", run.pk))
    receipt = b"".join(client.post(address(operator, "onboarding_held_receipt", run.pk)).streaming_content).decode(
        "utf-8-sig"
    )

    conference = client.get(address(operator, "conference", file.pk))

    assert "2 registros ativos e 0 inativos não estão no cadastro." in text_of(offered)
    assert "1 vínculo trazido" in text_of(conference)
    assert "O que entraria" in text_of(weighed)
    assert "Trazer 1 vínculo" in text_of(weighed)
    assert "O que entrou" in text_of(done)
    assert receipt.splitlines()[1] == f'000000000002;000000000002;"{HoldReason.NO_NAME.sentence}"'
    assert (Beneficiary.objects.count(), Founding.objects.get().requested_by is not None) == (1, True)


def test_page_says_that_a_load_is_not_undone_before_somebody_agrees(operator, bring):
    run = onboard(bring(row(1)), apply=False)
    client = signed_in(operator, Role.REVISAO)
    address = reverse("sib:onboarding", args=[operator.registration, run.pk])

    before = text_of(client.get(address))
    confirm_onboarding(run)
    onboarding.process_onboarding(run.pk)

    assert "Uma carga não se desfaz: confira antes o que entraria." in before
    assert "não se desfaz" not in text_of(client.get(address))


def test_what_was_taken_whole_is_not_offered_again(operator, bring):
    client = signed_in(operator, Role.ADMINISTRACAO)
    file = bring(row(1))
    client.post(address(operator, "onboarding_start", file.pk))
    run = Founding.objects.get()
    onboarding.process_onboarding(run.pk)
    client.post(address(operator, "onboarding_confirm", run.pk))
    onboarding.process_onboarding(run.pk)

    page = text_of(client.get(address(operator, "conference", file.pk)))
    again = client.post(address(operator, "onboarding_start", file.pk), follow=True)

    assert "1 vínculo trazido" in page
    assert "Ensaiar a carga" not in page
    assert "não tem registros a trazer, ou há outra mais nova." in text_of(again)


def test_founding_is_for_those_who_may_apply(operator, bring):
    file = bring(row(1))

    response = signed_in(operator, Role.CONSULTA).post(address(operator, "onboarding_start", file.pk))

    assert (response.status_code, Founding.objects.count()) == (403, 0)


def test_an_older_conference_founds_nothing(operator, bring):
    old = bring(row(1))
    bring(row(1), sequence=2)

    response = signed_in(operator, Role.ADMINISTRACAO).post(address(operator, "onboarding_start", old.pk), follow=True)

    assert "não tem registros a trazer, ou há outra mais nova." in text_of(response)
    assert ConferenceFile.objects.count() == 2
