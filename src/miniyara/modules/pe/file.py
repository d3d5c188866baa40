"""A PE file with all its tables, each read when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from miniyara.modules.pe.delayed_imports import parse_delayed_imports
from miniyara.modules.pe.exports import Exports, parse_exports
from miniyara.modules.pe.imports import Imports, parse_imports
from miniyara.modules.pe.resources import Resources, parse_resources
from miniyara.modules.pe.rich import RichSignature, find_signature
from miniyara.modules.pe.version_info import parse_version_info

if TYPE_CHECKING:
    from miniyara.modules.pe.authenticode.signatures import Signatures
    from miniyara.modules.pe.image import Image


class File:
    """The tables of a PE file."""

    def __init__(self, image: Image) -> None:
        self.image = image

    @cached_property
    def rich_signature(self) -> RichSignature | None:
        """The rich signature, or None if there is none."""
        return find_signature(self.image)

    @cached_property
    def imports(self) -> Imports:
        """What is imported when the file is loaded."""
        return parse_imports(self.image)

    @cached_property
    def delayed_imports(self) -> Imports:
        """What is imported when it is first called."""
        return parse_delayed_imports(self.image)

    @cached_property
    def exports(self) -> Exports:
        """What is exported."""
        return parse_exports(self.image)

    @cached_property
    def resources(self) -> Resources:
        """The resources."""
        return parse_resources(self.image)

    @cached_property
    def signatures(self) -> Signatures:
        """The signatures."""
        # Not before they are asked for: little else needs all of this.
        signatures = import_module("miniyara.modules.pe.authenticode.signatures")
        found: Signatures = signatures.parse_signatures(self.image)
        return found

    @cached_property
    def version_info(self) -> list[tuple[bytes, bytes]]:
        """Keys and values of the version information, in the order of the file."""
        return parse_version_info(self.image, self.resources.items)
