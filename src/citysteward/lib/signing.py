"""Ed25519 signatures (RFC 8032)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class SigningKey:
    """A private key. It never prints itself."""

    def __init__(self, secret: bytes) -> None:
        """`secret` is the raw 32 bytes of RFC 8032; ValueError for another length."""
        self._key = Ed25519PrivateKey.from_private_bytes(secret)

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature; the same message always gives the same."""
        return self._key.sign(message)

    @property
    def public(self) -> bytes:
        """The raw 32 bytes of the public key."""
        return self._key.public_key().public_bytes_raw()


def is_signed_by(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the owner of the raw public key signed exactly this message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
