"""The operator's row as a lock: work of one operator that must not run twice at once."""

from operators.context import current_operator_id
from operators.models import Operator


def lock_operator(operator_id: int | None = None) -> Operator:
    """The operator's row, by default of the context, as it is now; nobody else locks it until the transaction ends.

    FOR NO KEY UPDATE: whoever makes rows that refer to the operator does not wait.
    """
    return Operator.objects.select_for_update(no_key=True).get(pk=operator_id or current_operator_id())
