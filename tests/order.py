"""In which order the modules of the suite are begun."""

LONGEST_FIRST = (
    "flows/test_main_job.py",
    "flows/test_queue_heals.py",
    "flows/test_killed_nights.py",
    "flows/test_serve.py",
    "cadsus/test_secrecy.py",
    "bench/test_bench.py",
    "cadsus/management/commands/test_commands.py",
    "flows/test_compose.py",
    "flows/test_flat_memory.py",
    "browser/test_portal.py",
    "browser/test_day_of_newcomers.py",
)
"""Modules of half a minute and more: begun last, one of them would keep the other process waiting."""
