/** What the address says after its #: the chosen queue and the person traced. Pure. */

/**
 * @typedef {{ queue: string | null, partition: number | null, offset: number, namespace: string, person: string }} Place
 */

/** @param {string} hash @returns {Place} */
export function read(hash) {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const whole = (name) => {
    const text = values.get(name);
    return text !== null && /^\d{1,7}$/.test(text) ? Number(text) : null;
  };
  return {
    queue: values.get("queue") || null,
    partition: whole("partition"),
    offset: whole("offset") ?? 0,
    namespace: values.get("namespace") ?? "",
    person: values.get("person") ?? "",
  };
}

/** @param {Place} place */
export function write(place) {
  const values = new URLSearchParams();
  if (place.queue) {
    values.set("queue", place.queue);
    if (place.partition !== null) values.set("partition", String(place.partition));
    if (place.offset > 0) values.set("offset", String(place.offset));
  }
  if (place.namespace && place.person) {
    values.set("namespace", place.namespace);
    values.set("person", place.person);
  }
  const text = values.toString();
  return text ? `#${text}` : "";
}
