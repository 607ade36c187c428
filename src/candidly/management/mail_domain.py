"""Whether DNS leads to us what is sent to the inbound domain: answers, and what cannot be delivered."""

from operator import attrgetter
from typing import Any

import dns.resolver
from dns.exception import DNSException

from candidly.config import Config
from candidly.management.finding import Finding

#: Seconds, for one question and all the name servers that are asked it.
PATIENCE = 5
NOWHERE = (".localhost", ".test", ".example", ".invalid")
#: The one name with which an MX record says that a domain takes no mail (RFC 7505).
NO_HOST = "."


def inbound_domain(config: Config) -> Finding:
    """With a real relay, answers must be able to find their way back."""
    domain = config.inbound_domain
    if config.sandbox:
        return Finding(f"Answers come to {domain}, which works on this machine alone, as the sandbox does.")
    if domain.endswith(NOWHERE):
        return Finding(
            f"Nobody can answer: no mail from outside finds {domain}.",
            "Set CANDIDLY_INBOUND_DOMAIN to a domain of yours whose MX record names this machine.",
        )
    try:
        return _way_in(domain)
    except DNSException:
        return _nobody_says(f"Where mail to {domain} goes")


def _way_in(domain: str) -> Finding:
    """The hosts that take its mail, as a mail server finds them: without an MX record, the domain itself."""
    fix = f"Give {domain} an MX record with the host name of the machine where mail comes in, and that name an address."
    hosts = _exchanges(domain)
    if hosts == [NO_HOST]:
        return Finding(f"Nobody can answer: the MX record of {domain} says that it takes no mail.", fix)
    reached = {host: found for host in hosts or [domain] if (found := _addresses(host))}
    if reached:
        places = ", ".join(f"{host} ({', '.join(found)})" for host, found in reached.items())
        return Finding(f"Answers to {domain} come in at {places}.")
    if hosts:
        return Finding(f"Nobody can answer: the MX record of {domain} names {hosts[0]}, which has no address.", fix)
    return Finding(f"Nobody can answer: {domain} has neither an MX record nor an address.", fix)


def return_path(config: Config) -> Finding:
    """What cannot be delivered comes back only if it finds us, and mail leaves only if its return path may be used."""
    domain = config.inbound_domain
    if not config.bounce_addresses:
        return Finding("What cannot be delivered comes back to the From address, as CANDIDLY_BOUNCE_ADDRESSES says.")
    if config.sandbox:
        return Finding(f"What cannot be delivered comes back to {domain}, on this machine alone.")
    if inbound_domain(config).fix:
        return Finding(
            f"What cannot be delivered does not come back to {domain}.", "Mend the domain for answers first."
        )
    try:
        return _permission(domain, _policies(domain), config.relay_host)
    except DNSException:
        return _nobody_says(f"Who may send mail that comes back to {domain}")


def _permission(domain: str, policies: list[str], relay: str) -> Finding:
    """Mail systems ask the domain of the return path whether the relay sends for it (SPF, RFC 7208)."""
    record = f"one TXT record at {domain}, “v=spf1 include:… -all”, with what {relay} tells you to include"
    instead = "or set CANDIDLY_BOUNCE_ADDRESSES=false, and what comes back goes to the From address"
    fix = f"Let SPF allow the relay: {record}; {instead}."
    if not policies:
        return Finding(f"Mail systems may refuse our mail: {domain}, its return path, has no SPF record.", fix)
    if len(policies) > 1:
        return Finding(f"Mail systems may refuse our mail: {domain} has {len(policies)} SPF records, not one.", fix)
    if policies[0].split()[1:] == ["-all"]:
        return Finding(f"Mail systems refuse our mail: the SPF record of {domain} says that nobody sends from it.", fix)
    return Finding(f"What cannot be delivered comes back to {domain}; see that {relay} is among “{policies[0]}”.")


def _nobody_says(what: str) -> Finding:
    return Finding(
        f"{what} cannot be seen: no name server answers.",
        "See that this machine finds its name servers (/etc/resolv.conf), then run “candidly doctor” again.",
    )


def _exchanges(domain: str) -> list[str]:
    """Those that are asked first stand first (RFC 5321, 5.1)."""
    records = sorted(_ask(domain, "MX"), key=attrgetter("preference"))
    return [record.exchange.to_text(omit_final_dot=True) for record in records]


def _addresses(host: str) -> list[str]:
    return [record.address for kind in ("A", "AAAA") for record in _ask(host, kind)]


def _policies(domain: str) -> list[str]:
    texts = [b"".join(record.strings).decode(errors="replace") for record in _ask(domain, "TXT")]
    return [text for text in texts if f"{text} ".lower().startswith("v=spf1 ")]


def _ask(name: str, kind: str) -> list[Any]:
    """All records of a name; none when there is no such name either. DNSException when nobody knows."""
    try:
        return list(dns.resolver.resolve(name, kind, lifetime=PATIENCE))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
