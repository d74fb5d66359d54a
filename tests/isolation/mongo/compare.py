"""What must be the same in two replies to one command, and what is different by nature."""

# Of the cluster, of the clock, and numbers that the server makes up.
OF_THE_SERVER = ("$clusterTime", "operationTime", "electionId", "opTime", "localTime", "connectionId")


def stripped(value, field):
    """A value without the tenant field at any depth."""
    if isinstance(value, dict):
        return {name: stripped(inner, field) for name, inner in value.items() if name != field}
    if isinstance(value, list):
        return [stripped(inner, field) for inner in value]
    return value


def canonical(value):
    """A value as text in which types differ that Python finds equal."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {canonical(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(canonical(inner) for inner in value) + "]"
    return f"{type(value).__name__}({value!r})"


def is_ordered(command):
    """Whether the order of a cursor's documents is the command's and not the server's."""
    if "sort" in command:
        return True
    stages = [next(iter(stage)) for stage in command.get("pipeline", [])]
    return bool(stages) and stages[-1] == "$sort"


def summary(command, reply, documents, field):
    """A reply as a value that two replies are compared by."""
    if not reply.get("ok"):
        return {"code": reply.get("code")}
    rest = {name: value for name, value in reply.items() if name not in OF_THE_SERVER}
    if "cursor" in rest:
        shown = [canonical(stripped(document, field)) for document in documents]
        rest["cursor"] = {
            "ns": rest["cursor"]["ns"],
            "documents": shown if is_ordered(command) else sorted(shown),
        }
    if "values" in rest:
        rest["values"] = sorted(canonical(stripped(value, field)) for value in rest["values"])
    for error in rest.get("writeErrors", []):
        error.pop("errmsg", None)
        error.pop("keyPattern", None)
        error.pop("keyValue", None)
        error.pop("errInfo", None)
    return canonical(stripped(rest, field))
