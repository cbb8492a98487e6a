"""An OpenAPI 3.0 description applied without mercy: what a schema does not name is a problem, as is what
it does not allow."""

import datetime
import functools
import json
import pathlib
import re

SCHEMAS = pathlib.Path(__file__).parent / "schemas"


class Description:
    """The description in a file, and the paths that it has."""

    def __init__(self, name):
        self.file = json.loads((SCHEMAS / name).read_text())

    def path_of(self, path):
        """The templated path that a path is one of; the one with the fewest blanks. None when there is none."""
        fits = [known for known in self.file["paths"] if re.fullmatch(pattern(known), path)]
        return min(fits, key=lambda known: known.count("{"), default=None)

    def answer_of(self, path, status):
        """What is described for an answer: None for a path or status that is not described."""
        known = self.path_of(path)
        if known is None:
            return None
        answers = self.file["paths"][known]["get"]["responses"]
        return answers.get(str(status), answers.get("default") if status >= 400 else None)

    def schema(self, name):
        return self.file["components"]["schemas"][name]

    def resolved(self, schema):
        """With its reference followed, and its parts put together."""
        if "$ref" in schema:
            return self.resolved(self.schema(schema["$ref"].rsplit("/", 1)[1]))
        if "allOf" in schema:
            whole = {key: value for key, value in schema.items() if key != "allOf"}
            for part in schema["allOf"]:
                whole = {**self.resolved(part), **whole}
            return whole
        return schema

    def problems(self, schema, value, path="answer"):
        """Everything about the value that the schema does not allow, each as a sentence."""
        schema = self.resolved(schema)
        if value is None:
            # `links.self` of the first page has no page before it: null is said to be allowed where it is.
            return [] if schema.get("nullable") else [f"{path}: null"]
        kind = schema.get("type") or ("object" if "properties" in schema else None)
        if kind is None:
            return []
        return list(getattr(self, f"of_{kind}")(schema, value, path))

    def of_object(self, schema, value, path):
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is no object"
            return
        names = schema.get("properties")
        for name in schema.get("required", []):
            if name not in value:
                yield f"{path}.{name}: required, and missing"
        # An object of which nothing is said, or that says that it is open, may have anything.
        if names is None or schema.get("additionalProperties"):
            names = {**(names or {}), **{name: {} for name in value if name not in (names or {})}}
        for name, item in value.items():
            if name in names:
                yield from self.problems(names[name], item, f"{path}.{name}")
            else:
                yield f"{path}.{name}: unknown key"

    def of_array(self, schema, value, path):
        if not isinstance(value, list):
            yield f"{path}: {value!r} is no array"
            return
        for place, item in enumerate(value):
            yield from self.problems(schema["items"], item, f"{path}[{place}]")

    def of_string(self, schema, value, path):
        if not isinstance(value, str):
            yield f"{path}: {value!r} is no string"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{path}: {value!r} is none of {schema['enum']}"
        if schema.get("format") == "date-time" and not is_moment(value):
            yield f"{path}: {value!r} is no moment"

    def of_integer(self, schema, value, path):
        if not isinstance(value, int) or isinstance(value, bool):
            yield f"{path}: {value!r} is no whole number"

    def of_boolean(self, schema, value, path):
        if not isinstance(value, bool):
            yield f"{path}: {value!r} is no boolean"


@functools.cache
def pattern(path):
    return "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", path))


def is_moment(text):
    if not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text):
        return False
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).tzinfo is not None
    except ValueError:
        return False
