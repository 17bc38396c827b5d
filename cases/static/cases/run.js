/* Renews the live part of a run's page until nothing changes by itself any more. */
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
                const told = await answer.json();
                part.innerHTML = told.html;
                wait = EVERY;
                // The buttons follow the state, and stand outside of this part.
                if (told.state !== state) return window.location.reload();
                if (!told.live) return;
            } catch (trouble) {
                // A server that is away is asked ever more seldom; a session that ended is asked once more at most.
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
