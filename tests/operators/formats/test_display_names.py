import pytest

from operators.formats.display_names import title_problem, visible


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("  Saúde   Vida ", "Saúde Vida"),
        ("Saúde\tVida\r\n", "Saúde Vida"),
        ("Saúde \u202eadiV\u202c Ltda.", "Saúde adiV Ltda."),
        ("Sa\u200búde\x00 \x1b[1mVida", "Saúde [1mVida"),
        ("99 Tecnologia & Cia. (filial) – D’Ávila", "99 Tecnologia & Cia. (filial) – D’Ávila"),
    ],
)
def test_of_a_title_only_what_is_seen_is_kept(typed, seen):
    assert visible(typed) == seen


@pytest.mark.parametrize("title", ["C&A", "+Saúde", "@Home Care", "-", "1 > ", "<i>", "=1+1", "A = B"])
def test_a_title_has_no_markup_and_is_no_formula(title):
    is_one = title in {"C&A", "+Saúde", "@Home Care", "-", "A = B"}

    assert title_problem(title) == ("" if is_one else "um nome não tem < nem >, e não começa com =.")
