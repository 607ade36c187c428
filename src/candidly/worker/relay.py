"""The relay as the settings describe it: a real one, or the sandbox on this machine."""

from candidly.channels.smtp.settings import RelaySettings
from candidly.config import Config


def relay_settings(config: Config) -> RelaySettings:
    if config.sandbox:
        many = config.relay_connections
        return RelaySettings("127.0.0.1", config.sandbox_port, connections=many, domain_connections=many)
    return RelaySettings(
        host=config.relay_host,
        port=config.relay_port,
        security=config.relay_security,
        username=config.relay_username,
        password=config.relay_password,
        connections=config.relay_connections,
        domain_connections=config.relay_domain_connections,
        timeout=config.relay_timeout,
        ehlo_name=config.relay_client_name,
        ca_file=str(config.relay_ca_file) if config.relay_ca_file else None,
    )
