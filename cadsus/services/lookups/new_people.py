"""Somebody added by hand is asked about at once, where the operator can ask."""

from django.conf import settings

from cadsus.models import Credential, LookupReason, Priority
from cadsus.services.lookups.enqueue import ask_cns
from operators.models import User

NO_CREDENTIAL = "O DATASUS ainda não pode ser consultado: falta o certificado da operadora em uso."
IN_FRONT = "A consulta ao DATASUS está na frente da fila."
TOO_LITTLE = "Faltam dados para consultar: informe o CPF, ou o nome da mãe."


def ask_about_new_person(person_id: int, actor: User) -> str:
    """In a sentence what was set going, or what is missing for it."""
    if not Credential.objects.active().filter(environment=settings.CADSUS_ENVIRONMENT).exists():
        return NO_CREDENTIAL
    asked = ask_cns([person_id], reason=LookupReason.REQUESTED, priority=Priority.INTERACTIVE, actor=actor)
    return IN_FRONT if person_id in asked else TOO_LITTLE
