"""What CloudFront does with a distribution, of which the emulator only keeps the description: an address of its own that
answers by the behaviours, origins, policies, keys and the viewers' function that were deployed, and hands out an answer
again while it may be kept.

Left out is what nothing here asks about: TLS, compression, the bucket's policy, and headers that the edge adds to answers.
"""

import base64
import contextlib
import http.server
import json
import re
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import botocore.exceptions

# A line for each request: the event that CloudFront Functions take, and the request that they return.
FUNCTION = """
const handler = new Function(process.argv[1] + '; return handler')();
require('readline').createInterface({ input: process.stdin })
  .on('line', (line) => console.log(JSON.stringify(handler(JSON.parse(line)))));
"""
# Whether a key signed a policy.
SIGNED = """
const { verify } = process.getBuiltinModule('crypto');
const bytes = (base64) => Buffer.from(base64, 'base64');
const handler = ({ key, policy, signature }) => verify('sha256', bytes(policy), key, bytes(signature));
"""
# What a link is signed by; no origin gets to see them.
PERMISSION = {"Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"}
# Of the connection to the viewer, and not of the request; nothing here is compressed.
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "accept-encoding"}


@contextlib.contextmanager
def edge(cloud, node):
    """The deployed distribution on a free port of the loopback. `node` is the command that runs JavaScript."""
    with contextlib.ExitStack() as stack:
        distribution = Distribution(cloud, lambda code: stack.enter_context(Function(node, code)))

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("content-length") or 0)
                status, headers, body = distribution.answer(
                    self.command,
                    self.path,
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length) or None,
                    self.client_address[0],
                )
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.shutdown)
        yield f"http://127.0.0.1:{server.server_port}"


class Function:
    """A function of the edge, in a process of its own."""

    def __init__(self, node, code):
        self.process = subprocess.Popen(
            [*node, "-e", FUNCTION, code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.lock = threading.Lock()

    def __call__(self, event):
        with self.lock:
            print(json.dumps(event), file=self.process.stdin, flush=True)
            return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


class Distribution:
    """The only one there is."""

    def __init__(self, cloud, function):
        self.cloud = cloud
        self.client = cloud.client("cloudfront")
        (found,) = self.client.list_distributions()["DistributionList"]["Items"]
        config = self.client.get_distribution_config(Id=found["Id"])["DistributionConfig"]
        self.origins = {origin["Id"]: origin for origin in config["Origins"]["Items"]}
        behaviors = [*config["CacheBehaviors"]["Items"], {"PathPattern": "*", **config["DefaultCacheBehavior"]}]
        self.behaviors = [Behavior(self.client, behavior, function) for behavior in behaviors]
        self.kept = {}

    def answer(self, method, target, headers, body, address):
        path, _, query = target.partition("?")
        behavior = next(behavior for behavior in self.behaviors if behavior.takes(path))
        asked = [part.partition("=") for part in query.split("&") if part]
        permission = {name: value for name, _, value in asked if name in PERMISSION}
        if method not in behavior.methods or not behavior.opens(headers["host"], path, permission):
            return 403, [], b""
        query = "&".join("".join(part) for part in asked if part[0] not in PERMISSION)
        target = f"{path}?{query}" if query else path
        headers = behavior.seen_by_function(method, path, headers, address)
        key = (method, target, *(headers.get(name) for name in behavior.key))
        status, said, content, until = self.kept.get(key, (0, [], b"", 0))
        if until > time.monotonic():
            return status, [*said, ("x-cache", "Hit from cloudfront")], content
        status, said, content = self.ask(behavior, method, target, headers, body)
        if method in ("GET", "HEAD") and (seconds := behavior.kept_for(status, dict(said))):
            self.kept[key] = (status, said, content, time.monotonic() + seconds)
        return status, [*said, ("x-cache", "Miss from cloudfront")], content

    def ask(self, behavior, method, target, headers, body):
        origin = self.origins[behavior.origin]
        # Neither name has an address here.
        name, _, rest = origin["DomainName"].partition(".")
        if not rest.startswith("execute-api."):
            return self.read(name, target)
        headers = {name: value for name, value in headers.items() if behavior.forwards(name)}
        for custom in origin.get("CustomHeaders", {}).get("Items", []):
            headers[custom["HeaderName"]] = custom["HeaderValue"]
        api = f"{self.cloud.endpoint}/_aws/execute-api/{name}/$default"
        request = urllib.request.Request(api + target, body, headers, method=method)
        try:
            reply = urllib.request.build_opener(NoRedirect).open(request, timeout=30)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            said = [(name.lower(), value) for name, value in reply.headers.items()]
            return reply.status, [(name, value) for name, value in said if name not in HOP_BY_HOP], reply.read()

    def read(self, bucket, target):
        """A file, by a signed request as origin access control sends it: the bucket answers nobody else."""
        key = urllib.parse.unquote(target.partition("?")[0][1:])
        try:
            file = self.cloud.client("s3").get_object(Bucket=bucket, Key=key)
        except botocore.exceptions.ClientError as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"], [], b""
        said = [("content-type", file["ContentType"]), ("cache-control", file.get("CacheControl", ""))]
        return 200, said, file["Body"].read()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """What leads elsewhere is the viewer's to follow."""

    def redirect_request(self, *_):
        return None


class Behavior:
    """What becomes of the requests for some paths."""

    def __init__(self, client, behavior, function):
        self.path = re.compile(re.escape(behavior["PathPattern"]).replace(r"\*", ".*").replace(r"\?", "."))
        self.methods = behavior.get("AllowedMethods", {"Items": ["GET", "HEAD"]})["Items"]
        self.origin = behavior["TargetOriginId"]
        policy = client.get_cache_policy(Id=behavior["CachePolicyId"])["CachePolicy"]["CachePolicyConfig"]
        self.ttl = [policy[name] for name in ("MinTTL", "DefaultTTL", "MaxTTL")]
        kept_by = policy["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]
        self.key = sorted(name.lower() for name in kept_by.get("Headers", {}).get("Items", []))
        self.rest = None
        if asked := behavior.get("OriginRequestPolicyId"):
            asked = client.get_origin_request_policy(Id=asked)["OriginRequestPolicy"]["OriginRequestPolicyConfig"]
            self.rest = asked["HeadersConfig"]
        self.keys = {}
        for group in behavior.get("TrustedKeyGroups", {}).get("Items", []):
            for key in client.get_key_group(Id=group)["KeyGroup"]["KeyGroupConfig"]["Items"]:
                self.keys[key] = client.get_public_key(Id=key)["PublicKey"]["PublicKeyConfig"]["EncodedKey"]
        self.signed = function(SIGNED) if self.keys else None
        self.functions = []
        for association in behavior.get("FunctionAssociations", {}).get("Items", []):
            name = association["FunctionARN"].rsplit("/", 1)[-1]
            code = client.get_function(Name=name, Stage="LIVE")["FunctionCode"].read()
            self.functions.append(function(code.decode()))

    def takes(self, path):
        return self.path.fullmatch(path)

    def opens(self, host, path, permission):
        """Whether a link is one that a trusted key has signed for this address, and has not ended."""
        if not self.keys:
            return True
        key = self.keys.get(permission.get("Key-Pair-Id"))
        if key is None or permission.keys() != PERMISSION or permission["Hash-Algorithm"] != "SHA256":
            return False
        plain = str.maketrans("-_~", "+=/")
        policy, signature = (permission[name].translate(plain) for name in ("Policy", "Signature"))
        if not self.signed({"key": key, "policy": policy, "signature": signature}):
            return False
        (statement,) = json.loads(base64.b64decode(policy))["Statement"]
        resource = re.escape(statement["Resource"]).replace(r"\*", ".*").replace(r"\?", ".")
        ends = statement["Condition"]["DateLessThan"]["AWS:EpochTime"]
        return bool(re.fullmatch(resource, f"https://{host}{path}")) and time.time() < ends

    def seen_by_function(self, method, path, headers, address):
        for function in self.functions:
            request = {"method": method, "uri": path, "querystring": {}, "cookies": {}}
            request["headers"] = {name: {"value": value} for name, value in headers.items() if name != "cookie"}
            event = {"version": "1.0", "context": {}, "viewer": {"ip": address}, "request": request}
            returned = function(event)["headers"]
            cookies = {name: headers[name] for name in ("cookie",) if name in headers}
            headers = cookies | {name: value["value"] for name, value in returned.items()}
        return headers

    def forwards(self, name):
        if name in HOP_BY_HOP:
            return False
        if name in self.key:
            return True
        return self.rest is not None and {
            "allViewer": True,
            "allExcept": name not in map(str.lower, self.rest.get("Headers", {}).get("Items", [])),
        }.get(self.rest["HeaderBehavior"], False)

    def kept_for(self, status, headers):
        """Seconds; errors are never kept, as the distribution is told."""
        least, default, most = self.ttl
        control = headers.get("cache-control", "")
        if status not in (200, 304) or re.search(r"no-store|no-cache|private", control):
            return least if status == 200 else 0
        said = re.search(r"s-maxage=(\d+)", control) or re.search(r"max-age=(\d+)", control)
        return min(most, max(least, int(said[1]) if said else default))
