from dataclasses import replace
from datetime import date

from cards.domain.face import compose
from cards.domain.face_changes import ItemChange, changes
from tests.cards.subjects import COMPANY, INDIVIDUAL, ON, issued


def test_the_same_data_changed_nothing():
    assert changes(issued(INDIVIDUAL), compose(INDIVIDUAL, on=ON)) == ()


def test_each_printed_item_is_told_with_both_texts():
    now = compose(replace(INDIVIDUAL, plan_name="Essencial Apartamento", accommodation="Individual"), on=ON)

    assert changes(issued(INDIVIDUAL), now) == (
        ItemChange("plan_name", "Plano", "Essencial Enfermaria", "Essencial Apartamento"),
        ItemChange("accommodation", "Acomodação", "Coletiva", "Individual"),
    )


def test_what_came_and_what_fell_away_are_told_with_a_blank():
    came = changes(issued(INDIVIDUAL), compose(COMPANY, on=ON))
    went = changes(issued(COMPANY), compose(INDIVIDUAL, on=date(2026, 11, 22)))

    assert [(change.key, change.before) for change in came if not change.before] == [("company", "")]
    assert [(change.key, change.after) for change in went if not change.after] == [("company", "")]
