// The page begins here: sign-in, what is shown, and when something is sent.
import { el, note } from "./dom.js";
import { forgetAll } from "./drafts.js";
import { on, tell } from "./events.js";
import { drawList } from "./list-page.js";
import { page, t } from "./page.js";
import { here } from "./place.js";
import * as queue from "./queue.js";
import { runningRecording, stopRecording } from "./recording.js";
import { Away, SignedOut, confirmSignIn } from "./server.js";
import { noteProgress } from "./step-handin.js";
import { announce, fetchTickets } from "./telephone.js";
import * as vault from "./vault.js";
import { drawVisit } from "./visit-page.js";
import { refresh } from "./visits.js";

const DAYS_KEPT = 14;
const PAGE_CACHE = "doorstep-field-page";
const root = document.getElementById("field-root"), bar = document.getElementById("field-bar"), words = document.getElementById("field-words");
let own = null, drawing = null, stale = false, late = false;

const tools = {
    own: () => own,
    failed: (error) => {
        if (error instanceof SignedOut) return lock();
        return say(error.message, "bad");
    },
    tellPlace: (place) => {
        own = place;
        say(t("placeKnown", { n: Math.round(place.accuracy_m) }), "good");
    },
    findPlace: async () => {
        tools.tellPlace(await here());
        draw();
    },
};

let quiet = null;
function say(text, tone = "plain") {
    clearTimeout(quiet);
    words.replaceChildren(note(text, tone));
    if (tone !== "bad") quiet = setTimeout(() => words.replaceChildren(), 6000);
}

const TYPED = "input:not([type=checkbox]):not([type=file]), textarea, select";
/** Return whether somebody is filling a field in: drawing anew would take it away under their fingers. */
const isTyping = () => root.contains(document.activeElement) && document.activeElement.matches(TYPED);

/** Draw what the address asks for; while a field is filled in, afterwards. Asked again while it draws, it draws once more. */
function draw() {
    if (isTyping()) {
        late = true;
        return drawBar();
    }
    if (drawing) {
        stale = true;
        return drawing;
    }
    drawing = show().catch(tools.failed).finally(() => {
        drawing = null;
        if (stale) {
            stale = false;
            draw();
        }
    });
    return drawing;
}

async function show() {
    if (!vault.isOpen()) return;
    const visit = /^#\/visit\/(\d+)$/.exec(location.hash);
    document.body.classList.toggle("on-visit", Boolean(visit));
    if (!visit || !(await drawVisit(root, Number(visit[1]), tools))) await drawList(root, tools);
    await drawBar();
}

async function drawBar() {
    const there = await queue.items();
    const waiting = there.filter((item) => item.state === "waiting").length, refused = there.filter((item) => item.state === "refused").length;
    const why = queue.whyNot();
    const text = waiting ? t("toSend", { n: waiting }) : t("nothingToSend");
    bar.replaceChildren(el("span", { className: `chip ${waiting ? "waiting" : "done"}`, id: "field-waiting", "data-waiting": waiting }, text),
        ...(refused ? [el("span", { className: "chip refused" }, t("refusedCount", { n: refused }))] : []),
        ...(why || !navigator.onLine ? [el("span", { className: "chip refused", id: "field-connection" }, why || t("noConnection"))] : []));
}

/** The sign-in ended: the key goes, what is sealed stays until the same person signs in again. */
async function lock() {
    if (!vault.isOpen()) return;
    // What is being recorded is kept first.
    await stopRecording();
    await vault.forgetKey();
    forgetAll();
    showLocked();
}

function showLocked() {
    bar.replaceChildren();
    root.replaceChildren(el("section", { className: "card", id: "locked" }, el("h2", {}, t("lockedTitle")), el("p", {}, t("lockedText")), el("a", { className: "button main", href: page.login }, t("signIn"))));
}

async function signOut(event) {
    event.preventDefault();
    const form = event.currentTarget, waiting = vault.isOpen() ? (await queue.items()).filter((item) => item.state !== "sent").length : 0;
    if (waiting && !window.confirm(t("signOutAnyway", { n: waiting }))) return;
    await stopRecording();
    await vault.forgetKey();
    await caches.delete(PAGE_CACHE);
    form.submit();
}

function prepareForms() {
    for (const form of document.querySelectorAll("form[method=post]")) {
        // A page that was kept on the telephone holds an old token.
        form.addEventListener("submit", () => {
            form.elements.csrfmiddlewaretoken.value = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="))?.slice(10) ?? "";
        });
    }
    document.getElementById("field-sign-out").addEventListener("submit", signOut);
    document.getElementById("field-language").addEventListener("submit", () => caches.delete(PAGE_CACHE));
}

async function open() {
    try {
        await confirmSignIn();
        return true;
    } catch (error) {
        if (error instanceof Away) return vault.openWithKeptKey();
        await vault.forgetKey();
        return false;
    }
}

async function sync() {
    if (!vault.isOpen() || document.hidden) return;
    try {
        await confirmSignIn();
        await queue.flush();
        await refresh();
        await announce();
        await fetchTickets();
    } catch (error) {
        if (!(error instanceof Away)) tools.failed(error);
    }
    await drawBar();
}

async function begin() {
    prepareForms();
    navigator.serviceWorker?.register("/field/sw.js", { scope: "/field/" }).catch(() => say(t("notInstallable"), "wait"));
    navigator.storage?.persist?.();
    if (!(await open())) return showLocked();
    await vault.removeOlderThan(DAYS_KEPT);
    await queue.tidy(2);
    for (const name of ["visits", "queue", "connection", "recording", "telephone"]) on(name, draw);
    on("upload", noteProgress);
    on("recorded", (recording) => {
        const shown = document.querySelector(`[data-recording="${recording.ref}"]`);
        if (shown) shown.textContent = t("recordingNow", { n: Math.round((recording.parts.at(-1).to - recording.began) / 1000) });
    });
    on("trouble", (key) => say(t(key), "bad"));
    on("signed-out", lock);
    root.addEventListener("focusout", () => setTimeout(() => {
        if (!late || isTyping()) return;
        late = false;
        draw();
    }, 300));
    window.addEventListener("hashchange", () => {
        document.activeElement?.blur();
        window.scrollTo(0, 0);
        draw();
    });
    window.addEventListener("online", sync);
    window.addEventListener("offline", drawBar);
    document.addEventListener("visibilitychange", () => !runningRecording() && sync());
    window.addEventListener("beforeunload", (event) => runningRecording() && event.preventDefault());
    await draw();
    await sync();
    document.body.dataset.ready = "yes";
    tell("ready");
}

begin().catch((error) => {
    console.error(error);
    root.replaceChildren(note(t("broken"), "bad"));
});
