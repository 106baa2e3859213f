// What `reload/status` said, and how to say it to a person. Knows nothing of VS Code or of connections.
'use strict';

const WORDS = { rolledBack: 'rolled back' };

/** How a status bar should look for an outcome: 'error', 'warning' or nothing. */
const SEVERITY = { stale: 'warning', blocked: 'error', rolledBack: 'error', refused: 'warning', failed: 'error' };

/** The mode, the last report about a reload, and how many programs run as far as is known (undefined: not known). */
class Status {
    constructor(mode = 'all') {
        this.mode = mode;
        this.report = undefined;
        this.programs = undefined;
    }

    /** Takes a message in; false if it was of no use: a version not known here, or overtaken by a newer reload. */
    take(report) {
        if (report?.version !== 1) {
            return false;
        }
        if (report.phase === 'hosts') {
            this.programs = report.hosts.length;
            return true;
        }
        if (this.report && report.sequence < this.report.sequence) {
            return false;
        }
        this.report = report;
        if (report.hosts.length > 0) {
            this.programs = Math.max(report.hosts.length, this.programs ?? 0);
        }
        return true;
    }

    /** {text, severity}: a few words and how loudly to say them. */
    short() {
        if (this.mode === 'off') {
            return { text: 'off' };
        }
        const suffix = this.mode === 'explicit' ? ' (explicit)' : '';
        const { report } = this;
        if (report?.outcome === 'blocked') {
            return { text: `blocked${suffix}`, severity: 'error' };
        }
        if (this.programs === 0 || (report && report.hosts.length === 0 && this.programs === undefined)) {
            return { text: `no program${suffix}` };
        }
        if (!report || report.hosts.length === 0) {
            return { text: `ready${suffix}` };
        }
        return { text: describe(report) + suffix, severity: SEVERITY[report.outcome] };
    }

    /** The whole report, line by line. */
    lines() {
        const lines = [`mode: ${this.mode}`];
        if (this.programs !== undefined) {
            lines.push(`programs that run live: ${this.programs}`);
        }
        const { report } = this;
        if (!report) {
            return [...lines, 'No reload yet.'];
        }
        lines.push(`reload ${report.sequence}: ${describe(report)}`, report.message);
        for (const host of report.hosts) {
            lines.push(`  ${host.name} (process ${host.pid}, ${host.runtime})`);
            host.modules.forEach((module) => lines.push(...moduleLines(module)));
            host.stale.forEach((reference) => lines.push(staleLine(reference)));
            const unnamed = host.staleTotal - host.stale.reduce((sum, reference) => sum + reference.count, 0);
            if (unnamed > 0) {
                lines.push(`    and ${unnamed} more stale references`);
            }
        }
        return lines;
    }
}

function word(outcome) {
    return WORDS[outcome] ?? outcome;
}

function describe(report) {
    const total = report.hosts.reduce((sum, host) => sum + host.staleTotal, 0);
    return report.outcome === 'stale' && total > 0 ? `stale ${total}` : word(report.outcome);
}

function moduleLines(module) {
    const why = module.because.kind === 'dependent' ? ` (uses ${module.because.of})` : '';
    const lines = [`    ${module.name}: ${word(module.outcome)}, generation ${module.generation}${why}`];
    for (const change of module.changes) {
        if (!change.applied) {
            lines.push(`      not applied: ${change.symbol}: ${change.reason ?? change.change}`);
        }
    }
    if (module.error) {
        lines.push(`      ${module.error.message}`);
    }
    return lines;
}

function staleLine(reference) {
    const count = reference.count > 1 ? ` × ${reference.count}` : '';
    const sure = reference.confidence === 'possible' ? ', possibly' : '';
    const what = `${reference.symbol} of generation ${reference.generation}`;
    return `    stale ${reference.kind}${sure}: ${what}, held by ${reference.holder.path}${count}`;
}

module.exports = { Status };
