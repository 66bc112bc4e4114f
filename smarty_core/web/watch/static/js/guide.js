// The archive of one channel: a day's programmes, those that were recorded can be played.

import { ApiError } from "./api.js";
import { byId, make, show } from "./dom.js";
import { text } from "./texts.js";
import { DAY, dayStart, hours, now, weekday } from "./time.js";

const MOST_DAYS = 7;

export class GuidePanel {
  #api;
  #listener;
  #channel = null;
  #back = 0;
  #moment = 0;
  #ticket = 0;
  #list = byId("programmes");
  #days = byId("days");

  /** `listener` has `picked(channel, programme)` and `refused(error)`. */
  constructor(api, listener) {
    this.#api = api;
    this.#listener = listener;
    byId("guide-back").addEventListener("click", () => this.close());
  }

  get isOpen() {
    return !byId("guide-view").hidden;
  }

  async open(channel, moment = now()) {
    this.#channel = channel;
    this.#moment = moment;
    this.#back = Math.max(0, Math.round((dayStart() - dayStart(0, moment)) / DAY));
    show(byId("guide-view"), true);
    show(byId("channel-view"), false);
    byId("guide-title").textContent = channel.name;
    await this.#draw();
  }

  close() {
    this.#ticket += 1;
    show(byId("guide-view"), false);
    show(byId("channel-view"), true);
  }

  async #draw() {
    const ticket = (this.#ticket += 1);
    this.#drawDays();
    // Programmes of another day must not stand under this one's name, not even for a moment.
    this.#list.replaceChildren();
    const begin = dayStart(this.#back);
    try {
      const programmes = await this.#api.programmes(this.#channel.id, begin, dayStart(this.#back - 1) - 1);
      if (ticket === this.#ticket) this.#drawProgrammes(programmes);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (ticket === this.#ticket) this.#listener.refused(error);
    }
  }

  #drawDays() {
    const reach = Math.min(MOST_DAYS, Math.max(1, this.#channel.max_archive_duration));
    const chips = Array.from({ length: reach + 1 }, (_, place) => reach - place).map((back) => {
      const chip = make("button", { type: "button", "aria-pressed": String(back === this.#back) }, dayName(back));
      chip.addEventListener("click", async () => {
        this.#back = back;
        await this.#draw();
        this.#days.querySelector("[aria-pressed=true]")?.focus();
      });
      return chip;
    });
    this.#days.replaceChildren(...chips);
    this.#days.querySelector("[aria-pressed=true]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }

  #drawProgrammes(programmes) {
    const present = now();
    const items = programmes.map((programme) => this.#item(programme, present));
    this.#list.replaceChildren(...(items.length ? items : [make("li", { class: "dim hint" }, text("no_guide"))]));
    const target = this.#list.querySelector("[aria-current=true]") ?? this.#list.querySelector(".on-air") ?? this.#list.querySelector("button:not([disabled])");
    target?.scrollIntoView({ block: "center" });
    target?.focus({ preventScroll: true });
  }

  #item(programme, present) {
    const onAir = programme.begin <= present && present < programme.end;
    const watched = programme.begin <= this.#moment && this.#moment < programme.end;
    const playable = programme.recorded && programme.begin < present;
    const button = make(
      "button",
      {
        type: "button",
        class: onAir ? "show on-air" : "show",
        disabled: !playable,
        "aria-current": String(watched),
        "data-programme": programme.id,
      },
      make("time", {}, hours(programme.begin)),
      make("span", { class: "words" }, make("span", { class: "name" }, programme.name), this.#note(programme, onAir)),
    );
    button.addEventListener("click", () => {
      for (const other of this.#list.querySelectorAll("[aria-current=true]")) other.setAttribute("aria-current", "false");
      button.setAttribute("aria-current", "true");
      this.#moment = programme.begin;
      this.#listener.picked(this.#channel, programme);
    });
    return make("li", {}, button);
  }

  #note(programme, onAir) {
    return make("span", { class: "dim programme" }, onAir ? text("on_now") : programme.description);
  }
}

function dayName(back) {
  if (back === 0) return text("today");
  return back === 1 ? text("yesterday") : weekday(dayStart(back));
}
