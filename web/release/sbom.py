"""Write the list of all shipped parts, `python -m web.release.sbom FILE`: CycloneDX 1.6 with hashes and licences."""

from __future__ import annotations

import base64
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from web.release.licences import Licensed, front_end_licences, python_licences
from web.release.parts import PRODUCT

_FILE: Final = "sbom.cdx.json"
_licences = LicenseFactory()


def parts_list(version: str) -> Bom:
    """Return what an installation of this version is made of, as far as it is shipped or bundled."""
    bom = Bom()
    product = Component(name=PRODUCT, version=version, type=ComponentType.APPLICATION, bom_ref=PRODUCT)
    product.licenses.add(_licences.make_from_string("Apache-2.0"))
    bom.metadata.component = product
    for kind, found in (("pypi", python_licences()), ("npm", front_end_licences())):
        for one in found:
            if one.part.shipped:
                bom.components.add(_component(kind, one))
    bom.register_dependency(product, bom.components)
    return bom


def write(version: str, path: Path) -> int:
    """Write the list into a file; returns how many parts it has."""
    bom = parts_list(version)
    path.write_text(JsonV1Dot6(bom).output_as_string(indent=2) + "\n", "utf-8")
    return len(bom.components)


def _component(kind: str, one: Licensed) -> Component:
    group, _, name = one.part.name.rpartition("/")
    purl = PackageURL(kind, group or None, name, one.part.version)
    component = Component(name=name, group=group or None, version=one.part.version, purl=purl, bom_ref=purl.to_string())
    component.licenses.add(_licences.make_from_string(one.licence))
    if kind == "npm":  # one archive a package; of Python's, the lock allows one for each kind of machine
        for digest in one.part.hashes:
            algorithm, _, encoded = digest.partition("-")
            known = {"sha512": HashAlgorithm.SHA_512, "sha1": HashAlgorithm.SHA_1}[algorithm]
            component.hashes.add(HashType(alg=known, content=base64.b64decode(encoded).hex()))
    return component


def main(arguments: Sequence[str]) -> int:
    """Write the file and say so."""
    from importlib import metadata

    path = Path(arguments[0] if arguments else _FILE)
    count = write(metadata.version(PRODUCT), path)
    sys.stdout.write(f"{count} parts in {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
