"""Walking and changing the tables of a stack, place by place."""

import json


def places(tables, path=()):
    """Give the path of every value."""
    pairs = tables.items() if isinstance(tables, dict) else enumerate(tables)
    for key, value in pairs:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def changed(tables, path, value):
    """Give a copy with another value at *path*; without it for `...`."""
    made = json.loads(json.dumps(tables))
    at = made
    for key in path[:-1]:
        at = at[key]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return made
