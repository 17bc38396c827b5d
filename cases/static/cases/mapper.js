/* Renews the preview of the mapper after each change; without it the buttons of the page do the same. */
(function () {
    "use strict";
    const PAUSE = 350;

    function start() {
        const form = document.getElementById("mapper");
        if (!form) return;
        const preview = document.getElementById("mapper-preview");
        const columns = document.getElementById("mapper-columns");
        let timer = 0, latest = 0;

        // How the file is read changes every column, so that needs the button.
        function counts(target) { return target.name && target.name !== "text" && target.name !== "name" && !target.name.startsWith("file:"); }

        function plan() {
            window.clearTimeout(timer);
            timer = window.setTimeout(renew, PAUSE);
        }

        async function renew() {
            const mine = ++latest;
            preview.classList.add("pm-waits");
            try {
                const answer = await fetch(form.dataset.source, {method: "POST", body: new FormData(form), headers: {Accept: "application/json"}, credentials: "same-origin"});
                if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
                const fetched = await answer.json();
                // A later change has asked again; its answer counts.
                if (mine !== latest) return;
                preview.innerHTML = fetched.preview;
                columns.innerHTML = fetched.columns;
                for (const part of form.querySelectorAll(".pm-field")) show(part, fetched.cards[part.dataset.key]);
            } catch {
                // The button of the page still works.
            }
            if (mine === latest) preview.classList.remove("pm-waits");
        }

        function show(part, card) {
            if (!card) return;
            part.querySelector(".pm-example").innerHTML = card.example;
            part.classList.toggle("pm-missing", card.missing);
            part.classList.toggle("pm-unused", card.unused);
            if (card.options !== null) part.querySelector(".pm-options").innerHTML = card.options;
        }

        form.addEventListener("change", (event) => { if (counts(event.target)) plan(); });
        form.addEventListener("input", (event) => { if (event.target.type === "text" && counts(event.target)) plan(); });
    }

    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
