// The photographs of the visit, by what they show. Only the camera is offered, never the gallery.
import { button, el, note } from "./dom.js";
import { camera, problems } from "./fields.js";
import { choices, clock, labelOf, page, t } from "./page.js";
import { pictureAddress } from "./photos.js";

export const photographs = (draft) => draft.media.filter((each) => choices.photographs.some((kind) => kind.value === each.kind));

function thumbnail(media) {
    const picture = el("img", { alt: labelOf(choices.photographs, media.kind), width: 72, height: 72 });
    pictureAddress(media.ref).then((address) => {
        if (!address) return;
        picture.addEventListener("load", () => URL.revokeObjectURL(address), { once: true });
        picture.src = address;
    });
    return picture;
}

function row(context, media) {
    const { draft } = context;
    const place = media.hasPlace ? t("photoPlace", { n: media.accuracy === null ? "–" : Math.round(media.accuracy) }) : t("photoNoPlace");
    return el("li", { className: "photo", "data-ref": media.ref },
        thumbnail(media),
        el("div", {}, el("strong", {}, labelOf(choices.photographs, media.kind)), el("span", {}, `${clock(media.at)} · ${Math.ceil(media.bytes / 1024)} KB`), el("span", {}, place), !media.hasTime && el("span", {}, t("photoNoTime"))),
        !draft.report && button(t("remove"), async () => {
            draft.media = draft.media.filter((each) => each.ref !== media.ref);
            if (draft.badgeRef === media.ref) draft.badgeRef = "";
            for (const paper of draft.documents) if (paper.copyRef === media.ref) paper.copyRef = "";
            await context.save();
            await context.removeMedia(media.ref);
            context.redraw();
        }, { className: "quiet" }));
}

export const photos = {
    id: "photos",
    title: "stepPhotos",
    state: ({ draft }) => (photographs(draft).length >= page.limits.photosMin ? "done" : "open"),
    draw(context) {
        const { draft } = context, taken = photographs(draft);
        const kinds = choices.photographs.filter((kind) => !["DOCUMENT", "BADGE_AND_MANDATE"].includes(kind.value));
        return [
            el("p", {}, t("photosText", { least: page.limits.photosMin, most: page.limits.photosMax })),
            problems(context, "media"),
            el("div", { className: "cameras" }, kinds.map((kind) => camera(kind.label, async (file) => {
                await context.keepPhoto(file, kind.value);
                context.redraw();
            }, { id: `photo-${kind.value.toLowerCase()}` }))),
            note(t("photosTaken", { n: taken.length, most: page.limits.photosMax }), taken.length >= page.limits.photosMin ? "good" : "plain"),
            el("ul", { className: "photos" }, taken.map((media) => row(context, media))),
        ];
    },
};
