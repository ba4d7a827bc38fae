from datetime import date

import pytest
from django.utils.crypto import salted_hmac

from cnsportal.db.optimistic_lock import EditConflict, check_edit_token, content_token


def test_a_form_that_the_previous_release_showed_can_still_be_saved():
    shown = [7, {"birth_date": date(1984, 1, 31), "name": "Ana Conceição"}]
    text = '[7, {"birth_date": "1984-01-31", "name": "Ana Concei\\u00e7\\u00e3o"}]'

    assert content_token("beneficiaries.seen", shown) == salted_hmac("beneficiaries.seen", text).hexdigest()[:32]


def test_a_token_is_of_one_content_and_one_kind_of_form():
    tokens = [content_token(*of) for of in (("um", [1]), ("um", [1]), ("um", [2]), ("outro", [1]))]

    assert (tokens[0] == tokens[1], len(set(tokens))) == (True, 3)


@pytest.mark.parametrize(("read", "now"), [(1, 1), (0, 0), ("a", "a")])
def test_what_is_as_it_was_read_may_be_saved(read, now):
    assert check_edit_token(read, now=now) is None


@pytest.mark.parametrize(("read", "now"), [(1, 2), (2, 1), (-1, 0), ("", "a"), ("a", "b")])
def test_what_somebody_changed_meanwhile_may_not(read, now):
    with pytest.raises(EditConflict):
        check_edit_token(read, now=now)
