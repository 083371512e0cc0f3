"""A private CA, a TLS server and a CONNECT proxy on loopback, as companies have them."""

import datetime as dt
import ipaddress
import json
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "abc.execute-api.test"
"""Nobody's: the domain is reserved (RFC 6761), so a resolver never knows it."""


@dataclass(frozen=True)
class Authority:
    """A CA. `certificate`: a PEM file; `server`: a file with a server's key and certificate."""

    certificate: Path
    server: Path


def authority(folder: Path) -> Authority:
    """Make a CA, and a certificate of its for `HOST`, its neighbours and loopback."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a company's own CA")])
    ca = (
        _certificate(issuer, issuer, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    names = [
        *(x509.DNSName(HOST), x509.DNSName("*.amazonaws.test")),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    server = (
        _certificate(subject, issuer, key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(authority_key, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    made = Authority(folder / "ca.pem", folder / "server.pem")
    pem = serialization.Encoding.PEM
    made.certificate.write_bytes(ca.public_bytes(pem))
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made.server.write_bytes(private + server.public_bytes(pem))
    return made


def _certificate(subject: x509.Name, issuer: x509.Name, key: Any) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    others = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    rest = ("key_agreement", "encipher_only", "decipher_only")
    return x509.KeyUsage(
        **dict.fromkeys((*others, *rest), False), key_cert_sign=signs, crl_sign=signs
    )


@contextmanager
def tls_server(made: Authority) -> Iterator[int]:
    """Answer 200 over TLS with what was asked; yields the port."""

    class Echo(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            told = json.dumps({"path": self.path, "host": self.headers["host"]}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.server)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    with _running(server):
        yield server.server_port


@dataclass
class Proxy:
    """A proxy that leads every name to one port on loopback.

    Attributes:
        port: where it listens.
        asked: the hosts that it was asked for.
        refusal: the status that it answers CONNECT with, or 0.
    """

    port: int = 0
    asked: list[str] = field(default_factory=list)
    refusal: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def proxy(target: int) -> Iterator[Proxy]:
    """Run a CONNECT proxy."""
    told = Proxy()

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            told.asked.append(self.path.partition(":")[0])
            if told.refusal:
                self.send_error(told.refusal)
                return
            self.send_response(200)
            self.end_headers()
            with socket.create_connection(("127.0.0.1", target)) as other:
                _pipe(self.connection, other)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with _running(server):
        told.port = server.server_port
        yield told


def _pipe(one: socket.socket, other: socket.socket) -> None:
    ends = {one: other, other: one}
    while True:
        for ready in select.select(list(ends), [], [])[0]:
            data = ready.recv(65536)
            if not data:
                return
            ends[ready].sendall(data)


@contextmanager
def _running(server: HTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
