// Who is signed in, in a browser: the access token in memory alone, the refresh token in a cookie that no script can read.

import { Lectern, Refusal, type Schemas, type Session } from "./lectern.ts";

type User = Schemas["Account"];
interface Tokens {
  access_token: string;
  expires_in: number;
  user: User;
}
type News = { signedIn: Tokens & { until: number } } | { signedOut: true } | { whoIsIn: true };

/** A token that is over in less is renewed before it is used, so that no call is refused for it. */
const MARGIN_MS = 30_000;

/** Says that there may be a session, so that whoever has none is not asked for one on each page. */
const MARK = "lectern-session";

/** The session that all tabs of a browser share. */
export class BrowserSession implements Session {
  #tokens: (Tokens & { until: number }) | undefined;
  /** Whether it was asked if there is a session: none was found when it was and there are no tokens. */
  #asked: Promise<void> | undefined;
  readonly #tabs = new BroadcastChannel("lectern-session");
  readonly #api: Lectern;
  readonly #changed: (user: User | undefined, isElsewhere: boolean) => void;

  /** `changed` hears of whoever signs in or out, in this tab or `isElsewhere`. */
  constructor(changed: (user: User | undefined, isElsewhere: boolean) => void = () => {}) {
    // A page may be left while the cookie is exchanged: whoever left before the new one came would be signed out.
    this.#api = new Lectern({ fetch: (address, call) => globalThis.fetch(address, { ...call, keepalive: true }) });
    this.#changed = changed;
    this.#tabs.onmessage = ({ data }: MessageEvent<News>) => this.#hear(data);
  }

  /** The account; undefined for nobody. */
  async user(): Promise<User | undefined> {
    await this.token();
    return this.#tokens?.user;
  }

  async token(): Promise<string | undefined> {
    // What failed is tried again when somebody asks the next time.
    await (this.#asked ??= (localStorage.getItem(MARK) === null ? Promise.resolve() : this.#renewed(undefined)).catch((cause) => {
      this.#asked = undefined;
      throw cause;
    }));
    if (this.#tokens && this.#tokens.until - Date.now() < MARGIN_MS) await this.#renewed(this.#tokens.access_token);
    return this.#tokens?.access_token;
  }

  async renew(old: string): Promise<string | undefined> {
    await this.#renewed(old);
    return this.#tokens?.access_token;
  }

  /** Takes what login or register answered with. */
  begin(tokens: Tokens): void {
    this.#take(tokens);
    this.#asked = Promise.resolve();
  }

  /** Ends the session in all tabs. */
  async end(): Promise<void> {
    // One that is over already need not be ended: with neither the token nor the cookie.
    if (await this.token()) await new Lectern({ session: this }).post("/v1/auth/logout").catch((error: unknown) => {
      if (!(error instanceof Refusal) || error.status !== 401) throw error;
    });
    this.#forget();
    this.#tell({ signedOut: true });
  }

  /** One tab at a time exchanges the cookie: a refresh token that is used twice ends its session. */
  async #renewed(old: string | undefined): Promise<void> {
    await navigator.locks.request("lectern-session", async () => {
      // Another tab was faster.
      if (this.#tokens && this.#tokens.access_token !== old && this.#tokens.until - Date.now() > MARGIN_MS) return;
      try {
        this.#take((await this.#api.post("/v1/auth/refresh", { body: {} })) as Tokens);
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 401) throw error;
        this.#forget();
      }
    });
  }

  #take(tokens: Tokens): void {
    this.#tokens = { ...tokens, until: Date.now() + tokens.expires_in * 1000 };
    localStorage.setItem(MARK, "1");
    this.#tell({ signedIn: this.#tokens });
    this.#changed(tokens.user, false);
  }

  #forget(isElsewhere = false): void {
    const was = this.#tokens;
    this.#tokens = undefined;
    localStorage.removeItem(MARK);
    if (was) this.#changed(undefined, isElsewhere);
  }

  #tell(news: News): void {
    this.#tabs.postMessage(news);
  }

  #hear(news: News): void {
    if ("signedIn" in news) {
      this.#tokens = news.signedIn;
      this.#asked = Promise.resolve();
      this.#changed(news.signedIn.user, true);
    } else if ("signedOut" in news) {
      this.#forget(true);
    }
  }
}
