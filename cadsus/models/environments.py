"""The three environments to which a question may go."""

from django.db import models


class EnvironmentName(models.TextChoices):
    PRODUCTION = "production", "produção"
    HOMOLOGATION = "homologation", "homologação"
    SIMULATOR = "simulator", "simulador"
