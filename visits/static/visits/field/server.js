// Requests to the server, and what their answers mean: no connection, no sign-in, a refusal with reasons, or an answer.
import { page, t } from "./page.js";
import * as vault from "./vault.js";

/** There is no connection, or the server cannot answer now: the same request is sent again later. */
export class Away extends Error {
    constructor(text, { isServer = false } = {}) {
        super(text);
        this.isServer = isServer;
    }
}

/** The server does not know the sign-in any more, or it is another person's. */
export class SignedOut extends Error {}

/** The server looked at it and said no. `reasons` are [{field, text}]. */
export class Refused extends Error {
    constructor(status, reasons, code) {
        super(reasons.map((reason) => reason.text).join(" "));
        Object.assign(this, { status, reasons, code });
    }
}

const LATER = new Set([408, 425, 429, 500, 502, 503, 504, 507]);

function cookie(name) {
    return document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

async function sent(method, address, { body, form, idempotencyKey } = {}) {
    const headers = { Accept: "application/json", "X-CSRFToken": cookie("csrftoken"), "Accept-Language": page.language };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
    try {
        const answer = await fetch(address, {
            method, headers, body: form ?? (body === undefined ? undefined : JSON.stringify(body)), credentials: "same-origin", cache: "no-store",
        });
        const text = await answer.text();
        const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
        return { status: answer.status, data: isJson && text ? JSON.parse(text) : null };
    } catch {
        throw new Away(t("noConnection"));
    }
}

function reasonsOf(status, data) {
    const errors = data?.errors ?? [];
    if (errors.length) return errors.map((each) => ({ field: each.attr ?? "", text: each.detail }));
    return [{ field: "", text: data?.detail ?? t("refusedWithStatus", { n: status }) }];
}

/**
 * Ask the server whether the sign-in holds and is this person's; take the key of what is kept here along with the answer.
 *
 * Throws Away without a connection and SignedOut otherwise.
 */
export async function confirmSignIn() {
    const ask = async () => sent("POST", "/field/key/", { body: await vault.keyQuestion() });
    let { status, data } = await ask();
    // The ring has a newer key and nothing here waits, or it has no longer the one under which this was sealed.
    if (status === 400 || (status === 200 && data.number !== data.newest && !(await vault.holdsWork()))) {
        await vault.startAnew();
        ({ status, data } = await ask());
    }
    if (LATER.has(status)) throw new Away(t("serverBusy"));
    if (status !== 200 || data?.user !== page.user) throw new SignedOut(t("signedOut"));
    await vault.takeKey(data);
}

/** Send one request and return its answer as data. */
export async function call(method, address, options = {}) {
    const { status, data } = await sent(method, address, options);
    if (status >= 200 && status < 300 && data !== null) return data;
    // A network that asks for a sign-in of its own answers with a page.
    if (LATER.has(status) || (status < 400 && data === null)) throw new Away(t("serverBusy"), { isServer: true });
    if (status === 401) throw new SignedOut(t("signedOut"));
    // A 403 may be the end of the sign-in or of the role, or only this one step.
    if (status === 403) await confirmSignIn();
    throw new Refused(status, reasonsOf(status, data), data?.errors?.[0]?.code ?? data?.code ?? "");
}
