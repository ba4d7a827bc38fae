"""Prepares the operator, staff, certificate and files of the demonstration; keeps what exists."""

from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

from cadsus.models import Credential, EnvironmentName
from cadsus.pki.icp_brasil import read_certificate
from cadsus.queries.credentials import can_decrypt
from cadsus.services import seal_credential
from datasus_simulator.client_files import prepare as prepare_simulator
from demo import scenario
from demo.processes import folder
from operators.context import operator_context
from operators.models import Operator, User
from operators.permissions import Role
from operators.services.access import grant_roles
from operators.services.operators import register_operator

PASSWORD = "demonstracao-cns"  # noqa: S105  (of an invented operator, printed at every start)
ALL_ROLES_USER = "demo@exemplo.invalid"
NAMES = {
    Role.CONSULTA: "Clara Consulta",
    Role.CADASTRO: "Caio Cadastro",
    Role.REVISAO: "Rita Revisão",
    Role.EMISSAO: "Emília Emissão",
    Role.ADMINISTRACAO: "Adão Administração",
    Role.AUDITORIA: "Áurea Auditoria",
}


def logins() -> list[tuple[str, str]]:
    """E-mail and role of every account of the demonstration."""
    return [(ALL_ROLES_USER, "todos os papéis"), *((f"{role}@exemplo.invalid", str(role.label)) for role in NAMES)]


def prepare(say: Callable[[str], None] = lambda _: None) -> Operator:
    """Bring the demonstration's world into being; may be repeated."""
    operator = Operator.objects.filter(registration=scenario.REGISTRATION).first() or _registered()
    _admit_staff(operator)
    with operator_context(operator.pk):
        _seal_certificate(operator)
    _write_files(say)
    return operator


def _registered() -> Operator:
    operator, _ = register_operator(
        registration=scenario.REGISTRATION,
        cnpj=scenario.CNPJ,
        legal_name="Operadora Demonstração de Saúde S.A.",
        trade_name="Saúde Demonstração",
        cnes="1234567",
        phone="0800 000 0000",
        email="atendimento@exemplo.invalid",
    )
    return operator


def _admit_staff(operator: Operator) -> None:
    wanted = [
        (ALL_ROLES_USER, list(Role), "Demo Completa"),
        *((f"{role}@exemplo.invalid", [role], NAMES[role]) for role in NAMES),
    ]
    known = set(User.objects.values_list("email", flat=True))
    for email, roles, name in wanted:
        if email not in known:
            first, _, last = name.partition(" ")
            grant_roles(operator, email, roles, PASSWORD, first_name=first, last_name=last)


def _seal_certificate(operator: Operator) -> None:
    """The PKCS#12 that the simulator made for this company, read, checked and sealed as any other.

    Known already, it is left alone while a certificate is in use: somebody may have put another one in its place.
    """
    home = settings.CNSPORTAL_DATA / "simulator"
    prepare_simulator(home, operator.cnpj)
    content, password = (home / "client.p12").read_bytes(), (home / "client.password").read_text()
    certificate = read_certificate(content, password, cnpj=operator.cnpj, now=timezone.now())
    if not _is_served(certificate.fingerprint):
        seal_credential(certificate, EnvironmentName.SIMULATOR, activate=True)


def _is_served(fingerprint: str) -> bool:
    known = Credential.objects.filter(environment=EnvironmentName.SIMULATOR)
    in_use = known.active().usable().first()
    return in_use is not None and can_decrypt(in_use) and known.filter(fingerprint=fingerprint).exists()


def _write_files(say: Callable[[str], None]) -> None:
    for name, write in (
        ("beneficiarios.csv", scenario.write_registry),
        ("conferencia.CNX", scenario.write_conference),
        ("simulator.csv", scenario.write_datasus),
    ):
        if not (folder() / name).exists():
            say(f"inventando {name}")
            write(folder() / name)
