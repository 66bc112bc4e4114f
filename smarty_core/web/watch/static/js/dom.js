// Small pieces of the document. Texts of the guide are always text, never markup.

export const byId = (id) => document.getElementById(id);

/** `make("p", {class: "dim"}, "text", otherNode)`; attributes that are false are left out. */
export function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children);
  return node;
}

/** A picture that makes no hole when it cannot be loaded. */
export function picture(address, className) {
  const node = make("img", { class: className, alt: "", loading: "lazy", src: address || false });
  if (!address) node.classList.add("empty");
  node.addEventListener("error", () => node.classList.add("empty"));
  return node;
}

/** Set text only when it differs, so that nothing flickers or is read out again. */
export function say(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

export const show = (node, visible) => {
  node.hidden = !visible;
};
