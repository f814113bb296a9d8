// The demo school's people, as callers of its API and as readers of its pages.

import { type Browser } from "puppeteer-core";
import { Lectern } from "../../infra/client/lectern.ts";
import { Reader, expect, type Look } from "./browser.ts";

type Role = "admin" | "instructor" | "learner";

/** The API as one of them calls it. */
export async function calling(home: string, role: Role): Promise<Lectern> {
  const logins = (await (await fetch(`${home}/local/logins.json`)).json()) as { role: Role; email: string; password: string }[];
  const login = logins.find((login) => login.role === role);
  expect(login, `the school has no demo ${role}`);
  const { email, password } = login;
  const { access_token } = await new Lectern({ origin: home }).post("/v1/auth/login", { body: { email, password } });
  return new Lectern({ origin: home, session: { token: async () => access_token, renew: async () => undefined } });
}

/** A browser in which one of them has signed in, by a click in the local cloud's bar. */
export async function signedIn(browser: Browser, home: string, look: Look, role: Role): Promise<Reader> {
  const reader = await Reader.of(browser, home, look);
  await reader.go("/");
  await (await reader.page.locator(`::-p-aria(${role})`).waitHandle()).click();
  await reader.page.waitForFunction(() => location.pathname === "/learn" && document.querySelector("main h1") !== null, { timeout: 20_000 });
  return reader;
}

/** The demo learner, who has begun a course. */
export async function learner(browser: Browser, home: string, look: Look): Promise<Reader> {
  const reader = await signedIn(browser, home, look, "learner");
  await reader.page.waitForSelector(".card progress");
  return reader;
}
