from beneficiaries.templatetags.imports import ColumnChange, column_changes


def test_changes_are_told_by_names_of_columns_with_numbers_masked_and_dates_as_here():
    changes = {
        "cpf": ["", "11144477735"],
        "cns": ["700000000000005", ""],
        "dataNascimento": ["1984-02-29", ""],
        "nome": ["Ana", "Ana Prado"],
        "plan_id": ["1", "2"],
    }

    assert column_changes(changes) == [
        ColumnChange("CPF", "", "•••.444.777-••"),
        ColumnChange("CNS", "••• •••• •••• 0005", ""),
        ColumnChange("Data de nascimento", "29/02/1984", ""),
        ColumnChange("Nome", "Ana", "Ana Prado"),
        ColumnChange("Plano", "", "", with_values=False),
    ]
