/* The day desk: joins map, timetable and the panel of the chosen visit, and asks the server. */
(function () {
    "use strict";

    function start() {
        const page = document.getElementById("day-desk");
        if (!page) return;
        const desk = window.DayDesk, make = desk.makeElement;
        const read = (id) => JSON.parse(document.getElementById(id).textContent);
        const { words, tiles, credit, addresses, territory } = read("desk-script");
        const token = page.querySelector("[name=csrfmiddlewaretoken]").value;
        const one = (selector) => page.querySelector(selector);
        let state = read("desk-state"), chosen = null, wanted = null, placing = null, asked = 0;

        const map = desk.makeMap(one("#desk-map"), { tiles, credit, words, onStop: choose, onPlace });
        const timetable = desk.makeTimetable(one("#desk-timetable"), { words, onChoose: choose, onDrop: drop });
        for (const handle of page.querySelectorAll("[data-candidate]")) {
            const order = Number(handle.dataset.candidate);
            timetable.draggable(handle, { order, ref: handle.textContent });
            handle.addEventListener("click", () => choose(order));
        }
        for (const button of page.querySelectorAll("[data-unplaced]")) {
            button.addEventListener("click", () => beginPlacing(Number(button.dataset.unplaced)));
        }
        one("#desk-ask").addEventListener("submit", (event) => {
            event.preventDefault();
            const minute = desk.minuteOf(one("#desk-time").value);
            if (chosen !== null && minute !== null) drop(chosen, one("#desk-crew").value, minute);
        });
        one("#desk-keep").addEventListener("click", keep);
        one("#desk-back").addEventListener("click", () => choose(chosen));
        one("#desk-show-address").addEventListener("click", showAddress);
        one("#desk-place").addEventListener("submit", setPlace);
        const pickBase = one("#desk-pick-base");
        if (pickBase) pickBase.addEventListener("click", () => { placing = "base"; one("#desk-map").classList.add("dd-placing"); });
        for (const all of page.querySelectorAll("[data-all]")) {
            all.addEventListener("change", () => {
                for (const box of page.querySelectorAll(`#plan-form input[name=${all.dataset.all}]`)) box.checked = all.checked;
            });
        }
        render({ fit: true });
        if (state.run && state.run.live) window.setTimeout(renew, 5000);

        function render(more = {}) {
            timetable.draw(state, { selected: chosen, wanted });
            map.draw(state, { selected: chosen, ...more });
        }

        function find(order) {
            const isOf = (stop) => (stop.orders || []).some((each) => each.order === order);
            return state.stops.find(isOf) || state.candidates.find((each) => each.order === order);
        }

        function choose(order) {
            const found = find(order);
            // A stop goes by the first of its orders.
            chosen = found ? found.order : order;
            wanted = null;
            const panel = one("#desk-panel");
            panel.hidden = !found;
            one("#desk-hint").hidden = Boolean(found);
            if (!found) return render();
            const parts = [found.district, found.agency, found.state || words.toPlan];
            if (found.window) parts.push(desk.fill(words.window, { window: found.window }));
            if (found.until) parts.push(desk.fill(words.validUntil, { day: found.until }));
            if (found.letter) parts.push(found.letter);
            one("#desk-title").textContent = found.ref;
            one("#desk-facts").textContent = parts.filter(Boolean).join(" · ");
            one("#desk-open").href = found.url;
            one("#desk-others").replaceChildren(...others(found).flatMap((each) => [each, " "]));
            const crew = one("#desk-crew");
            crew.replaceChildren(...state.crews.map((each) => new Option(`${each.label} · ${each.agency}`, each.key)));
            const place = found.crew ? found : found.joins;
            if (place) crew.value = place.crew;
            one("#desk-time").value = desk.clock(place ? place.minute : state.opens);
            const fixed = found.minute !== undefined && !found.movable;
            one("#desk-ask").hidden = fixed;
            say(fixed ? [make("p", "ds-note", words.notMovable)] : [], { decide: false });
            render();
        }

        /** Return what the panel says of the others of the door: those who are visited with the chosen one, or could be. */
        function others(found) {
            if (found.joins) return [make("span", "", desk.fill(words.joins, { hour: desk.clock(found.joins.minute) }))];
            if (!(found.people > 1)) return [];
            const links = found.orders.slice(1).map((each) => {
                const link = make("a", "text-link", each.ref);
                link.href = each.url;
                return link;
            });
            return [make("span", "", desk.fill(words.household, { number: found.people })), ...links];
        }

        async function drop(order, crew, minute) {
            if (order !== chosen) choose(order);
            const found = find(order);
            wanted = { order, crew, minute, ref: found.ref };
            one("#desk-crew").value = crew;
            one("#desk-time").value = desk.clock(minute);
            say([make("p", "ds-note", words.asking)], { decide: false });
            render();
            one("#desk-panel").scrollIntoView({ block: "nearest" });
            const number = asked += 1;
            const answer = await post(addresses.ask, move());
            if (number !== asked || !wanted) return;
            if (answer.error) return say([make("p", "dd-refused", answer.error)], { decide: true, may: false });
            const lines = answer.refusals.length
                ? [make("p", "dd-refused", words.refused), ...answer.refusals.map(refusal)]
                : [make("p", "dd-allowed", words.allowed), make("p", "ds-note", answer.tellsAnew ? words.tellsAnew : words.keepsNotice)];
            lines.push(make("p", "dd-costs-title", words.cost));
            const costs = make("ul", "dd-costs");
            for (const each of answer.changes) {
                costs.append(make("li", "", `${each.lead}: ${desk.km(each.metres, words, true)}, ${desk.minutes(each.minutes, words, true)}`));
            }
            lines.push(costs);
            say(lines, { decide: true, may: answer.refusals.length === 0 });
        }

        function move() {
            return { order: wanted.order, crew: wanted.crew, day: state.day, starts: desk.clock(wanted.minute) };
        }

        function refusal(each) {
            const item = make("div", "dd-refusal");
            item.append(make("strong", "", each.what), make("span", "", each.remedy));
            if (each.until) item.append(make("small", "", each.until));
            if (each.clause) item.append(make("small", "", each.clause));
            return item;
        }

        function say(lines, { decide, may = false }) {
            one("#desk-answer").replaceChildren(...lines);
            one("#desk-decide").hidden = !decide;
            one("#desk-keep").hidden = !may;
        }

        async function keep() {
            if (!wanted) return;
            one("#desk-keep").disabled = true;
            const answer = await post(addresses.keep, move());
            one("#desk-keep").disabled = false;
            if (answer.error) return say([make("p", "dd-refused", answer.error)], { decide: true });
            if (answer.refusals) return say([make("p", "dd-refused", words.refused), ...answer.refusals.map(refusal)], { decide: true });
            const order = wanted.order;
            wanted = null;
            await renew();
            choose(order);
            say([make("p", "dd-allowed", answer.done)], { decide: false });
            const row = page.querySelector(`[data-row="${order}"]`);
            if (row) row.remove();
        }

        async function renew() {
            try {
                const answer = await fetch(`${addresses.state}?day=${state.day}&territory=${territory}`, { credentials: "same-origin" });
                if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
                const waited = state.run && state.run.live;
                state = await answer.json();
                if (waited && !state.run.live) return window.location.reload();
                if (state.run && state.run.live) window.setTimeout(renew, 5000);
                render();
            } catch {
                say([make("p", "dd-refused", words.failed)], { decide: false });
            }
        }

        async function post(address, body) {
            try {
                const answer = await fetch(address, {
                    method: "POST",
                    credentials: "same-origin",
                    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
                    body: JSON.stringify(body),
                });
                if (answer.redirected || ![200, 400, 409].includes(answer.status)) throw new Error(String(answer.status));
                return await answer.json();
            } catch {
                return { error: words.failed };
            }
        }

        function beginPlacing(order) {
            placing = order;
            const found = state.unplaced.find((each) => each.order === order);
            one("#desk-placing").hidden = false;
            one("#desk-placing-ref").textContent = `${found.ref} · ${found.district}`;
            one("#desk-address").textContent = "";
            one("#desk-place-said").textContent = "";
            one("#desk-map").classList.add("dd-placing");
        }

        function onPlace([latitude, longitude]) {
            if (placing === null) return;
            const place = [latitude.toFixed(6), longitude.toFixed(6)];
            map.pick([latitude, longitude]);
            if (placing === "base") {
                one("#desk-base").value = place.join(", ");
                placing = null;
                one("#desk-map").classList.remove("dd-placing");
            } else [one("#desk-latitude").value, one("#desk-longitude").value] = place;
            render();
        }

        async function showAddress() {
            const answer = await post(addresses.address, { order: placing });
            one("#desk-address").textContent = answer.line || answer.error;
        }

        async function setPlace(event) {
            event.preventDefault();
            const answer = await post(addresses.place, {
                order: placing, latitude: one("#desk-latitude").value, longitude: one("#desk-longitude").value,
            });
            if (answer.error) one("#desk-place-said").textContent = answer.error;
            else window.location.reload();
        }
    }

    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
