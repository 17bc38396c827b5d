/* The policy editor's requests: check and count after a pause, save, submit. */
(() => {
    const byPath = (findings) => {
        const found = {};
        for (const finding of findings) {
            for (const path of new Set(finding.paths)) (found[path] = found[path] || []).push(finding);
        }
        return Object.freeze(found);
    };

    window.PolicyEditorParts = window.PolicyEditorParts || {};
    window.PolicyEditorParts.server = {
        async ask(address, content, signal) {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            // A person who may only read asks about the stored version.
            const sent = this.data.readonly
                ? { method: "GET" }
                : { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: content };
            const answer = await fetch(address, { ...sent, signal, credentials: "same-origin", redirect: "manual" });
            if (answer.type === "opaqueredirect" || answer.status === 403) throw new Error(this.texts.signed_out);
            const answered = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
            return { ok: answer.ok, status: answer.status, answered };
        },
        async check() {
            if (this.controller) this.controller.abort();
            const controller = (this.controller = new AbortController());
            const content = JSON.stringify(this.body());
            this.checking = this.counting = true;
            const counted = this.ask(this.data.urls.count, content, controller.signal);
            try {
                const { answered } = await this.ask(this.data.urls.check, content, controller.signal);
                this.faults = Object.freeze(answered.faults || []);
                this.sentences = Object.freeze(answered.sentences || {});
                this.findings = Object.freeze(answered.findings || []);
                this.findingsAt = byPath(this.findings);
                this.problem = "";
            } catch (error) {
                if (error.name !== "AbortError") this.problem = `${this.texts.unchecked} ${error.message}`;
            }
            if (this.controller === controller) this.checking = false;
            try {
                const { answered } = await counted;
                this.counts = answered.counts ? Object.freeze(answered.counts) : null;
                this.countsNote = answered.note || "";
            } catch (error) {
                if (error.name !== "AbortError") this.counts = null;
            }
            if (this.controller === controller) this.counting = false;
        },
        async save({ over = false } = {}) {
            if (this.saving || this.data.readonly) return false;
            if (this.view === "json" && !this.applyJson()) return false;
            this.saving = true;
            const text = this.text();
            const { body, note, segment } = JSON.parse(text);
            const expected = over ? this.conflict.updated_at : this.updatedAt;
            try {
                const { ok, answered } = await this.ask(this.data.urls.save, JSON.stringify({ body, note, segment, updated_at: expected }));
                if (!ok) {
                    if (answered.faults) this.faults = Object.freeze(answered.faults);
                    if (answered.conflict) this.conflict = answered.conflict;
                    this.problem = answered.conflict ? "" : answered.message || this.texts.unsaved;
                    return false;
                }
                this.updatedAt = answered.updated_at;
                this.saved = text;
                this.conflict = this.problem = "";
                this.keepBackup();
                if (answered.url !== window.location.pathname) {
                    this.seen = text;
                    window.location.assign(answered.url);
                } else {
                    this.toast = this.texts.saved;
                }
                return true;
            } catch (error) {
                this.problem = `${this.texts.unsaved} ${error.message}`;
                return false;
            } finally {
                this.saving = false;
            }
        },
        async submit() {
            if ((!this.dirty && this.data.urls.submit) || (await this.save())) {
                if (this.data.urls.submit) window.location.assign(this.data.urls.submit);
            }
        },
        takeTheirs() {
            this.saved = this.seen;
            this.keepBackup();
            window.location.reload();
        },
    };
})();
