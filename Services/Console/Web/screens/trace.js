/** What happened to a person, in order, as sentences. */
import { el, reconcile, setAttribute, setText } from "../app/dom.js";
import { t, dayText, preciseTime, zoneName } from "../app/i18n.js";
import { appended } from "../app/model.js";
import { isTrouble, problemSentence, stepDetails, stepSentence } from "../app/sentences.js";

const service = "journey-reporting";
const pageLength = 200;
/** Step events shown at most; the command line shows any number. */
const eventsMax = 2_000;

export class Trace extends HTMLElement {
  #events = [];
  #isLoaded = false;
  #problem = null;
  #watch = null;
  #hasMore = false;

  /**
   * @param {import("../app/live.js").Live} live @param {import("../app/address.js").Place} place
   * @param {(change: object) => void} go
   */
  constructor(live, place, go) {
    super();
    this.live = live;
    this.place = { namespace: "", person: "" };
    this.startPlace = place;
    this.go = go;
  }

  connectedCallback() {
    const input = (id) => el("input", { id, type: "text", autocomplete: "off", spellcheck: "false", autocapitalize: "off", "aria-describedby": `${id}-help trace-problem` });
    this.namespace = input("trace-namespace");
    this.person = input("trace-person");
    this.formProblem = el("p", { id: "trace-problem", class: "problem", role: "alert" });
    this.note = el("p", { class: "empty", role: "status" });
    this.list = el("ol", { class: "steps", "aria-label": t("trace.list") });
    const field = (control, label, help) => el("div", { class: "field" },
      el("label", { for: control.id }, t(label)), control, el("p", { class: "help", id: `${control.id}-help` }, t(help)));
    this.append(
      el("section", { id: "trace", "aria-labelledby": "trace-title" },
        el("div", { class: "head" }, el("h2", { id: "trace-title", tabindex: "-1" }, t("trace.title")), el("p", { class: "summary" }, t("trace.lead"))),
        el("form", { class: "trace-form", novalidate: true, onsubmit: (event) => this.#submit(event) },
          field(this.namespace, "trace.namespace", "trace.namespaceHelp"), field(this.person, "trace.id", "trace.idHelp"),
          el("button", { type: "submit", class: "primary" }, t("trace.submit"))),
        this.formProblem, this.note, this.list));
    this.chosen = this.startPlace;
  }

  disconnectedCallback() { this.#watch?.stop(); }

  /** @param {import("../app/address.js").Place} place */
  set chosen(place) {
    if (place.namespace === this.place.namespace && place.person === this.place.person) return this.#draw();
    this.place = place;
    if (place.namespace) this.namespace.value = place.namespace;
    if (place.person) this.person.value = place.person;
    this.#watch?.stop();
    this.#watch = null;
    this.#events = [];
    this.#isLoaded = false;
    this.#problem = null;
    this.#hasMore = false;
    if (place.namespace && place.person) {
      this.#watch = this.live.watch(
        service, "stepEvents.query", { filter: this.#filter(), limit: pageLength }, (outcome) => this.#tell(outcome));
    }
    this.#draw();
  }

  #filter(more = {}) { return { namespace: this.place.namespace, profile: this.place.person, ...more }; }

  #submit(event) {
    event.preventDefault();
    const namespace = this.namespace.value.trim(), person = this.person.value.trim();
    const isWhole = namespace !== "" && person !== "";
    setText(this.formProblem, isWhole ? "" : t("trace.needBoth"));
    setAttribute(this.namespace, "aria-invalid", namespace === "" ? "true" : null);
    setAttribute(this.person, "aria-invalid", person === "" ? "true" : null);
    if (!isWhole) return (namespace === "" ? this.namespace : this.person).focus();
    this.go({ namespace, person });
  }

  /** Page by page to the end; then only what is new since the last. */
  #tell(outcome) {
    this.#problem = outcome.problem ?? null;
    if (outcome.result) {
      this.#events = appended(this.#events, outcome.result.items);
      this.#isLoaded = true;
      this.#hasMore = this.#events.length >= eventsMax;
      if (this.#hasMore) {
        this.#watch.stop();
      } else if (outcome.result.cursor) {
        this.#watch.change({ filter: this.#filter(), limit: pageLength, cursor: outcome.result.cursor });
      } else if (this.#events.length > 0) {
        const from = this.#events[this.#events.length - 1].at;
        this.#watch.change({ filter: this.#filter({ from }), limit: pageLength }, false);
      }
    }
    this.#draw();
  }

  #draw() {
    setText(this.note, this.#noteText());
    this.note.hidden = this.note.textContent === "";
    let day = "";
    const items = this.#events.map((event) => {
      const itsDay = dayText(new Date(event.at));
      const item = { event, day: itsDay === day ? "" : itsDay };
      day = itsDay;
      return item;
    });
    reconcile(this.list, items, ({ event }) => `${event.partition}:${event.number}`,
      (item) => this.#makeItem(item), (row, item) => setText(row.querySelector(".day"), item.day));
  }

  #noteText() {
    const { namespace, person: id } = this.place;
    if (!namespace || !id) return "";
    if (this.#problem) return problemSentence(service, this.#problem);
    if (!this.#isLoaded) return t("trace.loading");
    if (this.#events.length === 0) return t("trace.none", { namespace, id });
    const count = this.#events.length;
    if (this.#hasMore) return t("trace.more", { count });
    return `${t("trace.summary", { count, namespace, id })} · ${zoneName(new Date())}`;
  }

  /** A step event never changes, so its row is made whole at once. */
  #makeItem({ event }) {
    const time = new Date(event.at);
    return el("li", { "data-kind": event.kind, "data-trouble": isTrouble(event) },
      el("span", { class: "day" }),
      el("time", { datetime: event.at }, preciseTime(time)),
      el("div", {}, el("p", { class: "sentence" }, stepSentence(event)),
        el("p", { class: "help" }, stepDetails(event).join(" · "))));
  }
}

customElements.define("sj-trace", Trace);
