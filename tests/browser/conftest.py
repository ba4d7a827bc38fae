"""A real browser before a real server: the system's Chromium, and an operator with a little of everything."""

import os
import shutil
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from beneficiaries.domain.identity_policy import Candidate, Identity, compare
from beneficiaries.models import CnsSource
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.reviews import ReviewCase, open_reviews
from cadsus.models import Lookup, LookupReason, Priority
from cadsus.services import ask_cns
from cards.services import issue_cards
from cnsportal.jobs import Status
from operators.context import operator_context
from operators.permissions import Role
from sib.models import CnxStep, ConferenceFile, Difference
from tests.factories import BeneficiaryFactory, MembershipFactory, OperatorFactory, PersonFactory, UserFactory, cns
from tests.pages import STAFF_PASSWORD, cookies_of

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 10_000  # milliseconds

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in the thread of the test


@pytest.fixture(scope="session", autouse=True)
def _chromium_is_there():
    if CHROMIUM:
        return
    if os.environ.get("CI") == "true":
        pytest.fail("Chromium is missing: install it, the browser tests are part of the suite.")
    pytest.skip("BROWSER TESTS SKIPPED: no Chromium on this machine.")


@pytest.fixture(scope="session")
def browser_type_launch_args():
    quiet = ("no-first-run", "disable-background-networking", "disable-component-update", "disable-sync")
    return {
        "executable_path": CHROMIUM,
        "args": [f"--{option}" for option in ("no-sandbox", "disable-gpu", *quiet)],
    }


@pytest.fixture(scope="session")
def browser_context_args():
    return {"locale": "pt-BR", "timezone_id": "America/Sao_Paulo", "viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def place(live_server):
    """The operator of the tests, in whose context they run, with somebody of the staff who may do everything."""
    operator = OperatorFactory(trade_name="Saúde Aurora", legal_name="Saúde Aurora Operadora de Planos Ltda.")
    staff = UserFactory(email="ana@example.invalid", first_name="Ana", last_name="Prado")
    staff.set_password(STAFF_PASSWORD)
    staff.save()
    for role in Role:
        MembershipFactory(user=staff, operator=operator, role=role)
    with operator_context(operator.pk):
        yield operator


@pytest.fixture
def furnished(place):
    """People in every state, one case on the desk, two conferences, questions, a card."""
    conceicao = PersonFactory(name="Conceição Aparecida da Silva", birth_date="1984-05-02")
    verified = BeneficiaryFactory(whole=True, person=conceicao)
    number = CnsOffer(verified.person_id, cns(1), CnsSource.CADSUS, kind="D", tier="B", evidence=_evidence(verified))
    attach_cns([number])
    informed = BeneficiaryFactory(whole=True, person=PersonFactory(name="Benedita Exemplo", social_name="Íris Exemplo"))
    attach_cns([CnsOffer(informed.person_id, cns(2), CnsSource.INFORMED, verified=False)])
    issue_cards([informed.pk])
    doubtful = BeneficiaryFactory(person=PersonFactory(name="Márcia de Souza Müller"))
    comparison = _evidence(doubtful, "Márcia S. Müller")["comparison"]
    open_reviews([ReviewCase(doubtful.person_id, cns(3), CnsSource.CADSUS, "B", "NAME_ABBREVIATED", "D", comparison)])
    _ask(BeneficiaryFactory().person_id, BeneficiaryFactory().person_id)
    rehearsed = _conference(place, "CNX_1.xml", status=Status.WAITING, step=CnxStep.REHEARSED)
    Difference.objects.create(
        operator=place, file=rehearsed, position=1, cco="000000000001", outcome="OTHER_PERSON", person=doubtful.person,
        tier="C", reason="Conferir.", comparison=comparison, deed="QUARANTINE",
    )  # fmt: skip
    running = _conference(place, "CNX_2.xml", status=Status.RUNNING, step=CnxStep.STAGED, done=70, total=180)
    return {"verified": verified, "doubtful": doubtful, "rehearsed": rehearsed, "running": running}


def _evidence(link, name=""):
    person = link.person
    ours = Identity(person.cpf, person.name, person.birth_date, person.mother_name, person.sex)
    name = name or f"{person.name.split()[0]} M. Exemplo"
    theirs = Candidate(person.cpf, name, person.birth_date, "", person.sex)
    fields = [field.as_json() for field in compare(ours, theirs)]
    return {"tier": "B", "reason": "NAME_ABBREVIATED", "comparison": fields}


def _ask(queued, waiting):
    ask_cns([queued, waiting], reason=LookupReason.WITHOUT_CNS, priority=Priority.BACKLOG)
    Lookup.objects.filter(person=waiting).update(
        status=Status.WAITING,
        outcome="COULD_NOT_ASK",
        failure="O DATASUS está fora do ar.",
        next_attempt_at=timezone.now() + timedelta(hours=1),
    )


def _conference(operator, name, **changes):
    return ConferenceFile.objects.create(
        operator=operator,
        name=name,
        path="/nowhere",
        digest=name.ljust(64, "0"),
        size=4_800_000,
        records=180,
        wants_apply=False,
        outcomes={"EQUAL": 179, "OTHER_PERSON": 1},
        heartbeat_at=timezone.now(),
        **changes,
    )


@pytest.fixture
def context(context):
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def signed(page, place, live_server):
    """The first page of somebody who has signed in; whatever the browser complains about fails the test."""
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.context.add_cookies(cookies_of(get_user_model().objects.get(email="ana@example.invalid"), live_server.url))
    page.goto(f"{live_server.url}/o/{place.registration}/")
    yield page
    assert complaints == []


@pytest.fixture
def open_page(signed, place, live_server):
    return lambda path: signed.goto(f"{live_server.url}/o/{place.registration}/{path}")


def _is_complaint(message):
    """A form that the server refuses with a sentence (422) is none."""
    return message.type == "error" and "status of 422" not in message.text
