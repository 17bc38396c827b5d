/* The policy editor's rules and rates: add, copy, remove, reorder. */
(() => {
    const { EFFECTS, SECTIONS, copyRule, fresh, numberField, ruleOf } = window.PolicyModel;
    const CODE = /^[A-Z][A-Z0-9_]{1,39}$/;

    window.PolicyEditorParts = window.PolicyEditorParts || {};
    window.PolicyEditorParts.rules = {
        newRule(section) {
            if (section === "proposals") return this.newRow();
            const kind = section === "rewards" ? "LIMIT_INCREASE" : "FREEZE";
            const value = section === "rules"
                ? { priority: 2, needs_visit: true }
                : { effect: section === "rewards" ? { kind, percent: "" } : { kind, expires_days: 180 } };
            const when = { all: [{ feature: "days_past_due", op: section === "rewards" ? "eq" : "gte", value: section === "rewards" ? 0 : 31 }] };
            const rule = ruleOf({ code: this.freeCode("NEW_RULE"), title: { en: "", zh: "" }, when, ...value }, section, this.features);
            this.change(() => this.model[section].push(rule));
            this.focus(`rule-${rule.id}`);
        },
        freeCode(wanted) {
            const taken = new Set(SECTIONS.flatMap((section) => this.model[section].map((rule) => rule.code)));
            const base = wanted.replace(/_\d+$/, "").slice(0, 36);
            let code = wanted;
            for (let n = 2; taken.has(code); n++) code = `${base}_${n}`;
            return code;
        },
        duplicateRule(section, index) {
            const copy = copyRule(this.model[section][index]);
            copy.code = this.freeCode(copy.code);
            this.change(() => this.model[section].splice(index + 1, 0, copy));
            this.focus(`rule-${copy.id}`);
        },
        removeRule(section, index) {
            this.change(() => this.model[section].splice(index, 1), this.texts.rule_removed);
        },
        moveRule(section, index, by) {
            const rules = this.model[section];
            if (!rules[index + by]) return;
            this.change(() => {
                const [rule] = rules.splice(index, 1);
                rules.splice(index + by, 0, rule);
            });
        },
        ruleName(rule) {
            return (this.data.language === "en" ? rule.en : rule.zh) || rule.code || this.texts.unnamed;
        },
        codeTyped(rule, text) {
            rule.code = text.toUpperCase().replace(/[\s-]/g, "_");
        },
        codeLooksRight(rule) {
            return CODE.test(rule.code);
        },
        effectFields(rule) {
            return EFFECTS[rule.kind] || [];
        },
        addRate() {
            this.change(() => this.model.rates.push({ id: fresh(), code: "", rate: numberField("") }));
        },
        removeRate(index) {
            this.change(() => this.model.rates.splice(index, 1), this.texts.removed);
        },
        rateTwins(row) {
            return this.model.rates.filter((other) => other.code === row.code).length > 1;
        },
    };
})();
