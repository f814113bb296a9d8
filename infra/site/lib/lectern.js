// Lectern's API with types: every path, parameter, body and answer as the API reference has it. Needs nothing but the
// platform's fetch.
/** A call was refused, or nobody answered. */
export class Refusal extends Error {
    /** What the API says of it; without a `code` where something else answered. */
    problem;
    status;
    constructor(status, problem, cause) {
        super(problem.detail ?? problem.title ?? (status > 0 ? `answered ${status}` : "nobody answered"), { cause });
        this.name = "Refusal";
        this.status = status;
        this.problem = problem;
    }
    /** Whether it has a code, as `"already_enrolled"`. */
    is(code) {
        return this.problem.code === code;
    }
}
/** Refused for the moment, or nobody answered: worth another try. */
const MOMENTARY = [0, 429, 503];
const TRIES = 4;
/** Whoever is to wait longer is told so. */
const LONGEST_WAIT_MS = 10_000;
/** A school's API. */
export class Lectern {
    #origin;
    #fetch;
    #sleep;
    #session;
    constructor(options = {}) {
        this.#origin = (options.origin ?? "").replace(/\/$/, "");
        this.#fetch = options.fetch ?? ((...call) => globalThis.fetch(...call));
        this.#sleep = options.sleep ?? ((ms) => new Promise((done) => setTimeout(done, ms)));
        this.#session = options.session;
    }
    get(path, ...[request]) {
        return this.#call("get", path, request);
    }
    post(path, ...[request]) {
        return this.#call("post", path, request);
    }
    put(path, ...[request]) {
        return this.#call("put", path, request);
    }
    patch(path, ...[request]) {
        return this.#call("patch", path, request);
    }
    delete(path, ...[request]) {
        return this.#call("delete", path, request);
    }
    async #call(method, path, request) {
        const asked = (request ?? {});
        const headers = new Headers({ accept: "application/json" });
        if (asked.body !== undefined)
            headers.set("content-type", "application/json");
        if (asked.rev !== undefined)
            headers.set("if-match", `"${asked.rev}"`);
        if (method === "post")
            headers.set("idempotency-key", asked.key ?? crypto.randomUUID());
        const call = { method: method.toUpperCase(), headers, credentials: "same-origin" };
        if (asked.body !== undefined)
            call.body = JSON.stringify(asked.body);
        if (asked.keepalive)
            call.keepalive = true;
        if (asked.signal)
            call.signal = asked.signal;
        const response = await this.#signedIn(this.#origin + address(path, asked), call, headers, asked.once ?? false);
        if (response.status === 204)
            return undefined;
        const text = await response.text().catch((cause) => {
            throw asked.signal?.aborted ? cause : new Refusal(0, {}, cause);
        });
        const isJson = /^application\/(problem\+)?json/.test(response.headers.get("content-type") ?? "");
        const body = isJson ? JSON.parse(text || "null") : undefined;
        if (!response.ok)
            throw new Refusal(response.status, (body ?? {}));
        return body;
    }
    /** Sends a call as whoever is signed in, once more with a new token when the old one is not taken any more. */
    async #signedIn(url, call, headers, once) {
        const token = await this.#session?.token();
        if (token)
            headers.set("authorization", `Bearer ${token}`);
        const response = await this.#patiently(url, call, once);
        if (response.status !== 401 || !token)
            return response;
        const renewed = await this.#session?.renew(token);
        if (!renewed)
            return response;
        headers.set("authorization", `Bearer ${renewed}`);
        return this.#patiently(url, call, once);
    }
    async #patiently(url, call, once) {
        for (let attempt = 1;; attempt++) {
            const response = await this.#fetch(url, call).catch((cause) => {
                // Whoever called it off is not to hear of it as an outage.
                if (call.signal?.aborted || once || attempt === TRIES)
                    throw call.signal?.aborted ? cause : new Refusal(0, {}, cause);
                return undefined;
            });
            if (response && !MOMENTARY.includes(response.status))
                return response;
            const told = Number(response?.headers.get("retry-after")) * 1000;
            const wait = told > 0 ? told : 200 * 2 ** attempt * (0.5 + Math.random() / 2);
            if (response && (attempt === TRIES || wait > LONGEST_WAIT_MS))
                return response;
            await this.#sleep(wait);
        }
    }
}
/** `/v1/courses/crs_1?limit=5` of a path, what stands in it and what stands behind it. */
function address(path, { path: parameters, query }) {
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(parameters?.[name])));
    const asked = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null);
    return asked.length === 0 ? filled : `${filled}?${new URLSearchParams(asked.map(([name, value]) => [name, String(value)]))}`;
}
