/* The policy editor's rows of proposals: what a row gives. */
(() => {
    const { TERMS, decisionOf, ruleOf } = window.PolicyModel;

    window.PolicyEditorParts = window.PolicyEditorParts || {};
    window.PolicyEditorParts.results = {
        // Before the last row, which fits everything that is left.
        newRow() {
            const when = { all: [{ feature: "capacity", op: "eq", value: "PARTLY_ABLE" }] };
            const result = { reasons: ["PARTLY_ABLE"], decisions: [{ kind: "PLAN", instalments: 24 }] };
            const row = ruleOf({ code: this.freeCode("NEW_ROW"), title: { en: "", zh: "" }, when, result }, "proposals", this.features);
            const rows = this.model.proposals;
            this.change(() => rows.splice(Math.max(0, rows.length - 1), 0, row));
            this.focus(`rule-${row.id}`);
        },
        termsOf(decision) {
            return TERMS[decision.kind] || [];
        },
        addDecision(rule) {
            const taken = new Set(rule.result.decisions.map((decision) => decision.kind));
            const kind = Object.keys(TERMS).find((each) => !taken.has(each));
            this.change(() => {
                const decision = decisionOf({ kind });
                this.fillWords(decision);
                rule.result.decisions.push(decision);
            });
        },
        removeDecision(rule, index) {
            this.change(() => {
                rule.result.decisions.splice(index, 1);
                if (!rule.result.decisions.length && !rule.result.step) rule.result.step = this.data.results.steps[0][0];
            }, this.texts.removed);
        },
        chooseKind(decision, kind) {
            decision.kind = kind;
            this.fillWords(decision);
        },
        // A choice that the kind does not have becomes its first one, which is what the select then shows.
        fillWords(decision) {
            const names = this.termsOf(decision);
            const ways = (this.data.results.ways[decision.kind] || []).map(([code]) => code);
            if (names.includes("way_back") && !ways.includes(decision.way_back)) decision.way_back = ways[0];
            if (names.includes("flag") && !decision.flag) decision.flag = this.data.results.flags[0][0];
        },
        toggleReason(rule, code) {
            const reasons = rule.result.reasons;
            rule.result.reasons = reasons.includes(code) ? reasons.filter((each) => each !== code) : [...reasons, code];
        },
        reasonsText(rule) {
            const known = Object.fromEntries(this.data.results.reasons);
            return rule.result.reasons.map((code) => known[code] || code).join(" / ") || this.texts.choose;
        },
    };
})();
