// What Lighthouse says of the pages that people open first, on a phone as it emulates one: the median of several visits each,
// put into RESULTS.md. `./scripts/bench pages` serves the school that it looks at.

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const FILE = "tests/bench/RESULTS.md";
const [home = "", ...options] = process.argv.slice(2);
const visits = Number(options[options.indexOf("--visits") + 1] ?? 5) || 5;
/** What every page is to reach, of 100; bold where it does not. A lesson is not for search engines, and says so. */
const TARGET = 95;
const SCORES = ["performance", "accessibility", "best-practices", "seo"];
const FIGURES = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"];

const load = loadavg()[0];
const read = async (path) => (await fetch(home + path)).json();
const { items } = await read("/v1/courses?price=free&sort=popularity&limit=1");
const course = await read(`/v1/courses/${items[0].slug}`);
const preview = course.modules.flatMap(({ lessons }) => lessons).find(({ is_preview }) => is_preview);
const pages = [
  ["home", "/"],
  ["catalogue", "/courses"],
  ["course", `/courses/${course.slug}`],
  ["lesson", `/lessons/${preview.id}`],
];

const chromeFlags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
const chrome = await launch({ chromePath: process.env.CHROMIUM, chromeFlags });
const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const rows = [];
const wanting = new Set();
try {
  for (const [name, path] of pages) {
    const reports = [];
    for (let n = 0; n < visits; n++) {
      const run = await lighthouse(home + path, { port: chrome.port, onlyCategories: SCORES, logLevel: "error" });
      reports.push(run.lhr);
      for (const { id, score, title } of Object.values(run.lhr.audits)) {
        if (score !== null && score < 0.9) wanting.add(`${name}: ${id} ${Math.round(score * 100)}, ${title}`);
      }
    }
    const scores = SCORES.map((kind) => Math.round(100 * middle(reports.map(({ categories }) => categories[kind].score))));
    const figures = FIGURES.map((id) => middle(reports.map(({ audits }) => audits[id].numericValue)));
    const [first, largest, blocked, shift] = figures;
    const cells = [...scores.map((score, n) => (score < TARGET && SCORES[n] !== "seo" ? `**${score}**` : score)), Math.round(first), Math.round(largest), Math.round(blocked), shift.toFixed(3)];
    rows.push(`| ${name} | ${cells.join(" | ")} |`);
    console.error(rows.at(-1));
  }
} finally {
  chrome.kill();
}

const head = ["page", "performance", "accessibility", "best practices", "search engines", "first paint, ms", "largest, ms", "blocked, ms", "shift"];
const { version } = JSON.parse(readFileSync("target/node-bench/node_modules/lighthouse/package.json", "utf8"));
const day = new Date().toISOString().slice(0, 10);
const text = `${day}, ${cpus().length} cores (${process.arch}), load ${load?.toFixed(2)} before; Lighthouse ${version}

Medians of ${visits} visits.

| ${head.join(" | ")} |
| --- |${" --: |".repeat(head.length - 1)}
${rows.join("\n")}
`;
console.log(text);
for (const line of [...wanting].sort()) console.log(line);
if (!options.includes("--dry-run")) {
  const place = /(<!-- pages: begin -->\n)[^]*(<!-- pages: end -->)/;
  writeFileSync(FILE, readFileSync(FILE, "utf8").replace(place, (_, begin, end) => begin + text + end));
}
