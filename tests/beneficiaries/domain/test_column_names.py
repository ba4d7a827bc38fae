import pytest

from beneficiaries.domain.column_names import COLUMN_LABELS, guess_columns
from beneficiaries.domain.csv_columns import COLUMNS


def test_every_column_has_a_label():
    assert sorted(COLUMN_LABELS) == sorted(COLUMNS)


def test_no_two_columns_are_called_the_same():
    assert len({label.lower() for label in COLUMN_LABELS.values()}) == len(COLUMNS)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("DT_NASC", "dataNascimento"),
        ("Mãe", "nomeMae"),
        ("NOME DO BENEFICIÁRIO", "nome"),
        ("codigo-beneficiario", "codigoBeneficiario"),
        ("E-mail", "email"),
        ("Observações", ""),
        ("", ""),
    ],
)
def test_heading_is_guessed_in_any_spelling(heading, column):
    assert guess_columns([heading]) == {heading: column}


def test_of_two_headings_for_one_column_its_own_name_wins_else_the_first():
    guessed = guess_columns(["Nome completo", "nome", "Mãe", "Nome da mãe"])

    assert guessed == {"Nome completo": "", "nome": "nome", "Mãe": "nomeMae", "Nome da mãe": ""}
