// Sound that is really recorded: kept in parts of a few seconds, each hashed over the hash before it; gaps follow from the parts.
import { chained, joined, sha256 } from "./bytes.js";
import { tell } from "./events.js";
import { save } from "./drafts.js";
import { t } from "./page.js";
import * as vault from "./vault.js";

const PART_MS = 4000;
const TYPES = ["audio/webm;codecs=opus", "audio/webm", "audio/mp4", "audio/ogg;codecs=opus"];
let running = null;

/** Return the recording that runs now, or null. */
export const runningRecording = () => running?.recording ?? null;

const partId = (recording, number) => `part:${recording.ref}:${String(number).padStart(6, "0")}`;

/** Begin to record; `purpose` is "talk", "entry", or "copy:…". Throws an Error with words if there is no microphone. */
export async function startRecording(draft, purpose) {
    if (running) throw new Error(t("recordingRuns"));
    let stream;
    try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
        throw new Error(t("microphoneForbidden"));
    }
    const recorder = new MediaRecorder(stream, { mimeType: TYPES.find((type) => MediaRecorder.isTypeSupported(type)), audioBitsPerSecond: 32_000 });
    const recording = { ref: crypto.randomUUID(), purpose, began: Date.now(), ended: null, head: "", parts: [], muted: [], done: false };
    draft.recordings.push(recording);
    running = { recorder, stream, recording, draft, work: save(draft), from: Date.now() };
    const current = running;
    recorder.addEventListener("dataavailable", ({ data }) => {
        if (data.size) current.work = current.work.then(() => keepPart(current, data)).catch(() => tell("trouble", "notSaved"));
    });
    // The telephone may take the microphone away for a call: that is a gap too.
    const [track] = stream.getAudioTracks();
    track.addEventListener("mute", () => recording.muted.push({ from: Date.now(), to: null }));
    track.addEventListener("unmute", () => recording.muted.filter((each) => !each.to).forEach((each) => (each.to = Date.now())));
    track.addEventListener("ended", () => current === running && stopRecording());
    recorder.start(PART_MS);
    tell("recording");
}

async function keepPart(current, data) {
    const bytes = await data.arrayBuffer(), { recording } = current;
    const hash = await chained(recording.head, bytes), to = Date.now();
    await vault.put(partId(recording, recording.parts.length), "part", { ref: recording.ref }, bytes);
    recording.parts.push({ from: current.from, to, bytes: bytes.byteLength, hash });
    recording.head = hash;
    current.from = to;
    await save(current.draft);
    tell("recorded", recording);
}

/** Stop what is recorded, and make the file of it. Nothing happens where nothing is recorded. */
export async function stopRecording() {
    const current = running;
    if (!current) return;
    running = null;
    if (current.recorder.state !== "inactive") {
        const stopped = new Promise((resolve) => current.recorder.addEventListener("stop", resolve, { once: true }));
        current.recorder.stop();
        await stopped;
    }
    current.stream.getTracks().forEach((track) => track.stop());
    await current.work;
    await finish(current.draft, current.recording);
    tell("recording");
}

/** Make the files of recordings that were cut off because the page was closed or killed. */
export async function finishCutOff(draft) {
    for (const recording of draft.recordings) if (!recording.done && recording !== running?.recording) await finish(draft, recording);
}

async function finish(draft, recording) {
    const pieces = [];
    let hash = "";
    for (let number = 0; number < recording.parts.length; number += 1) {
        const piece = await vault.bytesOf(partId(recording, number));
        hash = piece ? await chained(hash, piece) : "";
        // What follows a part that is not the one that was recorded is left out: it shows as a gap.
        if (hash !== recording.parts[number].hash) {
            recording.parts.length = number;
            break;
        }
        pieces.push(piece);
    }
    recording.ended = recording.parts.at(-1)?.to ?? recording.began;
    recording.muted.filter((each) => !each.to).forEach((each) => (each.to = recording.ended));
    recording.done = true;
    if (pieces.length) {
        const bytes = joined(pieces.map((piece) => new Uint8Array(piece)));
        const media = { ref: recording.ref, kind: "AUDIO", sha256: await sha256(bytes), bytes: bytes.length, at: new Date(recording.began).toISOString() };
        await vault.put(`media:${media.ref}`, "media", media, bytes);
        if (!draft.media.some((each) => each.ref === media.ref)) draft.media.push(media);
        if (recording.purpose === "entry") draft.entryConsentRef = media.ref;
        const paper = draft.documents.find((each) => recording.purpose === `copy:${each.id}`);
        if (paper) paper.copyConsentRef = media.ref;
    }
    // The draft names the file before its parts go: killed in between, it is made once more.
    await save(draft);
    for (let number = 0; number < pieces.length; number += 1) await vault.remove(partId(recording, number));
}

/** Return the recordings of the talk that hold something. */
export const talkRecordings = (draft) => draft.recordings.filter((each) => each.purpose === "talk" && each.parts.length);

/** Return the longest gap of the recorded talk in whole seconds, rounded up; null where nothing was recorded. */
export function longestGap(draft) {
    const recorded = talkRecordings(draft);
    if (!recorded.length) return null;
    const spans = recorded.map((each) => [each.parts[0].from, each.parts.at(-1).to]).sort((one, other) => one[0] - other[0]);
    const began = draft.talkBegan ? Date.parse(draft.talkBegan) : spans[0][0];
    const ended = draft.talkEnded ? Date.parse(draft.talkEnded) : spans.at(-1)[1];
    const gaps = recorded.flatMap((each) => each.muted.map((gap) => gap.to - gap.from));
    let heard = began;
    for (const [from, to] of spans) {
        gaps.push(Math.min(from, ended) - heard);
        heard = Math.max(heard, to);
    }
    gaps.push(ended - heard);
    // A part begins up to a moment after the button: less than a second is no gap.
    return Math.ceil(Math.max(0, ...gaps.map((gap) => (gap < 1000 ? 0 : gap))) / 1000);
}
