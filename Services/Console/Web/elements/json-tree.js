/** A JSON value as a tree that opens and closes, every part readable as text. */
import { el, button } from "../app/dom.js";
import { t } from "../app/i18n.js";
import { ExactNumber, write } from "../app/exact-json.js";

/** Members shown at once; more come by a button, so that a huge element does not stop the page. */
const membersMax = 100;
/** Levels that are open at first, where they are small. */
const openLevels = 2;
const openMembersMax = 20;

export class JSONTree extends HTMLElement {
  #text = "";
  #opened = new Map();

  /** Draws the value anew only where it changed; what was opened or closed by hand stays so. */
  set value(value) {
    const text = write(value);
    if (text === this.#text) return;
    this.#text = text;
    this.replaceChildren(this.#list(value, "", 0), this.#copyButton());
  }

  #copyButton() {
    if (!navigator.clipboard) return "";
    const copy = button(t("json.copy"), async () => {
      await navigator.clipboard.writeText(this.#text);
      copy.textContent = t("json.copied");
    }, { class: "quiet small" });
    return copy;
  }

  #list(value, path, level) {
    const entries = Array.isArray(value) ? value.map((item, place) => [String(place), item]) : Object.entries(value);
    const list = el("ul");
    const append = (from) => {
      const piece = entries.slice(from, from + membersMax);
      list.append(...piece.map(([key, item]) => this.#item(key, item, `${path}/${key}`, level)));
      const rest = entries.length - from - piece.length;
      if (rest > 0) {
        const more = el("li", {}, button(t("json.more", { count: rest }), () => {
          more.remove();
          append(from + piece.length);
        }, { class: "quiet small" }));
        list.append(more);
      }
    };
    append(0);
    return list;
  }

  #item(key, value, path, level) {
    const name = el("span", { class: "key" }, key);
    if (value === null || typeof value !== "object" || value instanceof ExactNumber) {
      return el("li", {}, name, ": ", el("span", { class: `value ${kind(value)}` }, write(value)));
    }
    const count = Array.isArray(value) ? value.length : Object.keys(value).length;
    const size = t(Array.isArray(value) ? "json.array" : "json.object", { count });
    if (count === 0) return el("li", {}, name, ": ", el("span", { class: "value" }, Array.isArray(value) ? "[]" : "{}"));
    const details = el("details", {}, el("summary", {}, name, el("span", { class: "size" }, ` ${size}`)));
    // What is inside is made when it is first looked at.
    const fill = () => { if (details.children.length === 1) details.append(this.#list(value, path, level + 1)); };
    details.open = this.#opened.get(path) ?? (level + 1 < openLevels && count <= openMembersMax);
    if (details.open) fill();
    details.addEventListener("toggle", () => {
      this.#opened.set(path, details.open);
      if (details.open) fill();
    });
    return el("li", {}, details);
  }
}

const kind = (value) => (value === null ? "null" : value instanceof ExactNumber ? "number" : typeof value);

customElements.define("sj-json", JSONTree);
