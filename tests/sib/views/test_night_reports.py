"""What an operator lets its nights do by themselves: who may say so, what is kept of it, what it changes."""

import pytest
from django.urls import reverse

from operators.models import AuditEvent
from operators.permissions import Role
from sib.models import ConferenceFile
from sib.services import inbox, process_conference
from tests.factories import BeneficiaryFactory, cns
from tests.pages import signed_in, text_of
from tests.sib.files import conference, record


@pytest.fixture
def administrator(operator):
    return signed_in(operator, Role.ADMINISTRACAO)


def send(client, operator, **policy: object):
    return client.post(reverse("sib:night_policy", args=[operator.registration]), policy, follow=True)


def test_policy_decides_what_a_night_applies(operator, administrator, tmp_path, settings):
    settings.INBOX_DIR = tmp_path
    response = send(administrator, operator, auto_tier="A", cnx_auto_apply="on", outcomes=["CNS_NEW"])
    sure, doubtful = (BeneficiaryFactory(person__name="Maria Aparecida Exemplo Z") for _ in range(2))
    folder = tmp_path / operator.registration
    folder.mkdir()
    conference(
        folder / "a.cnx", record(sure, cns=cns(1)), record(doubtful, cns=cns(2), nome="MARIA A EXEMPLO Z"),
        registration=operator.registration,
    )  # fmt: skip
    inbox.scan_inbox()
    inbox.scan_inbox()

    file = ConferenceFile.objects.get()
    process_conference(file.pk)

    file.refresh_from_db()
    assert "Política gravada." in text_of(response)
    assert (file.apply_scope, file.applied) == ({"outcomes": ["CNS_NEW"]}, 1)
    assert list(file.differences.to_apply().values_list("outcome", flat=True)) == ["REVIEW"]


def test_policy_is_on_record_with_before_and_after(operator, administrator):
    send(administrator, operator, auto_tier="NONE", cnx_auto_apply="on", outcomes=["CNS_NEW", "REVIEW"])

    event = AuditEvent.objects.get(kind="operator.policy_changed")
    assert event.data["before"] == {"auto_tier": "A", "cnx_auto_apply": True, "cnx_auto_outcomes": []}
    assert event.data["after"] == {
        "auto_tier": "NONE", "cnx_auto_apply": True, "cnx_auto_outcomes": ["CNS_NEW", "REVIEW"],
    }  # fmt: skip


def test_policy_that_says_the_same_changes_nothing(operator, administrator):
    every = ["CNS_NEW", "CNS_CHANGED", "CNS_CONFIRMED", "REVIEW", "OTHER_PERSON", "DIVERGENT"]

    response = send(administrator, operator, auto_tier="A", cnx_auto_apply="on", outcomes=every)

    assert "Nada mudou." in text_of(response)
    assert not AuditEvent.objects.filter(kind="operator.policy_changed").exists()


def test_policy_that_contradicts_itself_says_so_beside_the_field(operator, administrator):
    response = send(administrator, operator, auto_tier="A", cnx_auto_apply="on")

    assert response.status_code == 422
    assert "Marque ao menos um resultado, ou desmarque a aplicação automática." in text_of(response)


def test_policy_is_for_administrators(operator):
    response = send(signed_in(operator, Role.REVISAO), operator, auto_tier="B")

    operator.refresh_from_db()
    assert (response.status_code, operator.auto_tier) == (403, "A")
