"""Answers of ANS by command and by folder, and the answers that one may practise with."""

import json
import shutil
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command

from operators.management.base import CommandRefused
from sib.formats.rpx.reader import read
from sib.models import Movement, MovementState, RpxFile
from sib.services import inbox
from sib.services.results.receive import settle_rpx
from tests.factories import BeneficiaryFactory
from tests.paths import DATA
from tests.sib.rpx_answers import included, processed, refused, rejected, sent_file, sent_movement

SBX = DATA / "sbx" / "99999920261104101530.SBX"


@pytest.fixture
def sbx(operator):
    return sent_file(operator)


def run(operator, command, *arguments: object, **options):
    out = StringIO()
    call_command(command, *map(str, arguments), operator=operator.registration, json=True, stdout=out, **options)
    return json.loads(out.getvalue().splitlines()[-1])


def test_command_tells_what_came_of_the_answer(operator, sbx, tmp_path):
    new = sent_movement(sbx, BeneficiaryFactory(cco=None), "1")
    bad = sent_movement(sbx, BeneficiaryFactory())
    path = processed(tmp_path / "a.RPX", sbx, rejections=[rejected(bad)], inclusions=[included(new, "000000051853")])

    figures = [run(operator, "read_rpx", path) for _ in range(2)]

    told = {
        "sbx": sbx.name, "result": "PROCESSED", "accepted": 1, "rejected": 1, "included": 1, "refusal": "",
        "warnings": [], "findings": 0, "known": False, "hash": "confere",
    }  # fmt: skip
    assert figures == [told, told | {"known": True}]


def test_command_tells_a_refusal_of_the_whole_file(operator, sbx, tmp_path):
    sent_movement(sbx, BeneficiaryFactory())

    figures = run(operator, "read_rpx", refused(tmp_path / "a.RPX", sbx))

    assert (figures["result"], figures["refusal"], figures["accepted"]) == ("REFUSED", "20", 0)


def test_command_refuses_what_is_no_answer(operator, tmp_path):
    (tmp_path / "a.RPX").write_bytes(SBX.read_bytes())

    with pytest.raises(CommandRefused, match="É um arquivo de atualização"):
        run(operator, "read_rpx", tmp_path / "a.RPX")


def test_command_refuses_a_file_that_is_not_there(operator, tmp_path):
    with pytest.raises(CommandRefused, match="não existe"):
        run(operator, "read_rpx", tmp_path / "nada.RPX")


def test_an_answer_packed_by_zip_is_read(operator, sbx, tmp_path):
    sent_movement(sbx, BeneficiaryFactory())
    (tmp_path / "in").mkdir()
    processed(tmp_path / "in" / "a.RPX", sbx)
    packed = shutil.make_archive(str(tmp_path / "a"), "zip", tmp_path / "in")

    assert run(operator, "read_rpx", packed)["accepted"] == 1


def test_two_answers_in_one_zip_are_refused(operator, sbx, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.RPX", "b.RPX"):
        processed(tmp_path / "in" / name, sbx)
    packed = shutil.make_archive(str(tmp_path / "a"), "zip", tmp_path / "in")

    with pytest.raises(CommandRefused, match="São 2 arquivos"):
        run(operator, "read_rpx", packed)


# ---- the folder -----------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(operator, tmp_path, settings):
    settings.INBOX_DIR = tmp_path / "entrada"
    cache.clear()
    folder = settings.INBOX_DIR / operator.registration
    folder.mkdir(parents=True)
    return folder


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_answer_dropped_into_the_folder_is_settled_and_archived(folder, sbx):
    movement = sent_movement(sbx, BeneficiaryFactory())
    processed(folder / "a.rpx", sbx)

    taken = [inbox.scan_inbox(), inbox.scan_inbox()]
    waiting = names(folder)
    settle_rpx(RpxFile.objects.get().pk)
    inbox.scan_inbox()

    movement.refresh_from_db()
    assert (taken, waiting, names(folder)) == ([0, 1], ["work/a.rpx"], ["archive/a.rpx"])
    assert (movement.state, RpxFile.objects.get().path) == (
        MovementState.ACCEPTED, str((folder / "archive" / "a.rpx").resolve()),
    )  # fmt: skip


def test_an_answer_that_cannot_be_read_ends_beside_its_sentence(folder, sbx):
    (folder / "a.RPX").write_bytes(SBX.read_bytes())
    inbox.scan_inbox()
    inbox.scan_inbox()
    settle_rpx(RpxFile.objects.get().pk)

    inbox.scan_inbox()

    assert names(folder) == ["failed/a.RPX", "failed/a.RPX.txt"]
    assert (folder / "failed" / "a.RPX.txt").read_text().startswith("É um arquivo de atualização (SBX)")


def test_an_answer_that_is_known_is_archived_and_not_read_again(folder, sbx):
    processed(folder / "a.RPX", sbx)
    inbox.scan_inbox()
    inbox.scan_inbox()
    settle_rpx(RpxFile.objects.get().pk)
    inbox.scan_inbox()
    processed(folder / "b.RPX", sbx)

    inbox.scan_inbox()
    inbox.scan_inbox()

    assert (names(folder), RpxFile.objects.count()) == (["archive/a.RPX", "archive/b.RPX"], 1)


# ---- practice -------------------------------------------------------------------------------------------------------


def test_practice_answers_an_update_file(operator, tmp_path):
    out = tmp_path / "resposta.RPX"

    figures = run(operator, "generate_rpx", SBX, out=out, reject_every=2)

    with out.open("rb") as stream:
        answer = read(stream)
        rows = len(list(answer.rows()))
    assert figures == {"out": str(out), "sent": 5, "rejected": 2, "accepted": 3, "included": 1}
    assert (rows, answer.sbx_name, answer.registration, answer.hash_state) == (
        3, SBX.name, operator.registration, "MATCHES",
    )  # fmt: skip


def test_practice_refuses_an_update_file_whole(operator, tmp_path):
    out = tmp_path / "resposta.RPX"

    figures = run(operator, "generate_rpx", SBX, out=out, refuse="20")

    with out.open("rb") as stream:
        answer = read(stream)
        list(answer.rows())
    assert figures == {"out": str(out), "refused": "20"}
    assert (answer.refusal.code, answer.sbx_name) == ("20", SBX.name)


def test_practice_takes_only_update_files(operator, sbx, tmp_path):
    path = processed(tmp_path / "a.RPX", sbx)

    with pytest.raises(CommandRefused, match="É um arquivo que a ANS manda"):
        run(operator, "generate_rpx", path, out=tmp_path / "b.RPX")

    assert not (tmp_path / "b.RPX").exists()


def test_practice_says_where_it_may_not_write(operator, tmp_path):
    (tmp_path / "pasta").write_text("um arquivo")

    with pytest.raises(CommandRefused, match=r"A pasta .*pasta não existe"):
        run(operator, "generate_rpx", SBX, out=tmp_path / "pasta" / "b.RPX")


def test_what_is_practised_settles_what_was_sent(operator, tmp_path):
    file = sent_file(operator, name=SBX.name)
    cancelled = sent_movement(file, BeneficiaryFactory(cco="000000051934"), "4")
    run(operator, "generate_rpx", SBX, out=tmp_path / "a.RPX", reject_every=4)

    run(operator, "read_rpx", tmp_path / "a.RPX")

    assert Movement.objects.get(pk=cancelled.pk).state == MovementState.REJECTED
