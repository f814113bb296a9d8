"""What stands for MediaConvert, which the emulator does not have: an address that takes the calls of its API, holds whoever
calls to their role, and keeps to the role that a job is done in. It transcodes nothing: every file holds the same film, and
what is made of it are playlists and files of the right names, so that whatever comes after finds its way. The emulator of
`infra/emulators` lives inside a process and knows no roles.

Left out is what needs the real one: what it refuses of an order, what it reads in a file and makes of it, and whether who
orders may pass on the role of the job, since the emulated IAM looks into no such condition.
"""

import contextlib
import http.server
import json
import threading
import urllib.parse

from deploy import REGION, STAND_IN

SECONDS = 12
PICTURE = (1280, 720)
SEGMENT = b"a segment of a film"


@contextlib.contextmanager
def stand_in(cloud):
    """One on a free port of the loopback."""
    transcoder = MediaConvert(cloud)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            path, _, query = self.path.partition("?")
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            try:
                status, said = transcoder.answer(f"{self.command} {path}", dict(urllib.parse.parse_qsl(query)), body)
            except Refused as refused:
                status, said = refused.args
            said = json.dumps(said).encode()
            self.send_response_only(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = answer

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    transcoder.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield transcoder
    finally:
        server.shutdown()


class Refused(Exception):
    """With the status and the body of the answer."""

    def __init__(self, status, kind, message):
        super().__init__(status, {"__type": kind, "message": message})


class MediaConvert:
    """The jobs, in the order that they came in. They end when they are told to."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.jobs = []
        # Of the function that is to call: a call says by which key it is signed, and not whose that is.
        self.caller = None

    def answer(self, route, query, body):
        match route.replace("/2017-08-29/", "").split("/"):
            case ["POST probe"]:
                self.hold(self.caller, "mediaconvert:Probe")
                # It reads the file in the name of who asks.
                self.hold(self.caller, "s3:GetObject", object_of(body["inputFiles"][0]["fileUrl"]))
                width, height = PICTURE
                tracks = [
                    {"trackType": "video", "videoProperties": {"width": width, "height": height}},
                    {"trackType": "audio"},
                ]
                return 200, {"probeResults": [{"container": {"duration": SECONDS, "tracks": tracks}}]}
            case ["POST jobs"]:
                self.hold(self.caller, "mediaconvert:CreateJob", self.arn("queues/Default"))
                job = body | {"id": f"1700000000000-{len(self.jobs) + 1:06}", "status": "PROGRESSING"}
                self.jobs.append(job)
                return 201, {"job": job}
            case ["GET search"]:
                self.hold(self.caller, "mediaconvert:SearchJobs")
                jobs = [job for job in self.jobs if input_of(job) == query["inputFile"]]
                return 200, {"jobs": jobs[::-1]}
            case ["GET jobs", id]:
                self.hold(self.caller, "mediaconvert:GetJob", self.arn(f"jobs/{id}"))
                for job in self.jobs:
                    if job["id"] == id:
                        return 200, {"job": job}
        raise Refused(404, "NotFoundException", route)

    def job_of(self, video):
        """The newest job of a video, once there is one."""
        return next((job for job in self.jobs[::-1] if job["userMetadata"]["video_id"] == video), None)

    def arn(self, resource):
        return f"arn:aws:mediaconvert:{REGION}:{self.caller.split(':')[4]}:{resource}"

    def hold(self, role, action, resource="*"):
        asked = {"PolicySourceArn": role, "ActionNames": [action], "ResourceArns": [resource]}
        (found,) = self.cloud.client("iam").simulate_principal_policy(**asked)["EvaluationResults"]
        if found["EvalDecision"] != "allowed":
            raise Refused(403, "AccessDeniedException", f"{role} may not {action} on {resource}")

    def do(self, job):
        """Makes what is ordered, where the job's role lets it."""
        self.hold(job["role"], "s3:GetObject", object_of(input_of(job)))
        ended = []
        for group in job["settings"]["outputGroups"]:
            settings, outputs = group["outputGroupSettings"], group["outputs"]
            if settings["type"] == "HLS_GROUP_SETTINGS":
                self.film(job["role"], settings["hlsGroupSettings"], outputs)
            else:
                self.pictures(job["role"], settings["fileGroupSettings"], outputs)
            details = [{"durationInMs": SECONDS * 1000} for _ in outputs]
            ended.append({"type": settings["type"].removesuffix("_SETTINGS"), "outputDetails": details})
        job.update(status="COMPLETE", outputGroupDetails=ended)

    def film(self, role, settings, outputs):
        folder, name = settings["destination"].rsplit("/", 1)
        length = settings["segmentLength"]
        qualities = ["#EXTM3U"]
        for output in outputs:
            quality, picture = name + output["nameModifier"], output["videoDescription"]
            segments = [f"{quality}_{n:05}.ts" for n in range(1, SECONDS // length + 1)]
            for segment in segments:
                self.write(role, f"{folder}/{segment}", "video/mp2t", SEGMENT)
            listed = [line for segment in segments for line in (f"#EXTINF:{length}.0,", segment)]
            lines = ["#EXTM3U", f"#EXT-X-TARGETDURATION:{length}", *listed, "#EXT-X-ENDLIST"]
            self.write(role, f"{folder}/{quality}.m3u8", "application/x-mpegURL", "\n".join(lines).encode())
            bits = picture["codecSettings"]["h264Settings"]["maxBitrate"]
            size = f"{picture['width']}x{picture['height']}"
            qualities += [f"#EXT-X-STREAM-INF:BANDWIDTH={bits},RESOLUTION={size}", f"{quality}.m3u8"]
        self.write(role, settings["destination"] + ".m3u8", "application/x-mpegURL", "\n".join(qualities).encode())

    def pictures(self, role, settings, outputs):
        for output in outputs:
            capture = output["videoDescription"]["codecSettings"]["frameCaptureSettings"]
            for n in range(min(1 + SECONDS // capture["framerateDenominator"], capture["maxCaptures"])):
                name = f"{settings['destination']}{output['nameModifier']}.{n:07}.jpg"
                self.write(role, name, "image/jpeg", b"a picture of a film")

    def write(self, role, url, kind, content):
        self.hold(role, "s3:PutObject", object_of(url))
        bucket, key = url.removeprefix("s3://").split("/", 1)
        self.cloud.client("s3").put_object(Bucket=bucket, Key=key, ContentType=kind, Body=content)

    def tell(self, job):
        """EventBridge hears of it, in the stand-in's name."""
        detail_type, detail = "MediaConvert Job State Change", told(job)
        entry = {"Source": STAND_IN, "DetailType": detail_type, "Detail": json.dumps(detail)}
        said = self.cloud.client("events").put_events(Entries=[entry])
        if said["FailedEntryCount"]:
            raise SystemExit(f"the end of a job is not told: {said}")


def told(job):
    """What is told of a job as it is now."""
    names = ("status", "userMetadata", "outputGroupDetails")
    return {"jobId": job["id"]} | {name: job[name] for name in names if name in job}


def input_of(job):
    return job["settings"]["inputs"][0]["fileInput"]


def object_of(url):
    return f"arn:aws:s3:::{url.removeprefix('s3://')}"
