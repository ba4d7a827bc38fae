"""What is due to ANS for each month: by day 5, within five days, once a month; done, late, or due in so many days."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from operators.models import Operator
from operators.permissions import Role
from sib.domain.deadlines import DeadlineStep, deadlines, month_after, months_until
from sib.models import ConferenceFile, SbxFile, SbxKind
from sib.queries.calendar import agenda, urgent_deadlines
from sib.services.night_report import make_report
from tests.pages import signed_in, text_of

OCTOBER = date(2026, 10, 1)
DUE = date(2026, 11, 5)


@pytest.mark.parametrize(
    ("today", "sent", "tone", "words"),
    [
        (date(2026, 10, 20), None, "info", "vence em 16 dias"),
        (date(2026, 11, 2), None, "warn", "vence em 3 dias"),
        (date(2026, 11, 4), None, "warn", "vence em 1 dia"),
        (DUE, None, "warn", "vence hoje"),
        (date(2026, 11, 6), None, "bad", "atrasado há 1 dia"),
        (date(2026, 11, 9), None, "bad", "atrasado há 4 dias"),
        (date(2026, 11, 9), DUE, "good", "feito em 05/11/2026"),
        (date(2026, 11, 9), date(2026, 11, 8), "good", "feito em 08/11/2026, com atraso"),
    ],
)
def test_the_file_of_a_month_is_due_on_day_five_of_the_next(today, sent, tone, words):
    sbx = deadlines(OCTOBER, sent, None, None, today)[0]

    assert (sbx.due, sbx.tone, sbx.words) == (DUE, tone, words)


def test_the_answer_is_due_five_days_after_the_sending():
    before, after = (deadlines(OCTOBER, sent, None, None, DUE)[1] for sent in (None, date(2026, 11, 3)))

    assert (before.due, before.words, before.tone) == (None, "espera o envio", "neutral")
    assert (after.due, after.words) == (date(2026, 11, 8), "vence em 3 dias")


def test_a_conference_is_due_within_the_next_month():
    assert deadlines(date(2026, 12, 1), None, None, None, DUE)[2].due == date(2027, 1, 31)


def test_a_pressing_step_says_what_to_do():
    sbx = deadlines(OCTOBER, None, None, None, date(2026, 11, 6))[0]

    assert sbx.sentence == (
        "Arquivo SBX enviado, competência 10/2026: atrasado há 1 dia. "
        "Levante as movimentações, componha o arquivo e envie-o."
    )


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), count=st.integers(1, 40))
def test_months_follow_each_other_without_a_gap(day, count):
    months = months_until(day, count)

    assert (months[0], len(months)) == (day.replace(day=1), count)
    assert all(month_after(earlier) == later for later, earlier in pairwise(months))


# ---- from the files -------------------------------------------------------------------------------------------------


@pytest.fixture
def in_november(operator, time_machine):
    """The sixth of November; the operator came in September."""
    Operator.objects.filter(pk=operator.pk).update(created_at=datetime(2026, 9, 10, 12, tzinfo=UTC))
    time_machine.move_to(datetime(2026, 11, 6, 12, tzinfo=UTC), tick=False)
    return operator


def sbx(operator, month, sequence, **changes):
    name = f"{operator.registration}2026110{sequence}000000.SBX"
    return SbxFile.objects.create(
        operator=operator, competence=month, sequence=sequence, name=name, kind=SbxKind.NO_MOVEMENT, **changes
    )


def words():
    return {month.competence.month: [step.words for step in month.steps] for month in agenda()}


def test_months_go_back_to_the_one_in_which_the_operator_came(in_november):
    assert list(words()) == [11, 10, 9]


def test_a_month_is_done_when_all_its_files_are_sent_and_answered(in_november):
    then = timezone.now() - timedelta(days=2)
    sbx(in_november, OCTOBER, 1, state="ANSWERED", sent_at=then, answered_at=then)
    second = sbx(in_november, OCTOBER, 2, state="APPROVED")
    waiting = words()[10][:2]
    SbxFile.objects.filter(pk=second.pk).update(state="SENT", sent_at=then)

    assert waiting == ["atrasado há 1 dia", "espera o envio"]
    assert words()[10][:2] == ["feito em 04/11/2026", "vence em 3 dias"]


@pytest.mark.parametrize("state", ["REJECTED", "DISCARDED"])
def test_a_file_that_ans_refused_or_nobody_sent_counts_as_none(in_november, state):
    sbx(in_november, OCTOBER, 1, state=state, sent_at=timezone.now())

    assert words()[10][0] == "atrasado há 1 dia"


def test_a_conference_that_was_read_in_the_next_month_counts(in_november):
    ConferenceFile.objects.create(
        operator=in_november, name="a", path="/", digest="0" * 64, size=1, wants_apply=False,
        mirrored_at=timezone.now(), received_at=timezone.now(),
    )  # fmt: skip

    told = words()
    assert (told[10][2], told[9][2]) == ("feito em 06/11/2026", "atrasado há 6 dias")


def test_what_presses_is_told_oldest_first_and_in_the_nights_report(in_november):
    steps = [(each.competence.month, each.step) for each in urgent_deadlines()]

    report = make_report()

    assert steps == [(9, DeadlineStep.SBX), (9, DeadlineStep.CNX), (10, DeadlineStep.SBX)]
    assert [sentence for sentence in report.facts["urgent"] if "10/2026" in sentence] == [
        urgent_deadlines()[-1].sentence
    ]


def test_page_and_dashboard_show_what_is_due(in_november):
    client = signed_in(in_november, Role.CADASTRO)

    page = client.get(reverse("sib:calendar", args=[in_november.registration]))
    dashboard = client.get(reverse("operators:dashboard", args=[in_november.registration]))

    assert "10/2026 atrasado há 1 dia até 05/11/2026" in text_of(page)
    assert "3 prazos da ANS" in text_of(dashboard)


def test_calendar_asks_the_same_number_of_queries_however_many_files(in_november, django_assert_num_queries):
    client = signed_in(in_november, Role.CADASTRO)
    address = reverse("sib:calendar", args=[in_november.registration])
    for number in range(1, 4):
        sbx(in_november, OCTOBER, number)

    with django_assert_num_queries(9):
        client.get(address)
