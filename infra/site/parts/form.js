// A form that says what is wrong beside the field that it is about.

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { Refusal } from "../lib/lectern.js";

/**
 * A field, by the pointer that problems name it with. What a file says is its value.
 * @typedef {{ name: string, label: string, type?: string, autocomplete?: string, hint?: string, value?: string, required?: boolean,
 *   minlength?: number, maxlength?: number, dir?: string, accept?: string, options?: { value: string, label: string }[] }} Field
 */

/**
 * @param {object} form
 * @param {import("../text.js").Text} form.text
 * @param {Field[]} form.fields
 * @param {string} form.submit What the button says.
 * @param {(values: Record<string, string>) => Promise<void>} form.send
 * @param {(content: unknown) => void} form.draw Called whenever it looks different.
 * @param {unknown} [form.after] What stands below the button.
 */
export function form({ text, fields, submit, send, draw, after = nothing }) {
  let isBusy = false;
  /** @type {Refusal | undefined} */
  let refusal;
  /** @type {Record<string, string>} */
  const values = Object.fromEntries(fields.map(({ name, value = "" }) => [name, value]));

  /** @param {string} name */
  const violations = (name) => (refusal?.problem.errors ?? []).filter(({ pointer }) => pointer === `/${name}`);

  /** @param {SubmitEvent} event */
  async function submitted(event) {
    event.preventDefault();
    if (isBusy) return;
    [isBusy, refusal] = [true, undefined];
    const { elements } = /** @type {HTMLFormElement} */ (event.target);
    for (const { name } of fields) {
      const { type, files, value } = /** @type {HTMLInputElement} */ (elements.namedItem(name));
      values[name] = type === "file" ? ((await files?.[0]?.text()) ?? "") : value;
    }
    drawn();
    try {
      await send({ ...values });
      // Nobody means to send the same file again.
      for (const { name, type } of fields) if (type === "file") /** @type {HTMLInputElement} */ (elements.namedItem(name)).value = "";
    } catch (error) {
      refusal = error instanceof Refusal ? error : new Refusal(-1, {}, error);
      if (!(error instanceof Refusal)) console.error(error);
    } finally {
      isBusy = false;
    }
    if (refusal) {
      drawn();
      const place = /** @type {HTMLElement} */ (event.target);
      const first = place.querySelector("[aria-invalid='true']") ?? place.querySelector("[role='alert']");
      /** @type {HTMLElement | null} */ (first)?.focus();
    } else {
      // The button that had the focus may have gone with its form: reading goes on where it says that it is done.
      /** @type {HTMLElement | null} */ (document.querySelector("main .note.good"))?.focus();
    }
  }

  function drawn() {
    const named = fields.some(({ name }) => violations(name).length > 0);
    draw(html`<form class="form" @submit=${submitted} novalidate>
      ${refusal
        ? html`<div class="note bad" role="alert" tabindex="-1"><strong>${named ? text("form.look_again") : told(text, refusal)}</strong></div>`
        : nothing}
      ${fields.map((field) => input(text, field, values[field.name] ?? "", violations(field.name)))}
      <button class="button whole" aria-disabled=${isBusy ? "true" : nothing}>${isBusy ? text("form.busy") : submit}</button>
      ${after}
    </form>`);
  }
  drawn();
}

/** @param {import("../text.js").Text} text @param {Field} field @param {string} value @param {{ code: string, detail: string }[]} violations */
function input(text, field, value, violations) {
  const { name, label, type = "text", hint } = field;
  const said = [hint && `${name}-hint`, violations.length > 0 && `${name}-wrong`].filter(Boolean).join(" ");
  return html`<div class="field">
    <label for=${name}>${label}</label>
    <input id=${name} name=${name} type=${type} .value=${type === "file" ? "" : value} dir=${field.dir ?? "auto"}
      accept=${field.accept ?? nothing} list=${field.options ? `${name}-options` : nothing}
      autocomplete=${field.autocomplete ?? nothing} ?required=${field.required ?? true} maxlength=${field.maxlength ?? nothing}
      aria-invalid=${violations.length > 0 ? "true" : nothing} aria-describedby=${said || nothing}>
    ${field.options ? html`<datalist id=${`${name}-options`}>${field.options.map(({ value, label }) => html`<option value=${value} label=${label}></option>`)}</datalist>` : nothing}
    ${hint ? html`<span class="hint" id=${`${name}-hint`}>${hint}</span>` : nothing}
    ${violations.length > 0 ? html`<span class="wrong" id=${`${name}-wrong`}>${worded(text, value, violations)}</span>` : nothing}
  </div>`;
}

/**
 * In the reader's language where there are words for it.
 * @param {import("../text.js").Text} text @param {string} value @param {{ code: string, detail: string }[]} violations
 */
function worded(text, value, violations) {
  if (value === "") return text("violation.missing");
  const words = violations.map(({ code, detail }) => {
    const key = `violation.${code}`;
    const said = text(key);
    return said === key ? detail : said;
  });
  return words.join(" ");
}

/** What a refusal as a whole says. @param {import("../text.js").Text} text @param {Refusal} refusal */
export function told(text, refusal) {
  if (refusal.status === 0) return text("wrong.offline.text");
  // An error of the page, which is no word for anybody to read.
  if (refusal.status < 0) return text("wrong.broken.text");
  const key = `problem.${refusal.problem.code}`;
  const said = text(key);
  return said === key ? refusal.message : said;
}
