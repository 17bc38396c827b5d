// Bytes as text and the other way round, and SHA-256.

/** Return bytes in hexadecimal, lower case. */
export function hex(bytes) {
    return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return the bytes of a hexadecimal text. */
export function unhex(text) {
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function toBase64(bytes) {
    return btoa(String.fromCharCode(...bytes));
}

export function fromBase64(text) {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Return several pieces of bytes as one. */
export function joined(pieces) {
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
    let at = 0;
    for (const piece of pieces) {
        whole.set(new Uint8Array(piece.buffer ?? piece, piece.byteOffset ?? 0, piece.byteLength), at);
        at += piece.byteLength;
    }
    return whole;
}

/** Return the SHA-256 of bytes in hexadecimal. */
export async function sha256(bytes) {
    return hex(await crypto.subtle.digest("SHA-256", bytes));
}

/** Return the next hash of a chain: over the hash before it (hexadecimal, empty at the beginning) and the bytes. */
export async function chained(before, bytes) {
    return sha256(joined([unhex(before), new Uint8Array(bytes)]));
}
