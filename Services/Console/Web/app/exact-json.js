/** JSON with every number as it was written: integers beyond 2^53 and decimals keep their digits. Pure. */

/** A number that JavaScript's own cannot hold. */
export class ExactNumber {
  /** @param {string} digits */
  constructor(digits) { this.digits = digits; }
  toString() { return this.digits; }
}

/** @param {string} text */
export function parse(text) {
  return JSON.parse(text, (_key, value, context) => {
    const source = context?.source;
    if (typeof value === "number" && source !== undefined && !Number.isSafeInteger(value) && String(value) !== source) {
      return new ExactNumber(source);
    }
    return value;
  });
}

/** The value as indented text. @param {unknown} value */
export function write(value, indent = "") {
  if (value instanceof ExactNumber) return value.digits;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item) => inner + write(item, inner))
    : Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${write(item, inner)}`);
  const [open, close] = isList ? "[]" : "{}";
  return parts.length === 0 ? open + close : `${open}\n${parts.join(",\n")}\n${indent}${close}`;
}
