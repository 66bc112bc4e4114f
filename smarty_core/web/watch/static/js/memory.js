// What this browser keeps between visits: its device number, the session, the last channel. Never a key or a password.

const PREFIX = "smarty.watch.";

export function deviceUid() {
  let uid = localStorage.getItem(`${PREFIX}device`);
  if (!uid) {
    // crypto.randomUUID is missing where the page is not served over HTTPS.
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    uid = `watch-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    localStorage.setItem(`${PREFIX}device`, uid);
  }
  return uid;
}

export function keptSession() {
  try {
    const kept = JSON.parse(localStorage.getItem(`${PREFIX}session`));
    return kept?.clientId && kept?.authkey ? kept : null;
  } catch {
    return null;
  }
}

export function keepSession(session) {
  if (session) localStorage.setItem(`${PREFIX}session`, JSON.stringify(session));
  else localStorage.removeItem(`${PREFIX}session`);
}

export const keptChannel = () => Number(localStorage.getItem(`${PREFIX}channel`));

export const keepChannel = (id) => localStorage.setItem(`${PREFIX}channel`, String(id));
