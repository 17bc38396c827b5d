/* Fetches the live part of a run's page again and again while the run is working. */
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
                const fetched = await answer.json();
                part.innerHTML = fetched.html;
                wait = EVERY;
                // The buttons depend on the state and are outside of this part, so the whole page is loaded.
                if (fetched.state !== state) return window.location.reload();
                if (!fetched.live) return;
            } catch {
                // Each failure doubles the wait. After a wait of 30 seconds the script stops.
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
