"""Who contracts, by CNPJ with or without letters, CAEPF or CEI: read, founded, compared, told to ANS or held."""

import io
from datetime import date
from pathlib import Path

import pytest

from beneficiaries.models import Beneficiary, Company, Contract, ContractKind
from sib.formats.cnx import conference
from sib.models import Movement, MovementState, SbxState
from sib.queries.labels import readable
from sib.services.movements.draft import draft_movements
from sib.services.movements.update_files import NotAllowed, approve_file, compose_files
from tests.factories import BeneficiaryFactory, PlanFactory, cns
from tests.sib.cns_numbers import hold
from tests.sib.files import record
from tests.sib.onboarding import onboard

DIGITS, LETTERS, CAEPF, CEI = "11222333000181", "12ABC34501DE35", "29311861000184", "115830024985"
FIELDS = {"cnpj": "cnpjEmpresaContratante", "caepf": "caepfEmpresaContratante", "cei": "ceiEmpresaContratante"}
PARTIES = [("cnpj", DIGITS), ("cnpj", LETTERS), ("caepf", CAEPF), ("cei", CEI)]
BY_NUMBER = pytest.mark.parametrize(("kind", "number"), PARTIES)


def contracted(kind, number):
    """A contract of this party."""
    company = Company.objects.create(operator_id=PlanFactory().operator_id, legal_name="Exemplo", **{kind: number})
    return Contract.objects.create(operator_id=company.operator_id, company=company, kind=ContractKind.COMPANY)


@pytest.fixture
def link(operator):
    """A holder of an individual contract here, with a number."""
    link = BeneficiaryFactory(cco="000000000191", person__name="Maria Aparecida Exemplo Z")
    hold(link, cns(1))
    return link


def told(state):
    rows = Movement.objects.filter(state=state).order_by("type", "pk")
    return [(each.type, {name: each.fields.get(name, "") for name in FIELDS.values()}, each.problems) for each in rows]


def only(kind, number):
    return dict.fromkeys(FIELDS.values(), "") | {FIELDS[kind]: number}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12ABC34501DE35", LETTERS), ("12.abc.345/01de-35", LETTERS), ("11222333000181", DIGITS),
        ("11.222.333/0001-81", DIGITS), ("222333000181", "00222333000181"), ("12ABC34501DEX5", ""), ("ABC", ""),
    ],
)  # fmt: skip
def test_a_conference_tells_a_cnpj_with_letters(operator, tmp_path, bring, link, text, value):
    file = bring(record(link, cnpjEmpresaContratante=text), apply=False)

    (read,) = conference.read(io.BytesIO(Path(file.path).read_bytes())).records()

    assert (read.cnpj_empresa_contratante, [issue.field for issue in read.issues]) == (
        value, [] if value else ["cnpjEmpresaContratante"],
    )  # fmt: skip


def test_a_caepf_is_shown_masked_as_the_cpf_in_it():
    assert readable(FIELDS["caepf"], CAEPF) == "•••.118.610/001-••"
    assert readable(FIELDS["caepf"], CAEPF, in_full=True) == CAEPF


@BY_NUMBER
def test_an_operator_founded_on_a_conference_keeps_who_contracts(operator, bring, kind, number):
    stranger = BeneficiaryFactory.build(cco="000000000272", code="77", plan=PlanFactory(), person__cpf="11144477735")
    file = bring(record(stranger, **{FIELDS[kind]: number}, cns=cns(2)))

    run = onboard(file)
    again = bring(record(stranger, **{FIELDS[kind]: number}, cns=cns(2)), sequence=2)

    company = Beneficiary.objects.select_related("contract__company").get().contract.company
    assert ({name: getattr(company, name) for name in FIELDS}, run.counts["companies"]) == (
        dict.fromkeys(FIELDS, "") | {kind: number}, 1,
    )  # fmt: skip
    assert again.outcomes == {"EQUAL": 1}


@BY_NUMBER
def test_a_party_that_one_side_lacks_is_a_divergence(bring, link, kind, number):
    missing_here = bring(record(link, cns=cns(1), **{FIELDS[kind]: number}))
    Beneficiary.objects.update(contract=contracted(kind, number))
    missing_there = bring(record(link, cns=cns(1)), sequence=2)
    the_same = bring(record(link, cns=cns(1), **{FIELDS[kind]: number}), sequence=3)

    assert [file.outcomes for file in (missing_here, missing_there, the_same)] == [
        {"DIVERGENT": 1}, {"DIVERGENT": 1}, {"EQUAL": 1},
    ]  # fmt: skip
    assert [file.differences.get().divergences[0]["field"] for file in (missing_here, missing_there)] == (
        [FIELDS[kind]] * 2
    )


@pytest.mark.parametrize(("kind", "number"), [("cnpj", DIGITS), ("caepf", CAEPF), ("cei", CEI)])
def test_ans_is_told_who_contracts(bring, link, kind, number):
    Beneficiary.objects.update(contract=contracted(kind, number))
    bring(record(link, cns=cns(1)))
    dependant = BeneficiaryFactory(
        cco=None, holder=link, relationship="3", contract=Contract.objects.get(), plan=link.plan
    )
    hold(dependant, cns(2))

    draft_movements()

    assert told(MovementState.READY) == [("1", only(kind, number), []), ("3", only(kind, number), [])]


def test_a_contract_that_is_anothers_at_ans_is_not_told_as_an_individuals(bring, link):
    there = record(link, cns=cns(1), caepfEmpresaContratante=CAEPF)
    Beneficiary.objects.update(plan=PlanFactory())
    bring(there)
    dependant = BeneficiaryFactory(cco=None, holder=link, relationship="3", plan=link.plan)
    hold(dependant, cns(2))

    draft_movements()

    sentence = "Na ANS este contrato tem quem o contrata (CNPJ, CAEPF ou CEI), e no cadastro não."
    assert [(kind, [each["sentence"] for each in problems]) for kind, _, problems in told(MovementState.HELD)] == [
        ("1", [sentence]), ("3", [sentence]),
    ]  # fmt: skip


@pytest.mark.parametrize("takes_letters", [False, True])
def test_a_cnpj_with_letters_goes_once_ans_takes_it(bring, link, settings, takes_letters):
    settings.SIB_ALPHANUMERIC_CNPJ = takes_letters
    Beneficiary.objects.update(contract=contracted("cnpj", LETTERS))
    bring(record(link, cns=cns(1)))

    draft_movements()

    [movement] = Movement.objects.all()
    assert (movement.type, movement.state) == ("3", MovementState.READY if takes_letters else MovementState.HELD)
    assert [each["sentence"] for each in movement.problems] == (
        [] if takes_letters else ["A ANS ainda não recebe CNPJ com letras: o arquivo inteiro seria recusado."]
    )


def test_a_cnpj_with_letters_that_was_ready_is_held_where_ans_does_not_take_it(bring, link, settings):
    settings.SIB_ALPHANUMERIC_CNPJ = True
    Beneficiary.objects.update(contract=contracted("cnpj", LETTERS))
    bring(record(link, cns=cns(1)))
    draft_movements()
    settings.SIB_ALPHANUMERIC_CNPJ = False

    with pytest.raises(NotAllowed, match="Em Movimentações há 1 retida: "):
        compose_files(date(2026, 11, 1))

    [movement] = Movement.objects.all()
    assert (movement.state, movement.file, [each["sentence"] for each in movement.problems]) == (
        MovementState.HELD, None, ["A ANS ainda não recebe CNPJ com letras: o arquivo inteiro seria recusado."],
    )  # fmt: skip


def test_a_file_with_letters_is_not_approved_once_ans_does_not_take_them(bring, link, settings):
    settings.SIB_ALPHANUMERIC_CNPJ = True
    Beneficiary.objects.update(contract=contracted("cnpj", LETTERS))
    bring(record(link, cns=cns(1)))
    draft_movements()
    [file] = compose_files(date(2026, 11, 1))
    settings.SIB_ALPHANUMERIC_CNPJ = False

    with pytest.raises(NotAllowed, match="O arquivo leva CNPJ com letras"):
        approve_file(file)

    file.refresh_from_db()
    assert file.state == SbxState.DRAFT
