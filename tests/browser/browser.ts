// A browser as people have it, and what is wrong with a page that it shows: errors, requests to other hosts, what jumps,
// what axe-core finds.

import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import puppeteer, { type Browser, type BrowserContext, type CDPSession, type Page, type Protocol } from "puppeteer-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface Look {
  width: 390 | 1440;
  theme: "light" | "dark";
  language?: string;
}

/** What a request meets on its way: another address, or an answer of nobody who was asked. */
export interface Met {
  url?: string;
  status?: number;
  type?: string;
  body?: string;
}

export function expect(holds: unknown, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

/** A camera and a microphone that show and say the same again and again. */
export const DEVICES = "--use-fake-device-for-media-stream";
/** Somebody who lets every page record. */
export const ALLOWED = "--use-fake-ui-for-media-stream";

export async function start(...more: string[]): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--lang=en", ...more];
  return puppeteer.launch({ executablePath: process.env["CHROMIUM"] ?? "chromium", args });
}

/** A reader with a browser of their own: cookies, one tab, and a list of everything that went wrong in it. */
export class Reader {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #wrong: string[] = [];
  readonly #home: URL;
  readonly #width: number;
  /** Compressed bytes of scripts that came since the last look. */
  scriptBytes = 0;

  private constructor(context: BrowserContext, page: Page, home: URL, width: number) {
    this.#context = context;
    this.page = page;
    this.#home = home;
    this.#width = width;
  }

  static async of(browser: Browser, home: string, look: Look): Promise<Reader> {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    const reader = new Reader(context, page, new URL(home), look.width);
    await page.setViewport({ width: look.width, height: look.width === 390 ? 844 : 900, isMobile: look.width === 390, hasTouch: look.width === 390 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: look.theme }]);
    await page.setExtraHTTPHeaders({ "accept-language": look.language ?? "en" });
    await page.evaluateOnNewDocument(() => {
      const seen = globalThis as unknown as { shift: number };
      seen.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
          if (!entry.hadRecentInput) seen.shift += entry.value;
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await reader.#listen(await page.createCDPSession());
    return reader;
  }

  async #listen(session: CDPSession): Promise<void> {
    this.page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warn") this.#wrong.push(`console: ${message.text()} ${message.location().url ?? ""}`);
    });
    this.page.on("pageerror", (error) => this.#wrong.push(`thrown: ${(error as Error).stack ?? error}`));
    await session.send("Network.enable");
    const scripts = new Set<string>();
    session.on("Network.requestWillBeSent", ({ requestId, request, type }) => {
      const address = new URL(request.url);
      const isOwn = address.origin === this.#home.origin || ["data:", "blob:"].includes(address.protocol);
      if (!isOwn) this.#wrong.push(`a request to ${request.url}`);
      if (type === "Script") scripts.add(requestId);
    });
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) this.scriptBytes += encodedDataLength;
    });
  }

  /**
   * Stands between the page and addresses that fit a pattern; what it has no word for goes on its way. Nothing else is
   * touched, as puppeteer's own interception would do. Returns what ends it.
   */
  async between(pattern: string, meet: (request: Protocol.Network.Request) => Met | undefined | Promise<Met | undefined>): Promise<() => Promise<void>> {
    const session = await this.page.createCDPSession();
    session.on("Fetch.requestPaused", ({ requestId, request }) => {
      void (async () => {
        const { status, type = "text/plain", body = "", url } = (await meet(request)) ?? {};
        const responseHeaders = [{ name: "content-type", value: type }];
        if (status) await session.send("Fetch.fulfillRequest", { requestId, responseCode: status, responseHeaders, body: Buffer.from(body).toString("base64") });
        else await session.send("Fetch.continueRequest", { requestId, ...(url ? { url } : {}) });
      })().catch(() => undefined); // it was called off meanwhile
    });
    await session.send("Fetch.enable", { patterns: [{ urlPattern: pattern }] });
    return () => session.detach();
  }

  async go(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.#home).href, { waitUntil: "networkidle0" });
  }

  /** Waits until the page says something. */
  async reads(words: string): Promise<void> {
    await this.page.waitForFunction((words: string) => document.body.innerText.includes(words), { timeout: 20_000 }, words).catch(async () => {
      const text = await this.page.evaluate(() => document.body.innerText);
      throw new Error(`${this.page.url()} does not say ${JSON.stringify(words)} but:\n${text}\n${this.#wrong.join("\n")}`);
    });
  }

  /** Fails where anything went wrong since the last look. What is `expected` to be refused is none of it. */
  well(expected?: RegExp): void {
    const wrong = this.#wrong.splice(0).filter((line) => !expected?.test(line));
    expect(wrong.length === 0, `${this.page.url()}: ${wrong.join("\n")}`);
  }

  /** Fails on whatever axe-core finds (WCAG 2.2 AA and its own advice), on what jumps and on what does not fit. */
  async accessible(): Promise<void> {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate(async () => {
      const axe = (globalThis as unknown as { axe: { run: (where: Document, how: object) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } }).axe;
      const { violations } = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n  ${failureSummary}`));
    });
    expect(found.length === 0, `${this.page.url()}:\n${found.join("\n")}`);
    const shift = await this.page.evaluate(() => (globalThis as unknown as { shift: number }).shift);
    expect(shift <= 0.05, `${this.page.url()}: what is there moves by ${shift}`);
    // Not `innerWidth`: a phone's browser makes room for what is too wide.
    const width = await this.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width <= this.#width, `${this.page.url()} is ${width} pixels wide in a window of ${this.#width}`);
  }

  async picture(folder: string, name: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  }

  async leave(): Promise<void> {
    await this.#context.close();
  }
}
