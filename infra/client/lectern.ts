// Lectern's API with types: every path, parameter, body and answer as the API reference has it. Needs nothing but the
// platform's fetch.

import type { components, paths } from "./api.ts";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];
export type Method = "get" | "post" | "put" | "patch" | "delete";

/** The paths that take a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type Operation<M extends Method, P extends keyof paths> = paths[P] extends Record<M, infer O> ? O : never;
type Parameters<O, Place extends string> = O extends { parameters: { [place in Place]?: infer T } } ? NonNullable<T> : never;
type Body<O> = O extends { requestBody: { content: { "application/json": infer T } } } ? T : never;
type Answers<O> = O extends { responses: infer R } ? { [S in keyof R & (200 | 201 | 202)]: R[S] }[keyof R & (200 | 201 | 202)] : never;

/** What a call answers with when it does what it should; undefined where there is nothing to say. */
export type Answer<M extends Method, P extends keyof paths> =
  [Answers<Operation<M, P>>] extends [never] ? undefined : Answers<Operation<M, P>> extends { content: { "application/json": infer T } } ? T : undefined;

type Given<Name extends string, T> = [T] extends [never] ? object : object extends T ? { [N in Name]?: T } : { [N in Name]: T };

/** What a call needs, as its path asks for. */
export type Request<M extends Method, P extends keyof paths> = Given<"path", Parameters<Operation<M, P>, "path">> &
  Given<"query", Parameters<Operation<M, P>, "query">> &
  Given<"body", Body<Operation<M, P>>> & {
    /** The revision that an edit is based on, as `rev` of what was read. */
    rev?: number;
    /** Names the call, so that routes which take `Idempotency-Key` do it once; made up for each POST unless given. */
    key?: string;
    /** Leaves it at one try where nobody answered, since the second would be told what the first may have done. */
    once?: boolean;
    /** Goes on when the page is left; for bodies of less than 64 KiB. */
    keepalive?: boolean;
    signal?: AbortSignal;
  };

type Rest<M extends Method, P extends keyof paths> = object extends Request<M, P> ? [request?: Request<M, P>] : [request: Request<M, P>];

/** Says who calls. */
export interface Session {
  /** The access token of now; undefined for nobody. */
  token(): Promise<string | undefined>;
  /** Another one in place of `old`, which was refused; undefined when the session is over. */
  renew(old: string): Promise<string | undefined>;
}

/** A call was refused, or nobody answered. */
export class Refusal extends Error {
  /** What the API says of it; without a `code` where something else answered. */
  readonly problem: Partial<Problem>;
  readonly status: number;

  constructor(status: number, problem: Partial<Problem>, cause?: unknown) {
    super(problem.detail ?? problem.title ?? (status > 0 ? `answered ${status}` : "nobody answered"), { cause });
    this.name = "Refusal";
    this.status = status;
    this.problem = problem;
  }

  /** Whether it has a code, as `"already_enrolled"`. */
  is(code: Problem["code"]): boolean {
    return this.problem.code === code;
  }
}

export interface Options {
  /** Where the school is, as `https://school.example`; the page's own host unless given. */
  origin?: string;
  session?: Session;
  fetch?: typeof globalThis.fetch;
  /** Waits, in milliseconds; for tests. */
  sleep?: (ms: number) => Promise<void>;
}

/** Refused for the moment, or nobody answered: worth another try. */
const MOMENTARY = [0, 429, 503];
const TRIES = 4;
/** Whoever is to wait longer is told so. */
const LONGEST_WAIT_MS = 10_000;

/** A school's API. */
export class Lectern {
  readonly #origin: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #session: Session | undefined;

  constructor(options: Options = {}) {
    this.#origin = (options.origin ?? "").replace(/\/$/, "");
    this.#fetch = options.fetch ?? ((...call) => globalThis.fetch(...call));
    this.#sleep = options.sleep ?? ((ms) => new Promise((done) => setTimeout(done, ms)));
    this.#session = options.session;
  }

  get<P extends PathOf<"get">>(path: P, ...[request]: Rest<"get", P>): Promise<Answer<"get", P>> {
    return this.#call("get", path, request);
  }

  post<P extends PathOf<"post">>(path: P, ...[request]: Rest<"post", P>): Promise<Answer<"post", P>> {
    return this.#call("post", path, request);
  }

  put<P extends PathOf<"put">>(path: P, ...[request]: Rest<"put", P>): Promise<Answer<"put", P>> {
    return this.#call("put", path, request);
  }

  patch<P extends PathOf<"patch">>(path: P, ...[request]: Rest<"patch", P>): Promise<Answer<"patch", P>> {
    return this.#call("patch", path, request);
  }

  delete<P extends PathOf<"delete">>(path: P, ...[request]: Rest<"delete", P>): Promise<Answer<"delete", P>> {
    return this.#call("delete", path, request);
  }

  async #call<M extends Method, P extends keyof paths>(method: M, path: P, request: unknown): Promise<Answer<M, P>> {
    const asked = (request ?? {}) as Asked;
    const headers = new Headers({ accept: "application/json" });
    if (asked.body !== undefined) headers.set("content-type", "application/json");
    if (asked.rev !== undefined) headers.set("if-match", `"${asked.rev}"`);
    if (method === "post") headers.set("idempotency-key", asked.key ?? crypto.randomUUID());
    const call: RequestInit = { method: method.toUpperCase(), headers, credentials: "same-origin" };
    if (asked.body !== undefined) call.body = JSON.stringify(asked.body);
    if (asked.keepalive) call.keepalive = true;
    if (asked.signal) call.signal = asked.signal;
    const response = await this.#signedIn(this.#origin + address(path, asked), call, headers, asked.once ?? false);
    if (response.status === 204) return undefined as Answer<M, P>;
    const text = await response.text().catch((cause: unknown) => {
      throw asked.signal?.aborted ? cause : new Refusal(0, {}, cause);
    });
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get("content-type") ?? "");
    const body: unknown = isJson ? JSON.parse(text || "null") : undefined;
    if (!response.ok) throw new Refusal(response.status, (body ?? {}) as Partial<Problem>);
    return body as Answer<M, P>;
  }

  /** Sends a call as whoever is signed in, once more with a new token when the old one is not taken any more. */
  async #signedIn(url: string, call: RequestInit, headers: Headers, once: boolean): Promise<Response> {
    const token = await this.#session?.token();
    if (token) headers.set("authorization", `Bearer ${token}`);
    const response = await this.#patiently(url, call, once);
    if (response.status !== 401 || !token) return response;
    const renewed = await this.#session?.renew(token);
    if (!renewed) return response;
    headers.set("authorization", `Bearer ${renewed}`);
    return this.#patiently(url, call, once);
  }

  async #patiently(url: string, call: RequestInit, once: boolean): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.#fetch(url, call).catch((cause: unknown) => {
        // Whoever called it off is not to hear of it as an outage.
        if (call.signal?.aborted || once || attempt === TRIES) throw call.signal?.aborted ? cause : new Refusal(0, {}, cause);
        return undefined;
      });
      if (response && !MOMENTARY.includes(response.status)) return response;
      const told = Number(response?.headers.get("retry-after")) * 1000;
      const wait = told > 0 ? told : 200 * 2 ** attempt * (0.5 + Math.random() / 2);
      if (response && (attempt === TRIES || wait > LONGEST_WAIT_MS)) return response;
      await this.#sleep(wait);
    }
  }
}

interface Asked {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  rev?: number;
  key?: string;
  once?: boolean;
  keepalive?: boolean;
  signal?: AbortSignal;
}

/** `/v1/courses/crs_1?limit=5` of a path, what stands in it and what stands behind it. */
function address(path: string, { path: parameters, query }: Asked): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(parameters?.[name])));
  const asked = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return asked.length === 0 ? filled : `${filled}?${new URLSearchParams(asked.map(([name, value]): [string, string] => [name, String(value)]))}`;
}
