"""The practice, whole: its people imported as an operator imports them, each asked about over real mutual TLS."""

from collections import defaultdict
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.utils import timezone

from beneficiaries.domain.identifiers import cnpj_from_base
from beneficiaries.models import Person
from cadsus.models import EnvironmentName, Lookup, LookupOutcome, LookupReason, Priority
from cadsus.pki.icp_brasil import read_certificate
from cadsus.services import run_lookup, seal_credential
from datasus_simulator.people import Registry
from datasus_simulator.training_files import write_held
from datasus_simulator.training_people import FAULTS, PEOPLE, SHAPES
from tests.cadsus.canned_server import forget_token
from tests.datasus_simulator.fixtures import ask_at, running_simulator

ENDS = {
    (LookupOutcome.FOUND, True): {
        "um CNS definitivo",
        "um definitivo e três provisórios",
        "definitivo que começa por 8, provisório por 7",
        "CNS antigo (109990000050018) que leva a um novo",
        "nome social",
        "o registro não tem acentos",
        "só o registro tem acentos",
        "sem nome da mãe",
        "mãe «SEM INFORMAÇÃO»",
        "pai conhecido",
        "confidencialidade restrita",
        "confidencialidade muito restrita, com menos dados",
        "pessoa VIP",
        "endereço no exterior",
        "sexo ignorado",
        "muitos outros documentos",
        "pontuação baixa",
    },
    (LookupOutcome.FOUND, False): {  # kept as evidence, attached to nobody
        "só provisório",
        "dois definitivos",
        "nenhum CNS",
        "CNS sem dizer se é definitivo",
        "CNS com dígito errado",
        "óbito sem data",
        "óbito com data",
        "registro inativo",
        "outro dia de nascimento",
        "o CPF é de outra pessoa",
        "criança cadastrada com o CPF da mãe",
        "o CPF é da irmã gêmea",
        "recém-nascida, só com DNV",
    },
    (LookupOutcome.REVIEW, False): {
        "nome do meio abreviado no registro",
        "sobrenome de solteira no registro",
        "mãe e pai trocados",
        "o registro não mostra o CPF",
        "sem data de nascimento",
        "sem CPF, uma só pessoa com nome, nascimento e mãe",
    },
    (LookupOutcome.SEVERAL, False): {
        "a mesma pessoa em dois registros",
        "duas pessoas no mesmo CPF",
        "sem CPF, 60 homônimas (mais de uma página)",
    },
    (LookupOutcome.NOT_FOUND, False): {
        "não encontrada",
    },
}


@pytest.fixture
def simulator(tmp_path, settings):
    with running_simulator([], tmp_path) as simulator:
        simulator.simulator.state.people = lambda: Registry(PEOPLE)
        ask_at(settings, simulator)
        yield simulator


@pytest.fixture
def imported(simulator, operator, tmp_path):
    """The people of the practice, by their names and births, with a certificate to ask about them."""
    cnpj = cnpj_from_base("112223330001")
    data = simulator.pki.issue_ecnpj(cnpj=cnpj, legal_name="Operadora Exemplo", password="x")
    certificate = read_certificate(data, "x", cnpj=cnpj, now=timezone.now())
    forget_token(certificate.fingerprint)
    seal_credential(certificate, EnvironmentName.SIMULATOR)
    write_held(tmp_path / "pessoas.csv")
    call_command("import_beneficiaries", str(tmp_path / "pessoas.csv"), operator=operator.registration, json=True)
    return {(person.name, f"{person.birth_date:%Y%m%d}"): person for person in Person.objects.all()}


def test_everybody_of_the_practice_is_imported(imported):
    assert sorted(imported) == sorted((case.held.name, case.held.birth_date) for case in (*SHAPES, *FAULTS))


def ask(person):
    lookup = Lookup.objects.create(
        operator_id=person.operator_id,
        person=person,
        environment="simulator",
        reason=LookupReason.REQUESTED,
        priority=Priority.INTERACTIVE,
    )
    run_lookup(lookup.pk)
    lookup.refresh_from_db()
    return LookupOutcome(lookup.outcome), lookup.attached


def test_each_shape_ends_as_it_must(imported, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 12, tzinfo=UTC))  # the newborn of the practice is one
    ends = defaultdict(set)
    for case in SHAPES:
        ends[ask(imported[case.held.name, case.held.birth_date])].add(case.title)

    assert dict(ends) == ENDS
