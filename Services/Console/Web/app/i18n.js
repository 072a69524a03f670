/** Texts by key, numbers and times in the reader's way. Pure but for the catalogue in use. */
import en from "../locales/en.js";

const locale = "en";
const catalogue = en;
const plurals = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);
const rates = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/**
 * The text of a key, with its places filled. A key that the catalogue lacks is shown as it is, so that it is noticed.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  let text = catalogue[key];
  if (text === undefined) return key;
  if (typeof text === "object") text = text[plurals.select(Number(values.count))] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numbers.format(value) : value;
  });
}

/** Whether the catalogue has a text for this key. @param {string} key */
export const has = (key) => catalogue[key] !== undefined;

/** @param {number} count */
export const number = (count) => numbers.format(count);

/** One digit after the point, so that columns stand still. @param {number} count */
export const rate = (count) => rates.format(count);

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const preciseClock = new Intl.DateTimeFormat(locale, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hour12: false,
});
const day = new Intl.DateTimeFormat(locale, { weekday: "long", year: "numeric", month: "long", day: "numeric" });
const dateTime = new Intl.DateTimeFormat(locale, {
  year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false,
});
const zone = new Intl.DateTimeFormat(locale, { timeZoneName: "short" });

/** @param {Date} time */
export const clockTime = (time) => clock.format(time);
/** @param {Date} time */
export const preciseTime = (time) => preciseClock.format(time);
/** @param {Date} time */
export const dayText = (time) => day.format(time);
/** @param {Date} time */
export const dateTimeText = (time) => dateTime.format(time);
/** The name of the reader's time zone. @param {Date} time */
export const zoneName = (time) =>
  zone.formatToParts(time).find((part) => part.type === "timeZoneName")?.value ?? "";
