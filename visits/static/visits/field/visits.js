// The crew member's visits: fetched over REST, kept sealed for when there is no connection.
import { drafted } from "./drafts.js";
import { tell } from "./events.js";
import { day, page } from "./page.js";
import { call } from "./server.js";
import * as vault from "./vault.js";

const DAYS_BACK = 7;
const AT_WORK = ["EN_ROUTE", "CHECKED_IN", "RETURNED"];
// In these the server shows an address in clear.
export const ADDRESS_SHOWN = ["ACCEPTED", "EN_ROUTE", "CHECKED_IN"];

/** Fetch the visits of today and of the days before, and keep them. */
export async function refresh() {
    const from = day(Date.now() - DAYS_BACK * 86_400_000), until = day(Date.now());
    const answer = await call("GET", `/api/v1/visit-orders/?page_size=200&planned_from=${from}&planned_to=${until}`);
    await vault.put("visits", "visits", { at: new Date().toISOString(), orders: answer.results });
    tell("visits");
}

/** Keep one visit as the server last showed it. */
export async function storeOrder(order) {
    const kept = (await vault.get("visits")) ?? { at: null, orders: [] };
    const orders = kept.orders.some((each) => each.id === order.id)
        ? kept.orders.map((each) => (each.id === order.id ? order : each)) : [...kept.orders, order];
    await vault.put("visits", "visits", { ...kept, orders });
    tell("visits");
}

/** Return when the visits were fetched and those to show: today's, and earlier ones that are not finished, in their order. */
export async function shown() {
    const kept = (await vault.get("visits")) ?? { at: null, orders: [] };
    const begun = new Set(await drafted()), today = day(Date.now());
    const chosen = kept.orders.filter((order) =>
        (order.planned_arrival_at && day(order.planned_arrival_at) === today) || AT_WORK.includes(order.state) || begun.has(order.id));
    const place = (order) => [order.planned_arrival_at ?? "", order.route_position ?? 0, order.id];
    chosen.sort((one, other) => (place(one) < place(other) ? -1 : 1));
    return { at: kept.at, orders: chosen };
}

/** Return one visit as it was last fetched, or null. */
export async function find(id) {
    return ((await vault.get("visits"))?.orders ?? []).find((order) => order.id === id) ?? null;
}

/** Return the kept address of a visit, or null. */
export const addressOf = (id) => vault.get(`address:${id}`);

/** Fetch a visit's address in clear and keep it; the server notes who looked. */
export async function revealAddress(id) {
    await vault.put(`address:${id}`, "address", await call("POST", `/field/visits/${id}/address/`));
    tell("visits");
}

export const isMine = (order) => order.lead === page.badge || order.second === page.badge;
