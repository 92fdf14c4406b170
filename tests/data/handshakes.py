"""Lets TLS clients judge scenes: for each folder named on standard input, a server on loopback shows chain.pem with
server.key, and each client connects with trust.pem for the host. Prints a line of JSON for each folder: what each client
decided, or why there is no server to decide on."""

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

PYTHON = "python-3.13" if sys.version_info >= (3, 13) else "python-3.11"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
# A client that hangs is one that fails; generous, for a loaded machine.
SECONDS = 30


def serve(folder):
    """A listener whose handshakes show the scene, whatever is wrong with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(os.path.join(folder, "chain.pem"), os.path.join(folder, "server.key"))
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection):
        try:
            connection.settimeout(SECONDS)
            with context.wrap_socket(connection, server_side=True) as stream:
                stream.recv(4096)
                stream.sendall(ANSWER)
        except OSError:
            connection.close()

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener


def python(folder, host, port, crl):
    try:
        context = ssl.create_default_context(cafile=os.path.join(folder, "trust.pem"))
        if crl:
            context.load_verify_locations(os.path.join(folder, "crl.pem"))
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
            context.wrap_socket(connection, server_hostname=host).close()
        return [True, ""]
    except (OSError, ValueError) as why:
        return [False, str(why)]


def commands(host, port, crl):
    """The other clients' command lines; those of the machine's trust are turned off."""
    address = host.replace(".", "").isdigit()
    own = ["-no-CApath", "-no-CAstore", "-CAfile", "trust.pem"]
    name = ["-verify_ip", host] if address else ["-verify_hostname", host]
    sni = [] if address else ["-servername", host]
    yield "openssl", ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-verify_return_error", *own, *name, *sni,
                      *(["-crl_check", "-CRL", "crl.pem"] if crl else [])]
    yield "openssl-strict", ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", *own, *name,
                             *(["-crl_check", "-CRLfile", "crl.pem"] if crl else []), "-untrusted", "chain.pem", "chain.pem"]
    yield "curl", ["curl", "-sS", "--noproxy", "*", "--cacert", "trust.pem", "--capath", "/nonexistent",
                   "--connect-to", f"::127.0.0.1:{port}", *(["--crlfile", "crl.pem"] if crl else []), f"https://{host}:{port}/"]
    yield "gnutls", ["gnutls-cli", "--x509cafile", "trust.pem", *(["--x509crlfile", "crl.pem"] if crl else []),
                     "-p", str(port), "--verify-hostname", host, *([] if address else ["--sni-hostname", host]), "127.0.0.1"]


def shown(folder, crl):
    """A client's certificate, judged by a server of Python's and by what openssl and GnuTLS say of it for this purpose."""
    strict = ["openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-no-CApath", "-no-CAstore", "-CAfile", "trust.pem"]
    yield "openssl-strict", run([*strict, *(["-crl_check", "-CRLfile", "crl.pem"] if crl else []),
                                 "-untrusted", "chain.pem", "chain.pem"], folder)
    yield "gnutls", run(["certtool", "--verify", "--infile", "chain.pem", "--load-ca-certificate", "trust.pem",
                         *(["--load-crl", "crl.pem"] if crl else []), "--verify-purpose", "1.3.6.1.5.5.7.3.2"], folder)
    yield PYTHON, asked_for(folder)


def asked_for(folder):
    """The verdict of a server that asks for a certificate; the client does not look at the server's."""
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    client.check_hostname, client.verify_mode, server.verify_mode = False, ssl.CERT_NONE, ssl.CERT_REQUIRED
    for context in (client, server):
        context.load_cert_chain(os.path.join(folder, "chain.pem"), os.path.join(folder, "server.key"))
    server.load_verify_locations(os.path.join(folder, "trust.pem"))
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)]
    while sides:
        side = sides.pop(0)
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            sides.append(side)
        except ssl.SSLError as why:
            return [False, str(why)]
    return [True, ""]


def run(command, folder):
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return [False, "no answer"]
    return [done.returncode == 0, (done.stdout + done.stderr)[-200:]]


def judge(folder, host, crl, client):
    if client:
        return {"clients": dict(shown(folder, crl))}
    try:
        listener = serve(folder)
    except (OSError, ValueError) as why:
        return {"no_server": str(why)}
    port = listener.getsockname()[1]
    verdicts = {client: run(command, folder) for client, command in commands(host, port, crl)}
    verdicts[PYTHON] = python(folder, host, port, crl)
    listener.close()
    return {"clients": verdicts}


with ThreadPoolExecutor(os.cpu_count()) as pool:
    scenes = [json.loads(line) for line in sys.stdin]
    for verdicts in pool.map(lambda scene: judge(**scene), scenes):
        print(json.dumps(verdicts), flush=True)
