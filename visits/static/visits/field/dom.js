// Elements made by name: text is always text, never markup.
const SVG = "http://www.w3.org/2000/svg";

function filled(element, properties, children) {
    for (const [name, value] of Object.entries(properties ?? {})) {
        if (value === null || value === undefined || value === false) continue;
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (name in element && typeof value !== "string") element[name] = value;
        else element.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
}

/** Return an element; `properties` are attributes, properties, or handlers named on…; children may be nested lists. */
export function el(name, properties, ...children) {
    return filled(document.createElement(name), properties, children);
}

/** Return an element of a drawing. */
export function svg(name, attributes, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
    element.append(...children.flat(Infinity).filter(Boolean));
    return element;
}

/** Return a button that does `work` and cannot be pressed again until it is done; a failure is passed to `failed`. */
export function button(label, work, { className = "", id = null, disabled = false, failed = null } = {}) {
    const made = el("button", { type: "button", className: `button ${className}`, id, disabled }, label);
    made.addEventListener("click", async () => {
        made.disabled = true;
        try {
            await work();
        } catch (error) {
            if (!failed) throw error;
            failed(error);
        } finally {
            made.disabled = disabled;
        }
    });
    return made;
}

/** Return a note: how it stands is said in words and shown by colour. */
export function note(text, tone = "plain", id = null) {
    return el("p", { className: `note ${tone}`, role: tone === "bad" ? "alert" : null, id }, text);
}
