// The other side of grpc_outlier_test.py: the same scenarios, one a line, through grpc-js's own load balancer on a clock
// of ours.
'use strict';
const RealDate = Date;
let now = 1e12;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length > 0 ? given : [now]));
  }
};

const {
  OutlierDetectionLoadBalancer,
  OutlierDetectionLoadBalancingConfig,
} = require('@grpc/grpc-js/build/src/load-balancer-outlier-detection.js');

const intervalMs = 10000;
const rule = ({ enabled, ...rest }) => (enabled ? { ...rest, enforcement_percentage: 100 } : null);
const nobody = { getLoadBalancerName: () => 'round_robin', toJsonObject: () => ({}) };

function makeBalancer(hosts, config) {
  const balancer = new OutlierDetectionLoadBalancer({
    createSubchannel: () => null, updateState: () => {}, requestReresolution: () => {},
    addChannelzChild: () => {}, removeChannelzChild: () => {},
  });
  balancer.childBalancer = { updateAddressList: () => true, destroy: () => {} };
  balancer.startTimer = () => {};
  const endpoints = [];
  for (let host = 0; host < hosts; ++host) {
    endpoints.push({ addresses: [{ host: '10.0.0.' + host, port: 80 }] });
  }
  balancer.updateAddressList({ ok: true, value: endpoints }, config, {}, '');
  return balancer;
}

function sweepOnce(balancer, read) {
  now += intervalMs;
  const entries = [...balancer.entryMap.values()];
  for (const entry of entries) {
    const successes = read();
    const failures = read();
    if (entry.currentEjectionTimestamp === null) {
      for (let call = 0; call < successes; ++call) entry.counter.addSuccess();
      for (let call = 0; call < failures; ++call) entry.counter.addFailure();
    }
  }
  balancer.runChecks();
  console.log(entries.map((entry) =>
    (entry.currentEjectionTimestamp === null ? '-' : 'E') + entry.ejectionTimeMultiplier).join(' ') + ' ');
}

for (const line of require('fs').readFileSync(0, 'utf8').trim().split('\n')) {
  const numbers = line.split(' ').map(Number);
  const read = () => numbers.shift();
  const hosts = read();
  const sweeps = read();
  const maxPercent = read();
  const baseMs = read() * 1000;
  const maxMs = read() * 1000;
  const successRate = { enabled: read(), stdev_factor: read(), minimum_hosts: read(), request_volume: read() };
  const failurePercentage = { enabled: read(), threshold: read(), minimum_hosts: read(), request_volume: read() };
  const balancer = makeBalancer(hosts, new OutlierDetectionLoadBalancingConfig(
    intervalMs, baseMs, maxMs, maxPercent, rule(successRate), rule(failurePercentage), nobody));
  for (let sweep = 0; sweep < sweeps; ++sweep) sweepOnce(balancer, read);
}
