import pytest
from django.db import connection

from beneficiaries.models import Person
from operators.context import NoOperatorContext, current_operator_id, operator_context
from tests.factories import OperatorFactory, PersonFactory


def told_to_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('cnsportal.operator_id', true)")
        return cursor.fetchone()[0]


def test_operator_data_is_not_readable_outside_a_context(db):
    with pytest.raises(NoOperatorContext):
        Person.objects.count()


def test_operator_context_narrows_everything_to_one_operator(db):
    ours, theirs = OperatorFactory(), OperatorFactory()
    with operator_context(theirs.pk):
        PersonFactory()

    with operator_context(ours.pk):
        person = PersonFactory()
        assert list(Person.objects.all()) == [person]


def test_operator_context_ends_with_its_block(db):
    with operator_context(OperatorFactory().pk):
        pass

    with pytest.raises(NoOperatorContext):
        current_operator_id()


def test_operator_context_ends_with_an_exception(db):
    with pytest.raises(ZeroDivisionError), operator_context(OperatorFactory().pk):
        raise ZeroDivisionError

    with pytest.raises(NoOperatorContext):
        current_operator_id()


def test_operator_context_does_not_nest_two_operators(db):
    ours, theirs = OperatorFactory(), OperatorFactory()

    with operator_context(ours.pk), pytest.raises(NoOperatorContext), operator_context(theirs.pk):
        pass


def test_operator_context_may_be_entered_again_for_the_same_operator(db):
    operator = OperatorFactory()

    with operator_context(operator.pk), operator_context(operator.pk):
        assert current_operator_id() == operator.pk


def test_operator_context_tells_the_database(db):
    operator = OperatorFactory()

    with operator_context(operator.pk):
        inside = told_to_the_database()

    assert (inside, told_to_the_database()) == (str(operator.pk), "")
