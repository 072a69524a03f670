/** The queues, and the first elements of the one that is chosen. */
import { el, button, reconcile, setAttribute, setText } from "../app/dom.js";
import { t, has, number, rate } from "../app/i18n.js";
import { age } from "../app/format.js";
import { problemSentence } from "../app/sentences.js";
import { cell, dataRow, dataTable } from "../elements/data-table.js";
import { Elements } from "./elements.js";

const service = "console";

export class Queues extends HTMLElement {
  #queues = null;
  #problem = null;

  /**
   * @param {import("../app/live.js").Live} live @param {import("../app/address.js").Place} place
   * @param {(change: object) => void} go @param {(queues: any[]) => void} news
   */
  constructor(live, place, go, news) {
    super();
    this.live = live;
    this.place = place;
    this.go = go;
    this.news = news;
    this.columns = [
      { key: "name", label: t("queues.name") }, { key: "kind", label: t("queues.kind") },
      { key: "length", label: t("queues.length"), isNumber: true },
      { key: "oldest", label: t("queues.oldest"), isNumber: true },
      { key: "in", label: t("queues.in"), isNumber: true }, { key: "out", label: t("queues.out"), isNumber: true },
    ];
  }

  connectedCallback() {
    const { table, body } = dataTable(t("queues.caption"), this.columns);
    this.body = body;
    this.summary = el("p", { class: "summary" });
    this.note = el("p", { class: "empty" }, t("services.asking"));
    this.elements = new Elements(this.live, (change) => this.go(change), () => this.#close());
    this.append(
      el("section", { id: "queues", "aria-labelledby": "queues-title" },
        el("div", { class: "head" }, el("h2", { id: "queues-title", tabindex: "-1" }, t("queues.title")), this.summary),
        el("div", { class: "split" }, el("div", { class: "list" }, table, this.note), this.elements)));
    this.elements.place = this.place;
    this.watch = this.live.watch(service, "queues.list", {}, (outcome) => this.#tell(outcome));
  }

  disconnectedCallback() { this.watch.stop(); }

  /** @param {import("../app/address.js").Place} place */
  set chosen(place) {
    this.place = place;
    this.elements.place = place;
    this.#draw();
  }

  #tell(outcome) {
    this.#problem = outcome.problem ?? null;
    if (outcome.result) {
      this.#queues = outcome.result.items;
      this.news(this.#queues);
    }
    this.#draw();
  }

  #draw() {
    const queues = this.#queues ?? [];
    reconcile(this.body, queues, (queue) => queue.name, (queue) => this.#makeRow(queue), (row, queue) => this.#update(row, queue));
    this.elements.queues = queues;
    setText(this.note, this.#problem ? problemSentence(service, this.#problem) : this.#queues === null ? t("services.asking") : "");
    this.note.hidden = this.note.textContent === "";
    const count = queues.reduce((sum, queue) => sum + queue.length, 0);
    setText(this.summary, this.#queues === null ? "" : t("queues.summary", { count }));
  }

  #makeRow(queue) {
    const row = dataRow(this.columns);
    const choose = () => this.#choose(queue.name);
    cell(row, "name").append(button(queue.name, choose, {
      class: "name link", "aria-expanded": "false", "aria-controls": "elements", title: description(queue.name),
    }));
    // The whole row takes the mouse; keys and screen readers have the button.
    row.addEventListener("click", (event) => { if (!event.target.closest("button")) choose(); });
    row.classList.add("choosable");
    return row;
  }

  #update(row, queue) {
    const isChosen = this.place.queue === queue.name;
    setAttribute(row, "aria-current", isChosen ? "true" : null);
    setAttribute(row.querySelector("button"), "aria-expanded", String(isChosen));
    const kind = `queues.kind.${queue.kind}`;
    setText(cell(row, "kind"), has(kind) ? t(kind) : queue.kind);
    setText(cell(row, "length"), number(queue.length));
    const none = t("unit.none");
    setText(cell(row, "oldest"), typeof queue.oldestAgeMs === "number" ? age(queue.oldestAgeMs) : none);
    setText(cell(row, "in"), typeof queue.inPerSecond === "number" ? rate(queue.inPerSecond) : none);
    setText(cell(row, "out"), typeof queue.outPerSecond === "number" ? rate(queue.outPerSecond) : none);
  }

  #choose(name) {
    if (this.place.queue === name) return this.#close();
    this.go({ queue: name, partition: null, offset: 0 });
  }

  #close() {
    const name = this.place.queue;
    this.go({ queue: null, partition: null, offset: 0 });
    for (const row of this.body.children) if (row.dataset.key === name) row.querySelector("button").focus();
  }
}

const description = (name) => (has(`queue.${name}`) ? t(`queue.${name}`) : null);

customElements.define("sj-queues", Queues);
