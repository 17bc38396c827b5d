/* The policy editor: a form over a policy's body, with undo and a backup in the browser. Loaded after policy-model.js and policy-editor-*.js. */
document.addEventListener("alpine:init", () => {
    const { SECTIONS, canonical, modelOf, bodyOf } = window.PolicyModel;
    const { server, conditions, rules, results, answers } = window.PolicyEditorParts;
    const PAUSE = 400;
    const MOST_OPEN = 14;
    // Frozen, so that Alpine does not make it reactive: hundreds of rows read it.
    const read = (id) => Object.freeze(JSON.parse(document.getElementById(id).textContent));
    const NONE = Object.freeze([]);

    window.Alpine.data("policyEditor", () => ({
        ...server, ...conditions, ...rules, ...results, ...answers,
        data: read("policy-data"),
        texts: read("policy-texts"),
        model: null,
        note: "",
        segment: "",
        updatedAt: null,
        saved: "",
        seen: "",
        history: [],
        pointer: -1,
        faults: NONE,
        sentences: {},
        findings: NONE,
        findingsAt: {},
        counts: null,
        countsNote: "",
        checking: false,
        counting: false,
        problem: "",
        saving: false,
        conflict: "",
        toast: "",
        backup: null,
        view: "form",
        json: "",
        jsonNote: "",

        init() {
            this.features = Object.freeze(Object.fromEntries(this.data.features.map((f) => [f.name, f])));
            this.updatedAt = this.data.updated_at;
            this.load(this.data.body, this.data.note, this.data.segment);
            // Hundreds of rows are slow to build: the rules of a long policy start closed and show only their sentence.
            // Rows of proposals start closed always: they are read one after the other, like a table.
            const others = SECTIONS.filter((section) => section !== "proposals");
            if (others.reduce((sum, section) => sum + this.model[section].length, 0) > MOST_OPEN) this.openAll(false);
            for (const row of this.model.proposals) row.open = false;
            // Compared with what the form itself writes, because the server may spell an equal body differently.
            this.saved = this.text();
            this.seen = this.saved;
            this.mark();
            this.offerBackup();
            this.check();
            window.Alpine.effect(() => {
                const text = this.text();
                queueMicrotask(() => this.changed(text));
            });
            window.addEventListener("beforeunload", (event) => {
                if (this.dirty) event.preventDefault();
            });
            window.addEventListener("keydown", (event) => this.keys(event));
        },

        /* --- the body --- */
        load(body, note, segment) {
            this.model = modelOf(body, this.features);
            this.note = note;
            this.segment = segment;
        },
        body() {
            return bodyOf(this.model, this.features);
        },
        text() {
            return JSON.stringify({ body: this.body(), note: this.note, segment: this.segment });
        },
        get dirty() {
            return !this.data.readonly && this.seen !== this.saved;
        },
        changed(text) {
            if (text === this.seen) return;
            this.seen = text;
            this.keepBackup();
            this.soon();
        },
        soon() {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => {
                this.mark();
                this.check();
            }, PAUSE);
        },

        /* --- undo --- */
        mark() {
            const text = this.text();
            if (this.history[this.pointer] === text) return;
            this.history.splice(this.pointer + 1);
            this.history.push(text);
            if (this.history.length > 100) this.history.shift();
            this.pointer = this.history.length - 1;
        },
        step(by) {
            this.mark();
            const text = this.history[this.pointer + by];
            if (text === undefined) return;
            this.pointer += by;
            const closed = new Set(SECTIONS.flatMap((s) => this.model[s].filter((r) => !r.open).map((r) => r.code)));
            const { body, note, segment } = JSON.parse(text);
            this.load(body, note, segment);
            for (const section of SECTIONS) for (const rule of this.model[section]) rule.open = !closed.has(rule.code);
            this.toast = "";
        },
        change(work, toast = "") {
            this.mark();
            work();
            this.mark();
            clearTimeout(this.toastTimer);
            this.toast = toast;
            if (toast) this.toastTimer = setTimeout(() => (this.toast = ""), 10000);
        },
        keys(event) {
            const command = event.ctrlKey || event.metaKey;
            const key = event.key.toLowerCase();
            if (command && key === "s") {
                event.preventDefault();
                this.save();
            } else if (command && (key === "z" || key === "y") && !event.target.matches("input, textarea")) {
                event.preventDefault();
                this.step(key === "y" || event.shiftKey ? 1 : -1);
            }
        },

        /* --- a backup in the browser until the draft is saved --- */
        backupKey() {
            return `policy-draft:${this.data.key}`;
        },
        keepBackup() {
            if (this.data.readonly) return;
            try {
                if (this.dirty) localStorage.setItem(this.backupKey(), JSON.stringify({ text: this.seen, from: this.updatedAt }));
                else localStorage.removeItem(this.backupKey());
            } catch { /* Without storage there is no backup; editing goes on. */ }
        },
        offerBackup() {
            if (this.data.readonly) return;
            try {
                const kept = JSON.parse(localStorage.getItem(this.backupKey()) || "null");
                if (kept && kept.text !== this.saved) this.backup = kept;
            } catch { this.backup = null; }
        },
        takeBackup() {
            const { body, note, segment } = JSON.parse(this.backup.text);
            this.change(() => this.load(body, note, segment));
            this.backup = null;
        },
        dropBackup() {
            this.backup = null;
            this.keepBackup();
        },

        /* --- the body as text --- */
        showJson() {
            this.json = JSON.stringify(this.body(), null, 2);
            this.jsonNote = "";
            this.view = "json";
        },
        applyJson() {
            let body;
            try {
                body = JSON.parse(this.json);
            } catch (error) {
                this.jsonNote = `${this.texts.no_json} ${error.message}`;
                return false;
            }
            const model = modelOf(body, this.features);
            // The form shows only what a policy may contain; anything else would be lost silently.
            if (canonical(bodyOf(model, this.features)) !== canonical(body)) {
                this.jsonNote = this.texts.form_loses;
                this.checkText();
                return false;
            }
            this.change(() => (this.model = model));
            this.view = "form";
            return true;
        },
        async checkText() {
            try {
                const { told } = await this.ask(this.data.urls.check, this.json);
                this.faults = Object.freeze(told.faults || []);
            } catch (error) {
                this.problem = `${this.texts.unchecked} ${error.message}`;
            }
        },
    }));
});
