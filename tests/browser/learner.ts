// A learner's way through a school in a real browser, from registering to the certificate: with the mouse, and again with the
// keyboard alone. `./scripts/browser http://localhost:3000` runs it.

import { type Browser, type KeyInput, Locator } from "puppeteer-core";
import { mailed } from "./people.ts";
import { Reader, expect, type Look } from "./browser.ts";

/** How somebody does things: whatever is done is named as a person would name it. */
interface Hand {
  /** Follows a link or presses a button. */
  press: (name: string) => Promise<void>;
  /** Fills a field in. */
  write: (label: string, text: string) => Promise<void>;
}

function mouse({ page }: Reader): Hand {
  return {
    async press(name) {
      // A heading may say the same.
      const named = (role: string) => page.locator(`::-p-aria([name="${name}"][role="${role}"])`);
      await Locator.race([named("button"), named("link")])
        .setTimeout(20_000)
        .click()
        .catch((cause: unknown) => {
          throw new Error(`nothing on ${page.url()} is called ${JSON.stringify(name)}`, { cause });
        });
    },
    async write(label, text) {
      const field = await page.locator(`::-p-aria([name="${label}"][role="textbox"])`).setTimeout(20_000).waitHandle();
      await field.click({ count: 3 });
      await field.type(text);
    },
  };
}

/** Only Tab, Enter and letters: what cannot be reached or is not seen to have the focus fails. */
function keyboard(reader: Reader): Hand {
  const { page } = reader;
  const key = (name: KeyInput) => page.keyboard.press(name);
  /** The name of what has the focus, as a screen reader says it. */
  const named = () =>
    page.evaluate(() => {
      const it = document.activeElement as HTMLElement;
      const label = (it as HTMLInputElement).labels?.[0]?.innerText;
      const outline = getComputedStyle(it);
      const around = it.closest(".card") ?? it;
      const isSeen = outline.outlineStyle !== "none" || getComputedStyle(around).outlineStyle !== "none" || it === document.body;
      return { name: (label ?? it.getAttribute("aria-label") ?? it.innerText ?? "").trim(), isSeen, tag: it.tagName };
    });
  async function reach(name: string): Promise<void> {
    await page.waitForFunction(
      (name: string) => [...document.querySelectorAll("a, button, label")].some((it) => (it as HTMLElement).innerText.trim() === name),
      { timeout: 20_000 },
      name,
    );
    const passed: string[] = [];
    for (let n = 0; n < 120; n++) {
      const at = await named();
      if (at.name === name && at.tag !== "H1") return;
      await key("Tab");
      const next = await named();
      passed.push(next.name);
      // A page that opens meanwhile goes on at its heading, where Tab never leads.
      const isOpened = next.tag === "H1";
      expect(next.isSeen || isOpened || next.tag === "ASIDE", `nobody sees that ${next.tag} ${JSON.stringify(next.name)} has the focus on ${page.url()}`);
    }
    throw new Error(`Tab does not lead to ${JSON.stringify(name)} on ${page.url()}, but to ${passed.join(" | ")}`);
  }
  return {
    async press(name) {
      await reach(name);
      await key("Enter");
    },
    async write(label, text) {
      await reach(label);
      await page.keyboard.down("Control");
      await key("KeyA" as KeyInput);
      await page.keyboard.up("Control");
      await page.keyboard.type(text);
    },
  };
}

/** From registering to the certificate of the first free course of the catalogue. */
export async function learn(browser: Browser, home: string, look: Look, how: "mouse" | "keyboard", pictures: string): Promise<void> {
  const reader = await Reader.of(browser, home, look);
  const hand = how === "mouse" ? mouse(reader) : keyboard(reader);
  const { page } = reader;
  const email = `${how}-${Date.now()}@example.org`;
  const name = `${look.width}-${look.theme}-${how}`;

  await reader.go("/");
  await hand.press("Sign in");
  await reader.reads("Forgot");
  await hand.press("Make an account");
  await reader.reads("First name"); // where one signs in, a field is called Email too
  await hand.write("Email", email);
  await hand.write("First name", "Zoë");
  await hand.write("Last name", "Al-Ḥasan");
  await hand.write("Password", "short");
  await hand.press("Make an account");
  // Said beside the field, and the field has the focus.
  await page.waitForSelector("#password[aria-invalid='true']");
  expect(await page.evaluate(() => document.activeElement?.id === "password"), "the wrong field has not the focus");
  reader.well(/422/);
  await hand.write("Password", "correct horse battery staple");
  await hand.press("Make an account");
  await reader.reads("You have not chosen a course yet");
  await reader.go(await mailed(home, email, "/verify-email"));
  await hand.press("Confirm");
  await reader.reads("confirmed");
  reader.well();

  await hand.press("Courses");
  await page.waitForSelector("h2 a");
  const course = await page.evaluate(() => {
    const cards = [...document.querySelectorAll(".card")] as HTMLElement[];
    return cards.find((card) => card.innerText.includes("Free"))?.querySelector("h2")?.innerText ?? "";
  });
  expect(course, "the catalogue has no free course");
  await hand.press(course);
  await page.waitForSelector("#enrol button");
  await hand.press("Enrol");
  const deadline = Date.now() + 120_000;
  for (let n = 0; ; n++) {
    await page.waitForSelector(".player h1", { timeout: 20_000 });
    if (n === 0) await reader.picture(pictures, `lesson-${name}`);
    const [next, before] = await page.evaluate(() => {
      const buttons = [...document.querySelectorAll("button")].map((it) => it.innerText);
      return [buttons.find((text) => text.startsWith("Complete")) ?? "", document.title] as const;
    });
    expect(next && Date.now() < deadline, `lesson ${n}, ${before}, has nothing to complete`);
    await hand.press(next);
    // The title changes with what is drawn, the address before.
    await page.waitForFunction((before: string) => document.title !== before, { timeout: 20_000 }, before);
    await page.waitForFunction(() => !document.querySelector(".waiting"), { timeout: 20_000 });
    if (new URL(page.url()).pathname === "/certificates") break;
  }
  await reader.reads("Download");
  await reader.accessible();
  await reader.picture(pictures, `certificates-${name}`);
  const pdf = await page.evaluate(async () => {
    const link = [...document.querySelectorAll("a")].find((it) => it.innerText.includes("Download")) as HTMLAnchorElement;
    return (await (await fetch(link.href)).text()).slice(0, 5);
  });
  expect(pdf === "%PDF-", `the certificate is ${pdf}`);
  await hand.press("My learning");
  await page.waitForFunction(() => document.title.startsWith("My learning"), { timeout: 20_000 });
  await reader.reads(course);
  await reader.accessible();
  await reader.picture(pictures, `learning-${name}`);
  reader.well();

  // Whoever signs out in one tab is signed out in all.
  const other = await page.browserContext().newPage();
  await other.goto(`${home}/learn`, { waitUntil: "networkidle0" });
  await page.bringToFront(); // nothing is drawn in a tab that nobody sees
  await reader.go("/profile");
  await hand.press("Sign out");
  await reader.reads("Sign in");
  await other.waitForFunction(() => document.querySelector("#account")?.textContent?.includes("Sign in"), { timeout: 10_000 });
  await reader.go("/learn");
  await reader.reads("Forgot");
  reader.well();
  await reader.leave();
}
