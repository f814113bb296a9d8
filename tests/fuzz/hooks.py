"""What random values alone would not reach: signed-in calls, things that are there, revisions that are current."""

import atexit
import collections
import functools
import json
import os
import pathlib
import zlib

import requests
import schemathesis

URL = os.environ["FUZZ_URL"]
# The access token of the caller, if it signs in, and some of other sessions, for what ends one.
TOKEN, *SPARE = json.loads(os.environ["FUZZ_TOKENS"]) or [None]
COUNTS = collections.defaultdict(collections.Counter)
# The course of each module.
MODULES = {}
ENDS_SESSION = {"identity.logout"}


def get(path):
    headers = {"authorization": f"Bearer {TOKEN}"} if TOKEN else {}
    return requests.get(URL + path, headers=headers, timeout=30)


@functools.cache
def known():
    """Ids of things that are there, by the name of the path parameter."""
    authored = get("/v1/instructor/courses")
    taken = get("/v1/me/courses").json().get("items", [])
    items = authored.json()["items"] if authored.ok else taken + get("/v1/courses").json()["items"]
    courses = list(dict.fromkeys(item.get("course_id") or item.get("course", item)["id"] for item in items))
    details = [get(f"/v1/courses/{course}").json() for course in courses]
    modules = [module for detail in details for module in detail["modules"]]
    MODULES.update({module["id"]: detail["id"] for detail in details for module in detail["modules"]})
    certificates = get("/v1/me/certificates").json().get("items", []) if TOKEN else []
    me = [get("/v1/me").json()["id"]] if TOKEN else []
    ids = {
        "course_id": courses,
        "module_id": [module["id"] for module in modules],
        "lesson_id": [lesson["id"] for module in modules for lesson in module["lessons"]],
        "certificate_id": [certificate["id"] for certificate in certificates],
        "certificate_no": [certificate["certificate_no"] for certificate in certificates],
        "user_id": me,
    }
    return {name: values[:12] for name, values in ids.items() if values}


def revision(case, path):
    """The ETag that an edit of what `path` names has to be based on."""
    if "module_id" in case.path_parameters:
        course = MODULES.get(case.path_parameters["module_id"])
        modules = get(f"/v1/courses/{course}").json().get("modules", [])
        revisions = [module["rev"] for module in modules if module["id"] == case.path_parameters["module_id"]]
        return f'"{revisions[0]}"' if revisions else None
    return get(path.removesuffix("/outline")).headers.get("etag")


@schemathesis.hook
def before_call(context, case, kwargs):
    # Three of four; the fourth keeps what was made up. By the value, so that the same seed does the same.
    def chance(value):
        return zlib.crc32(str(value).encode())

    if case.path_parameters:
        for name, value in case.path_parameters.items():
            values = known().get(name)
            if values and chance(value) % 4:
                case.path_parameters[name] = values[chance(value) % len(values)]
    if case.headers is not None and "If-Match" in case.headers and chance(case.headers["If-Match"]) % 4:
        current = revision(case, case.formatted_path)
        if current:
            case.headers["If-Match"] = current


@schemathesis.hook
def after_call(context, case, response):
    # It also tries methods that a path does not have.
    if response.request.method == case.operation.method.upper():
        COUNTS[case.operation.definition.raw["operationId"]][str(response.status_code)] += 1


@schemathesis.auth(refresh_interval=None)
class Bearer:
    def get(self, case, context):
        if TOKEN is None or case.operation.definition.raw["operationId"] not in ENDS_SESSION:
            return TOKEN
        # The last one serves again, though its session has ended: that must be answered too.
        return SPARE.pop() if len(SPARE) > 1 else SPARE[0]

    def set(self, case, data, context):
        if data is not None:
            case.headers["authorization"] = f"Bearer {data}"


atexit.register(lambda: pathlib.Path(os.environ["FUZZ_COUNTS"]).write_text(json.dumps(COUNTS)))
