// What a person meets when something is not as it should be: no connection, a school that fails, several tabs at once.

import { type Browser, type HTTPRequest } from "puppeteer-core";
import { expect, type Look } from "./browser.ts";
import { learner } from "./people.ts";

const LOOK: Look = { width: 390, theme: "dark" };

/** No page is a dead end: each says what is wrong and goes on when that is over. */
export async function failures(browser: Browser, home: string, pictures: string): Promise<void> {
  const reader = await learner(browser, home, LOOK);
  const { page } = reader;
  const press = async (name: string) => (await page.locator(`::-p-aria([name="${name}"])`).waitHandle()).click();

  await page.setOfflineMode(true);
  await press("My certificates");
  await reader.reads("No connection");
  await reader.accessible();
  await reader.picture(pictures, "offline");
  await page.setOfflineMode(false);
  await press("Try again");
  await page.waitForFunction(() => document.querySelector("h1")?.textContent === "My certificates");
  reader.well(/ERR_INTERNET_DISCONNECTED/);

  const problem = { type: "urn:lectern:problem:internal", title: "Something went wrong", status: 500, code: "internal" };
  let isBroken = true;
  const broken = (request: HTTPRequest) =>
    isBroken && request.url().includes("/v1/me/courses")
      ? request.respond({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) })
      : request.continue();
  await page.setRequestInterception(true);
  page.on("request", broken);
  await reader.go("/learn");
  await reader.reads("That did not work");
  await reader.accessible();
  await reader.picture(pictures, "broken");
  isBroken = false;
  await press("Try again");
  await page.waitForSelector(".card progress");
  page.off("request", broken);
  await page.setRequestInterception(false);
  reader.well(/500|Refusal/);

  // Nothing is called so; the page says it as any other that is not there.
  await reader.go("/lessons/%zz");
  await reader.reads("There is nothing here");
  reader.well(/40[04]/);
  await reader.leave();
}

/** A refresh token that is used twice ends its session, and every tab renews with the same. */
export async function tabs(browser: Browser, home: string): Promise<void> {
  const reader = await learner(browser, home, LOOK);
  const tabs = await Promise.all(Array.from({ length: 4 }, () => reader.page.browserContext().newPage()));
  for (let n = 0; n < 3; n++) {
    await Promise.all(tabs.map((tab) => tab.goto(`${home}/learn`, { waitUntil: "domcontentloaded" })));
    for (const tab of tabs) {
      await tab.bringToFront(); // nothing is drawn in a tab that nobody sees
      await tab.waitForSelector(".card progress", { timeout: 20_000 });
    }
  }
  // One that is closed while it renews.
  const [left] = tabs;
  expect(left, "there are four");
  const renewing = left.waitForRequest((request) => request.url().endsWith("/v1/auth/refresh"));
  void left.goto(`${home}/learn`).catch(() => undefined);
  await renewing;
  await left.close();
  await reader.go("/learn");
  await reader.page.waitForSelector(".card progress");
  expect(!reader.page.url().includes("sign-in"), "the session has ended");
  reader.well();
  await reader.leave();
}
