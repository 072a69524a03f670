/** Durations and lists of numbers as people read them. Pure. */

const units = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000]];

/**
 * A length of time with its two largest units: "3 d 4 h", "2 min 5 s", "4 s", "120 ms".
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const time = Math.max(0, Math.round(milliseconds));
  if (time < 1_000) return `${time} ms`;
  for (let place = 0; place < units.length; place += 1) {
    const [name, size] = units[place];
    if (time < size) continue;
    const count = Math.floor(time / size);
    const next = units[place + 1];
    const rest = next ? Math.floor((time - count * size) / next[1]) : 0;
    return rest > 0 ? `${count} ${name} ${rest} ${next[0]}` : `${count} ${name}`;
  }
  return `${time} ms`;
}

/** A length of time without what changes while one looks: nothing below a second. @param {number} milliseconds */
export const age = (milliseconds) => (milliseconds < 1_000 ? "< 1 s" : duration(milliseconds));

/** Numbers with runs drawn together: [0,1,2,5] is "0–2, 5". @param {number[]} values */
export function ranges(values) {
  const sorted = [...new Set(values)].sort((one, other) => one - other);
  const parts = [];
  for (let place = 0; place < sorted.length; place += 1) {
    const from = sorted[place];
    while (sorted[place + 1] === sorted[place] + 1) place += 1;
    parts.push(sorted[place] === from ? `${from}` : `${from}–${sorted[place]}`);
  }
  return parts.join(", ");
}
