'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Status } = require('../status');

function report(outcome, { sequence = 1, phase = 'applied', staleTotal = 0, stale = [], hosts = 1 } = {}) {
    const because = { kind: 'edited' };
    const modules = [{ name: 'shop', uri: 'file:///shop.py', generation: 2, outcome, because, changes: [] }];
    const host = { id: '7-1', pid: 7, name: 'app.py', runtime: 'CPython 3.11.7', outcome, modules, stale, staleTotal };
    return {
        version: 1, sequence, phase, outcome, message: `${outcome}.`, trigger: { kind: 'save', uris: [] },
        hosts: Array(hosts).fill({ ...host, timings: {} }),
    };
}

function shown(...reports) {
    const status = new Status();
    reports.forEach((each) => status.take(each));
    return status.short();
}

test('each outcome has its words and its loudness', () => {
    assert.deepEqual(shown(report('live')), { text: 'live', severity: undefined });
    assert.deepEqual(shown(report('unchanged')), { text: 'unchanged', severity: undefined });
    assert.deepEqual(shown(report('stale', { staleTotal: 3 })), { text: 'stale 3', severity: 'warning' });
    assert.deepEqual(shown(report('blocked', { hosts: 0 })), { text: 'blocked', severity: 'error' });
    assert.deepEqual(shown(report('rolledBack')), { text: 'rolled back', severity: 'error' });
    assert.deepEqual(shown(report('refused')), { text: 'refused', severity: 'warning' });
    assert.deepEqual(shown(report('failed')), { text: 'failed', severity: 'error' });
});

test('stale references are counted over all programs', () => {
    assert.equal(shown(report('stale', { staleTotal: 3, hosts: 2 })).text, 'stale 6');
});

test('an outcome of a later version is shown as it is', () => {
    assert.equal(shown(report('delayed')).text, 'delayed');
});

test('a report that a newer reload has overtaken is dropped', () => {
    const late = report('stale', { sequence: 1, phase: 'scanned', staleTotal: 1 });
    assert.equal(shown(report('live', { sequence: 2 }), late).text, 'live');
});

test('a message of an unknown version is left alone', () => {
    assert.equal(new Status().take({ ...report('live'), version: 2 }), false);
    assert.equal(new Status().take(undefined), false);
});

test('programs come and go', () => {
    const gone = report('live', { phase: 'hosts', sequence: 1, hosts: 0 });
    assert.equal(shown(report('live'), gone).text, 'no program');
    assert.equal(shown(report('live', { phase: 'hosts', sequence: 0 })).text, 'ready');
});

test('the mode is seen', () => {
    const status = new Status('off');
    status.take(report('live'));
    assert.equal(status.short().text, 'off');
    status.mode = 'explicit';
    assert.equal(status.short().text, 'live (explicit)');
});

test('the report in lines names programs, modules, what was not applied and who holds what', () => {
    const status = new Status();
    const binding = {
        symbol: 'shop.price', kind: 'binding', generation: 1, count: 2, confidence: 'possible',
        holder: { path: 'cart.price' },
    };
    const full = report('stale', { staleTotal: 5, stale: [binding] });
    const [module] = full.hosts[0].modules;
    module.changes.push({ symbol: 'C', kind: 'class', change: 'modified', applied: false, reason: 'slots' });
    module.error = { message: 'ValueError: no' };
    status.take(full);
    assert.deepEqual(status.lines(), [
        'mode: all',
        'programs that run live: 1',
        'reload 1: stale 5',
        'stale.',
        '  app.py (process 7, CPython 3.11.7)',
        '    shop: stale, generation 2',
        '      not applied: C: slots',
        '      ValueError: no',
        '    stale binding, possibly: shop.price of generation 1, held by cart.price × 2',
        '    and 3 more stale references',
    ]);
});
