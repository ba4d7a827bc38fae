from functools import partial

import pytest
from django.db import DatabaseError, transaction

from operators.audit import Event, EventKind, record
from operators.models import AuditEvent
from tests.factories import UserFactory


def test_record_keeps_personal_keys_apart(operator):
    record([Event(EventKind.CNS_ATTACHED, "person", 7, 7, data={"number": "700000000000005", "tier": "A"})])

    event = AuditEvent.objects.get()
    assert (event.data, event.personal) == ({"tier": "A"}, {"number": "700000000000005"})


def test_record_names_the_system_where_nobody_acted(operator):
    record([Event(EventKind.PEOPLE_IMPORTED, "operator", operator.pk)])

    event = AuditEvent.objects.get()
    assert (event.actor, event.actor_label) == (None, "sistema")


def test_record_copies_the_name_of_who_acted(operator):
    user = UserFactory(first_name="Ana", last_name="Exemplo")

    record([Event(EventKind.PERSON_UNMASKED, "person", 7, 7, user)])

    assert AuditEvent.objects.get().actor_label == "Ana Exemplo"


def test_record_writes_many_events_in_one_statement(operator, django_assert_num_queries):
    with django_assert_num_queries(1):
        record(Event(EventKind.PERSON_CREATED, "person", index, index) for index in range(50))

    assert AuditEvent.objects.count() == 50


@pytest.mark.parametrize("change", [{"kind": "cns.refused"}, {"data": {}}, {"personal": {"number": "1"}}, None])
def test_the_trail_is_append_only(operator, change):
    record([Event(EventKind.CNS_ATTACHED, "person", 7, 7, data={"number": "700000000000005", "tier": "A"})])

    tamper = AuditEvent.objects.all().delete if change is None else partial(AuditEvent.objects.update, **change)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        tamper()


def test_the_trail_lets_personal_data_be_shredded(operator):
    record([Event(EventKind.CNS_ATTACHED, "person", 7, 7, data={"number": "700000000000005", "tier": "A"})])

    AuditEvent.objects.update(personal={})

    assert AuditEvent.objects.values_list("data", "personal").get() == ({"tier": "A"}, {})


def test_event_kinds_have_a_code_of_their_own_and_a_label():
    codes = [kind.code for kind in EventKind]

    assert len(set(codes)) == len(codes)
    assert [kind for kind in EventKind if not kind.label or EventKind.of(kind.code) is not kind] == []
