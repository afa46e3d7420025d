"""What somebody saw when they decided: their form carries its fingerprint, so that nothing else is decided on."""

from hashlib import sha256


def fingerprint(said: object) -> str:
    """64 letters that are the same for what has the same `repr`, and for nothing else."""
    return sha256(repr(said).encode()).hexdigest()
