"""Optimistic lock: no row is locked while somebody looks at a form, and nothing is overwritten unread.

The form carries an edit token of what it showed: a digest of the values (``content_token``), or the number of the
row's last change (``Versioned``). Whoever saves sends it back, and with the row locked it is compared with that of
the row as it is now (``check_edit_token``).
"""

import json
from typing import TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.crypto import salted_hmac

TOKEN_CHARACTERS = 32

T = TypeVar("T", str, int)


class EditConflict(Exception):
    """Somebody else changed it since it was read; nothing was written."""


class Versioned(models.Model):
    """A row whose edit token is the number of its last change: whoever writes raises it by one."""

    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


def content_token(salt: str, shown: object) -> str:
    """Of these values, in a word that reveals nothing; the salt keeps tokens of one kind of form from another's."""
    return salted_hmac(salt, json.dumps(shown, cls=DjangoJSONEncoder)).hexdigest()[:TOKEN_CHARACTERS]


def check_edit_token(read: T, *, now: T) -> None:
    """Raises EditConflict. The rows are locked by then: what is ``now`` stays until the transaction ends."""
    if read != now:
        raise EditConflict
