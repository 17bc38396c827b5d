// What happened, told to whoever draws it.
const listeners = new Map();

/** Call `listener` whenever `name` is told. */
export function on(name, listener) {
    listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

/** Tell `name` to all who listen. */
export function tell(name, value) {
    for (const listener of listeners.get(name) ?? []) listener(value);
}
