// The picture: hls.js where the browser has Media Source Extensions, the browser's own HLS elsewhere.

const { Hls } = globalThis;
const REPAIR_EVERY = 5000;

export class Player {
  #hls = null;
  #repaired = 0;
  #plays = false;

  /** `listener` has `failed()`, `ended()`, `moved()`, `waiting(bool)`, `silenced()`. */
  constructor(video, listener) {
    this.video = video;
    this.listener = listener;
    video.addEventListener("timeupdate", () => {
      if (!this.#plays && video.currentTime > 0 && video.videoWidth > 0) this.#plays = true;
      listener.moved();
    });
    video.addEventListener("ended", () => listener.ended());
    video.addEventListener("waiting", () => listener.waiting(true));
    for (const sign of ["playing", "pause", "ended"]) video.addEventListener(sign, () => listener.waiting(false));
    video.addEventListener("error", () => {
      if (!this.#hls && video.getAttribute("src")) listener.failed();
    });
  }

  static get works() {
    return Boolean(Hls?.isSupported()) || this.#native();
  }

  static #native() {
    return document.createElement("video").canPlayType("application/vnd.apple.mpegurl") !== "";
  }

  /** Whether the present address has shown a picture. */
  get plays() {
    return this.#plays;
  }

  /** When what is seen now was broadcast (Unix seconds), or null while that is unknown. */
  get moment() {
    const date = this.#hls ? this.#hls.playingDate : this.#nativeDate();
    return date && Number.isFinite(date.getTime()) ? date.getTime() / 1000 : null;
  }

  #nativeDate() {
    const start = this.video.getStartDate?.().getTime();
    return start ? new Date(start + this.video.currentTime * 1000) : null;
  }

  play(address) {
    this.stop();
    this.listener.waiting(true);
    if (Hls?.isSupported()) this.#playWithHls(address);
    else this.video.src = address;
    this.#begin();
  }

  stop() {
    this.#plays = false;
    this.#hls?.destroy();
    this.#hls = null;
    this.video.removeAttribute("src");
    this.video.load();
  }

  #playWithHls(address) {
    // A worker would have to be made from a blob, which the page's security policy does not allow.
    const hls = new Hls({ enableWorker: false, backBufferLength: 60 });
    this.#hls = hls;
    hls.on(Hls.Events.ERROR, (_, problem) => {
      if (!problem.fatal || hls !== this.#hls) return;
      if (problem.type === Hls.ErrorTypes.MEDIA_ERROR && Date.now() - this.#repaired > REPAIR_EVERY) {
        this.#repaired = Date.now();
        hls.recoverMediaError();
      } else {
        this.listener.failed();
      }
    });
    hls.loadSource(address);
    hls.attachMedia(this.video);
  }

  async #begin() {
    try {
      await this.video.play();
    } catch (refusal) {
      // Browsers let no page make noise before it was touched; silent pictures are allowed.
      if (refusal.name !== "NotAllowedError" || this.video.muted) return;
      this.video.muted = true;
      this.listener.silenced();
      this.video.play().catch(() => this.listener.waiting(false));
    }
  }
}
