/** The journeys, their state and the people inside. */
import { el, reconcile, setText } from "../app/dom.js";
import { t, has, number, dateTimeText } from "../app/i18n.js";
import { journeyCounts } from "../app/model.js";
import { problemSentence } from "../app/sentences.js";
import { cell, dataRow, dataTable, setState, stateMark } from "../elements/data-table.js";

const service = "journey-execution";
/** Journeys shown; more are named by their number. */
const journeysMax = 500;
const tones = { live: "good", paused: "warn", stopped: "bad", broken: "bad" };

export class Journeys extends HTMLElement {
  #journeys = null;
  #problem = null;
  #hasMore = false;

  /** @param {import("../app/live.js").Live} live */
  constructor(live) {
    super();
    this.live = live;
    this.columns = [
      { key: "name", label: t("journeys.name") }, { key: "state", label: t("journeys.state") },
      { key: "version", label: t("journeys.version"), isNumber: true },
      { key: "inside", label: t("journeys.inside"), isNumber: true },
      { key: "draft", label: t("journeys.draft") }, { key: "updated", label: t("journeys.updated") },
    ];
  }

  connectedCallback() {
    const { table, body } = dataTable(t("journeys.caption"), this.columns);
    this.table = table;
    this.body = body;
    this.summary = el("p", { class: "summary" });
    this.filter = el("input", { id: "journey-filter", type: "search", autocomplete: "off", oninput: () => this.#draw() });
    this.note = el("p", { class: "empty" });
    this.append(
      el("section", { id: "journeys", "aria-labelledby": "journeys-title" },
        el("div", { class: "head" }, el("h2", { id: "journeys-title", tabindex: "-1" }, t("journeys.title")), this.summary,
          el("div", { class: "field inline" }, el("label", { for: "journey-filter" }, t("journeys.filter")), this.filter)),
        table, this.note));
    this.#draw();
    this.watch = this.live.watch(service, "journeys.list", { limit: journeysMax }, (outcome) => this.#tell(outcome));
  }

  disconnectedCallback() { this.watch.stop(); }

  /** While the service is away the journeys last seen stay. */
  #tell(outcome) {
    this.#problem = outcome.problem ?? null;
    if (outcome.result) {
      this.#journeys = outcome.result.items;
      this.#hasMore = Boolean(outcome.result.cursor);
    }
    this.#draw();
  }

  #draw() {
    const all = this.#journeys ?? [];
    const wanted = this.filter.value.trim().toLowerCase();
    const items = all.filter((journey) => journey.name.toLowerCase().includes(wanted));
    this.table.hidden = items.length === 0;
    reconcile(this.body, items, (item) => item.name, () => this.#makeRow(), (row, item) => this.#update(row, item));
    setText(this.note, this.#noteText(all, items));
    this.note.hidden = this.note.textContent === "";
    const counts = journeyCounts(all);
    const parts = [t("journeys.summary", { count: all.length })];
    if (all.length > 0) {
      parts.push(counts.states.map(([state, count]) => t("journeys.inState", { count, state: stateWord(state) })).join(", "));
      parts.push(t("journeys.people", { count: counts.inside }));
    }
    setText(this.summary, this.#journeys === null ? "" : parts.join(" · "));
  }

  #noteText(all, items) {
    if (this.#problem) return problemSentence(service, this.#problem);
    if (this.#journeys === null) return t("services.asking");
    if (all.length === 0) return t("journeys.none");
    if (items.length === 0) return t("journeys.noMatch");
    return this.#hasMore ? t("journeys.more", { count: all.length }) : "";
  }

  #makeRow() {
    const row = dataRow(this.columns);
    cell(row, "name").append(el("span", { class: "name" }), el("span", { class: "note" }));
    cell(row, "state").append(stateMark());
    return row;
  }

  #update(row, journey) {
    setText(row.querySelector(".name"), journey.name);
    setText(row.querySelector(".note"), journey.description ?? "");
    setState(row.querySelector(".state"), tones[journey.state] ?? "calm", stateWord(journey.state));
    setText(cell(row, "version"), journey.version === null || journey.version === undefined ? t("unit.none") : String(journey.version));
    setText(cell(row, "inside"), number(journey.inside ?? 0));
    setText(cell(row, "draft"), t(journey.hasDraft ? "journeys.hasDraft" : "journeys.noDraft"));
    setText(cell(row, "updated"), journey.updatedAt ? dateTimeText(new Date(journey.updatedAt)) : t("unit.none"));
  }
}

const stateWord = (state) => (has(`state.${state}`) ? t(`state.${state}`) : state);

customElements.define("sj-journeys", Journeys);
