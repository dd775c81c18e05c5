"""The schemas of OpenLineage that our events say they follow."""

from __future__ import annotations

PRODUCER = "https://pypi.org/project/graphtracker"
_SPEC = "https://openlineage.io/spec"
_CORE = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs"

EVENT = {"producer": PRODUCER, "schemaURL": f"{_CORE}/RunEvent"}
"""What every event says of itself."""


def facet(definition: str) -> dict[str, str]:
    """What every facet says of itself, by where the specification defines it; "" for one of our own."""
    return {"_producer": PRODUCER, "_schemaURL": f"{_SPEC}/facets/{definition}" if definition else f"{_CORE}/RunFacet"}


ERROR_MESSAGE = facet("1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet")
LINEAGE = facet("1-0-0/LineageFacet.json#/$defs/LineageJobFacet")
OF_OUR_OWN = facet("")
