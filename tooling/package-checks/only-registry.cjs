/**
 * Preloaded into npm and all that it starts (`NODE_OPTIONS=--require`): connections go to the hosts of OOD_ALLOWED_HOSTS only, all
 * others are unreachable and written to the file OOD_REFUSED_LOG.
 */
const { appendFileSync } = require('node:fs');
const net = require('node:net');

const allowed = (process.env.OOD_ALLOWED_HOSTS ?? '').split(',');
const { connect } = net.Socket.prototype;

net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host = options?.servername || options?.host;
  if (!host || options.path || allowed.includes(host)) return connect.apply(this, args);
  appendFileSync(process.env.OOD_REFUSED_LOG, `${host}\n`);
  const error = Object.assign(new Error(`connect ENETUNREACH ${host}`), { code: 'ENETUNREACH' });
  process.nextTick(() => this.destroy(error));
  return this;
};
