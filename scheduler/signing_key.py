"""The RSA key with which this site signs whom it vouches for to integrators."""

from base64 import b64decode, b64encode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

BITS = 2048
"""At least; RS256 asks for that (RFC 7518, section 3.3)."""


def make() -> str:
    """A new key, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def one_line(pem: str) -> str:
    """The key as it fits an environment variable."""
    return b64encode(pem.encode()).decode()


def read(text: str) -> str:
    """The key in PEM, of PEM or of ``one_line``. ValueError if it is none, or too short."""
    pem = text if text.startswith("-----") else b64decode(text, validate=True).decode()
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < BITS:
        raise ValueError
    return pem
