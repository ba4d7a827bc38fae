"""Choices of a status, each with the tone in which pages show it."""

from typing import Self

from django.db import models


class StatusChoices(models.TextChoices):
    """A member is written as value, tone, label; the tones are those of static/css (``.tone-…``)."""

    tone: str

    def __new__(cls, value: str, tone: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.tone = tone
        return member
