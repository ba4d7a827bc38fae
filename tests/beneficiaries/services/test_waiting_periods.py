"""Cover start, CPT and carências of a link, as a file tells them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiaries.models import Beneficiary, WaitingPeriod
from operators.models import AuditEvent
from tests.beneficiaries.csv_files import CPFS, import_rows, row

BLANK = dict.fromkeys(
    [
        "dataInicioCobertura",
        "dataFimCPT",
        *(
            f"{what}{group}"
            for what in ("carencia", "fimCarencia")
            for group in ("Ambulatorial", "Hospitalar", "Parto", "Odontologica")
        ),
    ],
    "",
)


def told(code="1", **changes):
    return {**row(code), **BLANK, **changes}


def periods():
    return {period.group: (period.amount, period.unit, period.ends_on) for period in WaitingPeriod.objects.all()}


def test_import_keeps_cover_cpt_and_waiting_periods(operator):
    figures, notes = import_rows(
        told(
            dataInicioCobertura="01/08/2021",
            dataFimCPT="2023-08-01",
            carenciaAmbulatorial="30 dias",
            carenciaParto="10 meses",
            fimCarenciaParto="2022-05-28",
        )
    )

    link = Beneficiary.objects.get()
    assert (figures, notes) == ({"created": 1}, [])
    assert (link.cover_from, link.cpt_until) == (date(2021, 8, 1), date(2023, 8, 1))
    assert periods() == {"A": (30, "D", None), "P": (10, "M", date(2022, 5, 28))}


def test_import_again_changes_no_waiting_period(operator):
    rows = told(carenciaParto="300 dias", fimCarenciaParto="2022-04-27"), told("2", cpf=CPFS[1], carenciaParto="0")
    import_rows(*rows)

    assert import_rows(*rows) == ({"unchanged": 2}, [])


def test_import_updates_a_waiting_period_and_keeps_the_end_that_it_does_not_tell(operator):
    import_rows(told(carenciaParto="300 dias", fimCarenciaParto="2022-04-27", carenciaHospitalar="180 dias"))

    figures, _ = import_rows(told(carenciaParto="200 dias"))

    assert figures == {"updated": 1}
    assert periods() == {"P": (200, "D", date(2022, 4, 27)), "H": (180, "D", None)}


def test_import_ends_a_waiting_period_that_the_file_says_is_none(operator):
    import_rows(told(carenciaParto="300 dias", carenciaHospitalar="180 dias"))

    figures, _ = import_rows(told(carenciaParto="não há"))

    assert (figures, periods()) == ({"updated": 1}, {"H": (180, "D", None)})


def test_import_audits_what_became_of_a_link_as_personal_data(operator):
    import_rows(told())

    import_rows(told(dataFimCPT="2023-06-30", carenciaParto="300 dias"))

    link, event = Beneficiary.objects.get(), AuditEvent.objects.get(kind="link.changed")
    assert (event.subject, event.subject_id, event.person_id) == ("link", link.pk, link.person_id)
    assert (event.data, event.personal) == (
        {"fields": ["cpt_until", "waiting_P"]},
        {
            "before": {"cpt_until": None, "waiting_P": ""},
            "after": {"cpt_until": "2023-06-30", "waiting_P": "300 D"},
        },
    )


@pytest.mark.parametrize(
    ("before", "changes", "note"),
    [
        ({}, {"dataFimCPT": "2023-07-02"}, "passa de 24 meses do início da cobertura, o máximo da RN 558/2022."),
        ({}, {"dataFimCPT": "2021-06-30"}, "é anterior ao início da cobertura."),
        ({"dataInicioCobertura": "2022-01-01"}, {"dataFimCPT": "2021-12-31"}, "é anterior ao início da cobertura."),
        ({"dataFimCPT": "2023-06-30"}, {"dataInicioCobertura": "2024-01-01"}, "é anterior ao início da cobertura."),
    ],
)
def test_import_rejects_a_cpt_that_cannot_be_and_keeps_what_was(operator, before, changes, note):
    import_rows(told(**before))
    link = Beneficiary.objects.values().get()

    figures, notes = import_rows(told(**changes), told("2", cpf=CPFS[1], nome="Outra Pessoa"))

    assert (figures, notes) == ({"created": 1, "rejected": 1}, [f"dataFimCPT: {note}"])
    assert Beneficiary.objects.values().get(code="1") == link


def test_import_counts_a_cpt_from_the_cover_that_the_registry_knows(operator):
    import_rows(told(dataInicioCobertura="2022-01-01"))

    figures, _ = import_rows(told(dataFimCPT="2024-01-01"))

    assert (figures, Beneficiary.objects.get().cpt_until) == ({"updated": 1}, date(2024, 1, 1))


TERMS = st.one_of(
    st.just(""),
    st.just("não há"),
    st.tuples(st.integers(0, 9999), st.sampled_from(["h", "horas", "dias", "meses", "anos"])).map(
        lambda term: f"{term[0]} {term[1]}"
    ),
)


@settings(max_examples=30)
@given(st.lists(st.tuples(TERMS, TERMS, TERMS, TERMS), min_size=1, max_size=4))
def test_the_last_import_counts_and_blanks_say_nothing(operator, imports):
    Beneficiary.objects.all().delete()
    columns = ("carenciaAmbulatorial", "carenciaHospitalar", "carenciaParto", "carenciaOdontologica")
    expected: dict[str, str] = {}

    for terms in imports:
        import_rows(told(**dict(zip(columns, terms, strict=True))))
        expected |= {group: term for group, term in zip("AHPO", terms, strict=True) if term}

    kept = {group: term for group, term in expected.items() if term[0] not in "n0"}
    assert periods() == {
        group: (int(term.split()[0]), term.split()[1][0].upper(), None) for group, term in kept.items()
    }
