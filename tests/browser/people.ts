// The demo school's people, as callers of its API and as readers of its pages.

import { type Browser } from "puppeteer-core";
import { Lectern } from "../../infra/client/lectern.ts";
import { Reader, expect, type Look } from "./browser.ts";

/** Somebody's address and password. */
export interface Login {
  email: string;
  password: string;
}

type Role = "admin" | "instructor" | "learner";

/** The API as one of them calls it. */
export async function calling(home: string, role: Role): Promise<Lectern> {
  const logins = (await (await fetch(`${home}/local/logins.json`)).json()) as (Login & { role: Role })[];
  const login = logins.find((login) => login.role === role);
  expect(login, `the school has no demo ${role}`);
  return callingAs(home, login);
}

/** The API as somebody calls it. */
export async function callingAs(home: string, { email, password }: Login): Promise<Lectern> {
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

interface Mail {
  to: string[];
  text: string;
}

/** The link to a page that somebody was mailed. */
export async function mailed(home: string, email: string, page: string): Promise<string> {
  for (let n = 0; n < 100; n++) {
    const mails = (await (await fetch(`${home}/mailbox.json`)).json()) as Mail[];
    const found = mails.find((mail) => mail.to.includes(email))?.text.match(new RegExp(`${page}#\\S+`))?.[0];
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no mail to ${email} has a link to ${page}`);
}

/** Somebody who has just made an account and confirmed its address, and whose limits nobody else uses up. */
export async function newcomer(home: string): Promise<Login> {
  const login = { email: `${crypto.randomUUID()}@example.org`, password: "correct horse battery staple" };
  await new Lectern({ origin: home }).post("/v1/auth/register", { body: { ...login, first_name: "Zoë", last_name: "Al-Ḥasan" } });
  const [, token = ""] = (await mailed(home, login.email, "/verify-email")).split("#");
  await (await callingAs(home, login)).post("/v1/auth/email/verify", { body: { token } });
  return login;
}

/** A browser in which somebody has signed in on the page for that, and is now on another. */
export async function signedInAs(browser: Browser, home: string, look: Look, { email, password }: Login, path: string, prepare?: (reader: Reader) => Promise<unknown>): Promise<Reader> {
  const reader = await Reader.of(browser, home, look);
  await prepare?.(reader);
  await reader.go(`/sign-in?to=${encodeURIComponent(path)}`);
  await reader.page.type("#email", email);
  await reader.page.type("#password", password);
  await reader.page.keyboard.press("Enter");
  await reader.page.waitForFunction((path: string) => location.pathname === path && document.querySelector("main h1") !== null, { timeout: 20_000 }, path);
  return reader;
}
