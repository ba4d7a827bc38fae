"""A new operator is led by what is still to be done."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cadsus.models import Credential, EnvironmentName
from operators.permissions import Role
from sib.models import ConferenceFile
from tests.factories import BeneficiaryFactory
from tests.pages import signed_in, text_of


def dashboard(operator, roles=tuple(Role)):
    return signed_in(operator, *roles).get(reverse("operators:dashboard", args=[operator.registration]))


def steps(response):
    """Of the list, if it is shown: what is still to be done, and whether the reader may do it."""
    panels = [panel for panel in response.context["wide"] if panel.template == "operators/_first_steps.html"]
    return [
        (each.step.page, bool(each.href)) for panel in panels for each in panel.context["steps"] if not each.is_done
    ]


ALL = [
    ("beneficiaries:import_upload", True),
    ("beneficiaries:plan_list", True),
    ("sib:conference_upload", True),
    ("cadsus:credentials", True),
    ("cards:operator_names", True),
]


@pytest.fixture
def fresh(operator):
    operator.phone = ""
    operator.save()
    return operator


def test_a_fresh_operator_is_led_to_everything(fresh):
    response = dashboard(fresh)

    assert steps(response) == ALL
    assert "0 de 5 prontos" in text_of(response)


def test_who_may_not_do_a_step_reads_who_may(fresh):
    response = dashboard(fresh, [Role.CADASTRO])

    assert steps(response) == [(page, place < 2) for place, (page, _) in enumerate(ALL)]
    assert "Quem faz isto: o papel Administração." in text_of(response)


def test_what_is_done_is_told_and_the_list_goes_when_all_is(operator):
    BeneficiaryFactory(whole=True)
    first = dashboard(operator)
    ConferenceFile.objects.create(
        operator=operator, name="1.CNX", path="/nowhere", digest="1" * 64, size=1, wants_apply=False
    )
    Credential.objects.create(**a_certificate(operator))
    last = dashboard(operator)

    assert (steps(first), steps(last)) == ([ALL[2], ALL[3]], [])
    assert ("Primeiros passos" in text_of(first), "Primeiros passos" in text_of(last)) == (True, False)


def a_certificate(operator):
    now = timezone.now()
    return {
        "operator": operator, "environment": EnvironmentName.SIMULATOR, "state": "RETIRED", "holder": "Operadora",
        "cnpj": operator.cnpj, "issuer": "AC Exemplo", "serial": "1", "not_before": now, "not_after": now,
        "fingerprint": "0" * 64, "chain": b"", "wrapped_key": b"", "sealed_key": b"", "activated_at": now,
    }  # fmt: skip
