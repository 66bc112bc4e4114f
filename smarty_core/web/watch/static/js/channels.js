// The list of channels by category: icon, number, name, what is on now and how far it is.

import { byId, make, picture, say, show } from "./dom.js";
import { text } from "./texts.js";
import { now } from "./time.js";

const ALL = 0;

export class ChannelPanel {
  #chosen;
  #channels = [];
  #categories = [];
  #category = ALL;
  #currentId = 0;
  #rows = new Map();
  #list = byId("channels");
  #chips = byId("categories");

  /** `chosen(channel)` is called when the viewer picks one. */
  constructor(chosen) {
    this.#chosen = chosen;
  }

  get channels() {
    return this.#channels;
  }

  fill(categories, channels) {
    const used = new Set(channels.map((channel) => channel.category_id));
    this.#categories = categories.filter((category) => used.has(category.id));
    if (!this.#categories.some((category) => category.id === this.#category)) this.#category = ALL;
    this.#channels = channels;
    this.#drawChips();
    this.#drawRows();
  }

  /** Newer facts about the same channels; the rows stay where they are, and so does the focus. */
  update(channels) {
    const same = channels.map((channel) => channel.id).join() === this.#channels.map((channel) => channel.id).join();
    this.#channels = channels;
    if (!same) this.#drawRows();
    for (const channel of channels) this.#tell(channel);
  }

  mark(channelId) {
    this.#currentId = channelId;
    for (const [id, row] of this.#rows) row.button.setAttribute("aria-current", String(id === channelId));
  }

  byId = (id) => this.#channels.find((channel) => channel.id === id);

  byNumber = (number) => this.#channels.find((channel, place) => numberOf(channel, place) === number);

  /** The neighbour in the order of the list that is shown, round the ends. */
  beside(channelId, step) {
    const shown = this.#shown();
    const place = shown.findIndex((channel) => channel.id === channelId);
    return shown[(place + step + shown.length) % shown.length];
  }

  numberOf = (channel) => numberOf(channel, this.#channels.indexOf(channel));

  focus() {
    const row = this.#rows.get(this.#currentId) ?? this.#rows.values().next().value;
    row?.button.focus({ preventScroll: true });
    row?.button.scrollIntoView({ block: "nearest" });
  }

  #shown() {
    return this.#channels.filter((channel) => this.#category === ALL || channel.category_id === this.#category);
  }

  #drawChips() {
    const chips = [{ id: ALL, name: text("all") }, ...this.#categories].map((category) => {
      const chip = make("button", { type: "button", "aria-pressed": String(category.id === this.#category) });
      chip.textContent = category.name;
      if (category.color) chip.style.setProperty("--colour", category.color);
      chip.addEventListener("click", () => {
        this.#category = category.id;
        for (const other of this.#chips.children) other.setAttribute("aria-pressed", String(other === chip));
        this.#drawRows();
      });
      return chip;
    });
    this.#chips.replaceChildren(...chips);
  }

  #drawRows() {
    this.#rows.clear();
    const items = this.#shown().map((channel) => {
      const row = makeRow(channel, this.numberOf(channel));
      row.button.addEventListener("click", () => this.#chosen(this.byId(channel.id)));
      this.#rows.set(channel.id, row);
      return make("li", {}, row.button);
    });
    this.#list.replaceChildren(...(items.length ? items : [make("li", { class: "dim hint" }, text("no_channels"))]));
    for (const channel of this.#shown()) this.#tell(channel);
    this.mark(this.#currentId);
  }

  #tell(channel) {
    const row = this.#rows.get(channel.id);
    if (!row) return;
    say(row.name, channel.name);
    say(row.programme, channel.program_name || text("nothing_on"));
    const length = channel.program_end_time - channel.program_begin_time;
    show(row.progress, length > 0);
    if (length > 0) {
      row.progress.max = length;
      row.progress.value = Math.min(length, Math.max(0, now() - channel.program_begin_time));
    }
  }
}

const numberOf = (channel, place) => channel.lcn_number || place + 1;

function makeRow(channel, number) {
  const name = make("span", { class: "name" });
  const programme = make("span", { class: "programme dim" });
  const progress = make("progress", { max: 1, "aria-hidden": "true" });
  const button = make(
    "button",
    { type: "button", class: "channel", "data-channel": channel.id },
    picture(channel.icon, "icon"),
    make("span", { class: "number" }, String(number)),
    make("span", { class: "words" }, name, programme, progress),
  );
  return { button, name, programme, progress };
}
