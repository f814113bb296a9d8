// In front of a school, what it does not do itself yet: videos that are played, and a store of files that loses some.
// until the school has it

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

const SECONDS = 24;
const SITE = new URL("../../infra/site/", import.meta.url);
const TYPES: Record<string, string> = { js: "text/javascript", css: "text/css", svg: "image/svg+xml", json: "application/json", ts: "video/mp2t", m3u8: "application/vnd.apple.mpegurl", vtt: "text/vtt", jpg: "image/jpeg" };

export type Stretch = [from: number, to: number];
interface Heartbeat {
  watched: Stretch[];
  position_seconds: number;
  rendition?: number;
}

/** Three qualities, pictures and captions of a test card. */
function made(): string {
  const folder = mkdtempSync(join(tmpdir(), "video-"));
  const ffmpeg = (...args: string[]) => execFileSync("ffmpeg", ["-v", "error", ...args], { cwd: folder });
  const sizes = ["854x480", "640x360", "320x180"];
  ffmpeg(
    ...["-f", "lavfi", "-i", `testsrc=size=${sizes[0]}:rate=12:duration=${SECONDS}`, "-f", "lavfi", "-i", `sine=frequency=330:duration=${SECONDS}`],
    ...sizes.flatMap((size, n) => ["-map", "0:v", "-map", "1:a", `-s:v:${n}`, size, `-b:v:${n}`, `${800 >> n}k`]),
    ...["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "72", "-keyint_min", "72", "-sc_threshold", "0", "-c:a", "aac", "-b:a", "48k"],
    ...["-f", "hls", "-hls_time", "6", "-hls_playlist_type", "vod", "-var_stream_map", sizes.map((_, n) => `v:${n},a:${n}`).join(" ")],
    ...["-master_pl_name", "master.m3u8", "-hls_segment_filename", "v%v-%d.ts", "v%v.m3u8"],
  );
  ffmpeg("-f", "lavfi", "-i", `testsrc=size=160x90:rate=1/10:duration=${SECONDS}`, "thumb%d.jpg");
  ffmpeg("-f", "lavfi", "-i", "testsrc2=size=854x480:duration=1", "-frames:v", "1", "poster.jpg");
  writeFileSync(join(folder, "thumbs.vtt"), "WEBVTT\n\n00:00:00.000 --> 00:00:10.000\nthumb1.jpg\n\n00:00:10.000 --> 00:00:20.000\nthumb2.jpg\n\n00:00:20.000 --> 00:00:24.000\nthumb3.jpg\n");
  writeFileSync(join(folder, "en.vtt"), "WEBVTT\n\n00:00:00.000 --> 00:00:24.000\nA rope under load\n");
  writeFileSync(join(folder, "de.vtt"), "WEBVTT\n\n00:00:00.000 --> 00:00:24.000\nEin Seil unter Last\n");
  return folder;
}

export class StandIn {
  readonly id = `vid_${"0".repeat(32)}`;
  readonly heartbeats: Heartbeat[] = [];
  /** What was watched of it. */
  watched: Stretch[] = [];
  status = "ready";
  /** Links of before answer 403. */
  link = 0;
  /** Whether they expire as soon as the stream is begun. */
  expires = false;
  isBroken = false;
  /** What a part answers instead, once. */
  readonly failures = new Map<number, number>();
  readonly puts: number[] = [];
  readonly parts = new Map<number, number>();
  partCount = 0;
  isComplete = false;
  /** Milliseconds that a part takes. */
  patience = 0;
  home = "";
  readonly #behind: string;
  readonly #folder = made();
  readonly #server: Server;
  /** The one lesson that has the video. */
  lesson = "";

  private constructor(behind: string) {
    this.#behind = behind;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(502).end(String(error));
      });
    });
  }

  static async before(behind: string): Promise<StandIn> {
    const it = new StandIn(behind);
    await new Promise<void>((done) => it.#server.listen(0, "localhost", done));
    it.home = `http://localhost:${(it.#server.address() as AddressInfo).port}`;
    return it;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }

  get percent(): number {
    return Math.floor((this.watched.reduce((sum, [from, to]) => sum + to - from, 0) / SECONDS) * 100);
  }

  #progress() {
    const { percent } = this;
    return { watched_seconds: (percent * SECONDS) / 100, percent, completed: percent >= 90 };
  }

  #video(isAuthor: boolean) {
    const at = (file: string) => `/stand-in/${this.link}/${file}`;
    const playable = {
      duration_seconds: SECONDS,
      renditions: [480, 360, 180].map((height) => ({ width: Math.round((height * 16) / 9), height, bitrate: height * 1000 })),
      playback_url: at("master.m3u8"),
      poster_url: at("poster.jpg"),
      thumbnails_url: at("thumbs.vtt"),
      captions: [{ language: "en", label: "English", url: at("en.vtt") }, { language: "de", label: "Deutsch", url: at("de.vtt") }],
    };
    const progress = isAuthor ? null : { ...this.#progress(), position_seconds: this.heartbeats.at(-1)?.position_seconds ?? 0 };
    const its = { id: this.id, lesson_id: this.lesson, status: this.status, failure_reason: this.status === "failed" ? "There is no picture in it." : null };
    return this.status === "ready" ? { ...its, ...playable, progress } : its;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? "/", this.#behind);
    const body = await buffer(request);
    const json = (status: number, what: unknown) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(what));
    const file = (path: URL | string) => {
      const type = TYPES[String(path).split(".").at(-1) ?? ""] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "cache-control": "no-cache" }).end(readFileSync(path));
    };

    const media = /^\/stand-in\/(\d+)\/([\w.-]+)$/.exec(pathname);
    if (media && this.expires && pathname.endsWith(".ts")) [this.expires, this.link] = [false, this.link + 1];
    if (media && this.isBroken) return void response.writeHead(404).end();
    if (media) return Number(media[1]) < this.link ? void response.writeHead(403).end() : file(join(this.#folder, media[2] ?? ""));
    const part = /^\/stand-in\/parts\/(\d+)$/.exec(pathname);
    if (part) {
      const number = Number(part[1]);
      await new Promise((done) => setTimeout(done, this.patience));
      this.puts.push(number);
      const failure = this.failures.get(number);
      this.failures.delete(number);
      if (!failure) this.parts.set(number, body.length);
      return void response.writeHead(failure ?? 200, { etag: `"${number}"` }).end();
    }
    const link = (number: number) => ({ number, url: `/stand-in/parts/${number}` });
    if (pathname === `/v1/videos/${this.id}`) return void json(200, this.#video(!this.#isLearner(request)));
    if (pathname === `/v1/videos/${this.id}/progress`) {
      const heartbeat = JSON.parse(body.toString()) as Heartbeat;
      this.heartbeats.push(heartbeat);
      this.watched = united([...this.watched, ...heartbeat.watched]);
      return void json(200, this.#progress());
    }
    if (pathname === `/v1/videos/${this.id}/upload/parts`) {
      const { numbers } = JSON.parse(body.toString()) as { numbers: number[] };
      return void json(200, { parts: numbers.map(link), uploaded: [...this.parts.keys()].map((number) => ({ number, etag: `"${number}"` })) });
    }
    if (pathname === `/v1/videos/${this.id}/upload/complete`) {
      const { parts } = JSON.parse(body.toString()) as { parts: unknown[] };
      this.isComplete = parts.length === this.partCount;
      this.status = "processing";
      return void json(200, this.#video(true));
    }
    if (pathname === `/v1/lessons/${this.lesson}/video`) {
      const { size_bytes } = JSON.parse(body.toString()) as { size_bytes: number };
      const part_size = 1 << 20;
      this.partCount = Math.ceil(size_bytes / part_size);
      const upload =
        this.partCount === 1
          ? { method: "PUT", url: "/stand-in/parts/1", headers: { "content-type": "video/mp4" } }
          : { upload_id: "one", part_size, part_count: this.partCount, parts: [1, 2, 3].map(link) };
      this.status = "uploading";
      return void json(201, { video_id: this.id, upload });
    }
    if (pathname.startsWith("/assets/dev/") && pathname !== "/assets/dev/app.js") return file(new URL(pathname.slice("/assets/dev/".length), SITE));

    const headers = new Headers(request.headers as Record<string, string>);
    for (const name of ["host", "connection", "content-length"]) headers.delete(name);
    const isBody = request.method !== "GET" && request.method !== "HEAD";
    const path = pathname.startsWith("/studio/") ? "/profile" : pathname;
    const answer = await fetch(this.#behind + path + search, { method: request.method ?? "GET", headers, redirect: "manual", ...(isBody ? { body } : {}) });
    for (const [name, value] of answer.headers) {
      if (!["content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"].includes(name)) response.setHeader(name, value);
    }
    const policy = answer.headers.get("content-security-policy");
    if (policy) response.setHeader("content-security-policy", policy.includes("media-src") ? policy : `${policy}; media-src 'self' blob:`);
    response.setHeader("set-cookie", answer.headers.getSetCookie());
    let content = Buffer.from(await answer.arrayBuffer());
    if (pathname === `/v1/lessons/${this.lesson}` && answer.ok) content = Buffer.from(JSON.stringify({ ...JSON.parse(content.toString()), content_type: "video", video_id: this.id }));
    response.writeHead(answer.status).end(content);
  }

  /** As the access token says it. */
  #isLearner(request: IncomingMessage): boolean {
    const payload = request.headers.authorization?.split(".")[1];
    return payload !== undefined && !Buffer.from(payload, "base64url").toString().includes("instructor");
  }
}

export function united(stretches: Stretch[]): Stretch[] {
  const all: Stretch[] = [];
  for (const [from, to] of stretches.toSorted(([a], [b]) => a - b)) {
    const before = all.at(-1);
    if (before && from <= before[1] + 0.011) before[1] = Math.max(before[1], to);
    else all.push([from, to]);
  }
  return all;
}
