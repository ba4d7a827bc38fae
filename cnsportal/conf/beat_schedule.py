"""What Celery's beat sends, and when; operators/tasks.py makes the tasks (``periodic_task``)."""

from typing import Any

from celery.schedules import crontab

from cnsportal.conf import env

SCHEDULE: dict[str, dict[str, Any]] = {
    "recover stalled jobs": {"task": "operators.sweep_runs", "schedule": 15.0},
    "scan the inbox": {"task": "sib.scan_inbox", "schedule": env.number("SIB_INBOX_SECONDS", 15, least=1)},
    "scan folders of spreadsheets": {
        "task": "beneficiaries.scan_drop_folder",
        "schedule": env.number("SIB_INBOX_SECONDS", 15, least=1),
    },
    "wake lookup queues": {"task": "cadsus.wake_queues", "schedule": 5.0},
    "deliver card webhooks": {"task": "cards.wake_webhooks", "schedule": 5.0},
    "check certificate revocation": {
        "task": "cadsus.check_revocations",
        "schedule": crontab(hour="6", minute="35"),
    },
    "warn of expiring certificates": {"task": "cadsus.warn_of_expiry", "schedule": crontab(hour="7,11,15", minute="5")},
    "send night reports": {
        "task": "sib.report_night",
        "schedule": crontab(hour=str(env.integer("SIB_NIGHT_HOUR", 6, most=23)), minute="45"),
    },
    "delete import leftovers": {
        "task": "beneficiaries.delete_import_leftovers",
        "schedule": crontab(hour="3", minute="50"),
    },
    "delete expired exports": {"task": "operators.delete_expired_exports", "schedule": crontab(minute="35")},
    "delete expired card batch files": {"task": "cards.delete_expired", "schedule": crontab(hour="3", minute="40")},
    "delete old idempotency keys": {"task": "cards.forget_keys", "schedule": crontab(hour="3", minute="45")},
    "nightly lookups for people without CNS": {
        "task": "cadsus.ask_missing",
        "schedule": crontab(hour="2", minute="10"),
    },
}
