"""Runs Schemathesis against a local cloud with the demo school, once for each kind of caller. See scripts/fuzz.

A run is bounded and seeded. It fails on a finding, and also when it hardly checked anything: most operations that the
caller may use must have answered with success at least once.
"""

import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time
import urllib.request

HOUSE = pathlib.Path(__file__).resolve().parents[2]
SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))
# Made up for each operation, beside its examples and the limits of its schema.
EXAMPLES = 20
# What is refused is refused to everybody alike, so one of those who signed in is enough to try all of it.
ALL = ["--phases", "examples,coverage,fuzzing", "--mode", "all"]
ALLOWED = ["--phases", "examples,fuzzing", "--mode", "positive"]
PHASES = {"anonymous": ALL, "learner": ALLOWED, "instructor": ALL}
# How many operations must answer with 2xx, and how many answers must be 2xx.
LEAST = {"anonymous": (7, 50), "learner": (18, 150), "instructor": (18, 150)}
# Every check but three: a reference has no words for rules between fields, so that not all that it allows is accepted
# and not all that it forbids is noticed by its generator; who may see what is held by tests of our own.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,allow_header_conformance,ignored_auth,use_after_free"
)


def main():
    print(f"SEED={SEED}", flush=True)
    folder = HOUSE / "target" / "fuzz" / str(os.getpid())
    try:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            clean = dict(zip(LEAST, pool.map(lambda caller: school_and_run(caller, folder / caller), LEAST)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if findings := [caller for caller, found_nothing in clean.items() if not found_nothing]:
        raise SystemExit(f"findings as {', '.join(findings)}: SEED={SEED} ./scripts/fuzz does it again")


def school_and_run(caller, folder):
    """A run in a school of its own, so that what another caller does changes no answer."""
    folder.mkdir(parents=True)
    with local_cloud(folder / "data") as url:
        demo = json.loads((folder / "data" / "demo.json").read_text())
        # Before anything else: guesses at passwords would use up the limit of this address.
        tokens = [sign_in(url, demo[caller]) for _ in range(10)] if caller in demo else []
        return run(caller, url, tokens, folder)


@contextlib.contextmanager
def local_cloud(data):
    """A local cloud on a free port, until the block ends."""
    words = [HOUSE / "target/debug/local", "--port", "0", "--data", data]
    with (data.parent / "local.log").open("w") as log:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        url = ""
        for line in process.stdout:
            name, _, value = line.strip().partition(" ")
            url = value.strip() if name == "home" else url
            if name == "stop":
                break
        else:
            raise SystemExit("the local cloud ended before it was ready")
        # Its access log goes on, and a full pipe would stop it.
        drain = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        yield url
        if process.poll() is not None:
            raise SystemExit("the local cloud ended during the run")
    finally:
        process.terminate()
        process.wait(30)
        with contextlib.suppress(NameError):
            drain.wait(30)


def sign_in(url, login):
    request = urllib.request.Request(f"{url}/v1/auth/login", json.dumps(login).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)["access_token"]


def public(url):
    """The operations that need nobody to sign in; that the others do is checked in every signed-in run."""
    with urllib.request.urlopen(f"{url}/v1/openapi.json", timeout=30) as reply:
        paths = json.load(reply)["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]
    return [told["operationId"] for told in operations if {"bearer": []} not in told["security"] or {} in told["security"]]


def run(caller, url, tokens, folder):
    """Whether Schemathesis found nothing. A run that proves nothing ends everything."""
    counts = folder / f"{caller}.json"
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": str(HOUSE / "tests/fuzz"),
        "FUZZ_COUNTS": str(counts),
        "FUZZ_URL": url,
        "FUZZ_TOKENS": json.dumps(tokens),
    }
    words = [pathlib.Path(sys.executable).with_name("st"), "run", f"{url}/v1/openapi.json", "--url", url]
    if caller == "anonymous":
        words += [word for operation in public(url) for word in ("--include-operation-id", operation)]
    words += ["--checks", CHECKS, *PHASES[caller], "--max-examples", str(EXAMPLES)]
    words += ["--seed", str(SEED), "--workers", "1", "--no-color", "--warnings", "off", "--max-failures", "20"]
    words += ["--request-timeout", "30", "--suppress-health-check", "all", "--generation-database", "none"]
    begun = time.monotonic()
    done = subprocess.run(words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    told = json.loads(counts.read_text()) if counts.exists() else {}
    by_class = collections.Counter()
    for statuses in told.values():
        for status, count in statuses.items():
            by_class[f"{status[0]}xx"] += count
    reached = [operation for operation, statuses in told.items() if any(status[0] == "2" for status in statuses)]
    classes = ", ".join(f"{count} {name}" for name, count in sorted(by_class.items()))
    print(f"{caller}: {sum(by_class.values())} answers checked ({classes}); "
          f"{len(reached)} of {len(told)} operations reached success; {time.monotonic() - begun:.0f} s", flush=True)
    operations, answers = LEAST[caller]
    if len(reached) < operations or by_class["2xx"] < answers:
        print(done.stdout[-8000:])
        never = sorted(set(told) - set(reached))
        raise SystemExit(f"{caller}: too little to prove anything; never with success: {', '.join(never)}")
    if done.returncode != 0:
        print(done.stdout[-30000:], flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    main()
