// What the page says, in Russian and English, and the language the viewer has chosen.

const TEXTS = {
  ru: {
    login_title: "Вход",
    login_about: "Номер договора и пароль даёт ваш оператор.",
    abonement: "Абонемент",
    password: "Пароль",
    operator: "Оператор",
    client_id: "Номер оператора (client_id)",
    api_key: "Ключ API (api_key)",
    login: "Войти",
    logout: "Выйти",
    language: "Язык",
    channels: "Каналы",
    categories: "Категории",
    all: "Все",
    days: "Дни",
    picture: "Изображение",
    on_now: "Сейчас в эфире",
    position: "Место в передаче",
    live: "Эфир",
    archive: "Архив",
    hour_back: "На час назад",
    sound: "Звук",
    sound_off: "Звук выключен — нажмите",
    fullscreen: "Во весь экран",
    retry: "Повторить",
    today: "Сегодня",
    yesterday: "Вчера",
    next: "Далее",
    nothing_on: "Нет программы",
    no_guide: "На этот день программы нет.",
    no_channels: "Нет доступных каналов.",
    cannot_play: "Канал сейчас не показывает.",
    no_connection: "Нет связи с сервером.",
    session_over: "Сессия закончилась, войдите снова.",
    cannot_show: "Этот браузер не умеет показывать видео HLS.",
    code_1: "Неверный абонемент или пароль.",
    code_2: "Договор не активен.",
    code_4: "Неверный номер оператора или ключ API.",
    code_8: "Нет подключённого тарифа.",
    code_16: "Слишком много сессий на таких устройствах.",
    code_28: "Слишком много попыток, подождите немного.",
    code_other: "Сервер отказал во входе",
  },
  en: {
    login_title: "Log in",
    login_about: "Your operator gives you the contract number and the password.",
    abonement: "Contract number (abonement)",
    password: "Password",
    operator: "Operator",
    client_id: "Operator's number (client_id)",
    api_key: "API key (api_key)",
    login: "Log in",
    logout: "Log out",
    language: "Language",
    channels: "Channels",
    categories: "Categories",
    all: "All",
    days: "Days",
    picture: "Picture",
    on_now: "On now",
    position: "Place in the programme",
    live: "Live",
    archive: "Archive",
    hour_back: "Back an hour",
    sound: "Sound",
    sound_off: "Sound is off — press here",
    fullscreen: "Full screen",
    retry: "Try again",
    today: "Today",
    yesterday: "Yesterday",
    next: "Next",
    nothing_on: "No programme",
    no_guide: "There is no guide for this day.",
    no_channels: "There are no channels for you.",
    cannot_play: "This channel cannot be shown now.",
    no_connection: "The server cannot be reached.",
    session_over: "The session has ended, please log in again.",
    cannot_show: "This browser cannot show HLS video.",
    code_1: "Wrong contract number or password.",
    code_2: "The contract is not active.",
    code_4: "Wrong operator's number or API key.",
    code_8: "There is no tariff.",
    code_16: "Too many sessions on devices of this kind.",
    code_28: "Too many attempts, please wait a little.",
    code_other: "The server refused the login",
  },
};
const KEY = "smarty.watch.language";

let chosen = remembered() || preferred();

function remembered() {
  const kept = localStorage.getItem(KEY);
  return kept in TEXTS ? kept : "";
}

function preferred() {
  const spoken = navigator.languages.map((name) => name.slice(0, 2).toLowerCase());
  return spoken.find((name) => name in TEXTS) || "en";
}

export const language = () => chosen;

export function chooseLanguage(name) {
  chosen = name in TEXTS ? name : "en";
  localStorage.setItem(KEY, chosen);
}

export const text = (key) => TEXTS[chosen][key] ?? key;

export const has = (key) => key in TEXTS[chosen];

/** Write every text of the document that is marked with data-text (content) or data-label (accessible name). */
export function translate(root = document) {
  document.documentElement.lang = chosen;
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", text(node.dataset.label));
  for (const node of root.querySelectorAll("[data-language]")) {
    node.setAttribute("aria-pressed", String(node.dataset.language === chosen));
  }
}
