// What is being watched: a channel live, a programme of its archive, or a channel from a moment on.

import { ApiError } from "./api.js";
import { now } from "./time.js";

const ATTEMPTS = 3;
/** Closer to the present than this is live: a stream needs some seconds to be made and fetched. */
const NEARLY_LIVE = 30;

export class Watching {
  #api;
  #player;
  #listener;
  #ticket = 0;
  #wish = null;
  #excluded = [];
  #service = 0;
  #failures = 0;
  #lastMoment = null;

  /** `listener` has `changed()`, `refused(error)`. */
  constructor(api, player, listener) {
    this.#api = api;
    this.#player = player;
    this.#listener = listener;
  }

  get channel() {
    return this.#wish?.channel ?? null;
  }

  get isLive() {
    return this.#wish?.kind === "live";
  }

  /** When what is seen was broadcast; before the picture has come, what was asked for. */
  get moment() {
    const seen = this.#player.moment;
    if (seen !== null) this.#lastMoment = seen;
    return this.#lastMoment ?? this.#wish?.moment ?? now();
  }

  /** What was asked for begins here; pieces of a stream are some seconds long and may begin a little earlier. */
  get begin() {
    return this.#wish?.moment ?? 0;
  }

  live(channel) {
    return this.#begin({ kind: "live", channel, moment: null });
  }

  programme(channel, programme) {
    return this.#begin({ kind: "programme", channel, programme, moment: programme.begin });
  }

  from(channel, moment) {
    return moment > now() - NEARLY_LIVE ? this.live(channel) : this.#begin({ kind: "moment", channel, moment });
  }

  /** The same channel with its facts in another language. */
  rename(channel) {
    if (channel && this.#wish) this.#wish = { ...this.#wish, channel };
  }

  retry() {
    return this.#wish ? this.#begin(this.#wish) : undefined;
  }

  stop() {
    this.#ticket += 1;
    this.#wish = null;
    this.#player.stop();
  }

  /** The programme is over: go on with what came after it. */
  ended() {
    if (this.#wish && !this.isLive) this.from(this.channel, this.#wish.programme?.end ?? this.moment);
  }

  /** The stream failed. One that had worked is asked for anew (its token may be over), one that had not is left out. */
  failed() {
    if (!this.#wish) return;
    this.#failures += 1;
    if (this.#player.plays) {
      this.#failures = 1;
      this.#excluded = [];
      if (!this.isLive) this.#wish = { kind: "moment", channel: this.channel, moment: this.moment };
    } else if (this.#service) {
      this.#excluded.push(this.#service);
    }
    if (this.#failures < ATTEMPTS) this.#open();
    else this.#refuse(new ApiError(404, ""));
  }

  #begin(wish) {
    this.#wish = wish;
    this.#excluded = [];
    this.#failures = 0;
    this.#lastMoment = null;
    this.#player.stop();
    this.#listener.changed();
    return this.#open();
  }

  async #open() {
    const ticket = (this.#ticket += 1);
    try {
      const answer = await this.#address();
      // Somebody who turns through the channels wants the last one only.
      if (ticket !== this.#ticket) return;
      this.#service = answer.stream_service_id;
      this.#player.play(answer.uri);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (ticket === this.#ticket) this.#refuse(error);
    }
  }

  #address() {
    const { kind, channel, programme, moment } = this.#wish;
    if (kind === "programme") return this.#api.programmeAddress(channel.id, programme.id, this.#excluded);
    if (kind === "moment") return this.#api.momentAddress(channel.id, moment, this.#excluded);
    return this.#api.liveAddress(channel.id, this.#excluded);
  }

  #refuse(error) {
    this.#player.stop();
    this.#listener.refused(error);
  }
}
