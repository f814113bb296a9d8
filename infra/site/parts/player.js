// A video with controls of our own: the same in every browser, by mouse, finger and keyboard.

import { html, nothing, render } from "../lib/lit-html/lit-html.js";
import { icon } from "./icons.js";
import { controlByKeys } from "./player_keys.js";
import { stream } from "./stream.js";
import { thumbnails } from "./thumbnails.js";
import { clock } from "./units.js";
import { watch } from "./watching.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
/** Controls go after so long without a hand on them. */
const IDLE_MS = 3000;
/** Whoever left so near the end is done with it, and begins anew. */
const END_SECONDS = 5;
/** A fresh link that is refused as well is no question of time. */
const FRESH_MS = 60_000;
const REMEMBERED = "lectern-player";
/** What makes the controls look different. */
const EVENTS = "timeupdate durationchange progress play pause playing waiting volumechange ratechange seeking seeked loadeddata ended".split(" ");

/** @typedef {import("../lib/lectern.js").Schemas} Schemas */

/**
 * @param {object} it
 * @param {import("../lib/lectern.js").Lectern} it.api
 * @param {import("../text.js").Text} it.text
 * @param {Schemas["VideoDetail"]} it.its One that is ready.
 * @param {string} it.title
 * @param {(progress: Schemas["Watched"]) => void} [it.heard] What the school says of what was watched.
 * @param {AbortSignal} it.left
 */
export function player({ api, text, its, title, heard = () => {}, left }) {
  const root = document.createElement("div");
  const video = document.createElement("video");
  const captions = its.captions;
  const path = { video_id: its.id };
  /** @type {{ volume: number, speed: number, captions: string }} */
  const settings = { volume: 1, speed: 1, captions: "", ...JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}") };
  /** @type {import("./chapters.js").Chapter[]} */
  let chapters = [];
  /** @type {import("./thumbnails.js").Thumbnail[] | undefined} */
  let pictures;
  /** @type {"" | "settings" | "chapters"} */
  let panel = "";
  /** @type {"" | "offline" | "broken"} */
  let failure = "";
  /** Where the pointer is on the seek bar. @type {number | undefined} */
  let pointed;
  /** Where the thumb is held. @type {number | undefined} */
  let held;
  let renewedAt = -FRESH_MS;
  let isRenewing = false;
  /** Whether it played when it failed. */
  let goesOn = false;
  let isTouched = false;
  /** Whether there were no controls when the finger came. */
  let wasIdle = false;
  let idleTimer = 0;
  let frame = 0;

  const { position_seconds: position = 0, completed = false } = its.progress ?? {};
  let resumeAt = completed || position > (its.duration_seconds ?? Infinity) - END_SECONDS ? 0 : position;

  const duration = () => (Number.isFinite(video.duration) ? video.duration : (its.duration_seconds ?? 0));
  const now = () => (video.readyState > 0 ? video.currentTime : resumeAt);
  const source = stream({ video, changed: redraw, failed });

  function remember() {
    localStorage.setItem(REMEMBERED, JSON.stringify(settings));
  }

  let note = () => {};
  /** @param {number} at */
  function seek(at) {
    note();
    const to = Math.min(Math.max(at, 0), duration());
    resumeAt = to;
    if (video.readyState > 0) video.currentTime = to;
    redraw();
  }

  /** @param {"toggle" | "on"} [how] */
  function play(how = "toggle") {
    if (how === "toggle" && !video.paused) return video.pause();
    // Whatever prevents it is said by the stream, or by a pause.
    void video.play().catch(() => undefined);
  }

  /** @param {number} volume */
  function setVolume(volume) {
    video.volume = settings.volume = Math.min(Math.max(Math.round(volume * 20) / 20, 0), 1);
    video.muted = video.volume === 0;
    remember();
  }

  /** @param {number} speed */
  function setSpeed(speed) {
    video.playbackRate = video.defaultPlaybackRate = settings.speed = SPEEDS.includes(speed) ? speed : 1;
    remember();
  }

  /** @param {string} language None for off. */
  function setCaptions(language) {
    settings.captions = language;
    for (const [n, track] of [...video.textTracks].entries()) track.mode = captions[n]?.language === language ? "showing" : "disabled";
    remember();
    redraw();
  }

  const captionsOn = () => captions.some(({ language }) => language === settings.captions);

  function toggleCaptions() {
    const own = captions.find(({ language }) => language.split("-")[0] === document.documentElement.lang);
    setCaptions(captionsOn() ? "" : ((own ?? captions[0])?.language ?? ""));
  }

  function toggleFull() {
    if (document.fullscreenElement) return void document.exitFullscreen();
    if (root.requestFullscreen) return void root.requestFullscreen().catch(() => undefined);
    // An iPhone lets nothing but a video have the whole screen, with controls of its own.
    /** @type {{ webkitEnterFullscreen?: () => void }} */ (video).webkitEnterFullscreen?.();
  }

  const hasPicture = document.pictureInPictureEnabled && "requestPictureInPicture" in video;

  function togglePicture() {
    if (!hasPicture) return;
    void (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture()).catch(() => undefined);
  }

  /** @param {"settings" | "chapters"} which */
  function toggle(which) {
    panel = panel === which ? "" : which;
    stir();
    redraw();
  }

  /** @param {boolean} isRefused */
  async function failed(isRefused) {
    if (isRenewing) return;
    goesOn = !video.paused;
    resumeAt = now();
    if (isRefused && performance.now() - renewedAt > FRESH_MS) return again(goesOn);
    source.stop();
    failure = navigator.onLine ? "broken" : "offline";
    redraw();
  }

  /** Asks for a fresh link, and goes on at the same place. @param {boolean} isPlaying */
  async function again(isPlaying) {
    const at = resumeAt;
    [isRenewing, failure] = [true, ""];
    redraw();
    try {
      const { playback_url } = await api.get("/v1/videos/{video_id}", { path });
      if (left.aborted) return;
      await source.play(playback_url ?? "", at);
      renewedAt = performance.now();
      if (isPlaying) play("on");
    } catch {
      failure = navigator.onLine ? "broken" : "offline";
    } finally {
      isRenewing = false;
      redraw();
    }
  }

  /** Shows the controls, for a while. */
  function stir() {
    root.classList.remove("idle");
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => root.classList.toggle("idle", !video.paused && !panel && held === undefined), IDLE_MS);
  }

  /** A click plays and pauses; a finger first wants to see the controls. */
  function pressed() {
    if (panel) return void toggle(panel);
    if (isTouched && !video.paused) {
      stir();
      root.classList.toggle("idle", !wasIdle);
    } else {
      play();
    }
  }

  /** @param {PointerEvent} event */
  async function point(event) {
    const bar = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    // A range's thumb stays inside of it.
    const thumb = 16;
    pointed = Math.min(Math.max((event.clientX - bar.left - thumb / 2) / (bar.width - thumb), 0), 1) * duration();
    redraw();
    if (!pictures && its.thumbnails_url) {
      pictures = [];
      pictures = await thumbnails(its.thumbnails_url).catch(() => []);
      redraw();
    }
  }

  function redraw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  }

  function draw() {
    const [at, all] = [held ?? now(), duration()];
    const preview = held ?? pointed;
    const isWaiting = isRenewing || (!video.paused && !video.ended && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA);
    root.classList.toggle("paused", video.paused);
    render(
      html`${video}
        ${failure
          ? html`<div class="failure" role="alert"><p>${text(failure === "offline" ? "player.offline" : "player.broken")}</p>
              <button class="button" @click=${() => again((goesOn = true))}>${text("wrong.again")}</button></div>`
          : html`<div class="screen" @click=${pressed} aria-hidden="true">
              ${isWaiting ? html`<span class="turning"></span>` : video.paused ? html`<span class="begin">${icon("play")}</span>` : nothing}
            </div>`}
        ${panel === "settings" ? settingsPanel() : panel === "chapters" ? chaptersPanel(at) : nothing}
        <div class="controls" ?inert=${failure !== ""}>
          <div class="seek">
            <span class="time">${clock(at)}</span>
            <div class="along" @pointermove=${point} @pointerleave=${() => { pointed = undefined; redraw(); }}>
              <input type="range" min="0" max=${all || 1} step="any" .value=${String(at)} aria-label=${text("player.seek")}
                aria-valuetext=${text("player.at", { time: clock(at), all: clock(all) })} .style=${`--played: ${part(at, all)}; --loaded: ${part(loaded(video), all)}`}
                @input=${(/** @type {Event} */ { target }) => { held = Number(/** @type {HTMLInputElement} */ (target).value); redraw(); }}
                @change=${(/** @type {Event} */ { target }) => { held = undefined; seek(Number(/** @type {HTMLInputElement} */ (target).value)); }}>
              ${chapters.map(({ at }) => (at > 0 ? html`<span class="chapter" .style=${`--at: ${part(at, all)}`}></span>` : nothing))}
              ${preview === undefined ? nothing : previewAt(preview, all)}
            </div>
            <span class="time">${clock(all)}</span>
          </div>
          <div class="buttons">
            ${button(video.paused ? "player.play" : "player.pause", icon(video.paused ? "play" : "pause"), () => play())}
            ${button("player.back", html`<span aria-hidden="true">−10</span>`, () => seek(now() - 10))}
            ${button("player.forward", html`<span aria-hidden="true">+10</span>`, () => seek(now() + 10))}
            <span class="sound">
              ${button(video.muted ? "player.unmute" : "player.mute", icon(video.muted ? "muted" : "volume"), () => (video.muted = !video.muted))}
              <input class="volume" type="range" min="0" max="1" step="0.05" .value=${String(video.muted ? 0 : video.volume)}
                .style=${`--played: ${video.muted ? 0 : video.volume}; --loaded: 0`} aria-label=${text("player.volume")}
                @input=${(/** @type {Event} */ { target }) => setVolume(Number(/** @type {HTMLInputElement} */ (target).value))}>
            </span>
            <span class="now" dir="auto">${chapterAt(at)?.title}</span>
            ${captions.length > 0 ? button("player.captions", icon("captions"), toggleCaptions, { pressed: captionsOn() }) : nothing}
            ${chapters.length > 0 ? button("player.chapters", icon("chapters"), () => toggle("chapters"), { expanded: panel === "chapters" }) : nothing}
            ${button("player.settings", settings.speed === 1 ? icon("settings") : times(settings.speed), () => toggle("settings"), { expanded: panel === "settings", more: settings.speed === 1 ? "" : `: ${times(settings.speed)}` })}
            ${hasPicture ? button("player.picture", icon("picture"), togglePicture, { name: "picture" }) : nothing}
            ${button(document.fullscreenElement ? "player.small" : "player.full", icon(document.fullscreenElement ? "small" : "full"), toggleFull)}
          </div>
        </div>`,
      root,
    );
  }

  /** @param {string} key @param {unknown} sign @param {() => void} press @param {{ pressed?: boolean, expanded?: boolean, name?: string, more?: string }} [how] */
  function button(key, sign, press, { pressed, expanded, name, more = "" } = {}) {
    return html`<button type="button" class=${name ?? nothing} aria-label=${text(key) + more} title=${text(key)} @click=${press}
      aria-pressed=${pressed ?? nothing} aria-expanded=${expanded ?? nothing}>${sign}</button>`;
  }

  function settingsPanel() {
    const [heights, height] = [source.heights(), source.height() ?? 0];
    return html`<div class="panel" role="group" aria-label=${text("player.settings")}>
      ${captions.length > 0
        ? select("player.captions", captionsOn() ? settings.captions : "", [["", text("player.off")], ...captions.map(({ language, label }) => [language, label])], setCaptions)
        : nothing}
      ${heights.length > 1
        ? select("player.quality", String(source.chosen()), [["0", text(source.chosen() === 0 && height ? "player.auto_now" : "player.auto", { height })], ...heights.map((height) => [String(height), `${height}p`])], (height) => source.choose(Number(height)))
        : nothing}
      ${select("player.speed", String(settings.speed), SPEEDS.map((speed) => [String(speed), times(speed)]), (speed) => setSpeed(Number(speed)))}
    </div>`;
  }

  /** @param {string} key @param {string} value @param {string[][]} options @param {(value: string) => void} choose */
  function select(key, value, options, choose) {
    return html`<label><span>${text(key)}</span>
      <select @change=${(/** @type {Event} */ { target }) => choose(/** @type {HTMLSelectElement} */ (target).value)}>
        ${options.map(([option, label]) => html`<option value=${option} .selected=${option === value}>${label}</option>`)}
      </select></label>`;
  }

  /** @param {number} at */
  function chaptersPanel(at) {
    const here = chapterAt(at);
    return html`<ol class="panel" aria-label=${text("player.chapters")}>
      ${chapters.map(
        (chapter) => html`<li><button type="button" aria-current=${chapter === here ? "true" : nothing} @click=${() => seek(chapter.at)}>
          <span class="time">${clock(chapter.at)}</span> <span dir="auto">${chapter.title}</span></button></li>`,
      )}
    </ol>`;
  }

  /** @param {number} at */
  function chapterAt(at) {
    return chapters.findLast((chapter) => chapter.at <= at);
  }

  /** @param {number} at @param {number} all */
  function previewAt(at, all) {
    const picture = pictures?.find(({ from, to }) => at >= from && at < to);
    return html`<div class="preview" .style=${`--at: ${part(at, all)}`} aria-hidden="true">
      ${picture ? html`<img src=${picture.url} alt="" width="160">` : nothing}
      <span>${clock(at)}</span>${chapters.length > 0 ? html`<span dir="auto">${chapterAt(at)?.title}</span>` : nothing}
    </div>`;
  }

  const { width = 16, height = 9 } = its.renditions[0] ?? {};
  root.className = "video paused";
  root.dir = "ltr"; // time runs so, whatever the script
  root.tabIndex = -1;
  root.role = "group";
  root.ariaLabel = text("player.name", { title });
  root.style.aspectRatio = `${width} / ${height}`;
  video.playsInline = true;
  video.poster = its.poster_url ?? "";
  for (const { language, label, url } of captions) {
    video.append(Object.assign(document.createElement("track"), { kind: "captions", srclang: language, label, src: url ?? "" }));
  }
  setVolume(settings.volume);
  setSpeed(settings.speed);
  setCaptions(settings.captions);
  for (const event of EVENTS) video.addEventListener(event, redraw);
  video.addEventListener("play", stir);
  video.addEventListener("pause", stir);
  for (const event of ["pointermove", "keydown", "focusin"]) root.addEventListener(event, stir);
  // Before the click, whose focus brings the controls back.
  root.addEventListener("pointerdown", ({ pointerType }) => {
    [isTouched, wasIdle] = [pointerType === "touch", root.classList.contains("idle")];
    stir();
  });
  document.addEventListener("fullscreenchange", redraw, { signal: left });
  addEventListener("online", () => failure === "offline" && void again(goesOn), { signal: left });
  // What is taught in no lesson completes none.
  if (its.progress && its.lesson_id) {
    const send = (/** @type {Schemas["WatchVideoInput"]} */ body, /** @type {boolean} */ keepalive) =>
      api.post("/v1/videos/{video_id}/progress", { path, body, keepalive });
    note = watch({ video, rendition: source.height, send, heard, left });
  }
  const step = (/** @type {number} */ n) => setSpeed(SPEEDS[Math.min(Math.max(SPEEDS.indexOf(settings.speed) + n, 0), SPEEDS.length - 1)] ?? 1);
  controlByKeys(root, left, stir, {
    play: () => play(),
    by: (seconds) => seek(now() + seconds),
    to: (share) => seek(share * duration()),
    louder: (volume) => setVolume((video.muted ? 0 : video.volume) + volume),
    mute: () => (video.muted = !video.muted),
    captions: toggleCaptions,
    full: toggleFull,
    picture: togglePicture,
    faster: step,
    close: () => (panel ? (toggle(panel), true) : false),
  });
  left.addEventListener("abort", () => {
    clearTimeout(idleTimer);
    if (document.pictureInPictureElement === video) void document.exitPictureInPicture();
    video.pause();
    source.stop();
  });
  void source.play(its.playback_url ?? "", resumeAt).catch(() => failed(false));
  draw();

  return {
    element: root,
    /** Plays from a place. @param {number} at */
    playFrom(at) {
      seek(at);
      play("on");
      root.scrollIntoView({ block: "nearest" });
    },
    /** @param {import("./chapters.js").Chapter[]} its */
    setChapters(its) {
      chapters = its;
      redraw();
    },
  };
}

/** `1.5×` @param {number} speed */
function times(speed) {
  return `${speed.toLocaleString(document.documentElement.lang)}×`;
}

/** @param {number} at @param {number} all */
function part(at, all) {
  return all > 0 ? Math.min(at / all, 1).toFixed(5) : "0";
}

/** How far it can play without waiting. @param {HTMLVideoElement} video */
function loaded({ buffered, currentTime }) {
  for (let n = 0; n < buffered.length; n++) {
    if (buffered.start(n) <= currentTime + 0.5 && buffered.end(n) >= currentTime) return buffered.end(n);
  }
  return 0;
}
