"""An emulated AWS of its own, and the templates deployed into it as they are, nested stacks and all.

What MiniStack does not do is done here, on the way in: SAM's transform in nested stacks, which it knows in a root only,
some properties, which it accepts and forgets (see `FORGOTTEN`), CloudFront's keys, which its CloudFormation does not know
(see `with_keys`), and what it holds to other rules than AWS (see `adapted`).

Stays unchecked, since the emulator has nothing that would notice: point-in-time recovery, encryption, log retention,
reserved concurrency, throttling, alarms, lifecycles, CORS of a bucket, the permission of API Gateway to call a function and
of EventBridge to send to a queue, what a role grants for Lambda to poll queues and streams, the boundary of a role, changes
of an API at the same time, and how often a stream's records are tried again.
"""

import concurrent.futures
import contextlib
import functools
import hashlib
import io
import logging
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import time
import types
import urllib.request
import zipfile

import boto3
import botocore.config
import yaml

REGION = "us-east-1"
# The emulator's root; whoever holds them passes every check.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
BUCKET = "packages"
# Nobody may send an event in the name of `aws.mediaconvert`, neither there nor here, so rules take one in this name too.
STAND_IN = "stand-in.mediaconvert"


class Cloud:
    """An emulator that runs."""

    def __init__(self, endpoint, log):
        self.endpoint = endpoint
        self.log = log
        # For commands that talk to it as to AWS.
        self.environment = {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": REGION, **CREDENTIALS}

    @functools.cache
    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=botocore.config.Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


@contextlib.contextmanager
def emulator(folder):
    """MiniStack on a free port of the loopback, which enforces the functions' roles. Ends with the block."""
    folder.mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            # Functions inherit it: nothing of this shell's, above all no credentials, and no way out to the internet.
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "TMPDIR": str(folder),
                "STATE_DIR": str(folder / "state"),
                "GATEWAY_PORT": str(port),
                "BIND_HOST": "127.0.0.1",
                "AWS_ENDPOINT_URL": endpoint,
                "IOT_MTLS_ENABLED": "0",
                "AUTH": "true",
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until(lambda: answers(process, endpoint, log), "the emulator answers")
        yield Cloud(endpoint, log)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        # Its functions, whatever became of it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(process, endpoint, log):
    if process.poll() is not None:
        raise SystemExit(f"the emulator ended:\n{log.read_text()}")
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=5) as reply:
        return reply.status == 200


def until(done, what, seconds=60):
    """Asks until `done` says something, and returns that."""
    deadline = time.monotonic() + seconds
    while not (said := done()):
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return said


def deploy(cloud, name, template, parameters):
    """Creates the stack with all below it, and returns the root's outputs."""
    cloud.client("s3").create_bucket(Bucket=BUCKET)
    url = upload(cloud, yaml.safe_dump(package(cloud, template, parameters)).encode(), "template")
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateURL=url,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        DisableRollback=True,
    )

    def settled():
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    stack = until(settled, f"{name} is deployed")
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise SystemExit(f"{name}: {stack['StackStatus']}: {stack.get('StackStatusReason')}")
    for resource in resources(cloud, name):
        if keep := FORGOTTEN.get(resource.type):
            keep(cloud, resource)
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def package(cloud, path, parameters):
    """The template with everything local uploaded, and without what the emulator knows in a root only."""
    template = with_keys(cloud, adapted(yaml.load(path.read_text(), Loader)), parameters)
    everything = template["Resources"].values()
    functions = [found for found in everything if found["Type"] == "AWS::Serverless::Function"]
    stacks = [found["Properties"] for found in everything if found["Type"] == "AWS::CloudFormation::Stack"]

    def upload_code(function):
        folder = path.parent / function["Properties"]["CodeUri"]
        key = upload(cloud, zipped(folder.resolve()), f"{folder.name}.zip", as_url=False)
        function["Properties"]["CodeUri"] = {"Bucket": BUCKET, "Key": key}

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(upload_code, functions))
    for stack in stacks:
        child = package(cloud, path.parent / stack["TemplateURL"], parameters)
        stack["TemplateURL"] = upload(cloud, yaml.safe_dump(child).encode(), "template")
    return expanded(template) if "Transform" in template else template


def adapted(template):
    """The template without the bucket's refusal of plain HTTP, which is all that the emulator speaks, with an action that IAM
    does not know: to AWS a batch of messages is `sqs:SendMessage`; with every parameter for who reads one, since the
    emulator does not see the names of several; and with the stand-in's events wherever MediaConvert's are taken."""
    for name, resource in list(template["Resources"].items()):
        if resource["Type"] == "AWS::S3::BucketPolicy":
            del template["Resources"][name]
        sources = resource.get("Properties", {}).get("EventPattern", {}).get("source", [])
        if "aws.mediaconvert" in sources:
            sources.append(STAND_IN)
        for policy in resource.get("Properties", {}).get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                if "sqs:SendMessage" in statement.get("Action", []):
                    statement["Action"].append("sqs:SendMessageBatch")
                if "ssm:GetParameters" in statement.get("Action", []):
                    statement["Resource"] = "*"
    return template


def with_keys(cloud, template, parameters):
    """The template without CloudFront's keys and groups of them, which are made here, and with their ids in it."""
    client = cloud.client("cloudfront")
    given = types.SimpleNamespace(parameters=parameters, declared=template.get("Parameters", {}))
    for kind, config, make in (
        ("PublicKey", "PublicKeyConfig", client.create_public_key),
        ("KeyGroup", "KeyGroupConfig", client.create_key_group),
    ):
        for name, resource in list(template["Resources"].items()):
            if resource["Type"] == f"AWS::CloudFront::{kind}":
                del template["Resources"][name]
                made = make(**{config: resolved(given, resource["Properties"][config])})
                template = replaced(template, {"Ref": name}, made[kind]["Id"])
    return template


def replaced(node, old, new):
    match node:
        case _ if node == old:
            return new
        case dict():
            return {key: replaced(value, old, new) for key, value in node.items()}
        case list():
            return [replaced(value, old, new) for value in node]
    return node


def upload(cloud, content, suffix, as_url=True):
    key = f"{hashlib.sha256(content).hexdigest()}-{suffix}"
    cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)
    return f"{cloud.endpoint}/{BUCKET}/{key}" if as_url else key


def zipped(folder):
    """What Lambda takes."""
    if not (folder / "bootstrap").exists():
        raise SystemExit(f"{folder.name} has no bootstrap: ./scripts/build local")
    content = io.BytesIO()
    # Not compressed: it travels over the loopback, once.
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        archive.write(folder / "bootstrap", "bootstrap")
    return content.getvalue()


def expanded(template):
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)  # the transform looks for one
    from samtranslator.translator.transform import transform

    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it counts its own use, and complains about that
    # No managed policy is used by its short name, so none need be listed.
    return transform(template, {}, types.SimpleNamespace(load=dict))


def resources(cloud, stack):
    """Every resource of a stack and of those below it, with its properties as the template has them."""
    cloudformation = cloud.client("cloudformation")
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    parameters = {given["ParameterKey"]: given["ParameterValue"] for given in described.get("Parameters", [])}
    body = cloudformation.get_template(StackName=stack)["TemplateBody"]
    template = body if isinstance(body, dict) else yaml.safe_load(body)
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for found in page["StackResourceSummaries"]:
            properties = template["Resources"][found["LogicalResourceId"]].get("Properties", {})
            resource = types.SimpleNamespace(
                type=found["ResourceType"],
                id=found["PhysicalResourceId"],
                properties=properties,
                parameters=parameters,
                declared=template.get("Parameters", {}),
                conditions=template.get("Conditions", {}),
            )
            yield resource
            if resource.type == "AWS::CloudFormation::Stack":
                yield from resources(cloud, resource.id)


def resolved(resource, node):
    """A property's value, where nothing but parameters makes it."""
    match node:
        case {"Ref": name}:
            value = resource.parameters[name]
            return value.split(",") if resource.declared[name]["Type"] == "CommaDelimitedList" else value
        case {"Fn::If": [condition, yes, no]}:
            return resolved(resource, yes if resolved(resource, resource.conditions[condition]) else no)
        case {"Fn::Not": [condition]}:
            return not resolved(resource, condition)
        case {"Fn::Equals": [one, other]}:
            return resolved(resource, one) == resolved(resource, other)
        case {"Fn::Join": [between, parts]}:
            return between.join(resolved(resource, parts))
        case {"Fn::Split": [between, text]}:
            return resolved(resource, text).split(between)
        case {"Fn::Select": [place, values]}:
            return resolved(resource, values)[place]
        case {"Fn::Sub": text}:
            return re.sub(r"\$\{(\w+)\}", lambda name: resource.parameters[name[1]], text)
        case list():
            return [resolved(resource, value) for value in node]
        case dict():
            return {key: resolved(resource, value) for key, value in node.items()}
    return node


def keep_cors(cloud, api):
    if cors := api.properties.get("CorsConfiguration"):
        cloud.client("apigatewayv2").update_api(ApiId=api.id, CorsConfiguration=resolved(api, cors))


def keep_expiry(cloud, table):
    if expiry := table.properties.get("TimeToLiveSpecification"):
        cloud.client("dynamodb").update_time_to_live(TableName=table.id, TimeToLiveSpecification=expiry)


# Properties that the emulator accepts and forgets, while the service behind them would keep them.
FORGOTTEN = {"AWS::ApiGatewayV2::Api": keep_cors, "AWS::DynamoDB::Table": keep_expiry}


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def long_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", long_form)

# What the functions of `./scripts/build local` were built for.
ARCH = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
