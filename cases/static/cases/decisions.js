/* Keys of the approvers' queue. In the list: j/k or arrows mark a row, x ticks it, Enter opens it. On a decision: n/p, a. */
(function () {
    "use strict";
    const MARK = "ds-marked";
    const TYPED = ["INPUT", "TEXTAREA", "SELECT"];

    const rows = () => Array.from(document.querySelectorAll("#result_list tr.data-row"));
    const marked = () => rows().find((row) => row.classList.contains(MARK)) || null;

    // Keys belong to a field that is typed in, to a dialog that is open, and to what holds the focus and Enter would press.
    function isTaken(event) {
        const at = event.target;
        if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
        if (at.isContentEditable || (TYPED.includes(at.tagName) && at.type !== "checkbox")) return true;
        const dialog = document.querySelector("#dialog");
        if (dialog && dialog.getClientRects().length) return true;
        return event.key === "Enter" && ["A", "BUTTON", "SUMMARY"].includes(at.tagName);
    }

    function mark(step) {
        const all = rows();
        if (!all.length) return false;
        const old = all.indexOf(marked());
        const now = old < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, old + step));
        if (old >= 0) {
            all[old].classList.remove(MARK);
            all[old].removeAttribute("aria-current");
        }
        all[now].classList.add(MARK);
        all[now].setAttribute("aria-current", "true");
        all[now].scrollIntoView({ block: "nearest" });
        return true;
    }

    // A click, so that the list's own counting of ticked rows hears of it.
    function press(within, selector) {
        const found = within && within.querySelector(selector);
        if (!found) return false;
        found.click();
        return true;
    }

    function follow(selector) {
        const link = document.querySelector(selector);
        if (!link) return false;
        window.location.assign(link.href);
        return true;
    }

    function toggleKeys() {
        const keys = document.getElementById("decision-keys");
        if (!keys) return false;
        keys.open = !keys.open;
        return true;
    }

    const KEYS = {
        j: () => mark(1),
        ArrowDown: () => mark(1),
        k: () => mark(-1),
        ArrowUp: () => mark(-1),
        x: () => press(marked(), "input.action-select"),
        Enter: () => press(marked(), "th a"),
        a: () => press(document, "a[hx-get$='/approve/']"),
        n: () => follow(".ds-queue a[rel=next]"),
        p: () => follow(".ds-queue a[rel=prev]"),
        "?": toggleKeys,
    };

    function pressed(event) {
        const work = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null;
        if (work && !isTaken(event) && work()) event.preventDefault();
    }

    // Whoever opened a dialog by a key goes on without the mouse.
    function enterDialog(event) {
        if (event.target.id !== "modal-content") return;
        const field = event.target.querySelector("select, textarea, input:not([type=hidden])");
        if (field) field.focus();
    }

    function start() {
        const keys = document.getElementById("decision-keys");
        if (!keys) return;
        keys.hidden = false;
        document.addEventListener("keydown", pressed);
        document.addEventListener("htmx:afterSettle", enterDialog);
    }

    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
