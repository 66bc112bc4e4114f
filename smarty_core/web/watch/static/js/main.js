// Puts the page together: who is logged in, what is watched, who hears of what.

import { Api, ApiError } from "./api.js";
import { ChannelPanel } from "./channels.js";
import { byId, say, show } from "./dom.js";
import { GuidePanel } from "./guide.js";
import { Info } from "./info.js";
import { LoginScreen } from "./login.js";
import { deviceUid, keepChannel, keepSession, keptChannel, keptSession } from "./memory.js";
import { Player } from "./player.js";
import { listenToRemote } from "./remote.js";
import { chooseLanguage, text, translate } from "./texts.js";
import { HOUR, hours, now } from "./time.js";
import { Watching } from "./watching.js";

const LIST_EVERY = 60_000;
const NUMBER_WAITS = 1300;

const video = byId("video");
const stage = byId("stage");
const api = new Api(deviceUid());
const player = new Player(video, {
  failed: () => watching.failed(),
  ended: () => watching.ended(),
  moved: () => info.refresh(),
  waiting: (waits) => show(byId("spinner"), waits),
  silenced: tellSound,
});
const watching = new Watching(api, player, { changed, refused });
const info = new Info(api, watching, (moment) => watching.from(watching.channel, moment));
const channels = new ChannelPanel((channel) => tune(channel));
const guide = new GuidePanel(api, { picked: (channel, programme) => play(channel, programme), refused });
const login = new LoginScreen(async (fields) => {
  keepSession(await api.login(fields));
  await enter();
});

async function enter() {
  const [categories, list] = await Promise.all([api.categories(), api.channels()]);
  login.close();
  show(byId("tv"), true);
  show(byId("logout"), true);
  channels.fill(categories, list);
  const first = channels.byId(keptChannel()) ?? list[0];
  if (first && !watching.channel) {
    tune(first);
    channels.focus();
  }
}

async function leave(reason = "") {
  keepSession(null);
  api.use(null);
  watching.stop();
  guide.close();
  for (const id of ["tv", "logout", "notice"]) show(byId(id), false);
  document.title = "Smarty";
  await login.open(reason);
}

function tune(channel) {
  if (!Player.works) return notice(text("cannot_show"));
  keepChannel(channel.id);
  return watching.live(channel);
}

function play(channel, programme) {
  const onAir = programme.end > now();
  return onAir ? watching.from(channel, programme.begin + 1) : watching.programme(channel, programme);
}

const hourBack = () =>
  watching.channel?.has_record && watching.from(watching.channel, watching.moment - HOUR);

const goLive = () => watching.channel && watching.live(watching.channel);

const openGuide = () => watching.channel && guide.open(watching.channel, watching.moment);

function changed() {
  show(byId("notice"), false);
  channels.mark(watching.channel.id);
  byId("hour-back").disabled = byId("open-guide").disabled = !watching.channel.has_record;
  byId("go-live").setAttribute("aria-pressed", String(watching.isLive));
  info.reset();
  flashBanner();
}

function refused(error) {
  if (error.sessionIsOver) leave(text("session_over"));
  else notice(text(error.code === 0 ? "no_connection" : "cannot_play"));
}

function notice(words) {
  say(byId("notice-text"), words);
  show(byId("notice"), true);
  show(byId("spinner"), false);
}

let bannerTimer = 0;

function flashBanner() {
  stage.classList.add("told");
  clearTimeout(bannerTimer);
  bannerTimer = setTimeout(() => stage.classList.remove("told"), 4000);
}

function tellSound() {
  show(byId("sound-off"), video.muted);
  byId("sound").querySelector("use").setAttribute("href", video.muted ? "#muted" : "#loud");
}

function toggleSound() {
  video.muted = !video.muted;
  tellSound();
}

const toggleFullscreen = () =>
  document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen?.();

function beside(step) {
  const channel = watching.channel && channels.beside(watching.channel.id, step);
  if (channel) tune(channel);
}

let typed = "";
let typedTimer = 0;

function digit(number) {
  if (byId("tv").hidden) return;
  typed = (typed + number).slice(-4);
  say(byId("typed"), typed);
  show(byId("typed"), true);
  clearTimeout(typedTimer);
  typedTimer = setTimeout(() => {
    const channel = channels.byNumber(Number(typed));
    typed = "";
    show(byId("typed"), false);
    if (channel) tune(channel);
  }, NUMBER_WAITS);
}

async function renewList() {
  if (byId("tv").hidden || document.hidden) return;
  try {
    channels.update(await api.channels());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.sessionIsOver) refused(error);
  }
}

async function speak(name) {
  chooseLanguage(name);
  translate();
  tick();
  if (byId("tv").hidden) return;
  try {
    const current = watching.channel?.id;
    const [categories, list] = await Promise.all([api.categories(), api.channels()]);
    channels.fill(categories, list);
    watching.rename(channels.byId(current));
    info.reset();
    if (guide.isOpen) await guide.open(watching.channel, watching.moment);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    refused(error);
  }
}

function tick() {
  say(byId("clock"), hours(now()));
  if (watching.channel) info.refresh();
}

for (const [id, action] of Object.entries({
  "hour-back": hourBack,
  "go-live": goLive,
  "open-guide": openGuide,
  sound: toggleSound,
  "sound-off": toggleSound,
  fullscreen: toggleFullscreen,
  retry: () => watching.retry(),
  logout: async () => {
    await api.logout().catch(() => {});
    await leave();
  },
})) {
  byId(id).addEventListener("click", action);
}
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => speak(button.dataset.language));
}
stage.addEventListener("pointermove", flashBanner);
listenToRemote(
  {
    channelUp: () => beside(-1),
    channelDown: () => beside(1),
    back: () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else if (guide.isOpen) {
        guide.close();
        channels.focus();
      }
    },
    live: goLive,
    hourBack,
    guide: openGuide,
    fullscreen: toggleFullscreen,
    sound: toggleSound,
    pause: () => (video.paused ? video.play() : video.pause()),
    digit,
  },
  () => Boolean(document.fullscreenElement),
);
setInterval(tick, 1000);
setInterval(renewList, LIST_EVERY);

translate();
tick();
const kept = keptSession();
api.use(kept);
try {
  if (kept) await enter();
  else await login.open();
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  await leave(error.sessionIsOver ? text("session_over") : text("no_connection"));
}
