// Every word that a page says, in the reader's language: `text("lesson.of", { done: 2, all: 18 })`.

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Text */

const LANGUAGES = ["en", "de"];

/** The one of ours that comes nearest. @param {string} wanted */
export function languageOf(wanted) {
  const base = wanted.toLowerCase().split("-")[0] ?? "";
  return LANGUAGES.includes(base) ? base : "en";
}

/** @param {string} language @returns {Promise<Text>} */
export async function load(language) {
  const table = await (await fetch(new URL(`./texts/${language}.json`, import.meta.url))).json();
  const plural = new Intl.PluralRules(language);
  return (key, values = {}) => {
    /** @type {string | Record<string, string>} */
    const found = table[key] ?? key;
    const said = typeof found === "string" ? found : (found[plural.select(Number(values.count))] ?? found.other ?? key);
    return said.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  };
}
