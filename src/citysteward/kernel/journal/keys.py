"""The key that signs seals, and those that are believed."""

from pathlib import Path

from django.conf import settings

from citysteward.lib.signing import SigningKey

RETIRED_FILE = "seal-retired.txt"


def present() -> SigningKey:
    """The installation's own key."""
    return SigningKey(settings.SEAL_KEY)


def trusted() -> frozenset[bytes]:
    """The raw public keys of the installation: the present one and those it used before.

    Retired public keys stand in `keys/seal-retired.txt`, one a line, hexadecimal; ValueError if
    a line is none.
    """
    path = Path(settings.CITYSTEWARD_HOME) / "keys" / RETIRED_FILE
    lines = path.read_text("ascii").split() if path.exists() else []
    return frozenset([present().public, *map(bytes.fromhex, lines)])
