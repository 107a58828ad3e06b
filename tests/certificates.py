"""Certificates for servers on 127.0.0.1 in tests: sound, expired, of another host. Made in memory, trusted by nobody.

One authority signs them all, so that only what a test is about is wrong with each.
"""

import ipaddress
import ssl
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LOOPBACK = "127.0.0.1"
_SINCE, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
_LONG_AGO = datetime(2020, 2, 1, tzinfo=UTC)


@cache
def trusting() -> ssl.SSLContext:
    """A client's context that trusts the authority of these certificates, and no other."""
    authority, _ = _authority()
    return ssl.create_default_context(cadata=authority.public_bytes(serialization.Encoding.PEM).decode())


@cache
def sound() -> ssl.SSLContext:
    """A server's context whose certificate is in order."""
    return _serving(LOOPBACK, _UNTIL)


@cache
def expired() -> ssl.SSLContext:
    return _serving(LOOPBACK, _LONG_AGO)


@cache
def of_another_host() -> ssl.SSLContext:
    return _serving("127.0.0.2", _UNTIL)


@cache
def _authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named("test authority")
    made = (
        _begun(key, name, name, _UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    return made.sign(key, hashes.SHA256()), key


def _serving(address: str, until: datetime) -> ssl.SSLContext:
    authority, signing = _authority()
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    made = (
        _begun(key, _named(address), authority.subject, until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(signing, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    content = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        file = Path(folder, "chain.pem")  # ssl reads a server's key from a file only
        file.write_bytes(content)
        context.load_cert_chain(file)
    return context


def _begun(
    key: ec.EllipticCurvePrivateKey, subject: x509.Name, issuer: x509.Name, until: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(_SINCE).not_valid_after(until)


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
