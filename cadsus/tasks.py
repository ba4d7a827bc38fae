from cadsus import services
from operators.tasks import each_operator, operator_task


@operator_task(name="cadsus.run_lookup")
def run_lookup(*, run_id: int) -> None:
    services.run_lookup(run_id)


@each_operator(name="cadsus.send_due_lookups")
def send_due_lookups() -> None:
    services.send_due()


@each_operator(name="cadsus.ask_missing")
def ask_missing() -> None:
    services.ask_missing()
