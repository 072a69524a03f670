/** A table whose rows become cards where there is little room; its roles stay whatever the style makes of it. */
import { el, setAttribute } from "../app/dom.js";

/** @typedef {{ key: string, label: string, isNumber?: boolean }} Column */

/**
 * @param {string} caption @param {Column[]} columns
 * @returns {{ table: HTMLTableElement, body: HTMLElement }}
 */
export function dataTable(caption, columns) {
  const head = el("tr", { role: "row" }, ...columns.map((column) =>
    el("th", { scope: "col", role: "columnheader", class: column.isNumber ? "number" : null }, column.label)));
  const body = el("tbody", { role: "rowgroup" });
  const table = el(
    "table", { role: "table", class: "data" }, el("caption", { class: "hidden" }, caption),
    el("thead", { role: "rowgroup" }, head), body);
  return { table, body };
}

/**
 * A row with a cell for each column; the first names the row.
 * @param {Column[]} columns
 */
export function dataRow(columns) {
  return el("tr", { role: "row" }, ...columns.map((column, place) =>
    place === 0
      ? el("th", { scope: "row", role: "rowheader", "data-column": column.key })
      : el("td", {
        role: "cell", "data-column": column.key, "data-label": column.label, class: column.isNumber ? "number" : null,
      })));
}

/** @param {Element} row @param {string} key */
export const cell = (row, key) => row.querySelector(`[data-column="${key}"]`);

/** A word with a coloured mark; the word alone says it all. */
export const stateMark = () =>
  el("span", { class: "state" }, el("span", { class: "mark", "aria-hidden": "true" }), el("span", { class: "word" }));

/** @param {Element} mark @param {string} tone good, warn, bad, or calm @param {string} word */
export function setState(mark, tone, word) {
  setAttribute(mark, "data-tone", tone);
  const text = mark.lastElementChild;
  if (text.textContent !== word) text.textContent = word;
}
