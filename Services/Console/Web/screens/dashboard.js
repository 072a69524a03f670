/** The one page: services, journeys, queues and traces, with the head that pauses and signs out. */
import { el, button, setAttribute, setText } from "../app/dom.js";
import { t, clockTime } from "../app/i18n.js";
import * as address from "../app/address.js";
import { Services } from "./services.js";
import { Journeys } from "./journeys.js";
import { Queues } from "./queues.js";
import { Trace } from "./trace.js";

const sections = ["services", "journeys", "queues", "trace"];

export class Dashboard extends HTMLElement {
  /**
   * @param {import("../app/live.js").Live} live @param {{ name: string, scopes: string[] }} session
   * @param {() => void} signOut
   */
  constructor(live, session, signOut) {
    super();
    this.live = live;
    this.session = session;
    this.signOut = signOut;
  }

  connectedCallback() {
    const place = address.read(location.hash);
    this.announcer = el("p", { class: "hidden", role: "status" });
    this.services = new Services(this.live, (sentence) => setText(this.announcer, sentence));
    this.journeys = new Journeys(this.live);
    this.queues = new Queues(this.live, place, (change) => this.#go(change), (queues) => { this.services.queues = queues; });
    this.trace = new Trace(this.live, place, (change) => this.#go(change));
    this.title_ = el("h1", { tabindex: "-1" }, t("app.title"));
    this.append(
      el("a", { class: "skip", href: "#services", onclick: (event) => this.#jump(event, "services") }, t("app.skip")),
      this.#head(),
      el("main", {}, this.announcer, this.services, this.journeys, this.queues, this.trace));
    this.live.addEventListener("answer", this.#answered);
    this.live.addEventListener("pause", this.#pauseChanged);
    addEventListener("popstate", this.#moved);
    this.title_.focus({ preventScroll: true });
  }

  disconnectedCallback() {
    removeEventListener("popstate", this.#moved);
    this.live.removeEventListener("answer", this.#answered);
    this.live.removeEventListener("pause", this.#pauseChanged);
  }

  #head() {
    this.state = el("span", { class: "word" }, t("live.live"));
    this.mark = el("span", { class: "state", "data-tone": "good" }, el("span", { class: "mark", "aria-hidden": "true" }), this.state);
    this.time = el("span", { class: "time" });
    this.pause = button(t("live.pause"), () => { this.live.isPaused = !this.live.isPaused; }, { title: t("live.pauseHelp") });
    return el("header", {},
      el("div", { class: "bar" },
        el("div", { class: "brand" }, el("img", { src: "/icon.svg", alt: "", width: "28", height: "28" }), this.title_),
        el("nav", { "aria-label": t("app.sections") }, ...sections.map((name) =>
          el("a", { href: `#${name}`, onclick: (event) => this.#jump(event, name) }, t(`${name}.title`)))),
        el("div", { class: "live" }, this.mark, this.time, this.pause),
        el("div", { class: "who" }, el("span", { class: "user" }, t("session.who", { name: this.session.name })),
          button(t("session.signOut"), this.signOut, { class: "quiet" }))));
  }

  /** Goes to a section without touching the address, which says what is chosen. */
  #jump(event, name) {
    event.preventDefault();
    const title = document.getElementById(`${name}-title`);
    title.scrollIntoView({ block: "start" });
    title.focus({ preventScroll: true });
  }

  #go(change) {
    const place = { ...address.read(location.hash), ...change };
    history.pushState(null, "", location.pathname + address.write(place));
    this.#show(place);
    if (change.queue) document.getElementById("elements-title").focus({ preventScroll: innerWidth > 900 });
  }

  #show(place) {
    this.queues.chosen = place;
    this.trace.chosen = place;
  }

  #moved = () => this.#show(address.read(location.hash));

  #answered = () => setText(this.time, t("live.at", { time: clockTime(new Date()) }));

  #pauseChanged = () => {
    const isPaused = this.live.isPaused;
    setText(this.state, t(isPaused ? "live.paused" : "live.live"));
    setAttribute(this.mark, "data-tone", isPaused ? "warn" : "good");
    setText(this.pause, t(isPaused ? "live.resume" : "live.pause"));
  };
}

customElements.define("sj-dashboard", Dashboard);
