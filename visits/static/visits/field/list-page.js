// Today's visits in their order, on a map that needs no tiles.
import { button, el, note } from "./dom.js";
import { draftOf } from "./drafts.js";
import { clock, page, t } from "./page.js";
import { distance, drawMap } from "./map.js";
import { items } from "./queue.js";
import { boundNote, telephone } from "./telephone.js";
import { ADDRESS_SHOWN, addressOf, refresh, revealAddress, shown } from "./visits.js";

const FINISHED = ["REPORTED", "UNDER_REVIEW", "VERIFIED", "CANCELLED", "ABORTED", "EXPIRED"];

function card({ order, address, draft, waiting, refused, number }, own) {
    const begun = !draft.done && [draft.findings, draft.media, draft.recordings].some((each) => each.length > 0);
    return el("li", {}, el("a", { className: "card visit", href: `#/visit/${order.id}`, "data-visit": order.id },
        el("span", { className: "number" }, String(number)),
        el("span", { className: "what" },
            el("strong", {}, `${clock(order.window_start)}–${clock(order.window_end)} · ${order.borrower_name}`),
            el("span", {}, address?.line ?? order.address, " ", distance(own, address)),
            el("span", { className: "state" }, order.state_label),
            begun && el("span", { className: "chip waiting" }, t("draftHere")),
            waiting > 0 && el("span", { className: "chip waiting" }, t("toSend", { n: waiting })),
            refused > 0 && el("span", { className: "chip refused" }, t("refusedCount", { n: refused })))));
}

/** Draw the list into `root`. `tools` are {failed, own}. */
export async function drawList(root, tools) {
    const { at, orders } = await shown(), queue = await items();
    const visits = await Promise.all(orders.map(async (order, n) => {
        const mine = queue.filter((item) => item.order === order.id);
        return {
            order, number: n + 1, address: await addressOf(order.id), draft: await draftOf(order),
            waiting: mine.filter((item) => item.state === "waiting").length, refused: mine.filter((item) => item.state === "refused").length,
        };
    }));
    const hidden = visits.filter(({ order, address }) => !address && ADDRESS_SHOWN.includes(order.state));
    const doors = visits.filter(({ address }) => address?.latitude).map(({ number, address, order }) => ({ number, latitude: address.latitude, longitude: address.longitude, done: FINISHED.includes(order.state) }));
    const bound = boundNote(await telephone());
    root.replaceChildren(
        ...(bound ? [bound] : []),
        el("h2", {}, t("today")),
        el("p", { className: "small" }, at ? t("fetchedAt", { time: clock(at) }) : t("neverFetched")),
        el("div", { className: "row" },
            button(t("fetchVisits"), refresh, { className: "quiet", id: "fetch", failed: tools.failed }),
            hidden.length > 0 && button(t("fetchAddresses", { n: hidden.length }), async () => {
                for (const { order } of hidden) await revealAddress(order.id);
            }, { className: "quiet", id: "fetch-addresses", failed: tools.failed }),
            button(t("ownPlace"), tools.findPlace, { className: "quiet", failed: tools.failed }),
            el("a", { className: "button quiet", href: `tel:${page.office}` }, t("callOffice"))),
        ...[drawMap({ doors, own: tools.own() })].filter(Boolean),
        visits.length ? el("ol", { className: "visits" }, visits.map((visit) => card(visit, tools.own()))) : note(t("noVisits"), "plain"));
}
