// This telephone's own key: made here, cannot be read out, bound to its member by the coordinator. It signs arrivals and departures.
import { openDB } from "../idb-8.0.4/index.js";
import { toBase64 } from "./bytes.js";
import { note } from "./dom.js";
import { tell } from "./events.js";
import { t } from "./page.js";
import { Away, Refused, call } from "./server.js";
import * as vault from "./vault.js";
import { isMine } from "./visits.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", CODE_LENGTH = 8;
const ASKED_FOR = ["SCHEDULED", "ACCEPTED", "EN_ROUTE", "CHECKED_IN"];
const encoder = new TextEncoder();
let made = null;

/** Return the key pair of this telephone; the first call makes it. One for everybody who signs in here: it is the telephone's. */
async function ownKey() {
    if (made) return made;
    const db = await openDB("doorstep-telephone", 1, { upgrade: (fresh) => fresh.createObjectStore("key") });
    made = await db.get("key", "own");
    if (!made) {
        const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
        const spki = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
        made = { pair, publicKey: toBase64(spki), code: await codeOf(spki) };
        await db.put("key", made, "own");
    }
    return made;
}

async function codeOf(spki) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", spki));
    let bits = 0n;
    for (const byte of digest.slice(0, 5)) bits = (bits << 8n) | BigInt(byte);
    const code = Array.from({ length: CODE_LENGTH }, (_each, at) => ALPHABET[Number((bits >> BigInt(35 - 5 * at)) & 31n)]).join("");
    return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** Return what the coordinator needs to bind this telephone, and how it stands: {code, id, isBound, refusal}. */
export async function telephone() {
    const { code } = await ownKey(), known = (await vault.get("telephone")) ?? {};
    return { code, id: known.id ?? null, isBound: Boolean(known.registered_at && !known.revoked_at), refusal: known.refusal ?? "" };
}

/** Return in words what is missing before this telephone can check in; nothing once the coordinator has bound it. */
export function boundNote(known) {
    if (!known || known.isBound) return null;
    return note(known.refusal || t("telephoneWaits", { code: known.code }), known.refusal ? "bad" : "wait", "telephone-waits");
}

/** Tell the server this telephone's key, and keep whether the coordinator has bound it. */
export async function announce() {
    const { publicKey } = await ownKey(), label = (navigator.userAgentData?.platform || navigator.platform || "Telephone").slice(0, 60);
    const before = await vault.get("telephone");
    let known;
    try {
        known = await call("POST", "/api/v1/member-devices/", { body: { label, public_key: publicKey } });
    } catch (error) {
        if (!(error instanceof Refused)) throw error;
        known = { refusal: error.message };
    }
    await vault.put("telephone", "telephone", known);
    if (JSON.stringify(before) !== JSON.stringify(known)) tell("telephone");
}

/** Fetch a ticket for each visit that is still to be made: with it a check-in without connection has a time that can be proven. */
export async function fetchTickets() {
    const { id, isBound } = await telephone();
    if (!isBound) return;
    const { orders } = (await vault.get("visits")) ?? { orders: [] };
    for (const order of orders.filter((each) => isMine(each) && ASKED_FOR.includes(each.state))) await fetchTicket(order.id, id);
}

async function fetchTicket(order, device) {
    const body = { device, device_at: new Date().toISOString() };
    try {
        const { ticket } = await call("POST", `/api/v1/visit-orders/${order}/tickets/`, { body });
        await vault.put(`ticket:${order}`, "ticket", { ticket });
    } catch (error) {
        // A clock that is off is said at the check-in.
        if (!(error instanceof Refused)) throw error;
    }
}

/** Return the body of a signed arrival (IN) or departure (OUT), with the newest ticket that there is. */
export async function signed(moment, order, body) {
    const { id, isBound } = await telephone();
    if (!isBound) throw new Error(t("telephoneNotBound"));
    try {
        await fetchTicket(order, id);
    } catch (error) {
        if (!(error instanceof Away)) throw error;
    }
    const kept = await vault.get(`ticket:${order}`);
    if (!kept) throw new Error(t("noTicket"));
    const statement = JSON.stringify({ order, moment, ...body, ticket: kept.ticket });
    const { pair } = await ownKey();
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, encoder.encode(statement));
    return { device: id, statement, signature: toBase64(new Uint8Array(signature)) };
}
