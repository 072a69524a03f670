/** What the screens show, decided from what the services answered. Pure. */

/** The services in the order of an event's way, with the queue that each works off. */
export const services = [
  { name: "event-ingestion", queue: null },
  { name: "journey-execution", queue: "inbox" },
  { name: "data-source-fetching", queue: "fetches" },
  { name: "action-dispatch", queue: "actions" },
  { name: "journey-reporting", queue: "steps" },
  { name: "console", queue: null },
];

/**
 * What a call came to: `{ result }`, or `{ problem: { kind, message } }` with kind away, offline, unauthorized,
 * forbidden, missing or error.
 * @typedef {{ result?: any, problem?: { kind: string, message: string } }} Outcome
 */

/** @param {Outcome | undefined} outcome @returns {"asking" | "ready" | "notReady" | "away" | "refused"} */
export function serviceState(outcome) {
  if (!outcome) return "asking";
  if (outcome.result) return outcome.result.ready ? "ready" : "notReady";
  return outcome.problem.kind === "unauthorized" || outcome.problem.kind === "forbidden" ? "refused" : "away";
}

/**
 * How long the oldest element that the service should work off has waited; null where it has no queue or none waits.
 * @param {{ lagMs?: number } | undefined} status @param {string | null} queue @param {any[]} queues
 */
export function lag(status, queue, queues) {
  if (typeof status?.lagMs === "number") return status.lagMs;
  const found = queue ? queues.find((item) => item.name === queue) : undefined;
  if (!found) return null;
  return found.length === 0 ? 0 : found.oldestAgeMs ?? null;
}

/** Journeys counted by state, most first, and the people inside. @param {any[]} journeys */
export function journeyCounts(journeys) {
  const states = new Map();
  let inside = 0;
  for (const journey of journeys) {
    states.set(journey.state, (states.get(journey.state) ?? 0) + 1);
    inside += journey.inside ?? 0;
  }
  return { inside, states: [...states].sort((one, other) => other[1] - one[1]) };
}

/**
 * Each element with a key that stays the same while the element does, whatever comes or goes before it.
 * @param {{ partition: number, element: any }[]} items @param {(value: any) => string} text
 */
export function keyed(items, text) {
  const seen = new Map();
  return items.map(({ partition, element }) => {
    const name = `${partition}|${typeof element?.id === "string" ? element.id : text(element)}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { key: count === 1 ? name : `${name}#${count}`, partition, element, isGone: false };
  });
}

/**
 * The elements to show: the new ones, and in their old places those that somebody reads (`open`) and that are taken.
 * @param {{ key: string }[]} shown @param {{ key: string }[]} fresh @param {Set<string>} open
 */
export function keepingOpen(shown, fresh, open) {
  const present = new Set(fresh.map((item) => item.key));
  const result = [...fresh];
  shown.forEach((item, place) => {
    if (open.has(item.key) && !present.has(item.key)) {
      result.splice(Math.min(place, result.length), 0, { ...item, isGone: true });
    }
  });
  return result;
}

/** Step events without those known already, which a repeated question brings again. @param {any[]} known @param {any[]} fresh */
export function appended(known, fresh) {
  const name = (event) => `${event.partition}:${event.number}`;
  const names = new Set(known.map(name));
  const added = fresh.filter((event) => !names.has(name(event)));
  return added.length === 0 ? known : [...known, ...added];
}
