const fs = require('fs'), net = require('net'), tls = require('tls');
const [ca, port, host, crl] = process.argv.slice(1);
// Of a text with several lists Node takes the first alone.
const lists = file => fs.readFileSync(file, 'latin1').match(/-----BEGIN X509 CRL-----[^]*?-----END X509 CRL-----/g) || fs.readFileSync(file);
const fail = error => { console.error(`${error.code || error.name}: ${error.message}`); process.exit(1); };
try {
  const socket = tls.connect({
    host: '127.0.0.1', port: Number(port), ca: fs.readFileSync(ca), crl: crl ? lists(crl) : undefined,
    servername: net.isIP(host) ? '' : host,
    checkServerIdentity: (_, certificate) => host ? tls.checkServerIdentity(host, certificate) : undefined,
  }, () => process.exit(0));
  socket.on('error', fail);
} catch (error) { fail(error); }
