/** Starts the console: the page where somebody is signed in, the form where nobody is. */
import { Relay } from "./relay.js";
import { Live } from "./live.js";
import { t } from "./i18n.js";
import { el } from "./dom.js";
import { SignIn } from "../screens/sign-in.js";
import { Dashboard } from "../screens/dashboard.js";

const relay = new Relay();

function show(screen) {
  document.querySelectorAll("sj-sign-in, sj-dashboard, main.start").forEach((old) => old.remove());
  document.body.append(screen);
}

function showSignIn(notice) {
  show(new SignIn(relay, notice, showDashboard));
}

function showDashboard(session) {
  const live = new Live(relay);
  live.addEventListener("signedout", () => showSignIn(t("signIn.ended")));
  show(new Dashboard(live, session, async () => {
    live.end();
    try { await relay.signOut(); } finally { showSignIn(t("signIn.signedOut")); }
  }));
}

/** Until the console answers, it is asked again: a page that was left open comes back by itself. */
async function start() {
  try {
    const session = await relay.session();
    if (session) showDashboard(session);
    else showSignIn(null);
  } catch {
    show(el("main", { class: "start" }, el("p", { role: "alert" }, t("problem.offline"))));
    setTimeout(start, 2_000);
  }
}

start();
