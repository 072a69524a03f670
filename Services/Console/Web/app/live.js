/**
 * Asks the services again and again: one batch a service and second, as many calls in it as screens watch.
 *
 * A service that is away is asked less often; nothing is asked while the page is hidden or paused, except what
 * somebody just asked for.
 */
import { SignedOut } from "./relay.js";

const everyMs = 1_000;
const awayMs = [1_000, 2_000, 3_000, 5_000];

export class Live extends EventTarget {
  #relay;
  /** @type {Map<string, Service>} */
  #services = new Map();
  #isPaused = false;
  #isOver = false;

  /** @param {import("./relay.js").Relay} relay */
  constructor(relay) {
    super();
    this.#relay = relay;
    document.addEventListener("visibilitychange", this.#visibilityChanged);
  }

  get isPaused() { return this.#isPaused; }

  set isPaused(value) {
    this.#isPaused = value;
    if (!value) this.#services.forEach((service) => service.wake());
    this.dispatchEvent(new Event("pause"));
  }

  /** Nothing is asked: paused, hidden, or over. */
  get rests() { return this.#isPaused || this.#isOver || document.hidden; }

  /**
   * Watches a method's result. `tell` gets each outcome; the first comes soon, paused or not.
   * @param {string} service @param {string} method @param {object} params
   * @param {(outcome: import("./model.js").Outcome) => void} tell
   * @returns {{ change(params: object, soon?: boolean): void, stop(): void }} `soon` false: at the next usual turn
   */
  watch(service, method, params, tell) {
    let entry = this.#services.get(service);
    if (!entry) {
      entry = new Service(service, this, this.#relay);
      this.#services.set(service, entry);
    }
    return entry.watch({ method, params, tell, isAsked: true });
  }

  /** Ends all asking, for good. */
  end() {
    this.#isOver = true;
    document.removeEventListener("visibilitychange", this.#visibilityChanged);
    this.#services.forEach((service) => service.end());
  }

  answered() { this.dispatchEvent(new Event("answer")); }

  signedOut() {
    if (this.#isOver) return;
    this.end();
    this.dispatchEvent(new Event("signedout"));
  }

  #visibilityChanged = () => {
    if (!document.hidden) this.#services.forEach((service) => service.wake());
  };
}

/** The asking of one service. */
class Service {
  #name;
  #live;
  #relay;
  #watches = new Set();
  #timer = 0;
  #isBusy = false;
  #isOver = false;
  #failures = 0;

  constructor(name, live, relay) {
    this.#name = name;
    this.#live = live;
    this.#relay = relay;
  }

  watch(watch) {
    this.#watches.add(watch);
    this.wake();
    return {
      change: (params, soon = true) => {
        watch.params = params;
        if (!soon) return;
        watch.isAsked = true;
        this.wake();
      },
      stop: () => this.#watches.delete(watch),
    };
  }

  /** Asks at the next turn of the page, so that what is asked for together travels together. */
  wake() {
    clearTimeout(this.#timer);
    if (!this.#isBusy && !this.#isOver) this.#timer = setTimeout(() => this.#ask(), 0);
  }

  end() {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #ask() {
    const rests = this.#live.rests;
    const watches = [...this.#watches].filter((watch) => !rests || watch.isAsked);
    if (watches.length === 0) return;
    this.#isBusy = true;
    const begin = performance.now();
    const asked = watches.map(({ method, params }) => ({ method, params }));
    watches.forEach((watch) => { watch.isAsked = false; });
    let outcomes;
    try {
      outcomes = await this.#relay.batch(this.#name, asked);
    } catch (error) {
      if (error instanceof SignedOut) return this.#live.signedOut();
      throw error;
    } finally {
      this.#isBusy = false;
    }
    if (this.#isOver) return;
    const isAway = outcomes.every(({ problem }) => problem?.kind === "away" || problem?.kind === "offline");
    this.#failures = isAway ? this.#failures + 1 : 0;
    watches.forEach((watch, place) => {
      // Who asked for something else meanwhile does not want this any more.
      if (this.#watches.has(watch) && watch.params === asked[place].params) watch.tell(outcomes[place]);
    });
    if (!isAway) this.#live.answered();
    this.#next(performance.now() - begin);
  }

  #next(tookMs) {
    if ([...this.#watches].some((watch) => watch.isAsked)) return this.wake();
    const pause = this.#failures > 0 ? awayMs[Math.min(this.#failures, awayMs.length) - 1] : everyMs - tookMs;
    this.#timer = setTimeout(() => { if (!this.#live.rests) this.#ask(); }, Math.max(250, pause));
  }
}
