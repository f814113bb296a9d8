// How often the client sends a call, with a network that does as it is told. `./scripts/client` runs it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Lectern, Refusal } from "../../infra/client/lectern.ts";

/** A client whose network answers with these, one after the other, and then with the last; "down" is none. */
function client(...answers: (Response | "down")[]) {
  const sent: Request[] = [];
  const slept: number[] = [];
  const api = new Lectern({
    origin: "https://school.example",
    fetch: async (address, call) => {
      const answer = answers[Math.min(sent.length, answers.length - 1)];
      sent.push(new Request(address, call));
      if (!answer || answer === "down") throw new TypeError("no network");
      return answer.clone();
    },
    sleep: async (ms) => void slept.push(ms),
  });
  return { api, sent, slept };
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
const FORGOT = { body: { email: "ada@example.org" } };
const down = (error: unknown) => error instanceof Refusal && error.status === 0;

test("what nobody answers is sent four times, under one key", async () => {
  const { api, sent, slept } = client("down");
  await assert.rejects(api.post("/v1/auth/password/forgot", FORGOT), down);
  assert.equal(sent.length, 4);
  assert.equal(new Set(sent.map(({ headers }) => headers.get("idempotency-key"))).size, 1);
  assert.equal(slept.length, 3);
});

test("what may be done only once is sent once, unless it was refused for the moment", async () => {
  const lost = client("down");
  await assert.rejects(lost.api.post("/v1/auth/password/forgot", { ...FORGOT, once: true }), down);
  assert.equal(lost.sent.length, 1);
  const busy = client(json(503, {}, { "retry-after": "2" }), new Response(null, { status: 204 }));
  await busy.api.post("/v1/auth/password/forgot", { ...FORGOT, once: true });
  assert.deepEqual([busy.sent.length, busy.slept], [2, [2000]]);
});

test("who is told to wait long hears so at once", async () => {
  const { api, sent } = client(json(429, { code: "rate_limited" }, { "retry-after": "60" }));
  await assert.rejects(api.get("/v1/courses"), (error) => error instanceof Refusal && error.is("rate_limited"));
  assert.equal(sent.length, 1);
});

test("what is refused is not sent again, and says why", async () => {
  const { api, sent } = client(json(404, { code: "not_found", detail: "there is no such course" }));
  const path = { course_id: "a/b?c" };
  await assert.rejects(api.get("/v1/courses/{course_id}", { path }), /no such course/);
  assert.deepEqual(sent.map(({ url }) => url), ["https://school.example/v1/courses/a%2Fb%3Fc"]);
});

test("a token that is not taken any more is renewed once", async () => {
  const answers = [json(401, { code: "unauthenticated" }), json(200, { items: [], next_cursor: null })];
  const sent: (string | null)[] = [];
  const session = { token: async () => "old", renew: async (old: string) => `${old}er` };
  const fetch = async (_: unknown, call?: RequestInit) => {
    sent.push(new Headers(call?.headers).get("authorization"));
    return answers[sent.length - 1] ?? json(500, {});
  };
  await new Lectern({ session, fetch }).get("/v1/me/courses");
  assert.deepEqual(sent, ["Bearer old", "Bearer older"]);
});
