"""The gateway of a credential, made once for each process and kept with its connections."""

from functools import lru_cache

from django.conf import settings
from django.core.cache import cache

from cadsus.gateway import Environment, Gateway
from cadsus.models import Credential
from cadsus.services.credentials import keyring, open_credential

KEPT = 32  # gateways in one process


def environment(name: str) -> Environment:
    """The facts of an environment as the settings give them now."""
    facts = {key: value for key, value in settings.CADSUS_ENVIRONMENTS[name].items() if key != "hours"}
    return Environment(
        name=name,
        sender=settings.CADSUS_SENDER,
        connect_timeout=settings.CADSUS_CONNECT_TIMEOUT,
        read_timeout=settings.CADSUS_READ_TIMEOUT,
        **facts,
    )


def gateway_of(credential: Credential) -> Gateway:
    """Raises GatewayError when the key cannot be opened. Other settings or another certificate give another gateway."""
    return _gateway(environment(credential.environment), credential.pk, credential.fingerprint)


@lru_cache(KEPT)
def _gateway(place: Environment, credential_id: int, _fingerprint: str) -> Gateway:
    credential = open_credential(Credential.objects.get(pk=credential_id))
    return Gateway(place, credential, cache=cache, keys=keyring())
