"""OpenLineage's run events, one JSON object a line (https://openlineage.io/docs/spec/object-model).

In:

=====================================  =================================================================================
OpenLineage                            graphtracker
=====================================  =================================================================================
our run facet ``graphtracker_run``     the run as it was exported; nothing else of its event is read
run                                    run ``<job.namespace>/<job.name>/<run.runId>``: all its events, in any order
eventTime                              the stamp of what the event says; the first and the last are when it reported
START; COMPLETE, FAIL, ABORT           context: ``started_at``; ``ended_at``, ``status`` (the last of them counts)
run and job facets                     metadata ``<facet>.<field>``; a job's tags: ``job.tags.tags``
outputs                                artifact ``<name>`` at ``<namespace>/<name>`` (a second place of one name in the
                                       run: that path is its name), with version, statistics, storage as metadata
inputs                                 source: the newest artifact at that place in the same file that was logged before
                                       the run's first event (what a START lists, when that run ends), else the whole
                                       external run of that place; version, statistics and storage are metadata
                                       ``inputs.<name>.<facet>.<field>`` of the run
schema, column lineage, other facets   not mapped
of datasets, the lineage facet,
DatasetEvent, JobEvent
=====================================  =================================================================================

What events of others say waits until all are read, of a large file in a temporary one. A later import relinks nothing:
what it resolves otherwise is one more source. A line that is no OpenLineage event stops an import, by its number: of
what graphtracker exported the lines before it are stored by then, of others nothing; with the line mended, import it
again. A last line that is cut off, as of a log that is being written, is counted.

Out: an event for each run, whose type is that of its status; none for an external one. Artifacts are datasets, named by
OpenLineage's rules from their place; one without a place is ``(graphtracker, artifact:["run", "name"])``, a whole run
``(graphtracker, run:<id>)``. The facet ``lineage`` says what flowed where, ``graphtracker_run`` everything.
"""

from graphtracker.exchange.openlineage.reading import events

__all__ = ["events"]
