from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.test import RequestFactory

from cnsportal.web.rate_limits import RateLimit, client_ip


def test_a_limit_lets_so_many_through_and_no_more():
    limit = RateLimit(uuid4().hex, 3, 3600)

    assert [limit.consume("one") for _ in range(5)] == [True, True, True, False, False]
    assert limit.consume("another")


def test_those_who_ask_at_once_are_all_counted():
    limit = RateLimit(uuid4().hex, 10, 3600)

    with ThreadPoolExecutor(16) as pool:
        allowed = list(pool.map(lambda _: limit.consume(), range(64)))

    assert sum(allowed) == 10


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "", "192.0.2.9"),
        (0, "203.0.113.1", "192.0.2.9"),  # nobody of ours has written this
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "198.51.100.7, 203.0.113.1", "203.0.113.1"),  # the first is what the client claims
        (2, "198.51.100.7, 203.0.113.1, 192.0.2.1", "203.0.113.1"),
        (1, "", "192.0.2.9"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "garbage", "unknown"),
    ],
)
def test_an_address_is_what_our_outermost_proxy_saw(settings, proxies, forwarded, seen):
    settings.PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    assert client_ip(RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.9")) == seen
