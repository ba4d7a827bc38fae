from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from beneficiaries.work_in_progress import register_guard
from cadsus.throttling.opening_hours import Hours


class CadsusConfig(AppConfig):
    name = "cadsus"

    def ready(self) -> None:
        """Hours that nobody can mean stop the start, as every other setting does."""
        from cadsus.services.lookups.bulk_actions import stop_lookups

        register_guard(stop_lookups)
        for facts in settings.CADSUS_ENVIRONMENTS.values():
            try:
                Hours.parse(facts["hours"])
            except ValueError as error:
                raise ImproperlyConfigured(f"CADSUS_HOURS={facts['hours']!r}: {error}") from None
