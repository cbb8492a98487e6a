"""AWS's own descriptions of its answers, as botocore ships them, applied without mercy: what a model
does not allow is a problem, where a client would shrug."""

import functools
import re

import botocore.loaders
import botocore.model

VERSIONS = {"logs": "2014-03-28", "ecs": "2014-11-13", "ecr": "2015-09-21", "sts": "2011-06-15"}

RANGES = {"integer": 2**31, "long": 2**63}


@functools.cache
def service(name):
    loader = botocore.loaders.Loader()
    return botocore.model.ServiceModel(loader.load_service_model(name, "service-2", VERSIONS[name]), name)


def operation(name, action):
    return service(name).operation_model(action)


def problems(shape, value, path="answer"):
    """Everything about the value that the shape does not allow, each as a sentence."""
    kind = shape.type_name
    check = CHECKS.get(kind)
    if check is None:
        return [f"{path}: no check for {kind}"]
    return list(check(shape, value, path))


def of_structure(shape, value, path):
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no structure"
        return
    names = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    for name in value.keys() - names.keys():
        yield f"{path}.{name}: unknown member"
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name}: required, and missing"
    for name in value.keys() & names.keys():
        yield from problems(names[name], value[name], f"{path}.{name}")


def of_list(shape, value, path):
    if not isinstance(value, list):
        yield f"{path}: {value!r} is no list"
        return
    yield from of_length(shape, len(value), path)
    for place, item in enumerate(value):
        yield from problems(shape.member, item, f"{path}[{place}]")


def of_map(shape, value, path):
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no map"
        return
    yield from of_length(shape, len(value), path)
    for key, item in value.items():
        yield from problems(shape.key, key, f"{path} key")
        yield from problems(shape.value, item, f"{path}.{key}")


def of_string(shape, value, path):
    if not isinstance(value, str):
        yield f"{path}: {value!r} is no string"
        return
    yield from of_length(shape, len(value), path)
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        yield f"{path}: {value!r} is not of the form {pattern}"


def of_length(shape, length, path):
    if length < shape.metadata.get("min", 0):
        yield f"{path}: shorter than {shape.metadata['min']}"
    if length > shape.metadata.get("max", length):
        yield f"{path}: longer than {shape.metadata['max']}"


def of_whole_number(shape, value, path):
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{path}: {value!r} is no whole number"
        return
    bound = RANGES[shape.type_name]
    if not -bound <= value < bound:
        yield f"{path}: {value} does not fit {shape.type_name}"
    if not shape.metadata.get("min", value) <= value <= shape.metadata.get("max", value):
        yield f"{path}: {value} is outside its range"


def of_number(shape, value, path):
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        yield f"{path}: {value!r} is no number"


def of_boolean(shape, value, path):
    if not isinstance(value, bool):
        yield f"{path}: {value!r} is no boolean"


CHECKS = {
    "structure": of_structure,
    "list": of_list,
    "map": of_map,
    "string": of_string,
    "integer": of_whole_number,
    "long": of_whole_number,
    "double": of_number,
    "float": of_number,
    # AWS JSON writes moments as seconds.
    "timestamp": of_number,
    "boolean": of_boolean,
}
