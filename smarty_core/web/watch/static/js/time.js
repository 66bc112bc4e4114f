// The server's present, and times as people read them. Moments are Unix seconds.

import { language } from "./texts.js";

export const HOUR = 3600;
export const DAY = 86400;

let ahead = 0;

/** Learn from an answer how far this device's clock is from the server's. */
export function learnTime(response) {
  const told = Date.parse(response.headers.get("Date") ?? "");
  if (!Number.isNaN(told)) {
    const found = told / 1000 - Date.now() / 1000;
    // The header has whole seconds and took a while to arrive: small differences are no news.
    if (Math.abs(found - ahead) > 2) ahead = found;
  }
}

export const now = () => Date.now() / 1000 + ahead;

const format = (moment, options) =>
  new Date(moment * 1000).toLocaleTimeString(language() === "ru" ? "ru-RU" : "en-GB", options);

export const hours = (moment) => format(moment, { hour: "2-digit", minute: "2-digit" });

export const seconds = (moment) => format(moment, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The beginning of the viewer's own day, `back` days ago. */
export function dayStart(back = 0, moment = now()) {
  const day = new Date(moment * 1000);
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() - back);
  return day.getTime() / 1000;
}

export const weekday = (moment) =>
  new Date(moment * 1000).toLocaleDateString(language() === "ru" ? "ru-RU" : "en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
  });
