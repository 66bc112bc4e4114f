// The device API, as any application of a subscriber calls it.

import { language } from "./texts.js";
import { learnTime } from "./time.js";

const BASE = "/tvmiddleware/api";
const DEVICE = "web_app";
const SESSION_OVER = 403;
const TIME_LIMIT = 15_000;

/** The server answered with an error code. `code` 0: it did not answer at all. */
export class ApiError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }

  get sessionIsOver() {
    return this.code === SESSION_OVER;
  }
}

export class Api {
  #deviceUid;
  #session = null;

  constructor(deviceUid) {
    this.#deviceUid = deviceUid;
  }

  /** `{clientId, authkey}` of the session that calls are made with, or null. */
  use(session) {
    this.#session = session;
  }

  /** Open a session. Credentials travel in the body, so that no address and no history holds them. */
  async login({ client_id, api_key, abonement, password }) {
    const answer = await this.#send("/login/", { client_id, api_key, abonement, password }, "POST");
    this.use({ clientId: client_id, authkey: answer.authkey });
    return this.#session;
  }

  logout = () => this.#call("/logout/");

  categories = async () => (await this.#call("/category/list/")).categories;

  channels = async () => (await this.#call("/channel/list/", { icon_width: 120, icon_height: 91 })).channels;

  /** The present programme of a channel and those after it. */
  coming = async (channelId, limit) =>
    (await this.#call("/channel/programs/", { cid: channelId, limit })).programs.map((row) => ({
      id: row.id,
      name: row.program_name,
      description: row.program_description,
      begin: row.program_begin_time,
      end: row.program_end_time,
    }));

  /** Programmes of a channel between two moments, with whether each can be played from the archive. */
  programmes = async (channelId, begin, end) =>
    (await this.#call("/program/list/", { cid: channelId, time_from: Math.floor(begin), time_to: Math.floor(end) }))
      .programs.map((row) => ({
        id: row.id,
        name: row.name,
        description: row.description,
        begin: row.begin_time,
        end: row.end_time,
        recorded: Boolean(row.has_record) && !row.blocked,
      }));

  liveAddress = (channelId, excluded) =>
    this.#call("/channel/url/", { cid: channelId, redirect: 0, ...without(excluded) });

  programmeAddress = (channelId, programmeId, excluded) =>
    this.#call("/program/url/", { cid: channelId, pid: programmeId, redirect: 0, ...without(excluded) });

  /** From a moment on, and further than the end of the programme. */
  momentAddress = (channelId, moment, excluded) =>
    this.#call("/program/url/", {
      cid: channelId,
      time: Math.floor(moment),
      tv_pause: 1,
      redirect: 0,
      ...without(excluded),
    });

  #call(path, params = {}) {
    if (!this.#session) throw new ApiError(SESSION_OVER, "");
    return this.#send(path, { client_id: this.#session.clientId, authkey: this.#session.authkey, ...params }, "GET");
  }

  async #send(path, params, method) {
    const sent = new URLSearchParams({ ...params, device: DEVICE, device_uid: this.#deviceUid, lang: language() });
    const wait = { signal: AbortSignal.timeout(TIME_LIMIT), credentials: "same-origin" };
    let answer;
    try {
      const response =
        method === "POST"
          ? await fetch(BASE + path, { method, body: sent, ...wait })
          : await fetch(`${BASE}${path}?${sent}`, wait);
      learnTime(response);
      answer = await response.json();
    } catch (failure) {
      throw new ApiError(0, String(failure));
    }
    if (answer.error !== 0) throw new ApiError(answer.error, answer.error_message);
    return answer;
  }
}

const without = (excluded) => (excluded.length ? { exclude_service_id: excluded.join(",") } : {});
