/* Reloads the live part of a run's page every two seconds, until workers can no longer change the run. */
(function () {
    "use strict";
    const EVERY = 2000, LONGEST = 30000;

    function start() {
        const part = document.getElementById("run-live");
        if (!part || part.dataset.live !== "true") return;
        const state = part.dataset.state;
        let wait = EVERY;

        async function renew() {
            if (document.hidden) return plan();
            try {
                const answer = await fetch(part.dataset.source, {headers: {Accept: "application/json"}, credentials: "same-origin"});
                if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
                const found = await answer.json();
                part.innerHTML = found.html;
                wait = EVERY;
                // The buttons depend on the state and are outside of this part: reload the page.
                if (found.state !== state) return window.location.reload();
                if (!found.live) return;
            } catch (trouble) {
                // After an error wait twice as long; give up at the longest wait, as after the end of the session.
                if (wait >= LONGEST) return;
                wait = Math.min(LONGEST, wait * 2);
            }
            plan();
        }

        function plan() { window.setTimeout(renew, wait); }
        plan();
    }

    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
