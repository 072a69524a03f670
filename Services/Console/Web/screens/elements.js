/** The elements of one queue, a page at a time. What somebody has open stays, even when it is taken meanwhile. */
import { el, button, reconcile, setAttribute, setText } from "../app/dom.js";
import { t, has, number, dateTimeText, preciseTime } from "../app/i18n.js";
import { keepingOpen, keyed } from "../app/model.js";
import { elementWords, problemSentence } from "../app/sentences.js";
import { write } from "../app/exact-json.js";
import "../elements/json-tree.js";

const service = "console";
const pageLength = 20;

export class Elements extends HTMLElement {
  /** @type {import("../app/address.js").Place} */
  #place = { queue: null, partition: null, offset: 0, namespace: "", person: "" };
  #queues = [];
  #shown = null;
  #open = new Set();
  #problem = null;
  #watch = null;

  /**
   * @param {import("../app/live.js").Live} live @param {(change: object) => void} go @param {() => void} close
   */
  constructor(live, go, close) {
    super();
    this.live = live;
    this.go = go;
    this.close = close;
  }

  connectedCallback() {
    this.id = "elements";
    this.title_ = el("h3", { id: "elements-title", tabindex: "-1" });
    this.about = el("p", { class: "help" });
    this.partition = el("select", { id: "partition", onchange: () => this.#choosePartition() });
    this.range = el("p", { class: "range" });
    this.first = button(t("elements.first"), () => this.#page(0));
    this.previous = button(t("elements.previous"), () => this.#page(this.#place.offset - pageLength));
    this.next = button(t("elements.next"), () => this.#page(this.#place.offset + pageLength));
    this.note = el("p", { class: "empty" });
    this.list = el("ul", { class: "elements" });
    this.none = el("p", { class: "empty none" }, t("elements.none"));
    this.inner = el("div", { class: "inner" },
      el("div", { class: "head" }, this.title_, this.range, button(t("elements.close"), this.close, { class: "quiet" })),
      this.about,
      el("div", { class: "tools" },
        el("div", { class: "field inline" }, el("label", { for: "partition" }, t("elements.partition")), this.partition),
        el("div", { class: "pages", role: "group", "aria-labelledby": "elements-title" }, this.first, this.previous, this.next)),
      this.note, this.list);
    this.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.#place.queue) this.close(); });
    this.append(el("section", { "aria-labelledby": "elements-title" }, this.none, this.inner));
    this.#draw();
  }

  disconnectedCallback() { this.#watch?.stop(); }

  /** @param {import("../app/address.js").Place} place */
  set place(place) {
    const old = this.#place;
    this.#place = place;
    const isSame = old.queue === place.queue && old.partition === place.partition && old.offset === place.offset;
    if (isSame && (this.#watch || !place.queue)) return;
    this.#shown = null;
    this.#problem = null;
    this.#open.clear();
    this.#watch?.stop();
    this.#watch = null;
    if (place.queue) {
      const queue = place.partition === null ? place.queue : `${place.queue}:${place.partition}`;
      this.#watch = this.live.watch(
        service, "queues.peek", { queue, offset: place.offset, limit: pageLength }, (outcome) => this.#tell(outcome));
    }
    this.#draw();
  }

  /** @param {any[]} queues as queues.list gives them */
  set queues(queues) {
    this.#queues = queues;
    this.#draw();
  }

  #tell(outcome) {
    this.#problem = outcome.problem ?? null;
    if (outcome.result) {
      const fresh = keyed(outcome.result.items, write);
      this.#shown = keepingOpen(this.#shown ?? [], fresh, this.#open);
    }
    this.#draw();
  }

  #draw() {
    const { queue, partition, offset } = this.#place;
    this.none.hidden = queue !== null;
    this.inner.hidden = queue === null;
    if (queue === null) return;
    setText(this.title_, t("elements.title", { queue }));
    setText(this.about, has(`queue.${queue}`) ? t(`queue.${queue}`) : "");
    const lengths = this.#queues.find((item) => item.name === queue)?.partitions ?? [];
    this.#drawPartitions(lengths);
    const total = partition === null ? lengths.reduce((sum, length) => sum + length, 0) : lengths[partition] ?? 0;
    const shown = this.#shown ?? [];
    const present = shown.filter((item) => !item.isGone).length;
    setText(this.range, present === 0
      ? t("elements.rangeEmpty")
      : t("elements.range", { from: offset + 1, to: offset + present, total: Math.max(total, offset + present) }));
    this.#enable(this.first, offset > 0);
    this.#enable(this.previous, offset > 0);
    this.#enable(this.next, offset + present < total && present > 0);
    reconcile(this.list, shown, (item) => item.key, (item) => this.#makeItem(item), (row, item) => this.#update(row, item));
    setText(this.note, this.#noteText(shown));
    this.note.hidden = this.note.textContent === "";
  }

  #noteText(shown) {
    if (this.#problem) return problemSentence(service, this.#problem);
    if (this.#shown === null) return t("elements.loading");
    if (shown.length > 0) return "";
    return t(this.#place.offset > 0 ? "elements.emptyPage" : "elements.empty");
  }

  #drawPartitions(lengths) {
    const items = [{ key: "all", label: t("elements.all") }, ...lengths.map((length, place) =>
      ({ key: String(place), label: t("elements.one", { number: String(place), length: number(length) }) }))];
    reconcile(this.partition, items, (item) => item.key,
      (item) => el("option", { value: item.key }), (option, item) => setText(option, item.label));
    const wanted = this.#place.partition === null ? "all" : String(this.#place.partition);
    if (this.partition.value !== wanted) this.partition.value = wanted;
  }

  /** A button that the reader stands on stays reachable; it says that it does nothing now. */
  #enable(control, isEnabled) { setAttribute(control, "aria-disabled", isEnabled ? null : "true"); }

  #page(offset) {
    const control = offset > this.#place.offset ? this.next : offset === 0 ? this.first : this.previous;
    if (control.getAttribute("aria-disabled") === "true") return;
    this.go({ offset: Math.max(0, offset) });
  }

  #choosePartition() {
    const value = this.partition.value;
    this.go({ partition: value === "all" ? null : Number(value), offset: 0 });
  }

  #makeItem(item) {
    const tree = document.createElement("sj-json");
    const details = el("details", {},
      el("summary", {}, el("span", { class: "words" }), el("span", { class: "meta" })), tree);
    details.addEventListener("toggle", () => {
      if (details.open) {
        this.#open.add(item.key);
        tree.value = wrapped(details.element);
      } else {
        this.#open.delete(item.key);
        if (details.isGone) this.#forget(item.key);
      }
    });
    return el("li", {}, details);
  }

  #update(row, item) {
    const details = row.firstElementChild;
    details.element = item.element;
    details.isGone = item.isGone;
    setAttribute(row, "data-gone", item.isGone);
    const words = elementWords(item.element);
    reconcile(row.querySelector(".words"), words.map((word, place) => ({ word, key: String(place) })), ({ key }) => key,
      () => el("span"), (span, { word }) => setText(span, word));
    setText(row.querySelector(".meta"), metaWords(item).join(" · "));
    if (details.open) details.querySelector("sj-json").value = wrapped(item.element);
  }

  /** An element that was taken goes from the page when it is closed. */
  #forget(key) {
    this.#shown = (this.#shown ?? []).filter((item) => item.key !== key);
    this.#draw();
  }
}

const wrapped = (element) => (element !== null && typeof element === "object" ? element : { value: element });

function metaWords({ partition, element, isGone }) {
  const words = [t("elements.inPartition", { number: String(partition) })];
  const at = element?.at ?? element?.records?.[0]?.events?.[0]?.at;
  if (typeof at === "number") words.push(preciseTime(new Date(at)));
  if (typeof element?.due === "number") words.push(t("elements.due", { time: dateTimeText(new Date(element.due)) }));
  if (isGone) words.push(t("elements.gone"));
  return words;
}

customElements.define("sj-elements", Elements);
