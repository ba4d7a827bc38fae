"""Rate limits of public pages, by client address or for all together; counted in the shared cache."""

import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

IPV6_PREFIX_BITS = 64  # leading bits of an IPv6 address; the rest anybody chooses for himself


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many times in each window of so many seconds."""

    name: str
    most: int
    seconds: int

    def consume(self, who: str = "all") -> bool:
        """Count this time, and say whether it is still within the limit. Two who ask at once are both counted."""
        key = f"limit:{self.name}:{who}:{int(time.time() // self.seconds)}"
        cache.add(key, 0, 2 * self.seconds)
        return cache.incr(key) <= self.most


def client_ip(request: HttpRequest) -> str:
    """Where a request comes from; behind proxies, what the outermost of ours saw. What a client claims is not heard."""
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    seen = [*filter(None, map(str.strip, passed)), request.META.get("REMOTE_ADDR", "")]
    return _ipv6_prefix(seen[-1 - settings.PROXIES] if len(seen) > settings.PROXIES else seen[0])


def _ipv6_prefix(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address) and not found.ipv4_mapped:
        return str(ip_network((found, IPV6_PREFIX_BITS), strict=False))
    return str(found)
