// Below the picture: which programme is seen, how far it is, and what comes after it.

import { ApiError } from "./api.js";
import { byId, say, show } from "./dom.js";
import { text } from "./texts.js";
import { HOUR, hours, now, seconds } from "./time.js";

const AROUND = 8 * HOUR;
const ASK_EVERY = 20;

export class Info {
  #api;
  #watching;
  #known = [];
  #knownFor = null;
  #mayAskAt = 0;
  #dragging = false;
  #position = byId("position");

  /** `seek(moment)` is called when the viewer moves the position. */
  constructor(api, watching, seek) {
    this.#api = api;
    this.#watching = watching;
    this.#position.addEventListener("input", () => {
      this.#dragging = true;
    });
    this.#position.addEventListener("change", () => {
      this.#dragging = false;
      seek(Number(this.#position.value));
    });
  }

  /** Another channel or moment: nothing known before is good any more. */
  reset() {
    this.#known = [];
    this.#knownFor = null;
    this.#mayAskAt = 0;
    this.refresh();
  }

  refresh() {
    const channel = this.#watching.channel;
    if (!channel) return;
    const moment = Math.max(this.#watching.moment, this.#watching.begin);
    const programme = this.#find(channel, moment);
    this.#tellChannel(channel);
    this.#tellProgramme(channel, programme, moment);
    this.#tellBadge();
    if (!programme || this.#knownFor !== channel.id) this.#ask(channel, moment);
  }

  #find(channel, moment) {
    const known = this.#knownFor === channel.id ? this.#known : [];
    const found = known.find((programme) => programme.begin <= moment && moment < programme.end);
    if (found || !this.#watching.isLive) return found;
    return onAir(channel);
  }

  /** A channel without a guide is no reason to ask every second. */
  async #ask(channel, moment) {
    if (now() < this.#mayAskAt) return;
    this.#mayAskAt = now() + ASK_EVERY;
    try {
      const found = this.#watching.isLive
        ? await this.#api.coming(channel.id, 4)
        : await this.#api.programmes(channel.id, moment - AROUND, moment + AROUND);
      if (channel.id !== this.#watching.channel?.id) return;
      this.#known = found;
      this.#knownFor = channel.id;
      this.refresh();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #tellChannel(channel) {
    say(byId("now-number"), String(channel.lcn_number || ""));
    say(byId("now-channel"), channel.name);
    const icon = byId("now-icon");
    if (icon.getAttribute("src") !== channel.icon) icon.src = channel.icon;
    show(icon, Boolean(channel.icon));
    document.title = `${channel.name} — Smarty`;
  }

  #tellProgramme(channel, programme, moment) {
    const name = programme?.name || text("nothing_on");
    say(byId("now-title"), name);
    say(byId("now-about"), programme?.description ?? "");
    say(byId("banner"), `${channel.lcn_number || ""} ${channel.name} · ${name}`.trim());
    say(byId("now-begin"), programme ? hours(programme.begin) : "");
    say(byId("now-end"), programme ? hours(programme.end) : "");
    const next = programme && this.#known.find((other) => other.begin >= programme.end);
    say(byId("now-next"), next ? `${text("next")} ${hours(next.begin)} · ${next.name}` : "");
    this.#position.disabled = !programme || !channel.has_record;
    if (programme && !this.#dragging) {
      this.#position.min = programme.begin;
      this.#position.max = programme.end;
      this.#position.value = moment;
      const share = (moment - programme.begin) / Math.max(1, programme.end - programme.begin);
      this.#position.style.setProperty("--share", `${Math.min(100, Math.max(0, share * 100))}%`);
    }
  }

  #tellBadge() {
    const badge = byId("badge");
    badge.dataset.mode = this.#watching.isLive ? "live" : "archive";
    say(byId("badge-mode"), text(badge.dataset.mode));
    say(byId("badge-time"), seconds(this.#watching.moment));
    show(badge, true);
  }
}

function onAir(channel) {
  if (!channel.program_id || channel.program_end_time <= now()) return undefined;
  return {
    id: channel.program_id,
    name: channel.program_name,
    description: channel.program_description,
    begin: channel.program_begin_time,
    end: channel.program_end_time,
  };
}
