"""Certificates for TLS on loopback."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.peers.processes import program


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate with its key, both PEM files."""

    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)


def make_certificate(folder: Path, name: str = "localhost") -> Certificate:
    """For the host `name`, valid for two days, and not for the address 127.0.0.1."""
    made = Certificate(folder / f"{name}.crt", folder / f"{name}.key")
    command = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={name}"
    files = ["-addext", f"subjectAltName=DNS:{name}", "-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run([program("openssl"), *command.split(), *files], check=True, capture_output=True, timeout=60)
    return made
