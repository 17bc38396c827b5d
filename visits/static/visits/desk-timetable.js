/* The timetable: a row for each crew, a block for each stop. A block is dragged to another row or hour, or chosen by a key. */
(function () {
    "use strict";
    const MOVES_FROM = 4;

    function make(tag, className, text = "") {
        const element = document.createElement(tag);
        element.className = className;
        element.textContent = text;
        return element;
    }

    /** Make the timetable in `element`. `onChoose(order)` is called for a chosen stop, `onDrop(order, crew, minute)` for a dropped one. */
    function makeTimetable(element, { words, onChoose, onDrop }) {
        const desk = window.DayDesk;
        let state = null;

        function draw(next, { selected = null, wanted = null } = {}) {
            state = next;
            element.replaceChildren(heads());
            state.crews.forEach((crew, number) => element.append(row(crew, number, selected, wanted)));
        }

        function heads() {
            const line = make("div", "dd-row dd-heads"), hours = make("div", "dd-hours");
            for (let minute = state.opens; minute < state.closes; minute += 60) {
                const hour = make("span", "dd-hour", String(minute / 60));
                hour.style.left = `${desk.percent(minute, state)}%`;
                hours.append(hour);
            }
            line.append(make("div", "dd-crew"), hours);
            return line;
        }

        function row(crew, number, selected, wanted) {
            const line = make("div", "dd-row"), name = make("div", "dd-crew"), hours = make("div", "dd-hours");
            const swatch = make("i", "dd-swatch");
            swatch.style.background = desk.colour(number);
            const label = make("strong", "", crew.label);
            label.prepend(swatch);
            const load = crew.stops
                ? `${desk.fill(words.stops, { number: crew.stops })} · ${desk.km(crew.metres, words)}`
                : words.free;
            name.append(label, make("span", "dd-load", load));
            name.title = crew.agency;
            hours.dataset.crew = crew.key;
            for (let minute = state.opens + 60; minute < state.closes; minute += 60) {
                const rule = make("i", "dd-rule");
                rule.style.left = `${desk.percent(minute, state)}%`;
                hours.append(rule);
            }
            if (state.now !== null && state.now > state.opens && state.now < state.closes) {
                const now = make("i", "dd-now");
                now.style.left = `${desk.percent(state.now, state)}%`;
                hours.append(now);
            }
            for (const stop of state.stops.filter((each) => each.crew === crew.key)) {
                const moved = wanted && stop.order !== null && wanted.order === stop.order;
                hours.append(block(stop, number, { chosen: stop.order !== null && stop.order === selected, faded: moved }));
            }
            if (wanted && wanted.crew === crew.key) hours.append(ghost(wanted.minute, wanted.ref));
            line.append(name, hours);
            return line;
        }

        function block(stop, number, { chosen, faded }) {
            const people = stop.people > 1 ? ` ×${stop.people}` : "";
            const button = make("button", `dd-block dd-${stop.stage}`, stop.order === null ? "" : `${stop.number || "·"}${people}`);
            button.type = "button";
            place(button, stop.minute, stop.minutes);
            button.style.setProperty("--crew", desk.colour(number));
            if (chosen) button.setAttribute("aria-current", "true");
            if (faded) button.classList.add("dd-faded");
            const window_ = stop.window ? desk.fill(words.window, { window: stop.window }) : "";
            const together = stop.people > 1 ? desk.fill(words.household, { number: stop.people }) : "";
            button.title = [stop.ref, together, desk.clock(stop.minute), stop.district, stop.state, window_, stop.letter].filter(Boolean).join(" · ");
            button.setAttribute("aria-label", button.title);
            if (stop.letter) button.classList.add("dd-no-letter");
            if (stop.order === null) {
                button.disabled = true;
                return button;
            }
            button.dataset.order = stop.order;
            button.addEventListener("click", () => onChoose(stop.order));
            if (stop.movable) draggable(button, { order: stop.order, ref: stop.ref });
            return button;
        }

        function ghost(minute, ref) {
            const mark = make("span", "dd-block dd-ghost");
            mark.title = ref;
            mark.dataset.hour = desk.clock(minute);
            place(mark, minute);
            return mark;
        }

        function place(mark, minute, minutes = state.service) {
            mark.style.left = `${desk.percent(minute, state)}%`;
            mark.style.width = `${100 * minutes / (state.closes - state.opens)}%`;
        }

        /** Let `handle` be dragged onto a row; a press without a move stays a click. */
        function draggable(handle, { order, ref }) {
            handle.classList.add("dd-movable");
            handle.addEventListener("pointerdown", (press) => {
                if (press.button !== 0) return;
                let mark = null;
                const grip = handle.classList.contains("dd-block") ? press.clientX - handle.getBoundingClientRect().left : 0;
                const target = (event) => {
                    for (const hours of element.querySelectorAll(".dd-hours[data-crew]")) {
                        const box = hours.getBoundingClientRect();
                        if (event.clientY >= box.top && event.clientY < box.bottom && event.clientX >= box.left - 20 && event.clientX <= box.right + 20) {
                            return { hours, minute: desk.minuteAt((event.clientX - grip - box.left) / box.width, state) };
                        }
                    }
                    return null;
                };
                const move = (event) => {
                    if (!mark && Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY) < MOVES_FROM) return;
                    if (!mark) mark = ghost(state.opens, ref);
                    const over = target(event);
                    if (!over) return mark.remove();
                    place(mark, over.minute);
                    mark.dataset.hour = desk.clock(over.minute);
                    over.hours.append(mark);
                };
                const end = (event) => {
                    window.removeEventListener("pointermove", move);
                    window.removeEventListener("pointerup", end);
                    window.removeEventListener("pointercancel", end);
                    if (!mark) return;
                    mark.remove();
                    // The click that follows a drag chooses nothing.
                    handle.addEventListener("click", (click) => click.stopImmediatePropagation(), { capture: true, once: true });
                    window.setTimeout(() => handle.blur(), 0);
                    const over = event.type === "pointerup" ? target(event) : null;
                    if (over) onDrop(order, over.hours.dataset.crew, over.minute);
                };
                window.addEventListener("pointermove", move);
                window.addEventListener("pointerup", end);
                window.addEventListener("pointercancel", end);
                press.preventDefault();
            });
        }

        return { draw, draggable };
    }

    window.DayDesk = Object.assign(window.DayDesk || {}, { makeTimetable, makeElement: make });
})();
