"""What pages say of the members of enums."""

import pytest

from cadsus.throttling.blockers import Blocker
from cnsportal.db.status_choices import StatusChoices
from cnsportal.formats.labelled import LabelledEnum
from tests.tones import TONES


@pytest.mark.parametrize("base", [LabelledEnum, StatusChoices])
def test_every_member_has_a_label_and_a_tone_that_style_sheets_know(base):
    enums = base.__subclasses__()
    odd = [member for enum in enums for member in enum if not member.label or member.tone not in {*TONES, ""}]

    assert (len(enums) > 4, odd) == (True, [])


def test_every_blocker_has_a_label_and_a_tone():
    assert [blocker for blocker in Blocker if not blocker.label or blocker.tone not in TONES] == []


def test_a_member_is_found_by_its_value_alone():
    class Answer(LabelledEnum):
        YES = "YES", "sim", "good"

    assert (Answer("YES"), Answer.YES.label, Answer.YES.tone) == ("YES", "sim", "good")
