"""The demonstration's operator, staff, plans, certificate and files: made where missing, left where they are."""

from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

from beneficiaries.invented import InventedLink
from beneficiaries.models import Company, Contract, ContractKind, Plan, Regulation
from beneficiaries.models.plans import Accommodation, CoverageArea, Segmentation
from cadsus.certificates import read_certificate
from cadsus.models import EnvironmentName
from cadsus.services import seal_credential
from cadsus.simulator.client_files import prepare as prepare_simulator
from demo import scenario
from demo.processes import folder
from operators.context import operator_context
from operators.models import Operator, User
from operators.permissions import Role
from operators.services import admit, register_operator

PASSWORD = "demonstracao-cns"  # noqa: S105  (of an invented operator, printed at every start)
EVERYBODY = "demo@exemplo.invalid"
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
    return [(EVERYBODY, "todos os papéis"), *((f"{role}@exemplo.invalid", str(role.label)) for role in NAMES)]


def prepare(say: Callable[[str], None] = lambda _: None) -> Operator:
    """Bring the demonstration's world into being; may be repeated."""
    operator, _ = register_operator(
        registration=scenario.REGISTRATION,
        cnpj=scenario.CNPJ,
        legal_name="Operadora Demonstração de Saúde S.A.",
        trade_name="Saúde Demonstração",
        cnes="1234567",
        phone="0800 000 0000",
        email="atendimento@exemplo.invalid",
    )
    _admit_staff(operator)
    with operator_context(operator.pk):
        _seal_certificate(operator)
        _describe_plans()
    _write_files(say)
    return operator


def _admit_staff(operator: Operator) -> None:
    wanted = [
        (EVERYBODY, list(Role), "Demo Completa"),
        *((f"{role}@exemplo.invalid", [role], NAMES[role]) for role in NAMES),
    ]
    known = set(User.objects.values_list("email", flat=True))
    for email, roles, name in wanted:
        if email not in known:
            first, _, last = name.partition(" ")
            admit(operator, email, roles, PASSWORD, first_name=first, last_name=last)


def _seal_certificate(operator: Operator) -> None:
    """The PKCS#12 that the simulator made for this company, read, checked and sealed as any other."""
    home = settings.CNSPORTAL_DATA / "simulator"
    prepare_simulator(home, operator.cnpj)
    content, password = (home / "client.p12").read_bytes(), (home / "client.password").read_text()
    certificate = read_certificate(content, password, cnpj=operator.cnpj, now=timezone.now())
    seal_credential(certificate, EnvironmentName.SIMULATOR, activate=True)


def _describe_plans() -> None:
    """Complete plans, companies and contracts, where the import would only know their numbers."""
    links = list(scenario.links())
    operator = Operator.objects.get(registration=scenario.REGISTRATION)
    Plan.objects.bulk_create(_plans(operator, links), ignore_conflicts=True)
    cnpjs = sorted({link.company_cnpj for link in links} - {""})
    companies = [
        Company(
            operator=operator, cnpj=cnpj, legal_name=f"Indústria Exemplo {index} Ltda.", trade_name=f"Exemplo {index}"
        )
        for index, cnpj in enumerate(cnpjs, start=1)
    ]
    Company.objects.bulk_create(companies, ignore_conflicts=True)
    contracts = [
        Contract(operator=operator, company=company, kind=ContractKind.COMPANY) for company in Company.objects.all()
    ]
    Contract.objects.bulk_create(contracts, ignore_conflicts=True)


def _plans(operator: Operator, links: list[InventedLink]) -> list[Plan]:
    regulated = sorted({link.plan_ans_number for link in links} - {""})
    older = sorted({link.plan_operator_code for link in links} - {""})
    plans = [
        Plan(operator=operator, ans_number=number, **_described(index, Regulation.REGULATED))
        for index, number in enumerate(regulated)
    ]
    plans[-1].regulation = Regulation.ADAPTED
    return plans + [
        Plan(operator=operator, operator_code=code, **_described(index, Regulation.UNREGULATED))
        for index, code in enumerate(older)
    ]


def _described(index: int, regulation: Regulation) -> dict[str, str]:
    private = index % 2 == 0
    line = ["Essencial", "Clássico", "Amplo", "Total"][index % 4]
    return {
        "name": f"Vida {line} {'Apartamento' if private else 'Enfermaria'}",
        "segmentation": Segmentation.OUTPATIENT_HOSPITAL_OBSTETRICS,
        "accommodation": Accommodation.PRIVATE if private else Accommodation.SHARED,
        "coverage_area": CoverageArea.NATIONAL if private else CoverageArea.STATE,
        "contracting": ContractKind.INDIVIDUAL,
        "regulation": regulation,
    }


def _write_files(say: Callable[[str], None]) -> None:
    for name, write in (
        ("beneficiarios.csv", scenario.write_registry),
        ("conferencia.CNX", scenario.write_conference),
        ("simulator.csv", scenario.write_datasus),
    ):
        if not (folder() / name).exists():
            say(f"inventando {name}")
            write(folder() / name)
