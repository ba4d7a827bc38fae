"""What apps above contribute to a person's page, by ``AppConfig.ready()`` (as in ``operators/registry.py``)."""

from operators.registry import Panel, Registry

PERSON_PANELS: Registry[Panel] = Registry()
register_person_panel = PERSON_PANELS.register
