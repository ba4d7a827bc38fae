"""Enums that a page shows: a label, and a tone of static/css (``.tone-…``), beside the value that is kept."""

from enum import StrEnum
from typing import Self


class LabelledEnum(StrEnum):
    """A member is written as value, label, tone. Columns of models have StatusChoices instead."""

    label: str
    tone: str

    def __new__(cls, value: str, label: str = "", tone: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.tone = tone
        return member
