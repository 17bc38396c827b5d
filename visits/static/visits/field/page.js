// What the server wrote into the page: who it is for, its words and its lists. Nothing about a visit.
const read = (id) => JSON.parse(document.getElementById(id).textContent);

export const page = read("field-page");
export const choices = read("field-choices");
const texts = read("field-texts");

/** Return a text of the page with its {names} filled in. An unknown key is a defect and shows as itself. */
export function t(key, values = {}) {
    return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Return the label of a value in a list of the page. */
export function labelOf(list, value) {
    return list.find((each) => each.value === value)?.label ?? value ?? "";
}

/** Return hours and minutes at the office's clock. */
export function clock(moment) {
    if (!moment) return "–";
    const shown = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: page.zone };
    return new Intl.DateTimeFormat("en-GB", shown).format(new Date(moment));
}

/** Return the day of a moment at the office's clock, as 2026-03-04. */
export function day(moment) {
    return new Intl.DateTimeFormat("en-CA", { timeZone: page.zone }).format(new Date(moment));
}
