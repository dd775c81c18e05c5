"""What the front matter of Hugging Face model cards says, read by the Hub's own library.

==========================  ==========================================================================================
a model card                graphtracker
==========================  ==========================================================================================
the model                   run ``hf://models/<owner>/<name>``, with the artifact ``model`` at ``hf://<owner>/<name>``,
                            as the Hub's file system calls it: who uses that path is a consumer of this run. Metadata
                            of the artifact: the ``revision`` of a cached one
``base_model``              sources, each a whole run: ``hf://models/<owner>/<name>`` of an id, or of an address on the
                            Hub; the place of an absolute path, or of another URL
``datasets``                sources likewise: ``hf://datasets/<owner>/<name>``
``model-index``             metadata ``results.<dataset>[/<config>][/<split>].<metric>``: the value of each result, by
                            the metric's type; a second one of that type by the metric's name
every other field           metadata, called as there
the file's time of change   the time of all of it
the text below              not mapped
==========================  ==========================================================================================

Owner and name are those of a folder ``models--<owner>--<name>`` of the Hub's cache, of whose snapshots the card at the
top is read; else the two folders ``<owner>/<name>`` below the folder that is given, or in a relative path as given;
else ``model_name``, or the name in ``model-index``. A file without front matter is left out, and so is, in a
folder, one whose front matter cannot be read, and so are cards of datasets and of spaces in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphtracker.exchange.extras import library
from graphtracker.exchange.history import History
from graphtracker.exchange.model_card import fields, results
from graphtracker.exchange.model_card.files import Card, cards
from graphtracker.exchange.report import Report
from graphtracker.model.events import Event

_SOURCES = {"base_model": "models", "datasets": "datasets"}


def events(source: str, report: Report | None = None) -> Iterator[list[Event]]:
    """The events of a model card, or of each ``README.md`` in a folder and below, a model at a time.

    Raises InvalidInput where there is no such file or folder, or where the one file cannot be read; MissingExtra
    without the extra ``huggingface_hub``. Nothing is asked of the Hub.
    """
    report = report or Report()
    hub = library("huggingface_hub.repocard", "huggingface_hub", "reading model cards")
    for card in cards(source, report):
        said = fields.front_matter(hub, card.path, report, named=card.path == Path(source))
        name = said and (card.model or fields.name_in(said))
        if name:
            yield _history(f"hf://models/{name}", card, name, said, report).events()
        elif said:
            report.leave_out("model cards without the name of their model (give a Hub cache, or folders OWNER/NAME)")


def _history(run_id: str, card: Card, name: str, said: Any, report: Report) -> History:
    history = History(run_id, report)
    report.add("model cards")
    history.reported(card.changed)
    history.artifact("model", f"hf://{name}", {"revision": card.revision} if card.revision else {}, card.changed)
    for field, kind in _SOURCES.items():
        for text in fields.texts(said.get(field)):
            run = fields.run_of(kind, text)
            if run is None:
                report.leave_out(f"{field} entries other than an id, an address or an absolute path")
            else:
                report.add("sources", history.source(run, None, card.changed))
    history.metadata({key: value for key, value in said.items() if key not in (*_SOURCES, results.FIELD)}, card.changed)
    history.metadata(results.of_index(said.get(results.FIELD), report), card.changed)
    return history
