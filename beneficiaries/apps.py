from django.apps import AppConfig

from operators.registry import Slot, register_panel


class BeneficiariesConfig(AppConfig):
    name = "beneficiaries"

    def ready(self) -> None:
        from beneficiaries.views import dashboard

        register_panel(Slot.WIDE, dashboard.coverage, order=20)
        register_panel(Slot.TODO, dashboard.desk, order=20)
