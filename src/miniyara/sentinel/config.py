"""The configuration: a TOML file that says where hits are sent, and holds no secret.

Credentials come from where ``azure-identity`` looks for them: the environment, a managed
identity, the Azure command line.
"""

from __future__ import annotations

import sys
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from miniyara.errors import Error

if TYPE_CHECKING:
    from os import PathLike

_PATHS: Final = {"spool", "ca_bundle"}
_SECRETS: Final = ("secret", "password", "token", "key")


@dataclass(frozen=True, slots=True)
class Config:
    """Where hits are sent, and where they wait for it."""

    endpoint: str
    """The URL for ingestion, of the data collection rule or of a data collection endpoint."""
    rule_id: str
    """The immutable id of the data collection rule: ``dcr-`` and 32 digits."""
    spool: Path
    """The file in which events wait to be sent."""
    spool_limit: int = 512 * 1024 * 1024
    """How many bytes it may hold."""
    alert_stream: str = "Custom-MiniyaraAlert"
    """The stream of the rule for hits."""
    scan_stream: str = "Custom-MiniyaraScan"
    """The stream of the rule for the heartbeats of scans."""
    audience: str = "https://monitor.azure.com"
    """What the token is for; other clouds have other ones."""
    ca_bundle: Path | None = None
    """A file of certificates to trust instead of the usual ones, for a proxy that has its own."""
    patience: int = 300
    """Seconds to go on trying at the end, while the endpoint does not take what waits."""


def load(path: str | PathLike[str]) -> Config:
    """Read a configuration.

    Raises :class:`miniyara.Error` if it cannot be read or is wrong: settings that are unknown,
    of another type or missing, an endpoint that is not ``https``.
    """
    try:
        if sys.version_info >= (3, 11):
            import tomllib  # noqa: PLC0415 - not on all versions
        else:
            import tomli as tomllib  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise Error("Python 3.10 needs: pip install 'miniyara[sentinel]'") from missing
    try:
        settings = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        return _config(settings, Path(path).parent)
    except OSError as error:
        raise Error(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise Error(f"{path}: {error}") from error
    except RecursionError as error:
        raise Error(f"{path}: is nested too deeply") from error


def _config(settings: dict[str, Any], folder: Path) -> Config:
    """Check the settings; paths are below ``folder`` unless they are absolute."""
    types = get_type_hints(Config)
    for name, value in settings.items():
        if name not in types:
            if any(each in name.lower() for each in _SECRETS):
                raise ValueError(f"{name}: a configuration holds no secrets")
            raise ValueError(f"{name}: there is no such setting")
        wanted = str if name in _PATHS else types[name]
        if type(value) is not wanted:
            raise ValueError(f"{name}: must be of type {wanted.__name__}")
    missing = [
        field.name
        for field in fields(Config)
        if field.default is MISSING and field.name not in settings
    ]
    if missing:
        raise ValueError(f"{', '.join(missing)}: missing")
    config = Config(
        **{name: folder / value if name in _PATHS else value for name, value in settings.items()}
    )
    if not config.endpoint.startswith("https://"):
        raise ValueError("endpoint: must begin with https://")
    if config.spool_limit <= 0 or config.patience < 0:
        raise ValueError("spool_limit must be positive, and patience not negative")
    return config
