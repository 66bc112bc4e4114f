// Keyboard and remote control: arrows move to what lies in that direction, OK presses it.

const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const REACHABLE = "button:not([disabled]), input:not([disabled]), summary, a[href]";

const COMMANDS = {
  PageUp: "channelUp",
  ChannelUp: "channelUp",
  PageDown: "channelDown",
  ChannelDown: "channelDown",
  Escape: "back",
  Backspace: "back",
  GoBack: "back",
  BrowserBack: "back",
  ColorF0Red: "live",
  KeyL: "live",
  ColorF1Green: "hourBack",
  MediaRewind: "hourBack",
  KeyH: "hourBack",
  ColorF2Yellow: "guide",
  Guide: "guide",
  KeyG: "guide",
  ColorF3Blue: "fullscreen",
  KeyF: "fullscreen",
  KeyM: "sound",
  Space: "pause",
  MediaPlayPause: "pause",
};

/** `commands` maps the names above, and `digit(number)`, to functions; one that is missing does nothing. */
export function listenToRemote(commands, isFullscreen) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const writes = event.target instanceof HTMLInputElement && event.target.type !== "range";
    if (event.key in DIRECTIONS) {
      if (arrow(event, commands, writes, isFullscreen())) event.preventDefault();
      return;
    }
    if (writes) return;
    if (/^[0-9]$/.test(event.key)) {
      commands.digit?.(Number(event.key));
      return;
    }
    // Remote controls name their keys, keyboards of any language are told by the place of the key.
    const name = COMMANDS[event.key] ?? COMMANDS[event.code];
    if (!name || !commands[name]) return;
    if (name === "pause" && event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    commands[name]();
  });
}

function arrow(event, commands, writes, fullscreen) {
  const [right, down] = DIRECTIONS[event.key];
  if (fullscreen) {
    if (down) commands[down > 0 ? "channelDown" : "channelUp"]?.();
    return Boolean(down);
  }
  const slides = event.target instanceof HTMLInputElement && event.target.type === "range";
  if ((slides || writes) && right) return false;
  const next = inDirection(document.activeElement, right, down);
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

/** The nearest thing that can be pressed in a direction; being beside it counts more than being near. */
export function inDirection(from, right, down) {
  const candidates = [...document.querySelectorAll(REACHABLE)].filter((node) => node !== from && isSeen(node));
  if (!from || from === document.body) return candidates[0];
  const origin = from.getBoundingClientRect();
  let best = null;
  let least = Infinity;
  for (const node of candidates) {
    const cost = distance(origin, node.getBoundingClientRect(), right, down);
    if (cost < least) [best, least] = [node, cost];
  }
  return best;
}

const isSeen = (node) => node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden";

function distance(from, to, right, down) {
  const along = right
    ? gap(right, from.left, from.right, to.left, to.right)
    : gap(down, from.top, from.bottom, to.top, to.bottom);
  if (along < 0) return Infinity;
  const across = right
    ? aside(from.top, from.bottom, to.top, to.bottom)
    : aside(from.left, from.right, to.left, to.right);
  return along + 3 * across;
}

/** How far `to` begins behind the end of `from` in the direction; negative when it does not lie there. */
function gap(sign, fromLow, fromHigh, toLow, toHigh) {
  const tolerance = 4;
  const found = sign > 0 ? toLow - fromHigh : fromLow - toHigh;
  return found >= -tolerance ? Math.max(0, found) : -1;
}

/** How far two stretches lie apart sideways; 0 when they overlap. */
const aside = (fromLow, fromHigh, toLow, toHigh) => Math.max(0, toLow - fromHigh, fromLow - toHigh);
