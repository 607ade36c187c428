"""Who may read the measurements: a program on this machine, or one that knows the token."""

from ipaddress import ip_address
from secrets import compare_digest

from django.http import HttpRequest
from django.http.request import split_domain_port

from candidly.config import config

SCHEME = "Bearer "
#: A request that a proxy on this machine passes on comes from loopback too, but carries one of these.
PASSED_ON = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")


def may_scrape(request: HttpRequest) -> bool:
    """By `Authorization: Bearer <CANDIDLY_METRICS_TOKEN>` from anywhere, or directly from this machine."""
    return _knows_token(request.headers.get("Authorization", "")) or _is_direct_from_here(request)


def _knows_token(authorization: str) -> bool:
    token = config().metrics_token
    return bool(token) and compare_digest(authorization.encode(), f"{SCHEME}{token}".encode())


def _is_direct_from_here(request: HttpRequest) -> bool:
    if any(name in request.headers for name in PASSED_ON):
        return False
    host, _ = split_domain_port(request.get_host())
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and (host == "localhost" or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False
