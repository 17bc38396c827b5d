// What stays on the telephone: sealed with AES-GCM under a key that is there only while the sign-in lasts.
//
// The key comes from the server at the sign-in, cannot be read out of the browser, and is deleted at the sign-out or when the
// server no longer knows the sign-in. What was sealed stays and opens again for the same person after the next sign-in.
import { openDB } from "../idb-8.0.4/index.js";
import { fromBase64, toBase64 } from "./bytes.js";
import { page } from "./page.js";

const encoder = new TextEncoder(), decoder = new TextDecoder();
let database = null, key = null;

async function opened() {
    database ??= await openDB(`doorstep-field-${page.user}`, 1, {
        upgrade(made) {
            made.createObjectStore("sign-in");
            made.createObjectStore("records", { keyPath: "id" }).createIndex("group", "group");
        },
    });
    return database;
}

/** Return what the server needs to derive the key again: this telephone's salt and the number of the ring's key. */
export async function keyQuestion() {
    const db = await opened();
    let known = await db.get("sign-in", "salt");
    if (!known) {
        known = { salt: toBase64(crypto.getRandomValues(new Uint8Array(16))), number: null };
        await db.put("sign-in", known, "salt");
    }
    return known;
}

/** Take the key that the server gave, for as long as the sign-in can last. */
export async function takeKey({ key: given, number, seconds }) {
    const db = await opened();
    key = await crypto.subtle.importKey("raw", fromBase64(given), "AES-GCM", false, ["encrypt", "decrypt"]);
    await db.put("sign-in", { ...(await keyQuestion()), number }, "salt");
    await db.put("sign-in", { key, ends: Date.now() + seconds * 1000 }, "key");
}

/** Open with the key that is kept on the telephone; return whether there is one that has not ended. */
export async function openWithKeptKey() {
    const db = await opened();
    const kept = await db.get("sign-in", "key");
    if (!kept || kept.ends < Date.now()) {
        await forgetKey();
        return false;
    }
    key = kept.key;
    return true;
}

/** Delete the key. What is sealed stays, and nobody can read it before the same person signs in again. */
export async function forgetKey() {
    key = null;
    await (await opened()).delete("sign-in", "key");
}

export const isOpen = () => key !== null;

function packed(value, bytes) {
    const text = encoder.encode(JSON.stringify(value));
    const whole = new Uint8Array(4 + text.length + (bytes?.byteLength ?? 0));
    new DataView(whole.buffer).setUint32(0, text.length);
    whole.set(text, 4);
    if (bytes) whole.set(new Uint8Array(bytes), 4 + text.length);
    return whole;
}

function unpacked(whole) {
    const length = new DataView(whole).getUint32(0);
    return { value: JSON.parse(decoder.decode(new Uint8Array(whole, 4, length))), bytes: whole.slice(4 + length) };
}

/** Keep a value, and bytes beside it, sealed under `id`; `group` is what it is found by and stands in clear. */
export async function put(id, group, value, bytes = null) {
    if (!key) throw new Error("locked");
    const iv = crypto.getRandomValues(new Uint8Array(12));
    // Bound to its place: a sealed record copied to another id does not open.
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(id) }, key, packed(value, bytes));
    await (await opened()).put("records", { id, group, iv, sealed, at: Date.now() });
}

async function unsealed(record) {
    if (!key) throw new Error("locked");
    const how = { name: "AES-GCM", iv: record.iv, additionalData: encoder.encode(record.id) };
    return unpacked(await crypto.subtle.decrypt(how, key, record.sealed));
}

/** Return the value kept under `id`, or null. */
export async function get(id) {
    const record = await (await opened()).get("records", id);
    return record ? (await unsealed(record)).value : null;
}

/** Return the bytes kept under `id`, or null. */
export async function bytesOf(id) {
    const record = await (await opened()).get("records", id);
    return record ? (await unsealed(record)).bytes : null;
}

/** Return the values of a group in the order of their ids. */
export async function all(group) {
    const records = await (await opened()).getAllFromIndex("records", "group", group);
    return Promise.all(records.map(async (record) => (await unsealed(record)).value));
}

/** Delete what is kept under `id`. */
export async function remove(id) {
    await (await opened()).delete("records", id);
}

/** Return whether anything lies here that the server does not have. */
export async function holdsWork() {
    const db = await opened();
    const counts = await Promise.all(["draft", "item", "media", "part"].map((group) => db.countFromIndex("records", "group", group)));
    return counts.some((count) => count > 0);
}

/** Delete everything that is sealed here, and take the newest key of the ring next time. */
export async function startAnew() {
    const db = await opened();
    await db.clear("records");
    await db.put("sign-in", { ...(await keyQuestion()), number: null }, "salt");
}

/** Delete records that nobody has touched for `days`: a visit that was never handed in does not stay on a telephone for ever. */
export async function removeOlderThan(days) {
    const db = await opened(), limit = Date.now() - days * 86_400_000;
    for (const record of await db.getAll("records")) if (record.at < limit) await db.delete("records", record.id);
}
