import json
from datetime import date
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from beneficiaries.models import Beneficiary, Contract, Plan
from cards.models import Card
from cards.queries.eligibility import Omission
from operators.management.base import CommandRefused
from operators.models import Operator
from tests.cards.factories import ready_link
from tests.factories import BeneficiaryFactory


@pytest.fixture
def run(operator, tmp_path, capsys):
    """Runs the command; its figures without the time, and what it says on stderr."""

    def run(*arguments: str, out=tmp_path / "cartões.pdf"):
        call_command("issue_cards", "--operator", operator.registration, "--out", str(out), "--json", *arguments)
        said = capsys.readouterr()
        figures = json.loads(said.out.splitlines()[-1])
        assert figures.pop("seconds") >= 0
        return figures, said.err.splitlines()

    return run


def test_issue_cards_prints_a_front_and_a_back_for_each(run, tmp_path):
    links = [ready_link() for _ in range(2)]

    figures, said = run()

    pages = [page.extract_text() for page in PdfReader(BytesIO((tmp_path / "cartões.pdf").read_bytes())).pages]
    assert (figures, said) == ({"issued": 2, "refused": 0, "left_out": {}, "pages": 4}, [])
    shown = {link.code: sum(link.code in page for page in pages[::2]) for link in links}
    assert shown == dict.fromkeys(shown, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["cartões.pdf"]


def test_issue_cards_again_issues_none_and_leaves_the_file_alone(run, tmp_path):
    ready_link()
    run()
    first = (tmp_path / "cartões.pdf").read_bytes()

    figures, said = run()

    assert figures == {"issued": 0, "refused": 0, "left_out": {"SAME_CARD": 1}, "pages": 0}
    assert said == ["1 sem cartão: O cartão atual já mostra estes mesmos dados. Para outro igual, peça a segunda via."]
    assert (tmp_path / "cartões.pdf").read_bytes() == first


def test_issue_cards_counts_whom_it_refused_and_says_why(run):
    for code in ("1", "1" * 21, "1" * 22, "2" * 22):
        ready_link(code=code)

    figures, said = run()

    assert figures == {"issued": 1, "refused": 3, "left_out": {}, "pages": 2}
    assert said == [
        "2 sem cartão: A matrícula tem 22 caracteres e o padrão TISS aceita 20: corrija no vínculo do beneficiário.",
        "1 sem cartão: A matrícula tem 21 caracteres e o padrão TISS aceita 20: corrija no vínculo do beneficiário.",
    ]


def test_issue_cards_with_nobody_to_issue_for_writes_nothing(run, tmp_path):
    BeneficiaryFactory()

    figures, said = run()

    assert figures == {"issued": 0, "refused": 0, "left_out": {"NO_CNS": 1}, "pages": 0}
    assert said == [
        "1 sem cartão: A pessoa ainda não tem CNS: consulte o DATASUS (query_cns) ou importe uma conferência."
    ]
    assert list(tmp_path.iterdir()) == []


def test_issue_cards_says_of_everybody_left_out_why(run):
    without_contract, with_poor_contract, with_poor_plan = ready_link(), ready_link(), ready_link()
    Beneficiary.objects.filter(pk=without_contract.pk).update(contract=None)
    Contract.objects.filter(pk=with_poor_contract.contract_id).update(number="")
    Plan.objects.filter(pk=with_poor_plan.plan_id).update(segmentation="")
    BeneficiaryFactory(cancelled_on=date(2020, 1, 1))
    BeneficiaryFactory()
    ready_link()

    figures, _ = run()

    left_out = {"NO_CNS": 1, "NO_CONTRACT": 1, "CONTRACT": 1, "PLAN": 1}
    assert figures == {"issued": 1, "refused": 0, "left_out": left_out, "pages": 2}


def test_issue_cards_for_an_operator_without_contact_says_so_and_where_to_mend_it(run, operator):
    ready_link()
    Operator.objects.filter(pk=operator.pk).update(phone="", email="", website="")

    figures, said = run()

    assert figures == {"issued": 0, "refused": 0, "left_out": {"NO_CONTACT": 1}, "pages": 0}
    assert said == [f"1 sem cartão: {Omission.NO_CONTACT.label}"]
    assert "create_operator" in said[0]


def test_issue_cards_keeps_to_the_limit(run):
    for _ in range(3):
        ready_link()

    assert [run("--limit", "2")[0]["issued"] for _ in range(2)] == [2, 1]


def test_issue_cards_refuses_a_folder_that_is_not_there(run, tmp_path):
    ready_link()

    with pytest.raises(
        CommandRefused, match=r"^A pasta .*nenhuma não existe\. Crie a pasta ou escolha outra em --out\.$"
    ):
        run(out=tmp_path / "nenhuma" / "cartões.pdf")

    assert Card.objects.count() == 0


@pytest.mark.parametrize("limit", ["0", "-1", "muitos"])
def test_issue_cards_refuses_a_limit_that_is_none(run, limit):
    with pytest.raises(CommandError, match="use um número a partir de 1"):
        run("--limit", limit)


def test_issue_cards_issues_nothing_when_the_file_cannot_be_written(run, tmp_path):
    ready_link()
    (tmp_path / "cartões.pdf").mkdir()

    with pytest.raises(
        CommandRefused, match=r"cartões\.pdf não pode ser gravado.*Confira a pasta e o espaço em disco\.$"
    ):
        run()

    assert (Card.objects.count(), [path.name for path in tmp_path.iterdir()]) == (0, ["cartões.pdf"])
