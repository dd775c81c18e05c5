"""An answer in W3C PROV (https://www.w3.org/TR/prov-dm/), as PROV-JSON or as PROV-N.

==================================  ====================================================================================
graphtracker                        PROV
==================================  ====================================================================================
run                                 ``activity``, from ``started_at`` to ``ended_at`` of its context
artifact                            ``entity``; ``prov:location`` is its path
source that names an artifact       ``used``, at the time at which it was named
source that is a whole run          ``wasInformedBy``
artifact of a run                   ``wasGeneratedBy``, at the time of the first log
user of the context                 ``agent``, ``wasAssociatedWith``
metadata, context, all else         attributes ``metadata:<key>``, ``context:<key>`` and ``graphtracker:<field>``
what was asked, and whether whole   the entity ``graphtracker:answer``, which nothing leads to
==================================  ====================================================================================

Names are ``run:<id>``, ``artifact:<run id>#<name>`` and ``user:<name>``, percent-encoded as in URLs (``%23`` is a ``#``
of an id); ids stand as they are in attributes, too. A value is a literal of the XSD type that holds it exactly; any
other is a ``graphtracker:json``, its JSON as in ``model.encoding``. Fields of ours that are None or False are left out.
"""
