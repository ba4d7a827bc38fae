from beneficiaries.services import import_runs
from operators.tasks import operator_task


@operator_task(name="beneficiaries.import_file")
def import_file(*, run_id: int) -> None:
    import_runs.process(run_id)
