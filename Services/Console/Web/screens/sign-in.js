/** The form that asks for a key. */
import { el, setAttribute, setText } from "../app/dom.js";
import { t } from "../app/i18n.js";

export class SignIn extends HTMLElement {
  /**
   * @param {import("../app/relay.js").Relay} relay @param {string | null} notice why one has to sign in
   * @param {(session: object) => void} done
   */
  constructor(relay, notice, done) {
    super();
    this.relay = relay;
    this.notice = notice;
    this.done = done;
  }

  connectedCallback() {
    this.input = el("input", {
      id: "key", name: "key", type: "password", autocomplete: "current-password", spellcheck: "false",
      autocapitalize: "off", "aria-describedby": "key-help key-problem", required: true,
    });
    const show = el("input", { type: "checkbox", onchange: () => { this.input.type = show.checked ? "text" : "password"; } });
    this.problem = el("p", { id: "key-problem", class: "problem", role: "alert" });
    this.submit = el("button", { type: "submit", class: "primary" }, t("signIn.submit"));
    this.append(
      el("main", { class: "sign-in" },
        el("div", { class: "brand" }, el("img", { src: "/icon.svg", alt: "", width: "40", height: "40" }), t("app.title")),
        el("h1", {}, t("signIn.title")),
        this.notice ? el("p", { class: "notice", role: "status" }, this.notice) : null,
        el("p", { class: "lead" }, t("signIn.lead")),
        el("form", { novalidate: true, onsubmit: (event) => this.#send(event) },
          // Keeps password managers from taking something else for the name.
          el("input", { type: "text", autocomplete: "username", value: "sojourn", hidden: true }),
          el("label", { for: "key" }, t("signIn.key")),
          this.input,
          el("p", { id: "key-help", class: "help" }, t("signIn.keyHelp")),
          el("label", { class: "check" }, show, t("signIn.show")),
          this.problem,
          this.submit)));
    this.input.focus();
  }

  async #send(event) {
    event.preventDefault();
    const key = this.input.value.trim();
    if (!key) return this.#refuse(t("signIn.empty"));
    this.#busy(true);
    try {
      const answer = await this.relay.signIn(key);
      if (answer.session) return this.done(answer.session);
      this.#refuse(answer.status === 401 ? t("problem.key") : answer.refused);
    } catch {
      this.#refuse(t("problem.offline"));
    }
  }

  #busy(isBusy) {
    setAttribute(this.submit, "aria-disabled", isBusy ? "true" : null);
    setText(this.submit, t(isBusy ? "signIn.busy" : "signIn.submit"));
    if (isBusy) setText(this.problem, "");
  }

  /** What was entered stays, so that it can be mended. */
  #refuse(sentence) {
    this.#busy(false);
    setText(this.problem, sentence);
    this.input.setAttribute("aria-invalid", "true");
    this.input.focus();
  }
}

customElements.define("sj-sign-in", SignIn);
