"""Deploys all of Lectern into an emulated AWS that holds each function to its role, goes through a school day and the life
of a video from outside, loses the school and brings it back. See ./scripts/e2e."""

import contextlib
import copy
import gzip
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import botocore.exceptions

import deploy
import mediaconvert
from edge import edge

HOUSE = pathlib.Path(__file__).resolve().parents[2]
STAGE = "staging"  # of samconfig.toml, so that what operators run can be run
ADMIN = "admin@example.school"
PASSWORD = "only for as long as this run"
WITH_AWS_CLI = f"{HOUSE / 'target/venv/aws/bin'}:{os.environ['PATH']}"
MAIL_DOMAIN = "school.example"
ORIGIN = f"https://{MAIL_DOMAIN}"
OTHER_SCHOOL = "two.school.example"
LEARNER = "learner@example.school"
FILM = b"\0\0\0\x20ftypisom, as a film in MP4 begins"


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    # A profile or a proxy of this shell has no say in where calls go.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    folder = HOUSE / "target" / "emulated" / str(os.getpid())
    try:
        with deploy.emulator(folder) as cloud:
            try:
                run(cloud)
            except (Exception, SystemExit):
                for complaint in complaints(cloud):
                    print(complaint, file=sys.stderr)
                raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(cloud):
    with mediaconvert.stand_in(cloud) as transcoder:
        with step("deploy"):
            given = parameters(cloud) | {"TranscoderEndpoint": transcoder.url}
            outputs = deploy.deploy(cloud, "lectern", HOUSE / "template.yaml", given)
            command(cloud, "scripts/site", "--upload", outputs["SiteBucketName"], PATH=WITH_AWS_CLI)
        with edge(cloud, [HOUSE / "scripts/node", "node"]) as site:
            use(cloud, outputs, site, transcoder)


def use(cloud, outputs, site, transcoder):
    api = Api(cloud, outputs["ApiUrl"])
    with step("look at what is deployed"):
        functions = look_at_functions(cloud)
        look_at_api(api)
    let_mail_out(cloud, functions[f"lectern-{STAGE}-mail-send-mail"])
    with step("make an admin"):
        account = {"email": ADMIN, "password": PASSWORD, "first_name": "Ada", "last_name": "Example"}
        registered, _ = api.call(201, "POST", "/v1/auth/register", body=account)
        make_admin(cloud, api, registered["access_token"], outputs["TableName"])
    with step("a school day"):
        # By the site, as people and their browsers do.
        at = ["--url", site, "--mailbox", f"{cloud.endpoint}/_ministack/ses/messages"]
        said = command(cloud, "target/debug/smoke", *at, "--admin", ADMIN, LECTERN_ADMIN_PASSWORD=PASSWORD)
        print(*(f"  {line}\n" for line in said.splitlines() if "SKIPPED" in line), sep="", end="", flush=True)
    with step("look at the site as CloudFront shows it"):
        look_at_site(Api(cloud, outputs["ApiUrl"], site), outputs["Url"])
        look_at_a_session(Api(cloud, outputs["ApiUrl"], site))
    with step("videos"):
        go_through_videos(cloud, Api(cloud, outputs["ApiUrl"], site), functions, transcoder, outputs["BucketName"])
    with step("redrive a dead letter"):
        redrive(cloud)
    called = [name for name, function in functions.items() if logged(cloud, function)]
    print(f"  called so far: {len(called)} of {len(functions)} functions", flush=True)
    with step("take a permission away, and give it back"):
        take_away(cloud, api, functions[f"lectern-{STAGE}-catalog-list-courses"], "dynamodb:Query")
    with step("lose the school, and bring it back"):
        lose_and_restore(cloud, api, outputs["TableName"], outputs["BucketName"])


def parameters(cloud):
    """The root's parameters, as an operator would give them."""
    given = {"Stage": STAGE, "Arch": deploy.ARCH, "AllowedOrigins": ORIGIN}
    given |= {"SchoolHosts": f"{OTHER_SCHOOL}=two", "SchoolsDomain": "*.school.example"}
    given |= {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/of-the-emulator"}
    given |= {"EdgeSecret": secrets.token_hex(), "SiteVersion": command(cloud, "scripts/site", "--version")}
    given |= {"MailSender": f"Lectern <no-reply@{MAIL_DOMAIN}>", "MailIdentity": MAIL_DOMAIN}
    cloud.client("sesv2").create_email_identity(EmailIdentity=MAIL_DOMAIN)
    for name in ("Token", "Certificate"):
        prefix, parameter = name.upper(), f"/lectern/{STAGE}/{name.lower()}-private-key"
        key = json.loads(command(cloud, "target/debug/xtask", "signing-key", prefix))
        cloud.client("ssm").put_parameter(Name=parameter, Type="SecureString", Value=key[f"{prefix}_PRIVATE_KEY"])
        given[f"{name}PublicKeys"] = key[f"{prefix}_PUBLIC_KEYS"]
    key = json.loads(command(cloud, "target/debug/xtask", "video-key"))
    parameter = f"/lectern/{STAGE}/video-private-key"
    cloud.client("ssm").put_parameter(Name=parameter, Type="SecureString", Value=key["private"])
    given |= key["parameters"]
    return given


def look_at_functions(cloud):
    """Every function that the code has is deployed, each with a role of its own."""
    pages = cloud.client("lambda").get_paginator("list_functions").paginate()
    functions = {function["FunctionName"]: function for page in pages for function in page["Functions"]}
    # A check holds the samples to the registry of functions.
    samples = HOUSE.glob("events/samples/*.json")
    same("functions", set(functions), {f"lectern-{STAGE}-{sample.stem}" for sample in samples})
    same("number of roles", len({function["Role"] for function in functions.values()}), len(functions))
    return functions


def look_at_api(api):
    """Every route that the contract has is there and no other, and browsers of the school's pages may call."""
    pages = api.cloud.client("apigatewayv2").get_paginator("get_routes").paginate(ApiId=api.id)
    contract = json.loads((HOUSE / "infra/openapi.json").read_text())
    routes = {(method.upper(), path): told for path, methods in contract["paths"].items() for method, told in methods.items()}
    public = {path for (method, path), told in routes.items() if method == "GET" and told["x-access"] == "public"}
    same(
        "routes",
        {route["RouteKey"] for page in pages for route in page["Items"]},
        {f"{method} {path}" for method, path in routes} | {f"HEAD {path}" for path in public} | {"$default"},
    )
    api.expect(200, "GET", "/v1/health")
    same("body of HEAD", api.call(200, "HEAD", "/v1/health")[0], None)
    asked = {"origin": ORIGIN, "access-control-request-method": "POST", "access-control-request-headers": "if-match"}
    same("preflight", api.expect(204, "OPTIONS", "/v1/courses", headers=asked)["access-control-allow-origin"], ORIGIN)
    look_at_the_rest(api)


def look_at_the_rest(api):
    """What no route takes is a problem that pages of the school can read, and a preflight passes also where API Gateway
    leaves it to the function: the emulator never does, so it is called past it."""
    for status, method, path, allow in (
        (404, "GET", "/v1/nowhere", None),
        (405, "DELETE", "/v1/courses/rust", "GET, HEAD, PATCH"),
        (405, "HEAD", "/v1/me", "GET, PATCH"),
    ):
        body, headers = api.call(status, method, path, headers={"origin": ORIGIN})
        same(f"{method} {path}", headers["content-type"], "application/problem+json")
        same(f"{method} {path}", headers["access-control-allow-origin"], ORIGIN)
        same(f"{method} {path}", headers.get("allow"), allow)
        if body and body["request_id"] != headers["x-request-id"]:
            raise SystemExit(f"{method} {path} has another id than it tells: {body}")
    name = f"lectern-{STAGE}-platform-answer-unrouted"
    sample = json.loads((HOUSE / "events/samples/platform-answer-unrouted.json").read_text())
    sample["requestContext"]["http"]["method"] = "OPTIONS"
    sample["headers"]["origin"] = ORIGIN
    called = api.cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps(sample))
    answer = json.load(called["Payload"])
    same("preflight by the function", (answer["statusCode"], answer.get("body") or ""), (204, ""))
    same("origin that it allows", answer["headers"]["access-control-allow-origin"], ORIGIN)


def look_at_site(site, url):
    """The school's pages, and all that they load, come from one address; nobody is answered with what is somebody else's."""
    reader = {"accept": "text/html"}

    def page(wanted="miss", **headers):
        with site.ask("GET", "/", headers=reader | headers) as reply:
            html = reply.read().decode()
            same("type of a page", reply.headers["content-type"], "text/html; charset=utf-8")
            same(f"cache for {headers}", reply.headers["x-cache"].split()[0].lower(), wanted)
        return html

    def school(html):
        return re.search('<link rel="canonical" href="(.*?)/">', html)[1]

    html = page()
    same("address of a page", school(html), url)
    page("hit")
    # Two ways to ask for one language are one copy; another language, another school and a session are others.
    german = page(**{"accept-language": "de-CH, fr;q=0.5"})
    same("page in German", ('<html lang="de"' in german, page("hit", **{"accept-language": "de"})), (True, german))
    for wanted in ("fr-DE", "de;q=0.1, en", "tlh, en-GB;q=0.9, de;q=0.8"):
        same(f"page for {wanted}", page("hit", **{"accept-language": wanted}), html)
    same("address of the other school", school(page(host=OTHER_SCHOOL)), f"https://{OTHER_SCHOOL}")
    same("school of a stranger's header", page("hit", **{"x-lectern-host": OTHER_SCHOOL}), html)
    with site.ask("GET", "/", headers=reader | {"x-lectern-host": OTHER_SCHOOL}, directly=True) as reply:
        same("school of a direct call's header", school(reply.read().decode()), url)
    for status, path in ((200, "/sign-in"), (404, "/nowhere")):
        _, headers = site.call(status, "GET", path, headers=reader)
        same(f"type of {path}", headers["content-type"], "text/html; charset=utf-8")

    # Whatever a page, a script or a script's script asks for is there, for good.
    found = re.findall(r'(?:href|src)="(/assets/[^"]+)"', html)
    asked = set()
    while found:
        path = found.pop()
        if path in asked:
            continue
        asked.add(path)
        with site.ask("GET", path) as reply:
            text = reply.read().decode()
            same(f"cache of {path}", reply.headers["cache-control"], "public, max-age=31536000, immutable")
            kinds = {"js": "javascript", "css": "text/css", "svg": "image/svg+xml", "json": "application/json"}
            if kinds[path.rsplit(".", 1)[-1]] not in reply.headers["content-type"]:
                raise SystemExit(f"{path} is {reply.headers['content-type']}")
        if path.endswith(".js"):
            found += [urllib.parse.urljoin(path, name) for name in re.findall(r'"(\.\.?/[^"]+\.js)"', text)]
        if path.endswith("/text.js"):
            found += [urllib.parse.urljoin(path, f"texts/{language}.json") for language in ("en", "de")]
    ours = {file.relative_to(HOUSE / "infra/site") for file in (HOUSE / "infra/site").rglob("*.js")}
    same("scripts that pages load", {path.split("/", 3)[3] for path in asked if path.endswith(".js")}, set(map(str, ours)))


def look_at_a_session(site):
    """Who signs in by the site gets a cookie, and answers to them are never kept."""
    login = {"email": ADMIN, "password": PASSWORD, "session": "cookie"}
    page = {"sec-fetch-site": "same-origin"}  # as browsers say of the school's own
    tokens, headers = site.call(200, "POST", "/v1/auth/login", body=login, headers=page)
    cookie = headers["set-cookie"]
    if "refresh_token" in tokens or not re.fullmatch("__Host-.+; Path=/; .*HttpOnly.*", cookie):
        raise SystemExit(f"login by cookie answers {tokens} and {cookie}")
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    for _ in range(2):
        me, headers = site.call(200, "GET", "/v1/me", headers=bearer)
        same("cache of an account", (me["email"], headers["x-cache"].split()[0]), (ADMIN, "Miss"))
    renewed, _ = site.call(200, "POST", "/v1/auth/refresh", body={}, headers=page | {"cookie": cookie.split(";")[0]})
    same("account of a cookie", renewed["user"]["email"], ADMIN)
    _, headers = site.call(404, "GET", "/v1/courses/nowhere")
    same("type of a problem", headers["content-type"], "application/problem+json")


def make_admin(cloud, api, access, table):
    """Whoever confirmed their address becomes admin, once somebody has looked at the account and agreed."""

    def create_admin(*options, answer=""):
        words = ["target/debug/xtask", "create-admin", "--table", table, ADMIN, *options]
        return attempt(cloud, *words, said=answer)

    def refused(reason, **how):
        done = create_admin(**how)
        if done.returncode == 0 or reason not in done.stderr or "Ada Example" not in done.stdout:
            raise SystemExit(f"create-admin is not refused for {reason!r}: {done}")

    refused("nobody confirmed", answer="y\n")
    token = re.search("lot_[0-9a-f]+", json.dumps(mails(cloud, ADMIN, 1)))[0]
    bearer = {"authorization": f"Bearer {access}"}
    api.expect(204, "POST", "/v1/auth/email/verify", body={"token": token}, headers=bearer)
    refused("nothing was changed", answer="no\n")
    refused("nothing was changed")
    if create_admin("--yes").returncode != 0:
        raise SystemExit("create-admin --yes fails")


def mails(cloud, to, number):
    """The mails to an address, once there are so many."""

    def sent():
        with urllib.request.urlopen(f"{cloud.endpoint}/_ministack/ses/messages", timeout=30) as reply:
            accounts = json.load(reply)["messages"].values()
        return [mail for mails in accounts for mail in mails if to in json.dumps(mail)]

    deploy.until(lambda: len(sent()) == number, f"{number} mails to {to}")
    return sent()


def go_through_videos(cloud, site, functions, transcoder, bucket):
    """One video is sent, made ready and watched, another replaces it though nobody tells of its end, and a third one fails."""
    studio = Studio(cloud, site, functions, transcoder, bucket)
    first = make_and_watch(studio)
    replace_and_sweep(studio, first)
    send_no_film(studio)
    # What MediaConvert wrote is told of as well, and is no upload.
    same("files that are taken for uploads", logged(cloud, studio.starter, "is not the file of a video"), [])
    same("number of jobs", len(transcoder.jobs), 2)


class Studio:
    """An author with a video lesson, and a learner."""

    def __init__(self, cloud, site, functions, transcoder, bucket):
        self.cloud, self.site, self.transcoder, self.bucket = cloud, site, transcoder, bucket
        self.starter, self.sweeper = (
            functions[f"lectern-{STAGE}-video-{name}"] for name in ("start-transcoding", "sweep-videos")
        )
        self.author = signed_in(site, 200, "login", {"email": ADMIN, "password": PASSWORD})
        account = {"email": LEARNER, "password": PASSWORD, "first_name": "Lena", "last_name": "Example"}
        self.learner = signed_in(site, 201, "register", account)
        course = {"title": "Knots", "description": "One that holds.", "level": "beginner"}
        course |= {"price": {"amount": 0, "currency": "USD"}}
        self.course = self.author(201, "POST", "/v1/courses", course)["id"]
        module = self.author(201, "POST", f"/v1/courses/{self.course}/modules", {"title": "Loops"})["id"]
        lesson = {"title": "Bowline", "content_type": "video"}
        self.lesson = self.author(201, "POST", f"/v1/modules/{module}/lessons", lesson)["id"]

    def begin(self, name, size):
        file = {"filename": name, "content_type": "video/mp4", "size_bytes": size}
        begun = self.author(201, "POST", f"/v1/lessons/{self.lesson}/video", file)
        return begun["video_id"], begun["upload"]

    def order(self):
        """A film that was sent, and the job that was ordered for it."""
        self.transcoder.caller = self.starter["Role"]
        video, upload = self.begin("bowline.mp4", len(FILM))
        send(upload["url"], FILM, upload["headers"])
        job = deploy.until(lambda: self.transcoder.job_of(video), f"a job is ordered for {video}")
        # Its orderer still has to note what it is called.
        deploy.until(lambda: is_idle(self.cloud, "video-start-transcoding"), "what S3 told is heard")
        same("status of what is transcoded", self.video(video)["status"], "processing")
        return video, job

    def sweep(self, hours):
        """The hourly look at what is late, as so many hours from now."""
        tick = json.loads((HOUSE / "events/samples/video-sweep-videos.json").read_text())
        tick["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + hours * 3600))
        swept = self.cloud.client("lambda").invoke(
            FunctionName=self.sweeper["FunctionName"], Payload=json.dumps(tick)
        )
        if "FunctionError" in swept:
            raise SystemExit(f"the sweep fails: {swept['Payload'].read().decode()}")

    def files(self, video):
        """What is kept of a video in the bucket."""
        s3 = self.cloud.client("s3")
        folders = [f"uploads/main/{video}", f"videos/main/{video}/"]
        listed = [s3.list_objects_v2(Bucket=self.bucket, Prefix=folder) for folder in folders]
        return [found["Key"] for page in listed for found in page.get("Contents", [])]

    def video(self, id):
        return self.author(200, "GET", f"/v1/videos/{id}")

    def ends(self, video, status):
        deploy.until(lambda: self.video(video)["status"] == status, f"{video} is {status}")

    def shows(self, video):
        lesson = f"/v1/lessons/{self.lesson}"
        deploy.until(lambda: self.author(200, "GET", lesson).get("video_id") == video, f"the lesson shows {video}")


def make_and_watch(studio):
    """A film on its way to a learner, and what its author hears of that."""
    author, learner, transcoder = studio.author, studio.learner, studio.transcoder
    video, job = studio.order()
    look_at_what_is_told(studio.cloud, job)
    transcoder.do(job)
    transcoder.tell(job)
    studio.ends(video, "ready")
    studio.shows(video)
    captions = {"language": "en", "label": "English", "webvtt": "WEBVTT\n\n00:01.000 --> 00:04.000\nA bowline.\n"}
    author(200, "POST", f"/v1/videos/{video}/captions", captions)
    author(200, "POST", f"/v1/courses/{studio.course}/publish")
    learner(201, "POST", f"/v1/courses/{studio.course}/enroll")
    same("video of a lesson", learner(200, "GET", f"/v1/lessons/{studio.lesson}")["video_id"], video)
    play(studio.site, learner(200, "GET", f"/v1/videos/{video}"))
    seen = {"watched": [[0, 6]], "position_seconds": 6, "rendition": mediaconvert.PICTURE[1]}
    same("percent that were seen", learner(200, "POST", f"/v1/videos/{video}/progress", seen)["percent"], 50)
    counted = {"viewers": 1, "average_watched_seconds": 6}
    analytics = f"/v1/videos/{video}/analytics"
    deploy.until(lambda: counted.items() <= author(200, "GET", analytics).items(), "what was seen is counted")
    return video


def look_at_what_is_told(cloud, job):
    """Which ends of jobs the deployed rule passes on where MediaConvert itself tells of them, in its own name. What is told of
    other deployments, and of jobs that go on, would fail a video."""
    events = cloud.client("events")
    pattern = events.describe_rule(Name=f"lectern-{STAGE}-video-finish-transcoding")["EventPattern"]
    sample = json.loads((HOUSE / "events/samples/video-finish-transcoding.json").read_text())
    event = json.loads(sample["Records"][0]["body"])

    def passes(status, **metadata):
        detail = mediaconvert.told(job) | {"status": status, "userMetadata": job["userMetadata"] | metadata}
        return events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event | {"detail": detail}))["Result"]

    statuses = ("COMPLETE", "ERROR", "CANCELED", "PROGRESSING", "STATUS_UPDATE")
    same("ends that are passed on", [status for status in statuses if passes(status)], list(statuses[:3]))
    same("what is told of another bucket", passes("COMPLETE", bucket="another"), False)


def play(site, video):
    """What a player does with a video's links, at the school's own address, for which they are signed."""
    host = {"host": urllib.parse.urlsplit(video["playback_url"]).netloc}

    def get(link):
        with site.ask("GET", re.sub("^https://[^/]+", "", link), headers=host) as reply:
            return reply.read()

    def listed(playlist):
        lines = get(playlist).decode().splitlines()
        return [urllib.parse.urljoin(playlist, line) for line in lines if line and not line.startswith("#")]

    qualities = listed(video["playback_url"])
    same("number of qualities", len(qualities), len(video["renditions"]))
    segment = listed(qualities[0])[-1]
    same("a segment", get(segment), mediaconvert.SEGMENT)
    for link in (video["poster_url"], video["thumbnails_url"], video["captions"][0]["url"]):
        get(link)
    path, _, query = re.sub("^https://[^/]+", "", segment).partition("?")
    another = path.replace(video["id"], f"vid_{0:032}")
    forged = query.replace("Signature=", "Signature=A")
    for wrong in (path, f"{another}?{query}", f"{path}?{forged}", f"/v1/videos/{video['id']}/playlists/index.m3u8"):
        site.call(403, "GET", wrong, headers=host)


def replace_and_sweep(studio, before):
    """EventBridge loses the end of a job, and the next look at what is late finds it, as two hours later. What it takes the place
    of goes with all its files, as a day after."""
    video, job = studio.order()
    studio.transcoder.do(job)
    studio.transcoder.caller = studio.sweeper["Role"]
    studio.sweep(2)
    same("status after the sweep", studio.video(video)["status"], "ready")
    studio.shows(video)
    if not studio.files(before):
        raise SystemExit("a video that is watched has no files")
    studio.sweep(30)
    same("files of what was replaced", studio.files(before), [])
    studio.author(404, "GET", f"/v1/videos/{before}")
    if not studio.files(video):
        raise SystemExit("the sweep takes the files of what is shown")


def send_no_film(studio):
    """A text that is called a film, and so large that it is sent in parts, fails before anybody pays for it; its author gets
    a mail."""
    text = b"No film at all.\n" * (4 << 20) + b"\n"
    video, upload = studio.begin("no-bowline.mp4", len(text))
    for part in upload["parts"]:
        begin = (part["number"] - 1) * upload["part_size"]
        send(part["url"], text[begin : begin + upload["part_size"]])
    arrived = studio.author(200, "POST", f"/v1/videos/{video}/upload/parts", {"numbers": [1]})["uploaded"]
    same("number of parts", len(arrived), upload["part_count"])
    whole = {"upload_id": upload["upload_id"], "parts": arrived}
    studio.author(200, "POST", f"/v1/videos/{video}/upload/complete", whole)
    studio.ends(video, "failed")
    same("why it failed", studio.video(video)["failure_code"], "not_a_video")
    if "no-bowline.mp4" not in json.dumps(mails(studio.cloud, ADMIN, 2)):
        raise SystemExit("the author of a video that failed has another mail")


def signed_in(site, status, route, body):
    """Calls in the name of who signs in so."""
    tokens, _ = site.call(status, "POST", f"/v1/auth/{route}", body=body)
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    return lambda status, method, path, body=None: site.call(status, method, path, body, bearer)[0]


def send(url, content, headers=()):
    """Sends a file past the API, as a browser does by a link that was signed for it."""
    request = urllib.request.Request(url, content, {"content-type": "", **dict(headers)}, method="PUT")
    urllib.request.urlopen(request, timeout=60).close()


def is_idle(cloud, function):
    """Whether nothing waits for a function or is being heard by it."""
    sqs = cloud.client("sqs")
    queue = sqs.get_queue_url(QueueName=f"lectern-{STAGE}-{function}")["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    numbers = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"].values()
    return set(numbers) == {"0"}


def redrive(cloud):
    """An operator looks at a dead letter, sends it back, and its function takes it."""
    function = "mail-record-feedback"
    sqs = cloud.client("sqs")
    queue = sqs.get_queue_url(QueueName=f"lectern-{STAGE}-{function}-dead-letters")["QueueUrl"]
    sample = json.loads((HOUSE / f"events/samples/{function}.json").read_text())
    reason = {"reason": {"DataType": "String", "StringValue": "not today"}}
    sqs.send_message(QueueUrl=queue, MessageBody=sample["Records"][0]["body"], MessageAttributes=reason)

    # As an operator does it, and then without what that takes seconds for.
    def script(*options):
        return command(cloud, "scripts/redrive", STAGE, function, *options, PATH=WITH_AWS_CLI)

    def tool(*options):
        return command(cloud, "target/debug/xtask", "redrive", "--stage", STAGE, function, *options)

    for said, verb in ((script("--dry-run"), "would go"), (tool(), "went")):
        if "not today" not in said or f"1 dead letters of {function} {verb} back" not in said:
            raise SystemExit(f"redrive says {said}")
    if "0 dead letters" not in tool():
        raise SystemExit("a dead letter is still there")


def lose_and_restore(cloud, api, table, bucket):
    """A school is kept, loses items, files and keys, and comes back as it was. The emulator exports nothing and only says
    so: what AWS would write is written here."""
    dynamodb, s3, ssm = (cloud.client(service) for service in ("dynamodb", "s3", "ssm"))
    names = [f"/lectern/{STAGE}/{key}-{half}" for key in ("token", "certificate") for half in ("private-key", "key")]
    # Nobody hears of files that come back, as there is no rule while a stack is down.
    cloud.client("events").disable_rule(Name=f"lectern-{STAGE}-video-start-transcoding")
    for name in names[1::2]:  # scripts/deploy would have made them
        ssm.put_parameter(Name=name, Type="String", Value=f"{{{name}}}")

    def state():
        items = [item for page in dynamodb.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]
        files = [file["Key"] for file in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        found = ssm.get_parameters(Names=names, WithDecryption=True)["Parameters"]
        described = dynamodb.describe_table(TableName=table)["Table"]
        settings = [described.get(name) for name in ("StreamSpecification", "DeletionProtectionEnabled")]
        settings.append(dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"])
        keys = {(parameter["Name"], parameter["Type"]): parameter["Value"] for parameter in found}
        return sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"])), files, keys, settings

    def script(name, *options):
        return command(cloud, f"scripts/{name}", STAGE, *options, PATH=WITH_AWS_CLI)

    before = state()
    items, files, keys, _ = before
    if not (items and files and len(keys) == len(names)):
        raise SystemExit("there is nothing to lose")
    backup = re.search(rf"restore {STAGE} (\S+)", script("backup"))[1]
    refused = attempt(cloud, "scripts/restore", STAGE, backup, PATH=WITH_AWS_CLI)
    if refused.returncode == 0 or "not yet all of it" not in refused.stderr:
        raise SystemExit(f"a backup without a table is restored: {refused}")
    backups = bucket.replace(STAGE, f"{STAGE}-backups")
    export = f"{backup}/table/AWSDynamoDB/01-2345"
    lines = "".join(json.dumps({"Item": item}) + "\n" for item in items)
    s3.put_object(Bucket=backups, Key=f"{export}/data/0.json.gz", Body=gzip.compress(lines.encode()))
    s3.put_object(Bucket=backups, Key=f"{export}/manifest-summary.json", Body=json.dumps({"itemCount": len(items)}))

    for item in items[::2]:
        dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("PK", "SK")})
    s3.delete_object(Bucket=bucket, Key=files[0])
    ssm.delete_parameters(Names=names[:3])
    lost = state()
    refused = attempt(cloud, "scripts/restore", STAGE, backup, said="no\n", PATH=WITH_AWS_CLI)
    if refused.returncode == 0 or "nothing was changed" not in refused.stderr:
        raise SystemExit(f"restore does not ask: {refused}")
    same("what is there after a refusal", state(), lost)
    if backup not in script("restore"):
        raise SystemExit("the backup is not listed")
    script("restore", backup, "--yes")
    for what, got, wanted in zip(("items", "files", "keys", "settings"), state(), before):
        same(f"restored {what}", got, wanted)
    api.expect(200, "GET", "/v1/courses")
    login = {"email": ADMIN, "password": PASSWORD}
    api.expect(200, "POST", "/v1/auth/login", body=login)


def policy_of(cloud, function):
    """The one policy of a function's role, and how to put another in its place."""
    iam = cloud.client("iam")
    role = function["Role"].rsplit("/", 1)[-1]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]

    def put(document):
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))

    return iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"], put


def let_mail_out(cloud, function):
    """SES asks for the permission to send as an identity; the emulator asks for all of them and knows no
    sender."""
    document, put = policy_of(cloud, function)
    for statement in document["Statement"]:
        if "ses:SendEmail" in listed(statement["Action"]):
            statement["Resource"] = "*"
            statement.pop("Condition", None)
    put(document)


def take_away(cloud, api, function, action):
    """Shows that a role lacking one action is noticed: without that, nothing here would show that roles hold."""
    whole, put = policy_of(cloud, function)
    less = copy.deepcopy(whole)
    for statement in less["Statement"]:
        statement["Action"] = [allowed for allowed in listed(statement["Action"]) if allowed != action]
    if less == whole:
        raise SystemExit(f"{function['FunctionName']} has no {action} to take away")
    put(less)
    api.expect(500, "GET", "/v1/courses")
    deploy.until(lambda: logged(cloud, function, "AccessDenied"), "the log tells why")
    put(whole)
    api.expect(200, "GET", "/v1/courses")


def listed(one_or_more):
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def logged(cloud, function, text=""):
    """What a function logged that has `text` in it."""
    return messages(cloud, function["LoggingConfig"]["LogGroup"], text)


def messages(cloud, group, text):
    pages = cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    events = [event["message"] for page in pages for event in page["events"]]
    return [message for message in events if text in message]


def same(what, got, wanted):
    if got == wanted:
        return
    if isinstance(got, set):
        raise SystemExit(f"{what}: missing {sorted(wanted - got)}, unexpected {sorted(got - wanted)}")
    raise SystemExit(f"{what}: {got}, not {wanted}")


class Api:
    """The deployed API. Its host name has no address here, so its calls go to the emulator's path for it, or by the site."""

    def __init__(self, cloud, url, site=None):
        self.cloud = cloud
        self.id = url.split("//")[1].split(".")[0]
        self.url = f"{cloud.endpoint}/_aws/execute-api/{self.id}/$default"
        self.site = site or self.url

    def expect(self, status, method, path, body=None, headers=()):
        return self.call(status, method, path, body, headers)[1]

    def call(self, status, method, path, body=None, headers=()):
        try:
            with self.ask(method, path, body, headers) as reply:
                got, said, answer = reply.status, reply.read(), reply.headers
        except urllib.error.HTTPError as error:
            got, said, answer = error.code, error.read(), error.headers
        if got != status:
            raise SystemExit(f"{method} {path}: {got}, not {status}: {said.decode(errors='replace')}")
        is_json = "json" in answer.get("content-type", "")
        return json.loads(said) if is_json and said else None, answer

    def ask(self, method, path, body=None, headers=(), directly=False):
        data = None if body is None else json.dumps(body).encode()
        all_headers = {"content-type": "application/json", **dict(headers)}
        request = urllib.request.Request((self.url if directly else self.site) + path, data, all_headers, method=method)
        return urllib.request.urlopen(request, timeout=30)


def command(cloud, *words, **environment):
    """Runs one of ours as an operator would, and returns what it said."""
    done = attempt(cloud, *words, **environment)
    if done.returncode != 0:
        raise SystemExit(f"{words[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def attempt(cloud, *words, said="", **environment):
    """The same, also when it fails; `said` is what the operator answers when asked."""
    return subprocess.run(
        [HOUSE / words[0], *words[1:]],
        env={**os.environ, **cloud.environment, **environment},
        input=said,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def complaints(cloud):
    """What the emulator and the functions logged as errors."""
    yield from (line for line in cloud.log.read_text(errors="replace").splitlines() if " ERROR " in line)
    with contextlib.suppress(botocore.exceptions.BotoCoreError):  # the emulator may be what is broken
        for page in cloud.client("logs").get_paginator("describe_log_groups").paginate():
            for group in page["logGroups"]:
                yield from messages(cloud, group["logGroupName"], "ERROR")


@contextlib.contextmanager
def step(name):
    begun = time.monotonic()
    yield
    print(f"  {name}: {time.monotonic() - begun:.1f} s", flush=True)


if __name__ == "__main__":
    main()
