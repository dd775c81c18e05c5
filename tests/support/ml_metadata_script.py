"""Writes what it reads as JSON from its input with ml-metadata itself, in whose own environment it runs.

Things are called by keys; it prints the id of each. A value of a property is a pair: the kind and what it holds. An
event without a time is of now.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from google.protobuf import any_pb2, json_format, struct_pb2  # type: ignore[import-untyped,unused-ignore]
from ml_metadata import metadata_store
from ml_metadata.proto import metadata_store_pb2 as mlmd


def main() -> None:
    """Reads, writes, prints."""
    path, said = sys.argv[1], json.load(sys.stdin)
    config = mlmd.ConnectionConfig()
    config.sqlite.filename_uri = path
    config.sqlite.connection_mode = mlmd.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    store = metadata_store.MetadataStore(config)
    ids: dict[str, int] = {}
    for kind in ("artifact", "execution", "context"):
        things = said.get(f"{kind}s", [])
        put = getattr(store, f"put_{kind}s")
        made = put([_made(store, kind, thing) for thing in things])
        ids |= {thing["key"]: number for thing, number in zip(things, made, strict=True)}
    store.put_events([_event(ids, *event) for event in said.get("events", [])])
    store.put_attributions_and_associations(
        [mlmd.Attribution(context_id=ids[one], artifact_id=ids[other]) for one, other in said.get("attributions", [])],
        [mlmd.Association(context_id=ids[one], execution_id=ids[other]) for one, other in said.get("associations", [])],
    )
    store.put_parent_contexts(
        [mlmd.ParentContext(child_id=ids[one], parent_id=ids[other]) for one, other in said.get("parents", [])]
    )
    del store
    if "schema" in said:
        metadata_store.downgrade_schema(config, said["schema"])
    json.dump(ids, sys.stdout)


def _made(store: Any, kind: str, thing: dict[str, Any]) -> Any:
    name = kind.capitalize()
    of_type = getattr(mlmd, f"{name}Type")(name=thing["type"], version=thing.get("version"))
    for key, (value_kind, _) in thing.get("properties", {}).items():
        of_type.properties[key] = getattr(mlmd, value_kind)
    put_type = getattr(store, f"put_{kind}_type")
    made = getattr(mlmd, name)(type_id=put_type(of_type, can_add_fields=True, can_omit_fields=True))
    for field in ("name", "uri", "external_id"):
        if thing.get(field) is not None:
            setattr(made, field, thing[field])
    if "state" in thing:
        state = getattr(getattr(mlmd, name), thing["state"])
        setattr(made, "last_known_state" if kind == "execution" else "state", state)
    for field in ("properties", "custom_properties"):
        for key, value in thing.get(field, {}).items():
            _fill(getattr(made, field)[key], *value)
    return made


def _fill(value: Any, kind: str, content: Any) -> None:
    if kind == "STRUCT":
        json_format.ParseDict(content, value.struct_value)
    elif kind == "PROTO":
        inner = struct_pb2.Struct()
        json_format.ParseDict(content, inner)
        packed = any_pb2.Any()
        packed.Pack(inner)
        value.proto_value.CopyFrom(packed)
    else:
        field = {"INT": "int_value", "DOUBLE": "double_value", "STRING": "string_value", "BOOLEAN": "bool_value"}[kind]
        setattr(value, field, content)


def _event(ids: dict[str, int], execution: str, artifact: str, kind: str, path: list[Any], at: int | None) -> Any:
    event = mlmd.Event(
        execution_id=ids[execution],
        artifact_id=ids[artifact],
        type=getattr(mlmd.Event, kind),
        milliseconds_since_epoch=at,
    )
    for step in path:
        added = event.path.steps.add()
        if isinstance(step, int):
            added.index = step
        else:
            added.key = step
    return event


if __name__ == "__main__":
    main()
