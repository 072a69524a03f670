/** Elements made and changed with the least that has to change. User text only ever becomes text. */

/**
 * Makes an element. A property that begins with "on" is a listener; others are attributes, true for a bare one, and
 * null, undefined or false for none.
 * @param {string} name @param {Record<string, any>} [attributes] @param {...(Node | string | null)} children
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else setAttribute(element, key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** @param {Element} element @param {string} name @param {any} value */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Sets the text, and touches nothing where it is the same: a selection in it stays. @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes the children of a container those of the items, in their order; a child stays the same element as long as its
 * key is there, so that focus, selection and what is open in it stay.
 * @template Item
 * @param {Element} container @param {Item[]} items @param {(item: Item) => string} keyOf
 * @param {(item: Item) => Element} make @param {(element: Element, item: Item) => void} update
 */
export function reconcile(container, items, keyOf, make, update) {
  const old = new Map();
  for (const child of container.children) old.set(child.dataset.key, child);
  const keys = new Set(items.map(keyOf));
  // What goes, goes first, so that what stays does not have to be moved: a moved element loses the focus.
  old.forEach((child, key) => { if (!keys.has(key)) child.remove(); });
  let place = container.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = old.get(key);
    if (!child) {
      child = make(item);
      child.dataset.key = key;
    }
    update(child, item);
    if (child === place) place = place.nextElementSibling;
    else container.insertBefore(child, place);
  }
}

/** A button. @param {string} label @param {() => void} press @param {Record<string, any>} [attributes] */
export const button = (label, press, attributes = {}) =>
  el("button", { type: "button", onclick: press, ...attributes }, label);
