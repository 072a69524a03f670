"""The console in a browser: what a person sees, by keyboard, narrow, dark, with nothing from elsewhere.

Any error of the page and any violation of its security policy fails the check during which it happens.
"""

import os
import pathlib
import re
import sys
import time
import traceback
import urllib.error
import urllib.request

from playwright.sync_api import expect, sync_playwright

URL = os.environ["SOJOURN_CONSOLE_URL"].rstrip("/")
KEY = os.environ["SOJOURN_KEY"]
SCREENSHOTS = pathlib.Path(sys.argv[2]) if sys.argv[1:2] == ["--screenshots"] else None
SERVICES = {
    "event-ingestion", "journey-execution", "data-source-fetching", "action-dispatch", "journey-reporting", "console",
}

checks = []


def check(sentence, **context):
    """Registers a check; `context` is that of its browser page."""

    def register(function):
        checks.append((sentence, context, function))
        return function

    return register


class Watched:
    """A page whose errors, policy violations and foreign requests are noted."""

    def __init__(self, browser, **context):
        self.troubles = []
        self.relayed = 0
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **context})
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        self.page.on("console", self._message)
        self.page.on("request", self._request)

    def _message(self, message):
        if "Content Security Policy" in message.text or "Trusted" in message.text:
            self.troubles.append(f"policy: {message.text}")

    def _request(self, request):
        if not request.url.startswith(URL):
            self.troubles.append(f"request to elsewhere: {request.url}")
        if "/relay/" in request.url:
            self.relayed += 1

    def sign_in(self, place=""):
        self.page.goto(f"{URL}/{place}")
        self.page.get_by_label("API key").fill(KEY)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("heading", name="Services")).to_be_visible()

    def close(self):
        self.context.close()


def settled(page):
    """The console has answered about itself and its queues."""
    expect(page.locator('sj-services tr[data-key="console"] .state')).to_have_text("Ready")
    page.locator("sj-queues tbody tr").first.wait_for()


def must_be_accessible(watched):
    """Fails with what axe finds against WCAG 2.2 AA; nothing is looked at where axe is not installed."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        print("    (axe is not installed: not looked at)")
        return
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
    found = Axe().run(watched.page, options=rules).response["violations"]
    sentences = [f"{item['id']}: {item['help']} at {[node['target'] for node in item['nodes'][:3]]}" for item in found]
    assert sentences == [], "\n".join(sentences)


def picture(watched, name, **options):
    if SCREENSHOTS:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        watched.page.screenshot(path=str(SCREENSHOTS / f"{name}.png"), **options)


def answer(path, headers=None, method="GET", body=None):
    request = urllib.request.Request(URL + path, headers=headers or {}, method=method, data=body)
    try:
        return urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        return error


@check("The page comes with a strict policy, and is asked for again by its tag")
def headers(_):
    page = answer("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy, policy
    assert "unsafe" not in policy, policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert answer("/", {"if-none-match": page.headers["etag"]}).status == 304
    assert answer("/app/main.js").headers["content-type"].startswith("text/javascript")
    assert answer("/app/nothing.js").status == 404
    assert answer("/..%2f..%2fetc/passwd").status == 404


@check("Nothing is relayed without a session or a key")
def relay_needs_caller(_):
    body = b'{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}'
    kind = {"content-type": "application/json"}
    assert answer("/relay/console", kind, "POST", body).status == 401
    assert answer("/relay/console", {**kind, "authorization": "Bearer sk_wrong"}, "POST", body).status == 401
    with_key = {**kind, "authorization": f"Bearer {KEY}"}
    assert answer("/relay/console", with_key, "POST", body).status == 200
    assert answer("/relay/nowhere", with_key, "POST", body).status == 404
    assert answer("/relay/console", with_key).status == 405


@check("Durations, ranges, exact numbers, counts and sentences are as people read them")
def pure(watched):
    watched.page.goto(URL)
    found = watched.page.evaluate(
        """async () => {
          const [format, json, model, sentences, address, relay] = await Promise.all(
            ["format", "exact-json", "model", "sentences", "address", "relay"].map(name => import(`/app/${name}.js`)));
          const place = {queue: "actions:retry", partition: 7, offset: 40, namespace: "e mail", person: "a&b=c"};
          const items = ids => ids.map(id => ({partition: 1, element: {id}}));
          const keyed = ids => model.keyed(items(ids), JSON.stringify);
          const kept = model.keepingOpen(keyed(["a", "b", "c"]), keyed(["c", "d"]), new Set(["1|b"]));
          return {
            durations: [0, 999, 1000, 61000, 3600000, 90000000].map(format.duration),
            ranges: [[3, 1, 2, 7], [], [5]].map(format.ranges),
            exact: json.write(json.parse('{"a":12345678901234567890,"b":0.10,"c":[1,"x",null]}')),
            kept: kept.map(item => item.key + (item.isGone ? " gone" : "")),
            twice: keyed(["a", "a"]).map(item => item.key),
            states: [undefined, {result: {ready: true}}, {result: {ready: false}}, {problem: {kind: "away"}},
                     {problem: {kind: "unauthorized"}}].map(model.serviceState),
            lag: [model.lag({}, "inbox", [{name: "inbox", length: 2, oldestAgeMs: 5}]), model.lag({}, null, []),
                  model.lag({}, "inbox", [{name: "inbox", length: 0, oldestAgeMs: null}])],
            sentence: sentences.stepSentence({kind: "node", node: "tier", path: "gold", status: "ok"}),
            refusal: sentences.stepSentence({kind: "refused", journey: "j", stimulus: "e", code: "alreadyInside"}),
            seen: [sentences.stepSentence({kind: "event", stimulus: "e", journey: null}),
                   ...sentences.stepDetails({kind: "event", journey: null, event: {
                     looked: [{journey: "j", code: "matchFalse"}], ruledOut: [{count: 3}]}})],
            read: sentences.stepDetails({kind: "node", journey: "j", version: 1, type: "condition",
              read: [{path: "profile.tier", value: "silver"}, {path: "order.total", value: 42}],
              answer: {status: 500, body: "boom"}}),
            address: JSON.stringify(address.read(address.write(place))) === JSON.stringify(place),
            batch: relay.outcomes(2, 200, '[{"id":1,"result":7},{"id":0,"error":{"code":-32003,"message":"no"}}]'),
            away: relay.outcomes(1, 502, '{"error":{"message":"x is away."}}'),
          };
        }""")
    assert found["durations"] == ["0 ms", "999 ms", "1 s", "1 min 1 s", "1 h", "1 d 1 h"], found["durations"]
    assert found["ranges"] == ["1–3, 7", "", "5"], found["ranges"]
    assert '"a": 12345678901234567890' in found["exact"] and '"b": 0.10' in found["exact"], found["exact"]
    assert found["kept"] == ["1|c", "1|b gone", "1|d"], found["kept"]
    assert found["twice"] == ["1|a", "1|a#2"], found["twice"]
    assert found["states"] == ["asking", "ready", "notReady", "away", "refused"], found["states"]
    assert found["lag"] == [5, None, 0], found["lag"]
    assert found["sentence"] == "Passed “tier” and took the path “gold”.", found["sentence"]
    assert found["seen"] == ["e came and moved nobody.", "j: the match does not hold",
                             "3 journeys are for other values"], found["seen"]
    assert found["read"] == ["j, version 1", "condition", "profile.tier was silver", "order.total was 42",
                             "answered 500: boom"], found["read"]
    assert found["refusal"] == "Did not enter j by e: the person is inside already.", found["refusal"]
    assert found["address"]
    assert found["batch"] == [{"problem": {"kind": "forbidden", "message": "no"}}, {"result": 7}], found["batch"]
    assert found["away"] == [{"problem": {"kind": "away", "message": "x is away."}}], found["away"]


@check("Every text that the page asks for is in the catalogue, and none is there for nothing")
def catalogue(_):
    web = pathlib.Path(__file__).resolve().parents[2] / "Services" / "Console" / "Web"
    code = "".join(file.read_text() for folder in ("app", "screens", "elements") for file in (web / folder).glob("*.js"))
    keys = set(re.findall(r'^  "([^"]+)":', (web / "locales" / "en.js").read_text(), re.MULTILINE))
    asked = set(re.findall(r'\bt\((?:\w+ \? )?"([^"]+)"', code)) | set(re.findall(r'(?:: |\? |return )"(step\.[^"]+)"', code))
    assert asked - keys == set(), asked - keys
    # A key that is put together, as `service.${name}`, counts for all that begin so.
    built = tuple(set(re.findall(r'`((?:\w+\.)+)\$\{', code)))
    spare = {key for key in keys if f'"{key}"' not in code and not key.startswith(built) and not key.endswith(".title")}
    assert spare == set(), spare


@check("A wrong key is refused with a sentence, and what was entered stays")
def wrong_key(watched):
    page = watched.page
    page.goto(URL)
    field = page.get_by_label("API key")
    expect(field).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Enter a key first.")
    page.keyboard.type("sk_0000000000000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No such key is known here.")
    expect(field).to_be_focused()
    expect(field).to_have_value("sk_0000000000000000")
    picture(watched, "sign-in")
    must_be_accessible(watched)


@check("Signing in and out works by keyboard alone, and a session needs its token")
def by_keyboard(watched):
    page = watched.page
    page.goto(URL)
    expect(page.get_by_label("API key")).to_be_focused()
    page.keyboard.type(KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Queues")).to_be_visible()
    settled(page)
    cookie = watched.context.cookies()[0]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict", cookie
    status = page.evaluate(
        """async () => (await fetch("/relay/console", {method: "POST", headers: {"content-type": "application/json"},
           body: '{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}'})).status""")
    assert status == 403, status
    page.reload()
    settled(page)
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert watched.context.cookies() == []
    session = {"cookie": f"{cookie['name']}={cookie['value']}"}
    assert b'"signedIn":false' in answer("/session", session).read()


@check("Every service has its row, and one that is away says what to do")
def services(watched):
    page = watched.page
    watched.sign_in()
    settled(page)
    names = set(page.locator("sj-services tbody .name").all_text_contents())
    assert names == SERVICES, names
    states = page.locator("sj-services tbody .state .word")
    expect(states.filter(has_text="Asking")).to_have_count(0, timeout=10_000)
    assert set(states.all_text_contents()) <= {"Ready", "Away", "Not ready"}
    for row in page.locator('sj-services tr[data-state="away"]').all():
        assert "Check that it runs" in row.locator(".note").inner_text()


@check("News replaces what is there: rows, focus, scroll and selection stay")
def stays(watched):
    page = watched.page
    watched.sign_in()
    settled(page)
    page.evaluate("document.querySelectorAll('tbody tr').forEach(row => { row.isMarked = true; })")
    button = page.locator("sj-queues tbody button").nth(2)
    button.focus()
    page.evaluate("scrollTo(0, 200)")
    place = page.evaluate("scrollY")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('sj-services tbody .name'))")
    before = page.locator(".live .time").inner_text()
    page.wait_for_function("old => document.querySelector('.live .time').textContent !== old", arg=before)
    relayed = watched.relayed
    page.wait_for_function("count => performance.getEntriesByType('resource').length > count + 6",
                           arg=page.evaluate("performance.getEntriesByType('resource').length"))
    assert watched.relayed > relayed
    rows = page.locator("tbody tr")
    assert page.evaluate("[...document.querySelectorAll('sj-services tbody tr, sj-queues tbody tr')].every(row => row.isMarked)")
    assert rows.count() > 6
    expect(button).to_be_focused()
    assert page.evaluate("scrollY") == place
    assert page.evaluate("getSelection().toString()") == "event-ingestion"


@check("Pausing stops all asking, and resuming goes on")
def pause(watched):
    page = watched.page
    watched.sign_in()
    settled(page)
    page.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".live")).to_contain_text("Paused")
    page.wait_for_load_state("networkidle")
    count = watched.relayed
    page.wait_for_timeout(2_500)
    assert watched.relayed == count, "the services were asked while paused"
    page.locator("sj-queues tbody button").first.press("Enter")
    expect(page.locator("#elements-title")).to_contain_text("Elements of")
    expect(page.locator("sj-elements .empty", has_text="Loading")).to_be_hidden()
    assert watched.relayed > count, "what is asked for by hand comes while paused too"
    page.get_by_role("button", name="Resume").press("Enter")
    page.wait_for_function("count => performance.getEntriesByType('resource').length > count + 3",
                           arg=page.evaluate("performance.getEntriesByType('resource').length"))


@check("A queue opens by keyboard, its place is in the address, and closing gives the focus back")
def queue(watched):
    page = watched.page
    watched.sign_in()
    settled(page)
    button = page.locator("sj-queues tbody button", has_text=re.compile("^inbox$"))
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#elements-title")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    assert page.url.endswith("#queue=inbox"), page.url
    items = page.locator("sj-elements .elements > li")
    expect(page.locator("sj-elements .range")).to_contain_text("of")
    if items.count() > 0:
        summary = items.first.locator("summary").first
        summary.focus()
        page.keyboard.press("Enter")
        expect(items.first.locator("sj-json")).to_be_visible()
        expect(items.first.locator("sj-json .key").first).to_be_visible()
    else:
        print("    (the inbox is empty: no element was opened)")
    picture(watched, "queue")
    must_be_accessible(watched)
    page.reload()
    expect(page.locator("#elements-title")).to_have_text("Elements of inbox")
    settled(page)
    page.get_by_label("Partition", exact=True).select_option("1")
    expect(page.locator("sj-elements .note, sj-elements .empty", has_text="Loading")).to_be_hidden()
    assert "partition=1" in page.url, page.url
    page.go_back()
    assert "partition" not in page.url, page.url
    page.get_by_role("button", name="Close").press("Enter")
    expect(page.locator("sj-queues tbody button", has_text=re.compile("^inbox$"))).to_be_focused()
    expect(page.locator("sj-elements .none")).to_be_visible()


@check("A trace asks for both names, and says when nothing is known or its service is away")
def trace(watched):
    page = watched.page
    watched.sign_in()
    settled(page)
    page.get_by_label("Namespace").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#trace-problem")).to_have_text("Enter a namespace and a person.")
    page.keyboard.type("crmId")
    page.keyboard.press("Tab")
    page.keyboard.type("<b>nobody</b>")
    page.keyboard.press("Enter")
    note = page.locator("sj-trace .empty")
    expect(note).to_have_text(re.compile("Nothing is known of crmId <b>nobody</b>|journey-reporting is away"))
    assert page.locator("sj-trace b").count() == 0, "what a user enters became markup"
    picture(watched, "trace")


@check("Nothing jumps while the page fills")
def no_shift(watched):
    watched.page.add_init_script(
        """window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())
           if (!entry.hadRecentInput) window.shift += entry.value; }).observe({type: "layout-shift", buffered: true});""")
    watched.sign_in()
    settled(watched.page)
    watched.page.wait_for_timeout(2_500)
    shift = watched.page.evaluate("window.shift")
    assert shift < 0.02, f"layout shift {shift:.3f}"


@check("Light: axe finds nothing on the whole page")
def light(watched):
    watched.sign_in()
    settled(watched.page)
    picture(watched, "light", full_page=True)
    must_be_accessible(watched)


@check("Dark: axe finds nothing on the whole page", color_scheme="dark")
def dark(watched):
    watched.sign_in("#queue=inbox")
    settled(watched.page)
    picture(watched, "dark", full_page=True)
    must_be_accessible(watched)


@check("320 pixels wide: nothing has to be scrolled sideways, axe finds nothing", viewport={"width": 320, "height": 700})
def narrow(watched):
    watched.sign_in("#queue=inbox")
    settled(watched.page)
    picture(watched, "narrow", full_page=True)
    width = watched.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320, f"{width} pixels wide"
    must_be_accessible(watched)


@check("The page is used as well in forced colours and without motion", forced_colors="active", reduced_motion="reduce")
def forced(watched):
    watched.sign_in()
    settled(watched.page)
    picture(watched, "forced")


@check("The controls are large enough to be hit")
def targets(watched):
    watched.sign_in("#queue=inbox")
    settled(watched.page)
    small = watched.page.evaluate(
        """[...document.querySelectorAll("button, a:not(.skip), select, input, summary")]
           .filter(control => control.checkVisibility())
           .map(control => [control.textContent, control.getBoundingClientRect()])
           .filter(([, box]) => box.height < 24 || box.width < 24).map(([text, box]) => `${text} ${box.width}x${box.height}`)""")
    assert small == [], small


def main():
    failed = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["SOJOURN_BROWSER"], args=["--no-sandbox"])
        for sentence, context, function in checks:
            begin = time.monotonic()
            watched = Watched(browser, **context)
            try:
                function(watched)
                assert watched.troubles == [], watched.troubles
                print(f"passed  {sentence} ({time.monotonic() - begin:.1f} s)", flush=True)
            except Exception as error:  # each check is reported, whatever ends it
                failed += 1
                print(f"FAILED  {sentence}: {error}", flush=True)
                traceback.print_exc(limit=3)
                picture(watched, f"failed-{function.__name__}")
            finally:
                watched.close()
        browser.close()
    print(f"{len(checks) - failed} of {len(checks)} checks hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
