/** Calls to the console: the session, and batches of JSON-RPC that it relays to the services. No DOM. */
import { parse } from "./exact-json.js";

/** How long an answer may take before the service counts as away. */
const answerTimeMs = 20_000;

/** @typedef {{ method: string, params: object }} Call */
/** @typedef {import("./model.js").Outcome} Outcome */

/** The session is over: whoever is signed in has to sign in again. */
export class SignedOut extends Error {}

export class Relay {
  /** @type {string | null} */
  #csrfToken = null;

  /** Who is signed in, or null. */
  async session() {
    const answer = await fetch("/session", { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error((await sentence(answer)) ?? `HTTP ${answer.status}`);
    return this.#keep(await answer.json());
  }

  /**
   * Signs in; `{ session }`, or `{ refused }` with the sentence of the console.
   * @param {string} key
   */
  async signIn(key) {
    const answer = await fetch("/session", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ key }),
    });
    if (!answer.ok) return { refused: (await sentence(answer)) ?? `HTTP ${answer.status}`, status: answer.status };
    return { session: this.#keep(await answer.json()) };
  }

  async signOut() {
    await fetch("/session", { method: "DELETE", headers: { "x-csrf-token": this.#csrfToken ?? "" } });
    this.#csrfToken = null;
  }

  /**
   * Sends the calls to a service as one batch; an outcome for each, in their order.
   * @param {string} service @param {Call[]} calls @returns {Promise<Outcome[]>}
   */
  async batch(service, calls) {
    const body = JSON.stringify(calls.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params })));
    let answer, text;
    try {
      answer = await fetch(`/relay/${service}`, {
        method: "POST", body, signal: AbortSignal.timeout(answerTimeMs),
        headers: { "content-type": "application/json", "x-csrf-token": this.#csrfToken ?? "" },
      });
      text = await answer.text();
    } catch {
      return calls.map(() => ({ problem: { kind: "offline", message: "" } }));
    }
    if (answer.status === 401 || answer.status === 403) await this.#mustBeSignedIn();
    return outcomes(calls.length, answer.status, text);
  }

  #keep(session) {
    this.#csrfToken = session.signedIn ? session.csrfToken : null;
    return session.signedIn ? session : null;
  }

  /** A refusal is the service's own, or the session is over: only the console knows. */
  async #mustBeSignedIn() {
    let session;
    try { session = await this.session(); } catch { return; }
    if (session === null) throw new SignedOut();
  }
}

async function sentence(answer) {
  try { return (await answer.json()).error; } catch { return undefined; }
}

/**
 * The outcomes of a batch, from its answer. Pure.
 * @param {number} count @param {number} status @param {string} text @returns {Outcome[]}
 */
export function outcomes(count, status, text) {
  let body;
  try { body = parse(text); } catch { body = undefined; }
  if (status === 200 && Array.isArray(body)) {
    const byId = new Map(body.map((item) => [item.id, item]));
    return Array.from({ length: count }, (_, id) => outcome(byId.get(id)));
  }
  const message = body?.error?.message ?? body?.error ?? `HTTP ${status}`;
  const kind = status === 401 ? "unauthorized" : status === 403 ? "forbidden" : status >= 500 ? "away" : "error";
  return Array.from({ length: count }, () => ({ problem: { kind, message } }));
}

function outcome(item) {
  if (item === undefined) return { problem: { kind: "error", message: "" } };
  if (item.error === undefined) return { result: item.result };
  const kinds = { "-32001": "unauthorized", "-32003": "forbidden", "-32601": "missing" };
  return { problem: { kind: kinds[String(item.error.code)] ?? "error", message: item.error.message } };
}
