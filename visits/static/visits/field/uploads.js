// A file goes up in parts. What the server has already is asked first, so that a broken connection costs one part.
import { sha256 } from "./bytes.js";
import { page, t } from "./page.js";
import { Refused, call } from "./server.js";
import * as vault from "./vault.js";

/**
 * Send one announced file of a report and return what the server knows of it. May be called any number of times.
 *
 * Throws Refused if the server refuses the file, or if the file is no longer on the telephone as it was announced.
 */
export async function upload({ report, media, key, progress }) {
    const door = `/api/v1/visit-reports/${report}`;
    const said = await call("GET", `${door}/evidence-parts/?sha256=${media.sha256}`);
    if (!said.is_attached) {
        const bytes = await vault.bytesOf(`media:${media.ref}`);
        if (!bytes || (await sha256(bytes)) !== media.sha256) throw new Refused(0, [{ field: "", text: t("fileGone") }], "file_gone");
        // A file that was begun with parts of another size goes on with their number.
        const size = said.count ? Math.ceil(bytes.byteLength / said.count) : page.partBytes;
        const count = Math.ceil(bytes.byteLength / size);
        const there = new Set(said.there);
        for (let number = 0; number < count; number += 1) {
            progress(number, count);
            if (!there.has(number)) await sendPart(door, { media, number, count, bytes: bytes.slice(number * size, (number + 1) * size) });
        }
    }
    const body = { sha256: media.sha256, kind: media.kind, external_ref: media.ref, device_at: new Date().toISOString() };
    return call("POST", `${door}/joined-evidence/`, { body, idempotencyKey: key });
}

function sendPart(door, { media, number, count, bytes }) {
    const form = new FormData();
    form.append("sha256", media.sha256);
    form.append("number", number);
    form.append("count", count);
    form.append("part", new Blob([bytes]), "part");
    return call("POST", `${door}/evidence-parts/`, { form });
}
