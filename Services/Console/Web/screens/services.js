/** The services: whether they are there, since when, what they hold and how far behind they are. */
import { el, reconcile, setAttribute, setText } from "../app/dom.js";
import { t, number } from "../app/i18n.js";
import { age, duration, ranges } from "../app/format.js";
import { lag, services, serviceState } from "../app/model.js";
import { cell, dataRow, dataTable, setState, stateMark } from "../elements/data-table.js";

const tones = { asking: "calm", ready: "good", notReady: "warn", away: "bad", refused: "warn" };

export class Services extends HTMLElement {
  #outcomes = new Map();
  #queues = [];

  /** @param {import("../app/live.js").Live} live @param {(sentence: string) => void} announce */
  constructor(live, announce) {
    super();
    this.live = live;
    this.announce = announce;
    this.columns = [
      { key: "name", label: t("services.name") }, { key: "state", label: t("services.state") },
      { key: "version", label: t("services.version") },
      { key: "uptime", label: t("services.uptime"), isNumber: true },
      { key: "leases", label: t("services.leases"), isNumber: true },
      { key: "lag", label: t("services.lag"), isNumber: true },
    ];
  }

  connectedCallback() {
    const { table, body } = dataTable(t("services.caption"), this.columns);
    this.body = body;
    this.summary = el("p", { class: "summary" });
    this.append(
      el("section", { id: "services", "aria-labelledby": "services-title" },
        el("div", { class: "head" }, el("h2", { id: "services-title", tabindex: "-1" }, t("services.title")), this.summary),
        table, el("p", { class: "help" }, t("services.lagHelp"))));
    this.#draw();
    this.watches = services.map(({ name }) =>
      this.live.watch(name, "service.status", {}, (outcome) => this.#tell(name, outcome)));
  }

  disconnectedCallback() { this.watches.forEach((watch) => watch.stop()); }

  /** The queues, whose oldest elements say how far a service is behind. */
  set queues(queues) {
    this.#queues = queues;
    this.#draw();
  }

  #tell(name, outcome) {
    const before = serviceState(this.#outcomes.get(name)), now = serviceState(outcome);
    this.#outcomes.set(name, outcome);
    this.#draw();
    if (before === "ready" && now === "away") this.announce(t("services.wentAway", { service: name }));
    if (before === "away" && now === "ready") this.announce(t("services.cameBack", { service: name }));
  }

  #draw() {
    reconcile(this.body, services, ({ name }) => name, () => this.#makeRow(), (row, service) => this.#update(row, service));
    const ready = services.filter(({ name }) => serviceState(this.#outcomes.get(name)) === "ready").length;
    setText(this.summary, t("services.summary", { ready, count: services.length }));
  }

  #makeRow() {
    const row = dataRow(this.columns);
    cell(row, "name").append(el("span", { class: "name" }), el("span", { class: "note" }));
    cell(row, "state").append(stateMark());
    return row;
  }

  #update(row, { name, queue }) {
    const outcome = this.#outcomes.get(name), state = serviceState(outcome), status = outcome?.result;
    setText(row.querySelector(".name"), name);
    const notes = { away: t("services.awayNote"), refused: t("services.refusedNote"), notReady: status?.reason };
    setText(row.querySelector(".note"), notes[state] ?? t(`service.${name}`));
    setAttribute(row, "data-state", state);
    setState(row.querySelector(".state"), tones[state], t(`services.${state}`));
    const none = t("unit.none");
    setText(cell(row, "version"), status?.version ?? none);
    setText(cell(row, "uptime"), typeof status?.uptimeMs === "number" ? duration(Math.floor(status.uptimeMs / 1_000) * 1_000) : none);
    const leases = Array.isArray(status?.leases) ? status.leases.filter(Number.isInteger) : null;
    setText(cell(row, "leases"), leases ? (leases.length === 0 ? number(0) : `${number(leases.length)} (${ranges(leases)})`) : none);
    const behind = status ? lag(status, queue, this.#queues) : null;
    setText(cell(row, "lag"), behind === null ? none : age(behind));
  }
}

customElements.define("sj-services", Services);
