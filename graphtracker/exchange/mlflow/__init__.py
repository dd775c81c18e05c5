"""What MLflow holds, read through its own client.

=====================================================  ================================================================
MLflow's                                               graphtracker
=====================================================  ================================================================
run                                                    run ``runs:/<run_id>``, which is MLflow's own URI of it
params, latest metrics, tags                           metadata ``params.k`` (text, as logged), ``metrics.k``,
                                                       ``tags.k``; the name of its experiment as ``experiment``
status, start, end, user, source, git's commit,        context (``failed: killed`` is MLflow's KILLED); not tags, too
branch, dirty
dataset input                                          source: artifact ``<name>@<digest>`` of the external run that is
                                                       named by its uri, path or url, else
                                                       ``mlflow-dataset:/<experiment>/<name>``; its context tag as
                                                       metadata ``inputs.<name>@<digest>.context`` of who used it
logged model of a run                                  artifact ``<name>``; a second one ``<name>@<model_id>``
model input of a run                                   source: that artifact; of no known run: ``models:/<model_id>``
files of ``log_artifact``, models of MLflow 2          artifacts by their path
registered model version                               run ``models:/<name>/<version>``, its source the run with the
                                                       artifact; aliases, stage, description, tags as metadata
parent of a run                                        metadata ``parent_run_id``, and a source where that is asked for
=====================================================  ================================================================

Start is the time of params and sources, end that of tags, metrics and artifacts; a metric that was logged later than
that has its own. What changes without a time in MLflow (a tag after its run's end, an alias) is told by no import which
of two values is newer. A deleted run or experiment is left out, as MLflow does, and so are what metrics were before,
traces, prompts, and what else datasets and logged models say of themselves: all counted.

Nothing is ever written there: no store is made, none is migrated to a newer version.
"""

from graphtracker.exchange.mlflow.reading import events

__all__ = ["events"]
