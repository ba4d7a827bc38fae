"""The fixed-width file: exact places, a stated encoding, nothing cut."""

from dataclasses import replace

import pytest

from cards.domain.fixed_width import COLUMNS, WIDTH, marked, objection, places, record, row
from tests.cards.subjects import EVERY_CASE, FULL, INDIVIDUAL, issued

PLACE = {place.column.name: place for place in places()}


def read(line, name):
    return line[PLACE[name].first - 1 : PLACE[name].last]


def with_text(key, value):
    face = issued(INDIVIDUAL)
    fields = tuple(replace(field, value=value) if field.key == key else field for field in face.fields)
    return replace(face, fields=fields)


@pytest.mark.parametrize("name", EVERY_CASE)
def test_every_record_has_the_same_width(name):
    line = record(issued(EVERY_CASE[name]))

    assert (len(line), line[-2:]) == (WIDTH + 2, b"\r\n")


def test_places_follow_on_each_other_without_a_gap():
    assert [place.first for place in places()] == [1, *(place.last + 1 for place in places()[:-1])]
    assert places()[-1].last == WIDTH == sum(column.width for column in COLUMNS)


def test_texts_stand_left_and_numbers_right():
    line = record(replace(issued(INDIVIDUAL), via=7)).decode("windows-1252")

    assert read(line, "via") == "007"
    assert read(line, "code") == "00012345678901234   "
    assert read(line, "name") == "Maria Aparecida da Conceição Exemplo".ljust(70)
    assert read(line, "cns") == INDIVIDUAL.cns
    assert read(line, "company") == " " * 260


def test_accents_are_one_byte():
    assert record(issued(INDIVIDUAL)).count("Conceição".encode("windows-1252")) == 1


def test_what_is_as_long_as_its_place_goes_in_whole():
    face = with_text("name", "N" * 70)

    assert (objection(face), read(record(face).decode("windows-1252"), "name")) == ("", "N" * 70)


def test_what_is_longer_is_refused_in_a_sentence():
    assert objection(with_text("name", "N" * 71)) == (
        "“Nome” tem 71 letras e a gráfica recebe até 70: abrevie no cadastro."
    )


def test_letters_that_the_encoding_lacks_are_refused_in_a_sentence():
    assert objection(with_text("name", "Stanisław Nowak")) == (
        "“Nome” tem letras que a gráfica não recebe (ł): troque no cadastro."
    )


def test_everything_that_is_printed_is_in_the_record():
    face = issued(FULL)

    printed = {field.value for field in face.fields if field.key != "cns"}
    assert printed - set(row(face)) == set()


@pytest.mark.parametrize(
    ("name", "stamp", "written"),
    [
        ("Ana Lima", "TREINAMENTO", "TREINAMENTO Ana Lima"),
        ("Ana Lima", "HOMOLOGAÇÃO", "HOMOLOGAÇÃO Ana Lima"),
        ("N" * 70, "TREINAMENTO", f"TREINAMENTO {'N' * 58}"),
        ("Ana Lima", "", "Ana Lima"),
    ],
)
def test_names_bear_the_mark_of_a_portal_in_training_and_every_place_stays(name, stamp, written):
    line = record(marked(with_text("name", name), stamp))

    assert (read(line.decode("windows-1252"), "name"), len(line)) == (written.ljust(70), WIDTH + 2)


def test_the_mark_stands_before_a_social_name_too_and_makes_none():
    faces = [marked(issued(subject), "TREINAMENTO") for subject in (FULL, INDIVIDUAL)]

    assert [face["social_name"] for face in faces] == [f"TREINAMENTO {issued(FULL)['social_name']}", ""]
