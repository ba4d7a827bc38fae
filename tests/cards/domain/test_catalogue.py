from datetime import date

import pytest

from cards.domain import catalogue
from cards.domain.catalogue import CATALOGUE, Circumstance, FixPage, Item, Section, Sensitivity, Side, in_force, item


def an_item(key="k", **fields):
    return Item(key, "l", "c", 1, Section.PERSON, Side.FRONT, FixPage.PERSON, **fields)


def keys_on(day, **how):
    return [item.key for item in in_force(day, **how)]


def test_catalogue_covers_the_24_items_of_the_norm():
    assert sorted({item.number for item in CATALOGUE}) == list(range(1, 25))


def test_catalogue_keys_name_one_item_each():
    assert len({item.key for item in CATALOGUE}) == len(CATALOGUE)


def test_catalogue_says_of_every_item_where_it_is_mended():
    assert [item.key for item in CATALOGUE if not item.correction] == []


def test_catalogue_leaves_open_only_what_exists_for_some_and_not_for_others():
    assert [item.key for item in CATALOGUE if not item.required] == [
        "social_name",
        "waiting",
        "cpt_until",
        "notice",
        "sole_trader",
    ]


def test_cpt_is_health_data_and_stays_off_the_front():
    cpt = item("cpt_until")

    assert (cpt.sensitivity, cpt.side) == (Sensitivity.HEALTH, Side.BACK)


def test_item_names_its_norm():
    assert item("cns").norm == "RN 509/2022 (ex RN 389/2015), componente cadastral, item 3"


ALWAYS = {"name", "birth_date", "cns", "code", "registration", "contracting", "regulation", "segmentation"}


@pytest.mark.parametrize(
    ("cases", "shown", "hidden"),
    [
        (
            {Circumstance.INDIVIDUAL},
            {"plan_number", "accommodation"},
            {"company", "administrator", "plan_scpa", "sole_trader"},
        ),
        ({Circumstance.COMPANY}, {"company", "sole_trader", "plan_number"}, {"plan_scpa", "administrator"}),
        ({Circumstance.ADHESION, Circumstance.ADMINISTERED}, {"company", "administrator"}, {"sole_trader"}),
        ({Circumstance.INDIVIDUAL, Circumstance.PRE_LAW}, {"plan_scpa", "accommodation"}, {"plan_number", "company"}),
        ({Circumstance.COMPANY, Circumstance.PRE_LAW}, {"plan_scpa", "company"}, {"plan_number"}),
        ({Circumstance.INDIVIDUAL, Circumstance.ADAPTED}, {"plan_number"}, {"plan_scpa"}),
        ({Circumstance.INDIVIDUAL, Circumstance.DENTAL}, {"waiting"}, {"accommodation", "cpt_until"}),
        ({Circumstance.INDIVIDUAL, Circumstance.OUTPATIENT}, {"waiting"}, {"accommodation"}),
    ],
)
def test_items_apply_as_the_decision_table_says(cases, shown, hidden):
    applying = {item.key for item in CATALOGUE if item.applies(frozenset(cases))}

    assert (ALWAYS | shown) - applying == set()
    assert applying & hidden == set()


def test_item_is_in_force_from_its_first_day_to_the_day_before_its_last():
    changed = an_item(effective_from=date(2027, 1, 1), effective_until=date(2028, 1, 1))

    days = (date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31), date(2028, 1, 1))
    assert [changed.is_in_force(day) for day in days] == [False, True, True, False]


def test_nothing_was_in_force_before_the_norm():
    assert in_force(date(2015, 12, 31)) == ()
    assert in_force(date(2016, 1, 1)) == tuple(item for item in CATALOGUE if not item.proposed)


def test_what_is_proposed_counts_for_nobody_until_it_is_adopted():
    proposed = {item.key for item in CATALOGUE if item.proposed}

    assert proposed == {"cpf"}
    assert proposed & set(keys_on(date(2030, 1, 1))) == set()


def test_a_proposal_may_be_looked_at_from_its_day_on_in_place_of_what_it_replaces():
    before, after = (keys_on(date(*day), proposals=True) for day in ((2026, 12, 31), (2027, 1, 1)))

    assert ("cns" in before, "cpf" in before) == (True, False)
    assert ("cns" in after, "cpf" in after) == (False, True)
    assert before.index("cns") == after.index("cpf")


def test_a_new_version_of_an_item_takes_its_place_by_date(monkeypatch):
    old, new = an_item("old"), an_item("new", effective_from=date(2027, 1, 1), replaces="old")
    monkeypatch.setattr(catalogue, "CATALOGUE", (old, new))

    assert (keys_on(date(2026, 12, 31)), keys_on(date(2027, 1, 1))) == (["old"], ["new"])
