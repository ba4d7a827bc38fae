import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beneficiaries.domain.field_comparison import (
    Agreement,
    FieldComparison,
    compare_names,
    compare_values,
    is_a_name,
    is_another,
    likeness,
    share_given_names,
)
from beneficiaries.domain.names import normalise

WORDS = ["MARIA", "JOSE", "APARECIDA", "ANTONIO", "SILVA", "SOUZA", "LIMA", "CONCEIÇÃO", "A", "S", "FILHO", "DE", "DOS"]
NAMES = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)


@pytest.mark.parametrize(
    ("ours", "theirs", "agreement"),
    [
        # one name in two spellings
        ("Maria da Silva", "MARIA SILVA", Agreement.EQUAL),
        ("João  D'Ávila", "JOAO DAVILA", Agreement.EQUAL),
        ("Conceição", "CONCEICAO", Agreement.EQUAL),
        ("José de Souza e Lima", "Jose Souza Lima", Agreement.EQUAL),
        ("Ana-Clara Lima", "Ana Clara Lima", Agreement.EQUAL),
        ("Maria D'Ávila", "MARIA D AVILA", Agreement.EQUAL),
        ("Maria d’Ávila", "MARIA DAVILA", Agreement.EQUAL),
        ("Ana Sant'Anna Lima", "ANA SANT ANNA LIMA", Agreement.EQUAL),
        ("João Batista Jr.", "JOAO BATISTA JUNIOR", Agreement.EQUAL),
        ("João Batista Fº", "JOAO BATISTA FILHO", Agreement.EQUAL),
        ("João Batista II", "JOAO BATISTA SEGUNDO", Agreement.EQUAL),
        # abbreviated, or middle names missing
        ("Maria D. Almeida", "Maria Dias Almeida", Agreement.ABBREVIATED),  # an initial, and no d'Almeida
        ("José S Lima Jr", "José Souza Lima Júnior", Agreement.ABBREVIATED),
        ("Maria A. Silva", "Maria Aparecida Silva", Agreement.ABBREVIATED),
        ("Maria A. C. Silva", "Maria Aparecida da Conceição Silva", Agreement.ABBREVIATED),
        ("Maria C Silva", "Maria Aparecida da Conceição Silva", Agreement.ABBREVIATED),
        ("Maria Silva", "Maria Aparecida Silva", Agreement.ABBREVIATED),
        ("Maria Conceição Silva", "Maria Aparecida Conceição Silva", Agreement.ABBREVIATED),
        ("Maria A Conceição Silva", "Maria Aparecida C Silva", Agreement.ABBREVIATED),
        # the surname of marriage or divorce
        ("Maria Souza", "Maria Lima", Agreement.SURNAME_CHANGED),
        ("Maria Souza", "Maria Souza Lima", Agreement.SURNAME_CHANGED),
        ("Maria Clara Souza", "Maria Clara Lima", Agreement.SURNAME_CHANGED),
        ("Maria Clara Souza Lima", "Maria Clara Souza Costa", Agreement.SURNAME_CHANGED),
        ("José Silva", "José Silva Filho", Agreement.SURNAME_CHANGED),
        ("José Souza Silva Neto", "José S Silva Neto", Agreement.ABBREVIATED),
        # others
        ("Maria Silva", "Marta Silva", Agreement.DIFFERENT),  # one letter makes another person
        ("Maria Silva", "Maria Silvo Souza Lima", Agreement.DIFFERENT),
        ("Maria Clara Silva", "Maria Luiza Silva", Agreement.DIFFERENT),  # as twins are called
        ("Maria Clara Silva", "Maria Luiza Silva Lima", Agreement.DIFFERENT),  # and one of them married
        ("Maria B Silva", "Maria Aparecida Silva", Agreement.DIFFERENT),
        ("Maria C A Silva", "Maria Aparecida Conceição Silva", Agreement.DIFFERENT),  # initials in another order
        ("Silva Maria", "Maria Silva", Agreement.DIFFERENT),
        ("N Aparecida Silva", "Maria Aparecida Silva", Agreement.DIFFERENT),
        ("M Luiza Silva", "Maria Aparecida Silva", Agreement.DIFFERENT),
        ("Maria B S", "Maria Aparecida Silva", Agreement.DIFFERENT),
        ("Silva", "Maria Silva", Agreement.DIFFERENT),
        ("José Jr", "José Neto", Agreement.DIFFERENT),
        ("Maria", "Marta", Agreement.DIFFERENT),
        ("José Silva Filho", "José Silva Neto", Agreement.DIFFERENT),
        ("José Silva Júnior", "José Souza Silva Sobrinho", Agreement.DIFFERENT),
        ("José Silva Jr", "José Silva Filho", Agreement.DIFFERENT),
        ("Ana Sant'Ana", "Ana Sant'Anna Lima", Agreement.DIFFERENT),
        ("José Filho Silva", "José Silva", Agreement.DIFFERENT),  # a generation is no middle name
        # only begun: what is not written out is not known to differ, nor to be equal
        ("M Aparecida Silva", "Maria Aparecida Silva", Agreement.UNKNOWN),  # a first name is never guessed
        ("Maria A S", "Maria Aparecida Silva", Agreement.UNKNOWN),  # nor is a last one
        ("Maria S", "Maria Silva", Agreement.UNKNOWN),
        ("M", "Maria Silva", Agreement.UNKNOWN),
        ("Maria", "Maria Silva", Agreement.UNKNOWN),
        ("Carlos", "Carlos Silva Carlos", Agreement.UNKNOWN),
        # nothing to compare
        ("", "Maria Silva", Agreement.UNKNOWN),
        ("Sem informação", "Maria Silva", Agreement.UNKNOWN),
        ("NÃO INFORMADA", "NÃO INFORMADA", Agreement.UNKNOWN),
        ("Mãe desconhecida", "Maria Silva", Agreement.UNKNOWN),
        ("---", "---", Agreement.UNKNOWN),
        ("de", "dos", Agreement.UNKNOWN),
        ("XXXX", "XXXX", Agreement.UNKNOWN),
    ],
)
def test_likeness_of_two_names(ours, theirs, agreement):
    assert likeness(ours, theirs) is agreement


@given(NAMES, NAMES)
@example("A A", "A A MARIA")
def test_likeness_is_the_same_from_both_sides(ours, theirs):
    assert likeness(ours, theirs) is likeness(theirs, ours)


@given(NAMES, NAMES)
def test_likeness_does_not_see_case_accents_blanks_and_particles(ours, theirs):
    written = f" {ours.title().replace(' ', '  dos ')} e"
    plain = "".join(letter for letter in unicodedata.normalize("NFD", theirs) if not unicodedata.combining(letter))

    assert likeness(written, plain.lower()) is likeness(ours, theirs)


@given(NAMES, NAMES)
def test_likeness_is_equal_only_where_the_normal_forms_are(ours, theirs):
    same = is_a_name(ours) and normalise(ours) == normalise(theirs)

    assert (likeness(ours, theirs) is Agreement.EQUAL) is same


@given(NAMES, NAMES)
def test_likeness_never_brings_two_first_names_together(ours, theirs):
    firsts = {normalise(name).split(" ")[0] for name in (ours, theirs)} - {""}

    if len(firsts) == 2:
        assert likeness(ours, theirs) in {Agreement.DIFFERENT, Agreement.UNKNOWN}


@pytest.mark.parametrize("name", ["RN de Maria Silva", "Recém-nascido de Maria Silva", "RECEM NASCIDA MARIA SILVA"])
def test_compare_names_knows_nobody_by_what_all_newborns_are_called(name):
    assert compare_names("nome", name, name).agreement is Agreement.UNKNOWN
    assert likeness(name, name) is Agreement.EQUAL


@pytest.mark.parametrize(
    ("ours", "theirs", "shared"),
    [
        ("Ana Clara Souza Lima", "ANA CLARA LIMA", True),
        ("Ana Clara Souza Lima", "ANA CLARA S LIMA", True),
        ("Ana Clara Souza", "ANA CLARA DE SOUZA LIMA", True),
        ("Ana Souza", "ANA LIMA", True),
        ("Ana Clara Souza", "ANA CLARA SOUZA ZANAO", True),  # the last one is a family name by its place
        ("Ana Clara Lourenço", "ANA CLARA ZANAO", True),
        ("Ana Souza", "ANA SOUZA XAVIER", True),
        ("Ana Lúcia", "ANA ROSA", False),  # no family name was written down
        ("Ana Clara Lima", "ANA LIMA", False),
        ("Ana Clara Lima", "ANA C LIMA", False),
        ("Ana Clara Souza Lima", "ANA C SOUZA LIMA", False),
        ("Ana Lima", "ANA C LIMA", False),
        ("Ana Clara", "ANA CARLA", False),
        ("Ana da Conceição Lima", "ANA LIMA", False),  # a family name of some, a given name of others
        ("Ana Zanão Lima", "ANA LIMA", False),  # not known to be a family name
        ("José Lima Filho", "JOSE LIMA", False),
        ("José Souza Lima Segundo", "JOSE SOUZA LIMA", False),
        ("Maria Maria Lima", "MARIA LIMA", False),
        ("Rosa Lourenço Lima Lourenço", "ROSA LIMA LOURENCO", False),  # given name and family name in one
    ],
)
def test_share_given_names_where_only_family_names_differ(ours, theirs, shared):
    assert (share_given_names(ours, theirs), share_given_names(theirs, ours)) == (shared, shared)


@pytest.mark.parametrize(
    ("ours", "theirs", "another"),
    [
        ("Joana Maria Souza", "JOANA MARIA DE SOUZA", False),
        ("Joana Maria Souza", "JOANA SOUZA", False),
        ("Joana Maria Souza", "JOANA", False),
        ("Joana Maria Souza", "MARIA SOUZA", False),
        ("Joana Maria Souza", "JOANA MARIA SOUZA LIMA", False),
        ("Joana Maria Souza", "JOANNA MARIA SOUZA", False),
        ("Joana Maria Souza", "JOANA MAIRA SOUZA", False),
        ("Joana Maria Souza", "", False),
        ("Joana Maria Souza", "NAO INFORMADA", False),
        ("Joana Maria Souza", "RITA MARIA SOUZA", True),
        ("Joana Maria Souza", "JOANA LIMA", True),
        ("Joana Maria Souza", "JOANA MARIA LIMA", True),  # remarried, or not: as many namesakes are called so
        ("Joana Souza", "JOANA LIMA", True),
        ("Ana Pereira", "ANA FERREIRA", True),  # two letters
        ("Joana Maria Souza", "ANTONIO SOUZA", True),
    ],
)
def test_is_another_where_two_names_are_hardly_of_one_person(ours, theirs, another):
    assert (is_another(ours, theirs), is_another(theirs, ours)) == (another, another)


@given(NAMES, NAMES)
def test_is_another_is_never_said_of_names_that_agree(ours, theirs):
    if likeness(ours, theirs) in {Agreement.EQUAL, Agreement.ABBREVIATED, Agreement.UNKNOWN}:
        assert is_another(ours, theirs) is False


@pytest.mark.parametrize(
    ("ours", "theirs", "agreement"),
    [
        ("11144477735", "11144477735", Agreement.EQUAL),
        ("11144477735", "52998224725", Agreement.DIFFERENT),
        ("", "52998224725", Agreement.UNKNOWN),
        ("", "", Agreement.UNKNOWN),
        (None, date(1984, 2, 29), Agreement.UNKNOWN),
        (date(1984, 2, 29), date(1984, 2, 29), Agreement.EQUAL),
        (date(1984, 2, 29), date(1984, 3, 1), Agreement.DIFFERENT),
    ],
)
def test_compare_values_knows_equal_different_and_unknown(ours, theirs, agreement):
    assert compare_values("campo", ours, theirs).agreement is agreement


def test_compare_values_writes_days_as_iso():
    assert compare_values("nascimento", date(1984, 2, 29), None) == FieldComparison(
        "nascimento", "1984-02-29", "", Agreement.UNKNOWN
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "marked"),
    [
        ("Maria Silva", "Marta Silva", ("i", "t")),
        ("Maria A Silva", "Maria Aparecida Silva", ("", "parecida")),
        ("João Lima", "JOAO LIMA", ("", "")),
        ("João Lima", "JOAO LIRA", ("m", "R")),  # accents and case are no difference
        ("", "Maria", ("", "")),  # nothing to hold it against
    ],
)
def test_marks_are_on_the_letters_that_differ(ours, theirs, marked):
    spans = compare_names("nome", ours, theirs).marks()

    assert tuple(_cut(text, side) for text, side in zip((ours, theirs), spans, strict=True)) == marked


def _cut(text, spans):
    return "".join(text[begin:end] for begin, end in spans)


@given(st.text(max_size=30), st.text(max_size=30))
def test_marks_lie_in_the_text_one_behind_the_other(ours, theirs):
    for text, spans in zip(
        (ours, theirs), FieldComparison("nome", ours, theirs, Agreement.DIFFERENT).marks(), strict=True
    ):
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(edges)
        assert all(begin < end for begin, end in spans)
        assert all(0 <= edge <= len(text) for edge in edges)


@pytest.mark.parametrize(
    ("comparison", "kept"),
    [
        (compare_names("nome", "Maria", "Maria"), {"field": "nome", "both": "Maria"}),
        (compare_values("sexo", "", None), {"field": "sexo", "both": ""}),
        (
            compare_names("nome", "Maria", "MARIA"),
            {"field": "nome", "ours": "Maria", "theirs": "MARIA", "agreement": "EQUAL"},
        ),
        (
            compare_names("nome", "Maria", "Marta"),
            {"field": "nome", "ours": "Maria", "theirs": "Marta", "agreement": "DIFFERENT"},
        ),
        (
            compare_names("mae", "NAO CONSTA", "NAO CONSTA"),
            {"field": "mae", "ours": "NAO CONSTA", "theirs": "NAO CONSTA", "agreement": "UNKNOWN"},
        ),
    ],
)
def test_comparison_is_kept_as_json(comparison, kept):
    assert comparison.as_json() == kept
    assert FieldComparison.from_json(kept) == comparison
