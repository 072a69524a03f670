/** Step events, queue elements and problems in words. Pure. */
import { t, has } from "./i18n.js";
import { duration } from "./format.js";

/** What happened, as one sentence. @param {any} event a step event of stepEvents.query */
export function stepSentence(event) {
  const values = {
    journey: event.journey ?? "", node: event.node ?? "", path: event.path ?? "", kind: event.kind,
    stimulus: event.stimulus ?? "", reason: reason(event.code),
  };
  switch (event.kind) {
    case "entered": return t("step.entered", values);
    case "node": return t(nodeKey(event), values);
    case "fetch": return t(`step.fetch.${result(event)}`, values);
    case "attempt": return t(`step.attempt.${result(event)}`, values);
    case "left": {
      const key = `step.left.${event.status}`;
      return t(has(key) ? key : "step.left.other", values);
    }
    case "refused": return t("step.refused", values);
    case "event": return t(event.code === "duplicate" ? "step.event.duplicate" : "step.event", values);
    case "noted": return t("step.noted", values);
    default: return t("step.other", values);
  }
}

function nodeKey(event) {
  if (event.path === "onTimeout") return "step.node.onTimeout";
  if (event.status === "error" || event.status === "timedOut") {
    return event.path ? "step.node.error" : "step.node.errorEnd";
  }
  if (!event.path) return "step.node.end";
  const key = `step.node.${event.path}`;
  return ["next", "otherwise"].includes(event.path) ? key : "step.node.path";
}

function result(event) {
  if (event.status === "ok") return "ok";
  return event.status === undefined ? "asked" : "error";
}

function reason(code) {
  const key = `reason.${code}`;
  return code === undefined ? "" : has(key) ? t(key) : code;
}

/** Whether the event tells of something that went wrong. @param {any} event */
export const isTrouble = (event) =>
  event.kind === "refused" || ["error", "timedOut", "stopped"].includes(event.status ?? "");

/** What else is known of a step event: node type, code, reason, time taken. @param {any} event */
export function stepDetails(event) {
  const parts = [];
  if (event.journey) parts.push(t("step.place", { journey: event.journey, version: String(event.version) }));
  if (event.kind === "node" && event.type) parts.push(event.type);
  if (event.code && event.kind !== "refused" && event.kind !== "event") parts.push(event.code);
  if (event.detail) parts.push(event.detail);
  for (const { path, value } of event.read ?? []) parts.push(t("step.read", { path, value: word(value) }));
  if (event.localTime) parts.push(t("step.localTime", { time: event.localTime }));
  if (event.answer) parts.push(t("step.answer", { status: String(event.answer.status), body: event.answer.body }));
  for (const look of event.event?.looked ?? []) {
    parts.push(t("step.looked", { journey: look.journey, reason: reason(look.code) }));
  }
  for (const group of event.event?.ruledOut ?? []) parts.push(t("step.ruledOut", { count: String(group.count) }));
  if (typeof event.durationMs === "number") parts.push(t("step.took", { duration: duration(event.durationMs) }));
  return parts;
}

/** A value as people write it. @param {any} value */
const word = (value) => typeof value === "string" ? value : JSON.stringify(value);

/** The few words that tell one queue element from another. @param {any} element */
export function elementWords(element) {
  if (element === null || typeof element !== "object") return [String(element)];
  if ("unreadable" in element) return [t("elements.unreadable")];
  const words = [];
  const inner = element.request ?? element.element ?? element;
  for (const name of ["kind", "command"]) if (typeof inner[name] === "string") words.push(inner[name]);
  if (Array.isArray(inner.events)) words.push(inner.events.filter((name) => typeof name === "string").join(", "));
  if (Array.isArray(inner.records)) {
    const count = inner.records.reduce((sum, record) => sum + (record?.events?.length ?? 0), 0);
    words.push(t("elements.steps", { count }));
  }
  if (inner.namespace !== undefined && inner.person !== undefined) words.push(`${inner.namespace} ${inner.person}`);
  for (const name of ["journey", "node", "id", "member"]) if (typeof inner[name] === "string") words.push(inner[name]);
  if (typeof element.reason === "string") words.push(element.reason);
  return words.filter((word) => word !== "");
}

/** A problem, and what to do about it. @param {string} service @param {{ kind: string, message: string }} problem */
export function problemSentence(service, problem) {
  const key = `problem.${problem.kind}`;
  return t(has(key) ? key : "problem.error", { service, message: problem.message });
}
