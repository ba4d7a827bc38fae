"""The gateway of a credential, cached with its connections in each process for a while."""

import time

from django.conf import settings
from django.core.cache import cache

from cadsus.client.gateway import Environment, Gateway
from cadsus.models import Credential
from cadsus.queries.credentials import keyring, open_credential
from cnsportal.leases import Lease

GATEWAY_TTL_SECONDS = 900.0  # then the key is opened again, and one that is not used any more is forgotten


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
    place, now = environment(credential.environment), time.monotonic()
    for key, (_, until) in list(_gateways.items()):  # a copy: other threads keep theirs here too
        if until < now:
            _gateways.pop(key, None)
    kept = _gateways.get((place, credential.pk, credential.fingerprint))
    if kept is None:
        gateway = Gateway(place, open_credential(credential), cache=cache, leases=Lease, keys=keyring())
        kept = gateway, now + GATEWAY_TTL_SECONDS
        _gateways[place, credential.pk, credential.fingerprint] = kept
    return kept[0]


_gateways: dict[tuple[Environment, int, str], tuple[Gateway, float]] = {}
