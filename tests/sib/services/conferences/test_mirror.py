from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from sib.models import ConferenceFile, MirrorChange, MirrorRecord
from sib.services import request_apply
from tests.factories import BeneficiaryFactory, cns
from tests.sib.files import record


@pytest.fixture
def links(operator):
    return BeneficiaryFactory.create_batch(3)


def mirrored():
    return dict(MirrorRecord.objects.values_list("cco", "cns"))


def changes(file):
    return sorted(MirrorChange.objects.filter(file=file).values_list("cco", "kind", "fields"))


def test_the_first_conference_is_kept_as_what_ans_holds_and_changes_nothing(bring, links):
    file = bring(*(record(link, cns=cns(index)) for index, link in enumerate(links)))

    assert mirrored() == {link.cco: cns(index) for index, link in enumerate(links)}
    assert (file.changes, file.compared_with, changes(file)) == ({}, None, [])


def test_what_ans_changed_since_the_last_conference_is_said_field_by_field(bring, links):
    kept, changed, gone = links
    first = bring(record(kept), record(changed, cns=cns(1)), record(gone))

    second = bring(
        record(kept),
        record(changed, cns=cns(2), nomeMae="OUTRA MAE"),
        record(kept, cco="000000000191", codigoBeneficiario="novo"),
        sequence=2,
    )

    mother = changed.person.mother_name.upper()
    assert (second.compared_with, second.changes) == (first, {"NEW": 1, "CHANGED": 1, "GONE": 1})
    assert changes(second) == sorted([
        ("000000000191", "NEW", {}),
        (changed.cco, "CHANGED", {"cns": [cns(1), cns(2)], "nome_mae": [mother, "OUTRA MAE"]}),
        (gone.cco, "GONE", {}),
    ])  # fmt: skip
    assert mirrored() == {kept.cco: "", changed.cco: cns(2), "000000000191": ""}
    assert MirrorRecord.objects.get(cco=kept.cco).file == first
    assert MirrorRecord.objects.get(cco=changed.cco).file == second


def test_the_same_conference_again_changes_nothing(bring, links):
    bring(*map(record, links))

    second = bring(*map(record, links), sequence=2)

    assert (second.changes, changes(second)) == ({}, [])


def test_of_a_cco_that_stands_twice_the_last_update_is_kept(bring, links):
    link = links[0]

    bring(
        record(link, cns=cns(1), dataAtualizacao="2026-11-02"),
        record(link, cns=cns(2), dataAtualizacao="2026-10-01"),
        record(links[1]),
    )

    assert mirrored() == {link.cco: cns(1), links[1].cco: ""}


def test_a_number_that_ans_had_and_has_no_more_is_lost_and_ours_stays(bring, links):
    link = links[0]
    bring(record(link, cns=cns(1)))

    second = bring(record(link), sequence=2)

    assert second.outcomes == {"CNS_LOST": 1, "ONLY_HERE": 2}
    assert link.person.cns_numbers.current().get().number == cns(1)


def test_an_older_conference_moves_nothing_and_may_not_be_applied(bring, links):
    link = links[0]
    newer = bring(record(link, cns=cns(1)), apply=False)
    ConferenceFile.objects.filter(pk=newer.pk).update(generated_at=timezone.localtime().isoformat())

    older = bring(record(link, cns=cns(2)), sequence=2)

    assert (mirrored(), older.mirrored_at, older.applied) == ({link.cco: cns(1)}, None, 0)
    assert (request_apply(older), request_apply(newer)) == (False, True)


def test_a_refused_file_leaves_the_mirror_alone(bring, links):
    bring(record(links[0]))

    bring(record(links[0], cns=cns(1)), registration="123456", sequence=2)

    assert mirrored() == {links[0].cco: ""}


def test_a_conference_that_says_it_is_of_the_future_is_not_newer_than_what_comes_after_it(bring, links):
    future = bring(record(links[0], cns=cns(1)), apply=False)
    last_week = timezone.now() - timedelta(days=7)
    ConferenceFile.objects.filter(pk=future.pk).update(generated_at="3000-01-01T00:00:00", received_at=last_week)

    following = bring(record(links[0], cns=cns(2)), sequence=2)

    assert (following.applied, mirrored()) == (1, {links[0].cco: cns(2)})


@pytest.mark.parametrize(
    ("told", "made"),
    [
        ("2026-11-20T03:12:45", "2026-11-20T03:12:45"),
        ("2026-11-20T03:12:45Z", "2026-11-20T00:12:45"),
        ("2026-11-20T03:12:45-03:00", "2026-11-20T03:12:45"),
        ("ontem", "2026-11-21T09:00:00"),
        ("1800-01-01T00:00:00", "1800-01-01T00:00:00"),
        ("3000-01-01T00:00:00", "2026-11-21T09:00:00"),
        ("0001-01-01T00:00:00+14:00", "2026-11-21T09:00:00"),
        ("9999-12-31T23:59:59-12:00", "2026-11-21T09:00:00"),
    ],
)
def test_a_conference_was_made_when_it_says_in_local_time(told, made):
    came = datetime(2026, 11, 21, 12, tzinfo=UTC)

    assert ConferenceFile(generated_at=told, received_at=came).made_at.isoformat() == made
