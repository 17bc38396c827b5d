// Fields of the draft: what is typed or chosen is saved at once; what the server found wrong stands at the field.
import { el, note } from "./dom.js";
import { page, t } from "./page.js";

let number = 0;

/** Return the server's words about a field, as notes. */
export function problems(context, field) {
    return (context.problems.get(field) ?? []).map((text) => note(text, "bad"));
}

function labelled(label, input, context, field) {
    input.id = input.id || `field-${(number += 1)}`;
    const wrong = field ? problems(context, field) : [];
    if (wrong.length) input.setAttribute("aria-invalid", "true");
    return el("div", { className: wrong.length ? "field wrong" : "field" }, el("label", { for: input.id }, label), input, wrong);
}

/** Return a text field of `record[name]`; with `rows` a field of several lines. */
export function textField(context, record, name, label, { field = "", rows = 0, most = null, type = "text", mode = null } = {}) {
    const input = el(rows ? "textarea" : "input", { name, rows: rows || null, type: rows ? null : type, maxLength: most ?? undefined, inputmode: mode });
    input.value = record[name] ?? "";
    input.addEventListener("input", () => {
        record[name] = input.value;
        context.save();
    });
    return labelled(label, input, context, field);
}

/** Return a moment as the office's clock shows it, as a field takes it: 2026-03-04T10:33:05. */
function wallClock(moment) {
    return new Intl.DateTimeFormat("sv-SE", { timeZone: page.zone, dateStyle: "short", timeStyle: "medium" }).format(moment).replace(" ", "T");
}

/** Return the instant of a time at the office's clock. */
function instantOf(shown) {
    const asUtc = Date.parse(`${shown}Z`);
    return new Date(asUtc - (Date.parse(`${wallClock(asUtc)}Z`) - asUtc)).toISOString();
}

/** Return a field of a moment at the office's clock, kept as an instant. */
export function momentField(context, record, name, label, { field = "" } = {}) {
    const input = el("input", { name, type: "datetime-local", step: "1" });
    if (record[name]) input.value = wallClock(Date.parse(record[name]));
    input.addEventListener("change", () => {
        record[name] = input.value ? instantOf(input.value) : "";
        context.save();
    });
    return labelled(label, input, context, field);
}

/** Return a list to choose one of. */
export function choice(context, record, name, label, options, { field = "", redraw = false, changed = null } = {}) {
    const input = el("select", { name }, el("option", { value: "" }, t("choose")), options.map((each) => el("option", { value: each.value }, each.label)));
    input.value = record[name] ?? "";
    input.addEventListener("change", () => {
        record[name] = input.value;
        changed?.();
        context.save();
        if (redraw) context.redraw();
    });
    return labelled(label, input, context, field);
}

/** Return a box to tick. */
export function tick(context, record, name, label, { field = "", redraw = false, changed = null, disabled = false } = {}) {
    const input = el("input", { type: "checkbox", name, disabled });
    input.checked = Boolean(record[name]);
    input.addEventListener("change", () => {
        record[name] = input.checked;
        changed?.();
        context.save();
        if (redraw) context.redraw();
    });
    return el("div", { className: "field" }, el("label", { className: "tick" }, input, el("span", {}, label)), field ? problems(context, field) : []);
}

/** Return a list of boxes; the ticked values are `record[name]`. */
export function ticks(context, record, name, legend, options, { field = "", redraw = false, disabled = false } = {}) {
    const boxes = options.map((each) => {
        const input = el("input", { type: "checkbox", name, value: each.value, disabled });
        input.checked = record[name].includes(each.value);
        input.addEventListener("change", () => {
            record[name] = input.checked ? [...record[name], each.value] : record[name].filter((value) => value !== each.value);
            context.save();
            if (redraw) context.redraw();
        });
        return el("label", { className: "tick" }, input, el("span", {}, each.label));
    });
    return el("fieldset", { className: "field" }, el("legend", {}, legend), boxes, field ? problems(context, field) : []);
}

/** Return the button of the camera. Only the camera is offered; `taken` gets the file. */
export function camera(label, taken, { id = null } = {}) {
    const input = el("input", { type: "file", accept: "image/*", capture: "environment", className: "camera", id });
    const shown = el("span", {}, label);
    input.addEventListener("change", async () => {
        const [file] = input.files;
        if (!file) return;
        shown.textContent = t("photoWorking");
        await taken(file);
        input.value = "";
        shown.textContent = label;
    });
    return el("label", { className: "button camera-button" }, shown, input);
}
