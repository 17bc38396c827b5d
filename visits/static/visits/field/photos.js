// Photographs from the camera: made smaller, with the camera's time, place and name kept and everything else left out.
import { sha256 } from "./bytes.js";
import { readExif, withExif } from "./exif.js";
import { t } from "./page.js";
import { here } from "./place.js";
import * as vault from "./vault.js";

const PIXELS = 2000, QUALITY = 0.85;

async function smaller(file) {
    let picture;
    try {
        picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
        throw new Error(t("photoUnreadable"));
    }
    const scale = Math.min(1, PIXELS / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    if (!blob) throw new Error(t("photoUnreadable"));
    return new Uint8Array(await blob.arrayBuffer());
}

/**
 * Take a photograph in: keep it sealed and return how the report announces it.
 *
 * Time and camera are what the camera wrote; nothing is made up where it wrote nothing. Browsers remove the place from a
 * photograph, so where it is missing the telephone's own position at this moment stands in for it, with its accuracy.
 */
export async function takePhoto(file, kind) {
    const place = here({ seconds: 10, oldest: 30 }).catch(() => null);
    const data = readExif(new Uint8Array(await file.arrayBuffer()));
    const picture = await smaller(file);
    if (data.latitude === undefined) {
        const found = await place;
        if (found) Object.assign(data, { latitude: found.latitude, longitude: found.longitude, accuracy: found.accuracy_m });
    }
    const bytes = withExif(picture, data);
    const media = {
        ref: crypto.randomUUID(), kind, sha256: await sha256(bytes), bytes: bytes.length, at: new Date().toISOString(),
        hasPlace: data.latitude !== undefined, accuracy: data.accuracy ?? null, hasTime: Boolean(data.taken),
    };
    await vault.put(`media:${media.ref}`, "media", media, bytes);
    return media;
}

/** Return an address under which the page can show a kept photograph; the caller revokes it. */
export async function pictureAddress(ref) {
    const bytes = await vault.bytesOf(`media:${ref}`);
    return bytes ? URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" })) : null;
}
