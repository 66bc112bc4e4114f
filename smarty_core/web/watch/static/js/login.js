// The login form. The operator's key is asked for; only the sample operator on this very machine comes filled in.

import { ApiError } from "./api.js";
import { byId, show } from "./dom.js";
import { has, text } from "./texts.js";

export class LoginScreen {
  #form = byId("login-form");
  #error = byId("login-error");

  /** `login(fields)` logs in; what it throws is shown. */
  constructor(login) {
    this.#form.addEventListener("submit", async (event) => {
      event.preventDefault();
      this.#error.textContent = "";
      const button = this.#form.querySelector("[type=submit]");
      button.disabled = true;
      try {
        await login(Object.fromEntries(new FormData(this.#form)));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.#error.textContent = explain(error);
      } finally {
        button.disabled = false;
      }
    });
  }

  async open(reason = "") {
    show(byId("login"), true);
    this.#error.textContent = reason;
    await this.#prefill();
    const empty = [...this.#form.querySelectorAll("input[required]")].find((field) => !field.value);
    (empty ?? this.#form.querySelector("[type=submit]")).focus();
  }

  close() {
    show(byId("login"), false);
  }

  async #prefill() {
    const known = await fetch("/watch/config.json").then((answer) => answer.json(), () => ({}));
    for (const [name, value] of Object.entries(known)) {
      const field = this.#form.elements[name];
      if (field && !field.value) field.value = value;
    }
    byId("operator").open = !known.api_key;
  }
}

function explain(error) {
  if (error.code === 0) return text("no_connection");
  return has(`code_${error.code}`) ? text(`code_${error.code}`) : `${text("code_other")}: ${error.message}`;
}
